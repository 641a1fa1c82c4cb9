//! Checkpoints (08): each as text, and as the file of a board.

use crate::election::secret_key;
use crate::*;
use ballot::manifest::Manifest;
use board::checkpoint::{CheckpointError, cosign, note_text, sign};
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

/// A wrong line of a witness is named by its number, the collector's being line 1.
#[test]
fn a_wrong_line_is_named() {
    let manifest = Manifest::from_bytes(text(&load(FILE), "manifest").as_bytes()).unwrap();
    let d = manifest.description();
    let body = note_text(&manifest.id(), 7, &[7; 32]);
    let line = |name: &str, key: &str| cosign(&body, name, &secret_key(key), 100);
    let names: Vec<&str> = d.witnesses.members.iter().map(|w| w.name.as_str()).collect();
    let verify = |lines: &[String]| {
        let file = format!("{body}\n{}{}", sign(&body, &d.collector.name, &secret_key(&d.collector.name)), lines.concat());
        Checkpoint::verify(&file, &manifest).map(|c| c.witnesses.len())
    };
    let good = [line(names[0], names[0]), line(names[1], names[1])];
    assert_eq!(verify(&good), Ok(2));
    for wrong in [line("nobody", "nobody"), line(names[1], names[0]), good[0].clone()] {
        assert_eq!(verify(&[good[0].clone(), wrong.clone()]), Err(CheckpointError::Witness(3)));
        assert_eq!(verify(&[good[0].clone(), good[1].clone(), wrong]), Err(CheckpointError::Witness(4)));
    }
    assert_eq!(verify(&[good[1].clone(), good[0].clone()]), Err(CheckpointError::Witness(3)));
}
