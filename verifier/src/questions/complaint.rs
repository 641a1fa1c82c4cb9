//! Is a complaint about the collector founded? Spec: 14-questions, ASK-5 to ASK-10.

use super::{Found, entry_of};
use crate::asked::Sound;
use crate::complaint_file::Complaint;
use crate::head::Head;
use crate::proof_file::ProofFile;
use crate::prove::Prover;
use crate::utc;
use crate::{tracker, tree};
use serde::Serialize;
use std::fmt::Write as _;

/// Fields of the answer.
#[derive(Clone, Debug, Default, Serialize)]
#[allow(missing_docs)]
pub struct Facts {
    pub rule: &'static str,
    pub at_fault: Option<&'static str>,
    text: String,
    ballot_hash: Option<String>,
    deadline: Option<u64>,
    entry: Option<u64>,
    batch_time: Option<u64>,
    time: Option<u64>,
    notes: Vec<String>,
}

/// What was decided.
struct Decision {
    rule: &'static str,
    text: String,
    file: Option<ProofFile>,
}

/// Answers.
pub fn ask(record: &Sound, bytes: &[u8], wants_file: bool) -> Result<Found<Facts>, String> {
    let mut facts = Facts::default();
    let complaint = Complaint::read(bytes).and_then(|complaint| complaint.check(&record.manifest).map(|()| complaint));
    let decision = match complaint {
        Err(fault) => Decision { rule: fault.rule, text: fault.text, file: None },
        Ok(complaint) => {
            facts.ballot_hash = Some(hex::encode(complaint.ballot_hash));
            facts.deadline = Some(complaint.deadline);
            decide(record, &complaint, &mut facts, wants_file)?
        }
    };
    let (verdict, at_fault, code) = match decision.rule {
        "ASK-5" => ("not-founded", Some("complainer"), 0),
        "ASK-7" => ("not-founded", Some("nobody"), 0),
        "ASK-10" => ("undecided", None, 3),
        _ => ("founded", Some("collector"), 4),
    };
    (facts.rule, facts.at_fault, facts.text) = (decision.rule, at_fault, decision.text);
    let text = text(verdict, &complaint_tracker(&facts), &facts);
    let file = wants_file.then(|| decision.file.ok_or_else(|| "there is none for this answer".to_owned()));
    Ok(Found { verdict, facts, text, code, file })
}

fn decide(record: &Sound, complaint: &Complaint, facts: &mut Facts, wants_file: bool) -> Result<Decision, String> {
    if complaint.checkpoint.is_some() || complaint.receipt.is_some() {
        let fork = fork(&Prover::new(record)?, record, complaint, facts)?;
        if let Some(fork) = fork {
            return Ok(fork);
        }
    }
    let time = Head::read(&record.checkpoint, &record.manifest).map_err(|fault| fault.text)?.time(&record.manifest, record.last_time());
    facts.time = Some(time);
    let due = utc::show(complaint.deadline);
    if let Some(position) = record.log.ballots.iter().position(|ballot| ballot.hash == complaint.ballot_hash) {
        let entry = entry_of(&record.log, position);
        let published = record.batch(entry).map_or(u64::MAX, |(time, _)| time);
        (facts.entry, facts.batch_time) = (Some(entry), Some(published));
        let when = utc::show(published);
        let (rule, text) = if published <= complaint.deadline {
            ("ASK-7", format!("the ballot was published in time: entry {entry}, in the batch of {when}; it was due at {due}"))
        } else {
            ("ASK-8", format!("the collector published the ballot late: entry {entry}, in the batch of {when}; it was due at {due}"))
        };
        let file = if wants_file { Some(Prover::new(record)?.inclusion(entry)?) } else { None };
        return Ok(Decision { rule, text, file });
    }
    let shown = utc::show(time);
    let (rule, text) = if time > complaint.deadline {
        ("ASK-9", format!("the collector did not publish the ballot: it was due at {due}, and is not in the log of {shown}"))
    } else {
        ("ASK-10", format!("the ballot was due at {due}, and the record goes to {shown} only: ask again of a younger one"))
    };
    Ok(Decision { rule, text, file: None })
}

/// ASK-6: the checkpoint, then the receipt.
fn fork(prover: &Prover<'_>, record: &Sound, complaint: &Complaint, facts: &mut Facts) -> Result<Option<Decision>, String> {
    let decision = |text: String, file| Some(Decision { rule: "ASK-6", text, file: Some(file) });
    let receipt = complaint.receipt.as_ref();
    let texts = [("checkpoint", complaint.checkpoint.as_ref()), ("receipt's checkpoint", receipt.map(|receipt| &receipt.checkpoint))];
    for (name, text) in texts {
        let Some(text) = text else { continue };
        let head = match Head::read(text, &record.manifest) {
            Ok(head) => head,
            Err(fault) => {
                facts.notes.push(format!("the {name} counts for nothing: {} ({})", fault.text, fault.rule));
                continue;
            }
        };
        if head.size == 0 {
            continue;
        }
        match prover.beginning(head.size) {
            None => facts.notes.push(format!(
                "the {name} has {} entries and the record fewer: ask again of a record of that size, or compare the two",
                head.size
            )),
            Some((root, _)) if root != head.root => {
                let why =
                    format!("the collector signed two logs: of {} entries it has signed the {name}'s root and, here, another", head.size);
                return Ok(decision(why, prover.other_checkpoint(text, head.size)?));
            }
            Some(_) => {}
        }
        let Some(receipt) = receipt.filter(|_| name != "checkpoint") else { continue };
        let Some(entry) = complaint.entry() else {
            facts.notes.push("the receipt's path says nothing: ballot, container or salt is missing".to_owned());
            continue;
        };
        let leaf = tree::leaf(&entry);
        if !tree::included(&leaf, receipt.index, head.size, &receipt.path, &head.root) {
            facts.notes.push("the receipt counts for nothing: its path does not lead from the ballot to its checkpoint".to_owned());
            continue;
        }
        if prover.leaf(receipt.index).is_some_and(|ours| *ours != leaf) {
            let text = format!(
                "the collector signed two logs: it has signed a receipt for entry {}, where another entry stands here",
                receipt.index
            );
            return Ok(decision(text, prover.other_leaf(&receipt.checkpoint, receipt.index, leaf, &receipt.path)?));
        }
    }
    Ok(None)
}

fn complaint_tracker(facts: &Facts) -> String {
    facts.ballot_hash.as_deref().and_then(crate::text::hex32).map(|hash| tracker::of(&hash)).unwrap_or_default()
}

fn text(verdict: &str, tracker: &str, facts: &Facts) -> String {
    let mut out = String::new();
    if let Some(hash) = &facts.ballot_hash {
        let _ = writeln!(out, "ballot   {hash}, tracker {tracker}");
    }
    let said = match (verdict, facts.at_fault) {
        ("founded", _) => "FOUNDED: the collector is at fault",
        ("undecided", _) => "UNDECIDED",
        (_, Some("nobody")) => "NOT FOUNDED: nobody is at fault",
        _ => "NOT FOUNDED: the complaint itself is wrong",
    };
    let _ = writeln!(out, "answer   {said}");
    let _ = writeln!(out, "because  {} ({})", crate::report::printable(&facts.text), facts.rule);
    for note in &facts.notes {
        let _ = writeln!(out, "besides  {}", crate::report::printable(note));
    }
    if facts.rule == "ASK-7" {
        let _ = writeln!(
            out,
            "         The time of the batch is the collector's word; observers who follow the log see whether it is dated back."
        );
    }
    out
}
