use crate::{Case, File, bytes, load};
use serde_json::{Value, json};
use std::path::Path;
use verifier::asked::Asked;
use verifier::bytes::{Fault, Hash};
use verifier::progress::Progress;
use verifier::proof_check;
use verifier::proof_file::ProofFile;
use verifier::questions::{Found, absence, ballot, complaint};
use verifier::tracker::Name;
use verifier::{hash, tiles, tree};

fn file() -> File {
    load("14-questions", "14-questions@v1.0.0")
}

fn text_of(file: &File, case: &Case<'_>) -> String {
    case.text("file").replace("\"@manifest\"", &file.get("manifest").to_string())
}

#[test]
fn proof_files() {
    let file = file();
    for case in file.cases().filter(|case| case.kind() == "proof") {
        let text = text_of(&file, &case);
        let form = ProofFile::read(text.as_bytes());
        let shown = form.clone().and_then(|form| proof_check::check(&form, Some(&case.hash("election"))));
        let Some(shown) = case.check(shown) else { continue };
        let optional = |hash: Option<Hash>| hash.map_or(Value::Null, |hash| json!(hex::encode(hash)));
        let wanted = |name: &str| case.on_the_way(name).clone();
        assert_eq!(optional(shown.ballot), wanted("ballot"), "{}", case.name());
        assert_eq!(optional(shown.pseudonym), wanted("pseudonym"), "{}", case.name());
        assert_eq!(json!(shown.status), wanted("status"), "{}", case.name());
        let witnesses = wanted("witnesses");
        assert_eq!(json!(shown.witnesses), if witnesses.is_null() { json!([]) } else { witnesses }, "{}", case.name());
        // What is written reads back as the same.
        let form = form.unwrap();
        assert_eq!(ProofFile::read(form.write().as_bytes()).unwrap(), form, "{}", case.name());
    }
}

/// A record as a folder; only what the questions need holds in it.
pub fn write(folder: &Path, record: &Value) {
    let put = |path: String, bytes: Vec<u8>| {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    let entries: Vec<Vec<u8>> = record["entries"].as_array().unwrap().iter().map(bytes).collect();
    assert!(entries.len() < 256);
    let width = entries.len() as u64;
    put("manifest.json".into(), record["manifest"].as_str().unwrap().into());
    put("checkpoint".into(), record["checkpoint"].as_str().unwrap().into());
    put(tiles::tile(0, 0, width), entries.iter().flat_map(|entry| tree::leaf(entry)).collect());
    let bundle = entries.iter().flat_map(|entry| [&(entry.len() as u16).to_be_bytes(), entry.as_slice()].concat());
    put(tiles::bundle(0, width), bundle.collect());
    for blob in record["blobs"].as_array().unwrap() {
        put(format!("blob/{}", hex::encode(hash::sha256(&bytes(blob)))), bytes(blob));
    }
}

fn asked(record: &Value) -> (tempfile::TempDir, Asked) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), record);
    let id = hash::sha256(record["manifest"].as_str().unwrap().as_bytes());
    let asked = Asked::read(folder.path().to_str().unwrap(), Some(&id), Progress::new(false)).unwrap();
    let why: Vec<_> = asked.failed.iter().flat_map(|check| &check.failures).collect();
    assert!(asked.sound.is_some(), "{why:?}");
    (folder, asked)
}

#[test]
fn complaint_files() {
    let file = file();
    let records: std::collections::HashMap<&str, _> =
        file.get("records").as_object().unwrap().iter().map(|(name, record)| (name.as_str(), asked(record))).collect();
    let mut seen = std::collections::BTreeSet::new();
    for case in file.cases().filter(|case| case.kind() == "complaint") {
        let record = records[case.text("record")].1.sound.as_ref().unwrap();
        let found = complaint::ask(record, case.text("file").as_bytes(), true).unwrap();
        let rule = found.facts.rule;
        seen.insert(rule);
        case.check(if rule == "ASK-5" { Err(Fault::new("ASK-5", "")) } else { Ok(()) });
        if case.rule().is_empty() {
            assert_eq!(json!(rule), *case.on_the_way("rule"), "{}", case.name());
            assert_eq!(json!(found.facts.at_fault), *case.on_the_way("at_fault"), "{}", case.name());
        }
        // A fork has its proof file.
        match (rule, found.file.as_ref().unwrap()) {
            ("ASK-6", Ok(file)) => assert!(matches!(file.kind(), "fork" | "rewritten"), "{}", case.name()),
            ("ASK-7" | "ASK-8", Ok(file)) => assert_eq!(file.kind(), "inclusion"),
            ("ASK-5" | "ASK-9" | "ASK-10", Err(_)) => {}
            _ => panic!("{}: {:?}", case.name(), found.file.is_some()),
        }
    }
    assert_eq!(seen.len(), 6, "{seen:?}");
}

/// The records of the vectors asked themselves: what becomes of each ballot, and of each pseudonym. One ballot stands there twice, cast
/// and challenged, so that its tracker names two entries.
#[test]
fn questions() {
    let file = file();
    let record = |name: &str| file.get("records")[name].clone();
    for (name, statuses, answers) in [
        ("closed", ["annulled", "counted", "counted", "counted", "several", "several", "superseded"], [(5, "cast"), (1, "none")]),
        (
            "voting",
            ["last-so-far", "last-so-far", "last-so-far", "last-so-far", "several", "several", "superseded"],
            [(5, "cast"), (1, "none-so-far")],
        ),
    ] {
        let (_folder, asked) = asked(&record(name));
        let record = asked.sound.as_ref().unwrap();
        let mut found: Vec<&str> = Vec::new();
        for head in &record.log.ballots {
            let Found { verdict, file, facts, code, .. } = ballot::ask(record, &Name::Hash(head.hash), true, true).unwrap();
            assert_eq!(file.unwrap().is_ok(), verdict != "several", "{name} {verdict}");
            assert_eq!(ballot::ask(record, &Name::read(&facts.ballots[0].tracker).unwrap(), false, false).unwrap().verdict, verdict);
            if verdict == "several" {
                let statuses: Vec<&str> = facts.ballots.iter().map(|ballot| ballot.status).collect();
                assert_eq!(statuses, ["challenged", if name == "closed" { "counted" } else { "last-so-far" }]);
                assert_eq!(code, if name == "closed" { 0 } else { 3 });
            }
            found.push(verdict);
        }
        found.sort_unstable();
        assert_eq!(found, statuses, "{name}");
        let mut words: Vec<&str> = Vec::new();
        for line in &record.voters.as_ref().unwrap().roll {
            let found = absence::ask(record, &absence::Who::Pseudonym(line.pseudonym), true).unwrap();
            assert_eq!(found.file.unwrap().is_ok(), name == "closed");
            words.push(found.verdict);
        }
        for (count, word) in answers {
            assert_eq!(words.iter().filter(|other| **other == word).count(), count, "{name} {word}");
        }
    }
}
