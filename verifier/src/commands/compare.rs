//! `verifier compare`. Spec: 15-watching, Comparing; 14-questions, Exit codes.

use super::{election_id, refuse};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use verifier::watch::compare::{Refusal, Side, compare};

/// Were two people shown the same log?
///
/// Compares two records: folders, URLs, or folders of `verifier follow` (then every checkpoint that was seen is compared
/// too). The smaller log must be the beginning of the larger. If it is not, and the collector signed both, that is a fork:
/// --proof writes a file that convinces anyone who has the election id (`verifier proof FILE`).
///
///   verifier compare mine yours --election-id 5d0f…c1 --proof fork.json
///
/// Exit status: 0 one log; 4 a fork; 1 one is no record of this election; 2 something cannot be read; 3 one log, but no
/// election id was given; 64 wrong usage.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Folder or URL
    a: String,
    /// Folder or URL
    b: String,
    /// The election id: 64 hex digits, from a source other than these records
    #[arg(long, value_name = "HEX", value_parser = election_id)]
    election_id: Option<[u8; 32]>,
    /// Where the proof of a fork is written
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// Print one JSON object (specs/14-questions.md)
    #[arg(long)]
    json: bool,
}

/// Compares and says so.
pub fn run(args: Args) -> ExitCode {
    let mut answer = json!({ "haal": 1, "command": "compare", "election": "", "anchored": args.election_id.is_some(), "verdict": "",
        "reason": "", "size": 0, "root": "", "proof": null });
    let mut set = |name: &str, value: Value| {
        if let Some(field) = answer.get_mut(name) {
            *field = value;
        }
    };
    let (code, verdict, text) = match judge(&args, &mut set) {
        Ok(None) if args.election_id.is_none() => (3, "consistent", "one log; but no election id was given".to_owned()),
        Ok(None) => (0, "consistent", "one log".to_owned()),
        Ok(Some(text)) => (4, "fork", text),
        Err(Refusal::NotARecord(text)) => (1, "not-a-record", format!("not a record of this election: {text}")),
        Err(Refusal::Unreadable(text)) => (2, "unreadable", text),
    };
    set("verdict", verdict.into());
    set("reason", if matches!(code, 0 | 3) { "".into() } else { text.clone().into() });
    if args.json {
        super::print(&format!("{answer:#}\n"));
    } else if code == 4 {
        super::print(&format!("FORK: {}\n", verifier::report::printable(&text)));
    } else {
        return if matches!(code, 0 | 3) {
            super::print(&format!("{text}\n"));
            ExitCode::from(code)
        } else {
            refuse(code, &text)
        };
    }
    ExitCode::from(code)
}

fn judge(args: &Args, set: &mut dyn FnMut(&str, Value)) -> Result<Option<String>, Refusal> {
    let (a, b) = (Side::open(&args.a)?, Side::open(&args.b)?);
    let larger = if a.leaves.len() < b.leaves.len() { &b } else { &a };
    set("election", hex::encode(a.manifest.election).into());
    set("size", larger.leaves.len().into());
    set("root", hex::encode(larger.root()).into());
    if args.election_id.is_some_and(|given| given != a.manifest.election) {
        return Err(Refusal::NotARecord(format!("{} is of another election", args.a)));
    }
    let Some(fork) = compare(&a, &b)? else { return Ok(None) };
    if let (Some(path), Some(proof)) = (&args.proof, &fork.proof) {
        let written = std::fs::write(path, format!("{proof:#}\n"));
        written.map_err(|error| Refusal::Unreadable(format!("{}: {error}", path.display())))?;
        set("proof", path.to_string_lossy().into());
    }
    Ok(Some(fork.text))
}
