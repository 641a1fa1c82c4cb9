//! KEEP-1 to KEEP-3: what was ordered and refused, and what the operator did, stays known; nobody can fill the disk with it, or take a line out.

use crate::support::election::{collector, signing_key};
use crate::support::server::database;
use crate::support::{Cluster, Election, Options, Server};
use ballot::encode::{Record, hash, sha256};
use board::order::{Order, OrderKind};
use serde_json::Value;
use std::fs;
use std::process::Output;

fn journal(election: &Election, words: &[&str]) -> Output {
    collector().arg("journal").arg("--data").arg(election.data()).args(election.place()).args(words).output().unwrap()
}

/// Number, link and line of each, once the program has checked the chain; and it is checked here by the page alone.
fn lines(election: &Election) -> Vec<(u64, String, Value)> {
    let said = journal(election, &["--json"]);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let rows: Vec<Value> = said.stdout.split(|b| *b == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    let mut link = election.id();
    let row = |row: &Value| {
        let line = row["line"].as_str().unwrap();
        link = hash("journal", &[&link, line.as_bytes()]);
        assert_eq!(row["link"], hex::encode(link));
        (row["number"].as_u64().unwrap(), hex::encode(link), serde_json::from_str(line).unwrap())
    };
    rows.iter().map(row).collect()
}

/// The orders among them: who, what, rule, bytes.
fn orders(election: &Election) -> Vec<[String; 4]> {
    let text = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
    let orders = lines(election).into_iter().filter(|(.., line)| line["what"].as_str().unwrap().starts_with("order "));
    orders.map(|(.., line)| ["who", "what", "rule", "order"].map(|key| text(&line, key))).collect()
}

fn signed(election: &Election, order: &Order, members: &[(u8, &str)]) -> Order {
    let mut order = Order { signatures: Vec::new(), ..order.clone() };
    members.iter().for_each(|(at, name)| order.sign(&election.id(), *at, &signing_key(name)));
    order
}

#[test]
fn keep_1_refused_orders() {
    let election = Election::new(Options::default());
    let server = Server::start(&election, &[], &[]);
    let submit = |order: &Order| server.submit("order", &order.to_bytes(), b"").refusal().1;
    let close = election.order(OrderKind::Close, |_| ());
    assert_eq!(submit(&close), "PHASE-1");
    let kept = ["member 1, member 3", "order 1 close", "PHASE-1", &hex::encode(close.to_bytes())].map(str::to_owned);
    assert_eq!(orders(&election), [kept.clone()], "at once");
    // The same content again, by the same members or fewer of them, and with a signature that does not hold.
    submit(&close);
    let mut more = close.clone();
    more.signatures.insert(1, (2, [7; 64]));
    assert_eq!(submit(&more), "ORD-1");
    let known = orders(&election).len();
    assert_eq!(known, 2, "another rule");
    for byte in 0..5 {
        more.signatures[1].1 = [byte; 64];
        submit(&more);
    }
    assert_eq!(submit(&signed(&election, &close, &[(3, "saar")])), "ORD-1");
    assert_eq!(orders(&election).len(), known, "member 3 stands under that content and rule already");
    assert_eq!(submit(&signed(&election, &close, &[(2, "tamm")])), "ORD-1");
    let all = orders(&election);
    assert_eq!((all.len(), all[known][0].as_str()), (known + 1, "member 2"), "who has not stood under it before");
    // Refused at the end, after the blob: it is kept too; one that is taken stands on the board instead.
    let note = election.order(OrderKind::Note, |o| o.blob = sha256(b"right"));
    server.submit("order", &note.to_bytes(), b"wrong").refusal();
    assert_eq!(orders(&election).last().unwrap()[1..3], ["order 1 note", "ENTRY-7"]);
    server.submit_ok("order", &note.to_bytes(), b"right");
    assert_eq!(orders(&election).len(), known + 2);
    // A new start has not forgotten what it keeps.
    server.stop();
    let server = Server::start(&election, &[], &[]);
    server.submit("order", &signed(&election, &close, &[(2, "tamm")]).to_bytes(), b"").refusal();
    assert_eq!(orders(&election).len(), known + 2);
}

/// What cannot be kept is not refused either: it can be sent again.
#[test]
fn keep_1_before_it_is_answered() {
    let election = Election::new(Options::default());
    let server = Server::start(&election, &[], &[]);
    let close = election.order(OrderKind::Close, |_| ()).to_bytes();
    let db = rusqlite::Connection::open(election.data().join("collector.db")).unwrap();
    db.execute_batch("BEGIN IMMEDIATE").unwrap(); // the writer waits, and gives up
    assert_eq!(server.submit("order", &close, b"").refusal(), (503, "KEEP-1".to_owned()));
    db.execute_batch("ROLLBACK").unwrap();
    assert!(orders(&election).is_empty());
    assert_eq!(server.submit("order", &close, b"").refusal(), (409, "PHASE-1".to_owned()));
    assert_eq!(orders(&election).len(), 1);
}

/// Orders that nobody of the committee has signed leave their number, however many they are.
#[test]
fn keep_1_junk_is_counted() {
    let election = Election::new(Options::default());
    let server = Server::start(&election, &[], &[]);
    let before = lines(&election).len();
    let close = election.order(OrderKind::Close, |_| ());
    for n in 0..40u8 {
        let mut order = Order { signatures: vec![(1, [n; 64]), (9, [n; 64])], ..close.clone() };
        server.submit("order", &order.to_bytes(), b"").refusal();
        order.sign(&[n; 32], 1, &signing_key("kask")); // of another election
        server.submit("order", &order.to_bytes(), b"").refusal();
        server.submit("order", &[n; 300], b"").refusal();
    }
    assert_eq!(lines(&election).len(), before, "nothing while it runs");
    server.stop();
    let all = lines(&election);
    let counted: Vec<&Value> = all[before..].iter().map(|(.., line)| line).filter(|line| line["outcome"] == "refused").collect();
    assert_eq!(counted.len(), 1);
    assert_eq!((&counted[0]["what"], &counted[0]["who"]), (&"120 orders".into(), &"nobody of the committee".into()));
    let size: u64 = all.iter().map(|(.., line)| line.to_string().len() as u64).sum();
    assert!(size < 5000, "{size}");
}

/// What the operator does, done or refused; commands that only show leave nothing.
#[test]
fn keep_2_commands() {
    let election = Election::new(Options::default());
    let told = |election: &Election| {
        let line =
            |(.., line): (u64, String, Value)| [line["what"].as_str().unwrap().to_owned(), line["outcome"].as_str().unwrap().to_owned()];
        lines(election).into_iter().map(line).collect::<Vec<_>>()
    };
    let own = |words: &[[&str; 2]]| words.iter().map(|w| w.map(str::to_owned)).collect::<Vec<_>>();
    let mut wanted = own(&[["init", "done"], ["roll import", "begun"], ["roll import", "done"]]);
    assert_eq!(told(&election), wanted);
    let data = election.data();
    let run = |words: &[&str]| collector().args(words).arg("--data").arg(&data).output().unwrap().status.success();
    let bad = election.dir.path().join("bad.csv");
    fs::write(&bad, "PNOEE-1,nowhere\n").unwrap();
    assert!(!run(&["roll", "import", bad.to_str().unwrap()]) && run(&["status"]));
    let out = election.dir.path().join("copy");
    assert!(run(&["backup", "--out", out.to_str().unwrap()]));
    assert!(!run(&["backup", "--out", out.to_str().unwrap()]), "not into a full folder");
    assert!(!run(&["evidence", "--out", election.dir.path().join("evidence").to_str().unwrap()]), "no roll was ordered");
    for what in [["roll import", "refused"], ["backup", "done"], ["backup", "refused"], ["evidence", "refused"]] {
        wanted.extend(own(&[[what[0], "begun"], what]));
    }
    assert_eq!(told(&election), wanted);
    let all = lines(&election);
    let refused = &all[4].2;
    assert!(refused["message"].as_str().unwrap().contains("line 1") && !refused.to_string().contains("PNOEE"));
    assert_eq!(all[3].2["files"], serde_json::json!([{ "name": bad.to_str().unwrap(), "bytes": 16 }]), "no hash: it could be guessed");
    assert!(all.iter().all(|(.., line)| line["who"].as_str().unwrap().starts_with("user ")));
    // A copy holds the journal up to its moment, and a box that is made from it goes on.
    let server = Server::start(&election, &[], &[]);
    server.settle();
    server.stop();
    let end = told(&election);
    assert!(end[end.len() - 2][0].starts_with("serve ") && end[end.len() - 2][1] == "begun" && end[end.len() - 1][1] == "done");
    let (copy, key) = (election.dir.path().join("second"), election.dir.path().join("kept.key"));
    assert!(run(&["backup", "--out", copy.to_str().unwrap()]));
    fs::rename(data.join("log.key"), &key).unwrap();
    fs::rename(&data, election.dir.path().join("lost")).unwrap();
    let mut restore = collector();
    restore
        .arg("restore")
        .arg("--backup")
        .arg(&copy)
        .arg("--data")
        .arg(&data)
        .arg("--key")
        .arg(&key)
        .arg("--seen")
        .arg(copy.join("record"));
    assert!(restore.output().unwrap().status.success());
    wanted = end;
    wanted.extend(own(&[["backup", "begun"], ["restore", "done"]]));
    assert_eq!(told(&election), wanted);
}

/// A line that was changed, one that was taken out, and with a noted head also the last ones, and a journal written anew.
#[test]
fn keep_3_the_chain() {
    let election = Election::new(Options::default());
    let head = |election: &Election| {
        let said = journal(election, &[]);
        String::from_utf8(said.stdout).unwrap().lines().last().unwrap().strip_prefix("head ").unwrap().to_owned()
    };
    let (head, all) = (head(&election), lines(&election));
    assert_eq!(head, format!("3:{}", all[2].1));
    let status = collector().arg("status").arg("--data").arg(election.data()).output().unwrap();
    assert!(String::from_utf8(status.stdout).unwrap().contains(&format!("journal {head}")));
    let earlier = format!("1:{}", all[0].1);
    assert!(journal(&election, &["--seen", &head, "--seen", &earlier]).status.success());
    assert_eq!(journal(&election, &["--seen", "3:aa"]).status.code(), Some(64));
    let file = election.data().join("collector.db");
    let honest = {
        let db = rusqlite::Connection::open(&file).unwrap();
        db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        drop(db);
        fs::read(&file).unwrap()
    };
    let found = |sql: &str, seen: &[&str], says: &str| {
        fs::write(&file, &honest).unwrap();
        let db = rusqlite::Connection::open(&file).unwrap();
        db.execute_batch(sql).unwrap();
        drop(db);
        let words: Vec<&str> = seen.iter().flat_map(|head| ["--seen", *head]).collect();
        let said = journal(&election, &words);
        let text = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(said.status.code() == Some(1) && text.contains("KEEP-3") && text.contains(says), "{sql}: {text}");
    };
    found("UPDATE journal SET line = replace(line, 'roll', 'role') WHERE number = 2", &[], "line 2");
    found("UPDATE journal SET link = zeroblob(32) WHERE number = 3", &[], "line 3");
    found("DELETE FROM journal WHERE number = 2", &[], "line 2 of the journal is missing");
    found("DELETE FROM journal WHERE number = 1", &[], "line 1 of the journal is missing");
    found("DELETE FROM journal WHERE number = 2; UPDATE journal SET number = 2 WHERE number = 3", &[], "line 2");
    found("DELETE FROM journal WHERE number = 3", &[&earlier, &head], &head);
    found("DELETE FROM journal", &[&head], &head);
    fs::write(&file, honest).unwrap();
    assert_eq!(database(&election.data()).query_row("SELECT count(*) FROM journal", [], |r| r.get::<_, i64>(0)).unwrap(), 3);
}

#[test]
fn keep_1_to_3_with_postgresql() {
    let Some(cluster) = Cluster::start("keep_1_to_3_with_postgresql", 1) else { return };
    let election = Election::new(Options { store: Some(cluster.url()), ..Options::default() });
    let server = Server::start(&election, &[], &[]);
    let close = election.order(OrderKind::Close, |_| ());
    assert_eq!(server.submit("order", &close.to_bytes(), b"").refusal().1, "PHASE-1");
    assert_eq!(orders(&election), [["member 1, member 3", "order 1 close", "PHASE-1", &hex::encode(close.to_bytes())].map(str::to_owned)]);
    cluster.sql(0, "DELETE FROM journal WHERE number = 2");
    assert!(!journal(&election, &[]).status.success());
}
