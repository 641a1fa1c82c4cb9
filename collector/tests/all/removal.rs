//! KEEP-4 to KEEP-6: when the election is over, what names people goes, with minutes; the public record stays as it is.

use crate::support::election::{collector, person};
use crate::support::server::{database, read_record, rows};
use crate::support::{Cluster, Election, Options, Server, now};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

/// An election that is sealed, with ballots of all voters, and its server ended.
fn over(options: Options) -> Election {
    let (election, server) = Election::open(Options { voters: 3, ..options });
    for n in 0..3 {
        let voter = election.voter(n);
        voter.cast(&server, &mut voter.login(&server));
    }
    election.close_and_seal(&server);
    server.settle();
    server.stop();
    election
}

fn at(election: &Election, name: &str) -> PathBuf {
    election.dir.path().join(name)
}

fn rfc3339(seconds: u64) -> String {
    let said = std::process::Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ", "-d", &format!("@{seconds}")]).output().unwrap();
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

/// With everything that must be said, minutes in `minutes`, and more words.
fn run(election: &Election, what: &str, words: &[&str], env: &[(&str, &str)]) -> Output {
    let mut command = collector();
    command.arg(what).arg("--data").arg(election.data()).args(election.place()).envs(env.iter().copied());
    let said = |word: &str| words.contains(&word);
    for (word, value) in [
        ("--complaints-ended", rfc3339(now())),
        ("--decision", "Decision 7 of the committee".to_owned()),
        ("--minutes", at(election, "minutes").display().to_string()),
        ("--confirm", hex::encode(election.id())),
    ] {
        if !said(word) {
            command.args([word, &value]);
        }
    }
    let words: Vec<&&str> = words.iter().filter(|word| !word.is_empty()).collect();
    command.args(words).output().unwrap()
}

fn refused(said: &Output, words: &str) {
    let text = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.code() == Some(1) && text.contains(words), "{words}: {text}");
}

fn done(said: &Output) {
    assert!(said.status.success(), "{}{}", String::from_utf8_lossy(&said.stderr), String::from_utf8_lossy(&said.stdout));
}

/// Every file below a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.clone(), fs::read(path).unwrap());
        }
    }
    all
}

/// Which files hold a person's code, its digits, a name, or a certificate's key.
fn naming(election: &Election, folder: &Path) -> Vec<PathBuf> {
    let mut needles = Vec::new();
    for n in 0..3 {
        let person = person(n);
        needles.extend([person.code.clone().into_bytes(), person.code.trim_start_matches("PNOEE-").as_bytes().to_vec()]);
        let certificate = &election.eids[&person.code].sign;
        let der = envelope::Certificate::list_from_pem(&certificate.chain_pem).unwrap()[0].as_der().to_vec();
        needles.push(der[der.len() - 60..].to_vec());
    }
    let holds = |bytes: &[u8]| needles.iter().any(|needle| bytes.windows(needle.len()).any(|window| window == needle));
    files(folder).into_iter().filter(|(_, bytes)| holds(bytes)).map(|(path, _)| path).collect()
}

fn minutes(election: &Election) -> Value {
    serde_json::from_slice(&fs::read(at(election, "minutes/minutes.json")).unwrap()).unwrap()
}

const OVER: &str = "--without-result";

#[test]
fn keep_4_not_too_early_and_only_if_meant() {
    let (election, server) = Election::open(Options::default());
    for what in ["anonymise", "destroy"] {
        refused(&run(&election, what, &[OVER], &[]), "end the server first");
    }
    server.stop();
    for what in ["anonymise", "destroy"] {
        refused(&run(&election, what, &[OVER], &[]), "KEEP-4: the election is in phase voting");
    }
    let server = Server::start(&election, &[], &[]);
    election.close_and_seal(&server);
    server.settle();
    server.stop();
    let (later, earlier) = (rfc3339(now() + 3600), rfc3339(now() - 3600));
    let inside = election.data().join("minutes").display().to_string();
    let before = (rows(&election.data()), files(&election.data().join("record")));
    for what in ["anonymise", "destroy"] {
        refused(&run(&election, what, &[], &[]), "KEEP-4: no result stands in the log");
        refused(&run(&election, what, &[OVER, "--complaints-ended", &later], &[]), "is not over");
        refused(&run(&election, what, &[OVER, "--complaints-ended", &earlier], &[]), "cannot have ended before the last order");
        refused(&run(&election, what, &[OVER, "--confirm", &"0".repeat(64)], &[]), "names another election");
        let mut silent = collector();
        silent.args([what, OVER, "--complaints-ended", &rfc3339(now()), "--decision", "x", "--minutes"]).arg(at(&election, "minutes"));
        refused(&silent.arg("--data").arg(election.data()).output().unwrap(), "this cannot be undone");
        refused(&run(&election, what, &[OVER, "--minutes", &inside], &[]), "the minutes would go with");
        let said = run(&election, what, &[OVER, "--dry-run"], &[]);
        done(&said);
        let text = String::from_utf8(said.stdout).unwrap();
        for part in ["table voter: 3 rows", "What stays:", "What this cannot reach:", "trustees", "Nothing was changed."] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!at(&election, "minutes").exists());
    }
    assert_eq!((rows(&election.data()), files(&election.data().join("record"))), before);
}

/// Cut short anywhere, and then run to its end: nothing names anybody, and the board is what it was.
#[test]
fn keep_4_anonymise() {
    let election = over(Options::default());
    let data = election.data();
    let record = files(&data.join("record"));
    assert!(!naming(&election, &data).is_empty());
    fs::write(data.join("tmp/copy"), "left behind by a crash: PNOEE-38001085718").unwrap();
    let stray = data.join("notes.txt");
    fs::write(&stray, format!("ask {} again", person(1).code)).unwrap();
    let dry = String::from_utf8(run(&election, "anonymise", &[OVER, "--dry-run"], &[]).stdout).unwrap();
    for point in ["anonymise-commit", "anonymise-commit:after", "anonymise-compact"] {
        let said = run(&election, "anonymise", &[OVER], &[("HAAL_CRASH", point)]);
        assert!(said.status.code().is_none(), "{point} ends it");
        assert!(minutes(&election)["ended"].is_null());
    }
    // A file that somebody has put there is named, and not touched.
    fs::write(&stray, format!("ask {} again", "PNOEE-38001085718")).unwrap();
    refused(&run(&election, "anonymise", &[OVER], &[]), "notes.txt");
    fs::remove_file(&stray).unwrap();
    done(&run(&election, "anonymise", &[OVER], &[]));

    assert_eq!(naming(&election, &data), Vec::<PathBuf>::new());
    let found = minutes(&election);
    assert!(found["ended"].is_string() && found["check"].as_str().unwrap().ends_with(": none"), "{found}");
    assert_eq!((&found["act"], &found["decision"]), (&"anonymise".into(), &"Decision 7 of the committee".into()));
    let (log, _) = read_record(&election);
    assert_eq!((found["entries"].as_u64(), &found["root"]), (Some(log.checkpoint.size), &hex::encode(log.checkpoint.root).into()));
    for gone in found["gone"].as_array().unwrap() {
        let digest = gone["sha256"].as_str().map_or(String::new(), |digest| format!(", SHA-256 {digest}"));
        let line = format!("{}: {} rows{digest}\n", gone["what"].as_str().unwrap(), gone["count"]);
        assert!(dry.contains(&line), "what it held before the first run: {line}");
        // From a digest over person codes alone they could be guessed.
        let guessable = ["list_voter", "running", "data_use", "data_use_of"].iter().any(|table| gone["what"] == format!("table {table}"));
        assert_eq!(digest.is_empty(), guessable);
    }
    assert!(found["gone"].as_array().unwrap().iter().any(|gone| gone["what"] == "table envelope" && gone["count"] == 3));
    let text = fs::read_to_string(at(&election, "minutes/minutes.txt")).unwrap();
    assert!(
        text.contains("MINUTES OF AN ANONYMISATION")
            && text.contains("Signed by the members")
            && text.contains(&hex::encode(election.id()))
    );
    refused(&run(&election, "anonymise", &[OVER], &[]), "say that it is done");

    // The board is the same, byte for byte, and a server still serves it; there is no evidence any more.
    assert_eq!(files(&data.join("record")), record);
    read_record(&election);
    let server = Server::start(&election, &[], &[]);
    assert_eq!(server.status()["phase"], "sealed");
    server.settle();
    server.stop();
    let evidence = collector().args(["evidence", "--data"]).arg(&data).arg("--out").arg(at(&election, "evidence")).output().unwrap();
    refused(&evidence, "ROLL-3");
    done(&collector().args(["journal", "--data"]).arg(&data).output().unwrap());
    assert_eq!(naming(&election, &data), Vec::<PathBuf>::new());
    let kept: i64 = database(&data).query_row("SELECT count(*) FROM ballot", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 3);
}

/// The box and what is named with it; the public record stays. Cut short, and then run to its end.
#[test]
fn keep_5_destroy() {
    let election = over(Options::default());
    let data = election.data();
    let record = files(&data.join("record"));
    let (backup, evidence, export) = (at(&election, "backup"), at(&election, "evidence"), at(&election, "voters.csv"));
    for (what, out) in [("backup", &backup), ("evidence", &evidence)] {
        done(&collector().args([what, "--data"]).arg(&data).arg("--out").arg(out).output().unwrap());
    }
    let (strange, other) = (at(&election, "strange"), Election::new(Options::default()));
    fs::create_dir(&strange).unwrap();
    fs::write(strange.join("a"), "somebody's").unwrap();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (own, inner) = (text(&data), text(&data.join("record")));
    refused(&run(&election, "destroy", &[OVER, "--also", &text(&strange)], &[]), "KEEP-5");
    refused(&run(&election, "destroy", &[OVER, "--also", &text(&other.data())], &[]), "is of another election");
    for path in [&own, &inner] {
        refused(&run(&election, "destroy", &[OVER, "--also", path], &[]), "are not apart");
    }
    assert!(data.join("log.key").exists() && strange.join("a").exists());

    let also = [text(&backup), text(&evidence), text(&export)];
    let words: Vec<&str> = [OVER].into_iter().chain(also.iter().flat_map(|path| ["--also", path])).collect();
    for point in ["destroy-file", "destroy-file:after:2", "destroy-file:after:5"] {
        assert!(run(&election, "destroy", &words, &[("HAAL_CRASH", point)]).status.code().is_none(), "{point} ends it");
        assert!(minutes(&election)["ended"].is_null());
    }
    refused(&run(&election, "destroy", &[OVER], &[]), "with the same words");
    let more: Vec<&str> = words.iter().copied().chain(["--also", strange.to_str().unwrap()]).collect();
    refused(&run(&election, "destroy", &more, &[]), "with the same words");
    done(&run(&election, "destroy", &words, &[]));

    assert_eq!(files(&data), record, "the record alone is left, byte for byte");
    assert!(!backup.exists() && !evidence.exists() && !export.exists() && strange.join("a").exists());
    read_record(&election);
    let found = minutes(&election);
    let gone = |end: &str| found["gone"].as_array().unwrap().iter().find(|gone| gone["what"].as_str().unwrap().ends_with(end)).unwrap();
    assert_eq!((&gone("table voter")["count"], &gone("/data")["count"], &gone("/data")["unit"]), (&3.into(), &3.into(), &"files".into()));
    assert!(gone("/evidence")["count"].as_u64() > Some(9) && gone("/backup")["sha256"].is_string());
    assert!(gone("/voters.csv")["sha256"].is_null(), "it holds person codes alone");
    assert!(found["ended"].is_string());
    let journal = fs::read_to_string(at(&election, "minutes/journal.jsonl")).unwrap();
    let last: Value = serde_json::from_str(journal.lines().last().unwrap()).unwrap();
    assert_eq!(found["journal"], format!("{}:{}", last["number"], last["link"].as_str().unwrap()));
    assert!(last["line"].as_str().unwrap().contains("\"what\":\"destroy\""));
}

/// The same with PostgreSQL: nothing is left in its tables' files; what its own journal keeps, the minutes say.
#[test]
fn keep_4_and_5_with_postgresql() {
    let Some(cluster) = Cluster::start("keep_4_and_5_with_postgresql", 1) else { return };
    let election = over(Options { store: Some(cluster.url()), ..Options::default() });
    let server = Server::start(&election, &[], &[]);
    let second = at(&election, "second");
    election.init(&second);
    let mut elsewhere = collector();
    elsewhere
        .args(["anonymise", OVER, "--decision", "x", "--complaints-ended", &rfc3339(now()), "--minutes"])
        .arg(at(&election, "minutes"));
    elsewhere.args(election.place()).arg("--data").arg(&second).args(["--confirm", &hex::encode(election.id())]);
    refused(&elsewhere.output().unwrap(), "a collector is at work");
    server.stop();
    cluster.sql(0, "ANALYZE"); // what it has learnt about the columns are values of them
    let code = person(0).code;
    cluster.again(0);
    assert!(cluster.files_with(0, &code).contains("/base/"));
    let said = run(&election, "anonymise", &[OVER], &[("HAAL_CRASH", "anonymise-compact")]);
    assert!(said.status.code().is_none());
    done(&run(&election, "anonymise", &[OVER], &[]));
    cluster.again(0);
    let left = cluster.files_with(0, &code);
    assert!(left.lines().all(|file| file.contains("/pg_wal/")), "{left}");
    assert!(minutes(&election)["not_reached"].to_string().contains("pg_wal"));
    let server = Server::start(&election, &[], &[]);
    server.settle();
    server.stop();
    fs::remove_dir_all(at(&election, "minutes")).unwrap();
    done(&run(&election, "destroy", &[OVER, "--also", second.to_str().unwrap()], &[]));
    assert!(!second.exists() && !election.data().join("log.key").exists() && election.data().join("record/checkpoint").exists());
    assert_eq!(cluster.sql(0, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0");
}
