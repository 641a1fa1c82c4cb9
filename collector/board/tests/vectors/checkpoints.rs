//! Checkpoints (08): each as text, and as the file of a board.

use crate::election::secret_key;
use crate::*;
use ballot::manifest::Manifest;
use board::checkpoint::{cosign, note_text, sign};
use board::source::SourceError;
use board::{Checkpoint, Log, Source};

const FILE: &str = "08-checkpoint";

/// A board that has a checkpoint and nothing else.
struct Only(Vec<u8>);

impl Source for Only {
    fn read(&self, path: &str) -> std::io::Result<Option<Vec<u8>>> {
        Ok((path == "checkpoint").then(|| self.0.clone()))
    }
}

#[test]
fn checkpoints() {
    let file = load(FILE);
    let manifest = Manifest::from_bytes(text(&file, "manifest").as_bytes()).unwrap();
    let d = manifest.description();
    let mut report = Report::new(FILE);
    for case in cases(&file) {
        let note = case["note"].as_str().map_or_else(|| bytes(&case["note_bytes"]), |n| n.as_bytes().to_vec());
        let by_source = match Log::load(&Only(note.clone()), &manifest) {
            Err(SourceError::Checkpoint(e)) => Err(rule(e)),
            _ => Ok(()),
        };
        let got = match std::str::from_utf8(&note) {
            Err(_) => by_source,
            Ok(note) => {
                let verified = Checkpoint::verify(note, &manifest);
                report.check(case, "the verdict on the file", verified.as_ref().map(drop).map_err(rule) == by_source);
                verified.and_then(|c| c.require_quorum(&manifest).map(|()| c)).map_err(rule).map(|c| {
                    // Written again, with the keys that are known here.
                    let text = note_text(&manifest.id(), c.size, &c.root);
                    let mut again = format!("{text}\n{}", sign(&text, &d.collector.name, &secret_key(&d.collector.name)));
                    for (at, time) in &c.witnesses {
                        let name = &d.witnesses.members[at - 1].name;
                        again += &cosign(&text, name, &secret_key(name), *time);
                    }
                    report.check(case, "the checkpoint written again", again == note);
                    let Some(wanted) = case["intermediate"].as_object().filter(|i| !i.is_empty()) else { return };
                    report.check(case, "size", wanted["size"] == c.size);
                    report.check(case, "root", hash(&wanted["root"]) == c.root);
                    report.check(case, "note text", wanted["note_text"] == text);
                    let cosigners: Vec<_> = c.witnesses.iter().map(|(at, time)| (&d.witnesses.members[at - 1].name, time)).collect();
                    report.check(case, "cosigners", wanted["cosigners"] == serde_json::json!(cosigners));
                })
            }
        };
        report.case(case, got);
    }
    report.end();
}
