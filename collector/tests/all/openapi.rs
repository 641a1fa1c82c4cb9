//! `specs/openapi.json` is what the server does: its routes, its statuses, the form of its answers.

use crate::support::{Election, Options, Server};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../specs/openapi.json");

fn document() -> Value {
    serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap()
}

/// Method and path of everything that is documented.
fn documented() -> BTreeSet<(String, String)> {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, calls)| calls.as_object().unwrap().keys().map(move |method| (method.clone(), path.clone()))).collect()
}

#[test]
fn every_route_and_no_other() {
    let source = include_str!("../../src/routes.rs");
    let body = source.split_once("pub fn routes(").unwrap().1.split_once("\n}\n").unwrap().0;
    // A path is the first text after `route(` or `resource(`, its method what follows.
    let mut routes = BTreeSet::new();
    for call in ["route(\"", "resource(\""] {
        for piece in body.split(call).skip(1) {
            let (path, rest) = piece.split_once('"').unwrap();
            let method = rest.split_once("web::").unwrap().1.split_once('(').unwrap().0;
            routes.insert((method.to_owned(), path.replace(":.*", "")));
        }
    }
    assert_eq!(routes.len(), 12, "{routes:?}");
    assert_eq!(routes, documented());
}

/// What nobody should send gets an answer that is documented: its status, and rule and message alone.
#[test]
fn every_refusal_is_documented() {
    let (election, server) = Election::open(Options::default());
    let session = election.voter(0).login(&server).token;
    let document = document();
    for (method, path) in documented() {
        let at = path.replace("{path}", "nowhere").replace("{hash}", "00");
        let statuses = &document["paths"][&path][&method]["responses"];
        let bodies: [&[u8]; 3] = [b"", b"{}", &[7; 5000]];
        for (body, session) in bodies.iter().flat_map(|body| [(body, None), (body, Some(session.as_str()))]) {
            let reply = if method == "get" { server.client.get(&at, session) } else { server.client.post(&at, session, body) };
            assert!(statuses.get(reply.status.to_string()).is_some(), "{method} {at}: {} is not documented", reply.status);
            if reply.status >= 400 {
                let told = reply.json();
                let fields: Vec<&String> = told.as_object().unwrap().keys().collect();
                assert_eq!(fields, ["message", "rule"], "{method} {at}");
            }
        }
    }
    // A call that is there with another method is not there.
    assert_eq!(server.client.get("/v1/cast", None).status, 404);
}

/// The same by schemathesis, which makes up requests by the document. `tests/run` installs it into target/schemathesis; where it cannot be had,
/// this says so and tests nothing.
#[test]
fn by_schemathesis() {
    let target = Path::new(env!("CARGO_BIN_EXE_collector")).ancestors().nth(2).unwrap();
    let program = target.join("schemathesis/bin/schemathesis");
    if !Command::new(&program).arg("--version").output().is_ok_and(|said| said.status.success()) {
        eprintln!("by_schemathesis: NOT TESTED: schemathesis is not installed in target/schemathesis");
        return;
    }
    let (election, server): (Election, Server) = Election::open(Options::default());
    let session = election.voter(0).login(&server).token;
    let said = Command::new(&program)
        .current_dir(election.dir.path())
        .args(["run", FILE, "--url", &format!("http://127.0.0.1:{}", server.port), "--header", &format!("Authorization: Bearer {session}")])
        .args(["--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"])
        .args(["--phases", "examples,coverage,fuzzing", "--max-examples", "20", "--seed", "1", "--no-color"])
        .output()
        .unwrap();
    assert!(said.status.success(), "{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
}
