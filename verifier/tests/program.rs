//! The program from outside: exit codes, help, JSON, and a record behind a web server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod kit;

use kit::Unpacked;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output};

fn verifier(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_verifier")).args(args).env("VERIFIER_NO_CACHE", "1").output().unwrap()
}

fn code(args: &[&str]) -> i32 {
    verifier(args).status.code().unwrap()
}

#[test]
fn usage() {
    assert_eq!(code(&[]), 64);
    assert_eq!(code(&["check"]), 64);
    assert_eq!(code(&["check", ".", "--election-id", "12"]), 64);
    assert_eq!(code(&["check", ".", "--no-such-option"]), 64);
    assert_eq!(code(&["--version"]), 0);
    let help = verifier(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(String::from_utf8(help.stdout).unwrap().contains("challenges"));
    let help = String::from_utf8(verifier(&["check", "--help"]).stdout).unwrap();
    assert!(help.contains("Exit status") && help.contains("--evidence"));
}

#[test]
fn nothing_to_read() {
    let empty = tempfile::tempdir().unwrap();
    let path = empty.path().to_str().unwrap();
    assert_eq!(code(&["check", path]), 2);
    assert_eq!(code(&["check", "/no/such/folder"]), 2);
    assert_eq!(code(&["check", "http://127.0.0.1:1/board"]), 2);
    let json = verifier(&["check", path, "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((report["verdict"].as_str(), report["haal"].as_u64()), (Some("unreadable"), Some(1)));
}

#[test]
fn a_manifest_that_is_none() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("manifest.json"), "{}").unwrap();
    std::fs::write(folder.path().join("checkpoint"), "").unwrap();
    let output = verifier(&["check", folder.path().to_str().unwrap(), "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 24);
    assert_eq!((checks[1]["id"].as_str(), checks[1]["state"].as_str()), (Some("V2"), Some("failed")));
    assert!(checks[2..].iter().all(|check| check["state"] == "skipped"));
}

/// The kit's record with evidence beside it, and its election id.
fn record() -> (Unpacked, String) {
    let id = kit::case("with-evidence")["election"].as_str().unwrap().to_owned();
    (Unpacked::new("with-evidence"), id)
}

/// Serves a folder until the process ends.
fn serve(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/board", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let folder = folder.clone();
            std::thread::spawn(move || {
                let mut stream = stream.unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                while let Some(Ok(request)) = lines.next() {
                    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                    let path = request.split(' ').nth(1).unwrap().trim_start_matches("/board/").to_owned();
                    let (status, body) = match std::fs::read(folder.join(path)) {
                        Ok(body) => ("200 OK", body),
                        Err(_) => ("404 Not Found", Vec::new()),
                    };
                    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len());
                    if stream.write_all(&[head.as_bytes(), &body].concat()).is_err() {
                        break;
                    }
                }
            });
        }
    });
    base
}

#[test]
fn a_folder_and_a_server_give_the_same_report() {
    let (files, id) = record();
    let folder = files.record();
    let local = verifier(&["check", folder.to_str().unwrap(), "--election-id", &id, "--json"]);
    assert_eq!(local.status.code(), Some(0), "{}", String::from_utf8_lossy(&local.stdout));
    let base = serve(folder.clone());
    let remote = verifier(&["check", &base, "--election-id", &id, "--json", "--quiet"]);
    assert_eq!(remote.status.code(), Some(0), "{}", String::from_utf8_lossy(&remote.stdout));
    assert_eq!(local.stdout, remote.stdout);
    assert_eq!(code(&["check", folder.to_str().unwrap()]), 3);
    assert_eq!(code(&["check", folder.to_str().unwrap(), "--election-id", &"0".repeat(64)]), 1);
}

#[test]
fn auditors() {
    let (files, id) = record();
    let folder = files.record();
    let evidence = files.evidence();
    let args = ["check", folder.to_str().unwrap(), "--election-id", &id, "--evidence", evidence.to_str().unwrap()];
    let output = verifier(&args);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));

    let changed = tempfile::tempdir().unwrap();
    std::fs::create_dir(changed.path().join("envelopes")).unwrap();
    for item in std::fs::read_dir(evidence.join("envelopes")).unwrap().map(Result::unwrap) {
        std::fs::copy(item.path(), changed.path().join("envelopes").join(item.file_name())).unwrap();
    }
    let roll = std::fs::read_to_string(evidence.join("roll.csv")).unwrap();
    let report = |name: &str| {
        let output =
            verifier(&["check", folder.to_str().unwrap(), "--election-id", &id, "--json", "--evidence", changed.path().to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1), "{name}");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let failed = |index: usize| report["checks"][index]["failures"][0]["rule"].as_str().map(str::to_owned);
        (failed(20), failed(21))
    };
    // A voter's line is gone.
    let short: Vec<&str> = roll.split_inclusive('\n').enumerate().filter(|(number, _)| *number != 2).map(|(_, line)| line).collect();
    std::fs::write(changed.path().join("roll.csv"), short.concat()).unwrap();
    assert_eq!(report("a line less").0.as_deref(), Some("EVID-1"));
    // Another person's code.
    std::fs::write(changed.path().join("roll.csv"), roll.replacen("PNOEE-6", "PNOEE-5", 1)).unwrap();
    assert_eq!(report("another person").0.as_deref(), Some("ROLL-3"));
    std::fs::write(changed.path().join("roll.csv"), &roll).unwrap();
    let mut names: Vec<PathBuf> = std::fs::read_dir(changed.path().join("envelopes")).unwrap().map(|item| item.unwrap().path()).collect();
    names.sort();
    for (end, rule) in [("p7s", "EVID-2"), ("salt", "EVID-2"), ("time", "EVID-3")] {
        let path = names.iter().find(|name| name.extension().is_some_and(|extension| extension == end)).unwrap();
        let original = std::fs::read(path).unwrap();
        let mut bytes = original.clone();
        bytes[0] = if end == "time" { b'9' } else { bytes[0] ^ 1 };
        std::fs::write(path, bytes).unwrap();
        assert_eq!(report(end), (None, Some(rule.to_owned())));
        std::fs::write(path, original).unwrap();
    }
    std::fs::write(changed.path().join("envelopes/extra"), "").unwrap();
    assert_eq!(report("extra").1.as_deref(), Some("EVID-2"));
}
