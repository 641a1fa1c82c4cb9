//! The commands beside `serve`.

use crate::support::election::{collector, person, signing_key};
use crate::support::server::{read_record, rows};
use crate::support::{Election, Options, Server};
use ballot::encode::{Record, sha256};
use ballot::signature::{self, Purpose};
use board::entry::{Entry, envelope_hash};
use board::order::OrderKind;
use board::roll::{AnnulReason, AnnulmentList, Roll, pseudonym};
use envelope::{Certificate, cades};
use std::fs;
use std::path::Path;
use std::process::Output;

fn run(args: &[&str]) -> Output {
    collector().args(args).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn usage() {
    assert_eq!(run(&["--help"]).status.code(), Some(0));
    for args in [&[][..], &["nonsense"], &["serve"], &["roll", "import"]] {
        assert_eq!(run(args).status.code(), Some(64), "{args:?}");
    }
    assert_eq!(run(&["status", "--data", "/nowhere"]).status.code(), Some(1));
}

#[test]
fn keygen() {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("k");
    assert!(run(&["keygen", "--name", "log", "--out", text(&key)]).status.success());
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&key).unwrap().permissions()) & 0o777, 0o600);
    let before = fs::read(&key).unwrap();
    let public = fs::read_to_string(dir.path().join("log.public.json")).unwrap();
    assert!(!public.contains(String::from_utf8(before.clone()).unwrap().trim()));
    assert!(!run(&["keygen", "--name", "log", "--out", text(&key)]).status.success());
    assert_eq!(fs::read(&key).unwrap(), before, "a key is never overwritten");
    assert!(!run(&["keygen", "--name", "Log Key", "--out", text(&dir.path().join("l"))]).status.success());
}

#[test]
fn init_refuses() {
    let election = Election::new(Options::default());
    let path = |name: &str| election.dir.path().join(name);
    let init = |data: &str, signatures: &str, key: &str| {
        let output = collector()
            .arg("init")
            .args(["--data", text(&path(data)), "--manifest", text(&path("manifest.json"))])
            .args(["--signatures", text(&path(signatures)), "--key", text(&path(key))])
            .output()
            .unwrap();
        assert!(!output.status.success());
        assert!(!path(data).join("collector.db").exists() || data == "data");
        said(&output)
    };
    assert!(init("data", "entry0", "log.key").contains("not empty"));
    let one = |at, key: &str| (at, signature::sign(&signing_key(key), Purpose::Manifest, &election.id(), &[]));
    for signatures in [vec![one(1, "kask")], vec![one(1, "kask"), one(2, "kask")], vec![]] {
        fs::write(path("bad"), Entry::Manifest { election: election.id(), signatures }.to_bytes()).unwrap();
        assert!(init("new", "bad", "log.key").contains("MAN-15"));
    }
    fs::write(path("bad"), Entry::Manifest { election: [1; 32], signatures: vec![one(1, "kask"), one(2, "tamm")] }.to_bytes()).unwrap();
    assert!(init("new", "bad", "log.key").contains("REC-4"));
    assert!(run(&["keygen", "--name", "other", "--out", text(&path("other.key"))]).status.success());
    assert!(init("new", "entry0", "other.key").contains("another log key"));
    let mut bytes = fs::read(path("manifest.json")).unwrap();
    bytes.push(b'\n');
    fs::write(path("manifest.json"), bytes).unwrap();
    assert!(init("new", "entry0", "log.key").contains("MAN-1"));
}

/// Validated whole before anything changes; drawn anew each time; fixed by the order.
#[test]
fn roll_import() {
    let election = Election::new(Options::default());
    let file = election.dir.path().join("more.csv");
    let import = |csv: &str| {
        fs::write(&file, csv).unwrap();
        run(&["roll", "import", "--data", text(&election.data()), text(&file)])
    };
    let before = (election.roll(), rows(&election.data()));
    let long = format!("{},north\n", "P".repeat(65));
    for bad in [
        "",
        "person_code,district\n",
        "PNOEE-1,north\nPNOEE-2\n",
        "PNOEE-1,north\nPNOEE-1,south\n",
        "PNOEE-1,north\npnoee-1,north\n",
        "PNOEE-1,west\n",
        "PNOEE-1,North\n",
        "PNOEE 1,north\n",
        "PNOEE-1,north,x\n",
        ",north\n",
        "PNO\u{d5}E-1,north\n",
        &long,
    ] {
        let output = import(bad);
        assert_eq!(output.status.code(), Some(1), "{bad:?}");
        assert!(!said(&output).contains("PNOEE-1"), "no person code in a message");
        assert_eq!((election.roll(), rows(&election.data())), before, "{bad:?}");
    }
    let output = import("PNOEE-1,north\nPNOEE-2,south\n");
    assert!(output.status.success(), "{}", said(&output));
    let roll = Roll::from_bytes(&election.roll()).unwrap();
    assert!(said(&output).contains(&hex::encode(roll.tree().root())) && said(&output).contains("voters 2"));
    let first = election.roll();
    assert!(import("PNOEE-1,north\nPNOEE-2,south\n").status.success());
    assert_ne!(election.roll(), first, "blindings are drawn anew");
    assert_eq!(rows(&election.data())["voter"], 2);
    // While the server runs, and not after the order.
    let server = Server::start(&election, &[], &[]);
    assert!(import("PNOEE-3,north\n").status.success());
    election.open_voting(&server);
    let fixed = election.roll();
    assert!(!import("PNOEE-1,north\n").status.success());
    assert_eq!(election.roll(), fixed);
}

#[test]
fn pseudonyms() {
    let (election, server) = Election::open(Options::default());
    let (codes, list) = (election.dir.path().join("codes.txt"), election.dir.path().join("list.bin"));
    let make = |text_of: &str, reason: &str| {
        fs::write(&codes, text_of).unwrap();
        run(&["roll", "pseudonyms", "--data", text(&election.data()), text(&codes), "--out", text(&list), "--reason", reason])
    };
    let code = |n| person(n).code;
    for bad in ["PNOEE-0\n".to_owned(), format!("{}\n{0}\n", code(0)), format!("{} \n", code(0))] {
        let output = make(&bad, "paper");
        assert_eq!(output.status.code(), Some(1), "{bad:?}: {}", said(&output));
        assert!(!list.exists());
    }
    assert!(make(&format!("{}\n\n{}\n", code(2), code(0)), "paper").status.success());
    let bytes = fs::read(&list).unwrap();
    let read = AnnulmentList::from_bytes(&bytes).unwrap();
    let sessions = [election.voter(0).login(&server).pseudonym, election.voter(2).login(&server).pseudonym];
    assert_eq!(read.lines().len(), 2);
    assert!(read.lines().iter().all(|(p, r)| sessions.contains(p) && *r == AnnulReason::Paper));
    let order = election.order(OrderKind::Annul, |o| (o.blob, o.value) = (sha256(&bytes), 2));
    server.submit_ok("order", &order.to_bytes(), &bytes);
    fs::remove_file(&list).unwrap();
    assert!(said(&make(&format!("{}\n", code(2)), "paper")).contains("ANN-1"));
    assert!(make(&format!("{}\n", code(1)), "decision").status.success());
    assert_eq!(AnnulmentList::from_bytes(&fs::read(&list).unwrap()).unwrap().lines()[0].1, AnnulReason::Decision);
}

/// EVID-1 to EVID-3, as an auditor would check them.
#[test]
fn evidence() {
    let (election, server) = Election::open(Options { voters: 5, ..Options::default() });
    let opened_at = crate::support::now();
    for n in [0, 1, 3] {
        let voter = election.voter(n);
        let mut session = voter.login(&server);
        voter.cast(&server, &mut session);
        server.client.post("/v1/challenge", Some(&session.token), &voter.opened(&session).to_bytes()).ok();
        voter.cast(&server, &mut session);
    }
    election.close_and_seal(&server);
    server.settle();
    let out = election.dir.path().join("evidence");
    let output = run(&["evidence", "--data", text(&election.data()), "--out", text(&out)]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(!run(&["evidence", "--data", text(&election.data()), "--out", text(&out)]).status.success(), "not into a full folder");
    let (log, replay) = read_record(&election);
    let csv = fs::read_to_string(out.join("roll.csv")).unwrap();
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("person_code,pseudonym,blinding,district"));
    let mut codes = std::collections::BTreeMap::new();
    for (line, known) in lines.zip(replay.roll().unwrap().lines()) {
        let fields: Vec<&str> = line.split(',').collect();
        let blinding = ballot::encode::parse_hash(fields[2]).unwrap();
        assert_eq!(pseudonym(&election.id(), &blinding, fields[0]), known.pseudonym);
        assert_eq!(
            (fields[1], election.manifest.district(fields[3])),
            (hex::encode(known.pseudonym).as_str(), Some(known.district.into()))
        );
        codes.insert(known.pseudonym, fields[0].to_owned());
    }
    assert_eq!(codes.len(), 5);
    let anchor = [Certificate::from_der(election.pki.root_der()).unwrap()];
    let (mut files, mut batch) = (0, 0);
    for entry in &log.entries {
        let (envelope, ballot) = match Entry::from_bytes(entry).unwrap() {
            Entry::Batch { time, .. } => {
                batch = time;
                continue;
            }
            Entry::Ballot { envelope, ballot } => (envelope, ballot),
            _ => continue,
        };
        let name = out.join("envelopes").join(hex::encode(ballot::encode::hash("ballot", &[&ballot])));
        let (container, salt) = (fs::read(name.with_extension("p7s")).unwrap(), fs::read(name.with_extension("salt")).unwrap());
        assert_eq!(envelope_hash(&salt.try_into().unwrap(), &container), envelope);
        let time = fs::read_to_string(name.with_extension("time")).unwrap();
        let time: u64 = time.strip_suffix('\n').unwrap().parse().unwrap();
        assert!((opened_at..=batch).contains(&time));
        let signed = cades::verify(&ballot, &container).unwrap();
        assert_eq!(signed.accept(&anchor, time).unwrap(), codes[&<[u8; 32]>::try_from(&ballot[68..100]).unwrap()]);
        files += 3;
    }
    assert_eq!((files, fs::read_dir(out.join("envelopes")).unwrap().count()), (18, 18));
}

#[test]
fn status() {
    let (election, _server) = Election::open(Options::default());
    let output = run(&["status", "--data", text(&election.data())]);
    assert!(output.status.success(), "{}", said(&output));
    for line in ["phase voting", "voters 3", "pending 0", "next order 6", &format!("election {}", hex::encode(election.id()))] {
        assert!(said(&output).contains(line), "{line}: {}", said(&output));
    }
}
