//! The verifier on a record in a folder of its own.

use e2e::insider::Insider;
use e2e::insider::files::write;
use e2e::kit::{Case, Said, Trustee, replay, work};
use std::collections::BTreeMap;
use std::path::Path;
use verifier::run::{self, Options};

/// What the verifier's library says.
pub fn verify(record: &Path, election: &str, evidence: Option<&Path>) -> Said {
    let options = Options {
        election: Some(hex::decode(election).unwrap().try_into().unwrap()),
        evidence: evidence.map(|e| e.to_str().unwrap().to_owned()),
        register: None,
        threads: 1,
        progress: false,
        cache: None,
    };
    let report = run::check(record.to_str().unwrap(), &options);
    Said { code: report.verdict.code().into(), report: serde_json::from_str(&report.json()).unwrap() }
}

/// What it says about an insider's record.
pub fn say(record: &Insider) -> Said {
    say_of(&record.record(), &hex::encode(record.election_id()))
}

/// What it says about these files.
pub fn say_of(files: &BTreeMap<String, Vec<u8>>, election: &str) -> Said {
    let folder = work::folder().unwrap();
    write(files, folder.path()).unwrap();
    verify(folder.path(), election, None)
}

/// Is everything said that must be said, and nothing else?
pub fn judge(case: &Case) -> Result<(), String> {
    let folder = work::folder().map_err(|e| e.to_string())?;
    let (record, evidence) = (folder.path().join("record"), folder.path().join("evidence"));
    case.write(&record, &evidence).map_err(|e| e.to_string())?;
    let said = verify(&record, &case.election_id(), case.evidence.as_ref().map(|_| evidence.as_path()));
    let mut wrong = case.expected.differences(&said);
    if case.trustee != Trustee::DoesNotSee {
        wrong += &replay::differences(&case.record, &said);
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}
