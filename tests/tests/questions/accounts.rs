//! ASK-11: every ballot of the log is accounted for.

use super::ask::Record;
use board::{Entry, OrderKind};
use e2e::insider::{Insider, Item, town};
use e2e::process;
use serde_json::json;

/// The table of a record, without its head, and the verdict.
fn table(i: &Insider, record: &Record, verdict: &str, code: i32) -> Vec<Vec<String>> {
    let file = record.beside("ballots.csv");
    let said = record.ask("accounts", &["--csv", file.to_str().unwrap()]);
    assert_eq!((said.verdict(), said.code), (verdict, code));
    let text = std::fs::read_to_string(file).unwrap();
    let (head, rest) = text.split_once('\n').unwrap();
    assert_eq!(head, "entry,batch_time,hash,tracker,district,number,status,by,reason");
    let lines: Vec<Vec<String>> = rest.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    assert_eq!(said.json["ballots"], lines.len());
    for (field, words) in [
        ("counted", ["counted", "last-so-far"]),
        ("superseded", ["superseded", ""]),
        ("annulled", ["annulled", "annulled-so-far"]),
        ("challenged", ["challenged", ""]),
    ] {
        assert_eq!(said.json[field], lines.iter().filter(|line| words.contains(&line[6].as_str())).count(), "{field}");
    }
    // Each ballot of the log is there, and says what `verifier ballot` says.
    let ballots = i.find(|e| matches!(e, Entry::Ballot { .. } | Entry::Challenged { .. }));
    assert_eq!(lines.iter().map(|line| line[0].parse().unwrap()).collect::<Vec<usize>>(), ballots);
    for (at, line) in ballots.into_iter().zip(&lines) {
        let (hash, district) = match i.entry(at) {
            Entry::Ballot { ballot, .. } => (i.hash_of(&Item::Cast(ballot.clone())), ballot[66..68].to_vec()),
            Entry::Challenged { opened } => (i.hash_of(&Item::Opened(opened.clone())), opened[66..68].to_vec()),
            _ => panic!("no ballot"),
        };
        let said = record.ask("ballot", &[&hex::encode(hash)]);
        let ballot = &said.json["ballots"][0];
        assert_eq!(
            (line[1].as_str(), json!(line[2]), json!(line[3]), json!(line[6])),
            (ballot["batch"]["time"].to_string().as_str(), ballot["hash"].clone(), ballot["tracker"].clone(), ballot["status"].clone())
        );
        assert_eq!(json!(line[5].parse::<u64>().ok()), ballot["number"]);
        let district = usize::from(u16::from_be_bytes(district.try_into().unwrap()));
        assert_eq!(line[4], i.manifest.description().districts[district].id);
        let annulment = &ballot["annulment"];
        assert_eq!(
            line[8],
            if annulment.is_null() { "" } else { ["", "paper", "decision"][annulment["reason"].as_u64().unwrap() as usize] }
        );
    }
    lines
}

fn by<'a>(lines: &'a [Vec<String>], status: &str) -> Vec<(usize, &'a str)> {
    lines.iter().filter(|line| line[6] == status).map(|line| (line[0].parse().unwrap(), line[7].as_str())).collect()
}

#[test]
fn a_finished_record() {
    let i = town::done();
    let record = Record::of(&i);
    let lines = table(&i, &record, "accounted", 0);
    let head = |at: usize| match i.entry(at) {
        Entry::Ballot { ballot, .. } => (ballot[68..100].to_vec(), u32::from_be_bytes(ballot[100..104].try_into().unwrap())),
        _ => panic!("no ballot"),
    };
    // A superseded ballot names the voter's next one.
    let superseded = by(&lines, "superseded");
    assert_eq!(superseded.len(), 3);
    for (at, by) in superseded {
        let ((voter, number), (other, next)) = (head(at), head(by.parse().unwrap()));
        assert_eq!((other, next), (voter, number + 1));
    }
    let annul = i.orders_of(OrderKind::Annul)[0].to_string();
    assert!(!by(&lines, "annulled").is_empty() && by(&lines, "annulled").iter().all(|(_, by)| *by == annul));
    for status in ["counted", "challenged"] {
        assert!(!by(&lines, status).is_empty() && by(&lines, status).iter().all(|(_, by)| by.is_empty()));
    }
    let text = record.text("accounts", &[]);
    assert!(text.contains("3  superseded") && text.contains("counted"), "{text}");
}

#[test]
fn so_far_and_not_at_all() {
    let voting = town::voted();
    let lines = table(&voting, &Record::of(&voting), "accounted-so-far", 3);
    assert!(lines.iter().any(|line| line[6] == "last-so-far"));
    let record = Record::of(&town::new());
    let file = record.beside("ballots.csv");
    let said = record.ask("accounts", &["--csv", file.to_str().unwrap()]);
    assert_eq!((said.verdict(), said.code, file.exists()), ("unknown", 3, false));
}

#[test]
fn a_table_that_cannot_be_written() {
    let record = Record::of(&town::done());
    let nowhere = record.beside("no/folder.csv");
    let said = record.ask("accounts", &["--csv", nowhere.to_str().unwrap()]);
    assert_eq!((said.verdict(), said.code), ("unreadable", 2));
    let text = process::run("verifier", ["accounts", &record.path()]).unwrap();
    assert!(text.code == 3 && text.out.contains("NOT ANCHORED"), "{}", text.out);
}
