//! Command lines, as data: `cli/*.toml` lists arguments, exit status, and words that must be said.
#![allow(clippy::unwrap_used)]

mod common;

use common::{tally_with, words};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    args: Vec<String>,
    status: i32,
    says: Vec<String>,
}

#[test]
fn command_lines() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    let mut cases = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let file: File = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for Case { args, status, says } in file.case {
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let output = tally_with(&args, &[]);
            let said = words(&output);
            assert_eq!(output.status.code(), Some(status), "{}: {args:?}: {said}", path.display());
            says.iter().for_each(|part| assert!(said.contains(part), "{}: {args:?}: expected {part:?} in: {said}", path.display()));
            cases += 1;
        }
    }
    assert!(cases > 60, "{cases}");
}
