//! The 24 checks: what each looked at, and every failure and finding with its rule and place.

use super::{end_table, number, table, text};
use crate::report::{Check, Note, Report, State, Verdict};
use std::fmt::{self, Write as _};

/// No more of each check on the page; the JSON report lists up to 1000.
const SHOWN: usize = 50;

/// What a check looks at, in plain words.
fn meaning(id: &str) -> &'static str {
    match id {
        "V1" => "This is the record of the election that was announced.",
        "V2" => "The description of the election keeps its rules.",
        "V3" => "No file is missing, and none is too many.",
        "V4" => "The log is signed by the collector and cosigned by the witnesses, and every entry is under its root.",
        "V5" => "Every attached file is the one that was named in the log.",
        "V6" => "Every entry is well formed and signed by whoever must sign it.",
        "V7" => "Orders and ballots stand in the right phases, in the right order.",
        "V8" => "The roll is the one that the committee signed, and so is every change of it.",
        "V9" => "The election key was made by all trustees together.",
        "V10" => "The trustees showed that they hold their shares.",
        "V11" => "Every ballot belongs to this election and to a voter of the roll as it was then, and none is a copy of another.",
        "V12" => "Every ballot comes with a proof that its hidden choice is an allowed one.",
        "V13" => "Every test ballot is exactly what its opening gives.",
        "V14" => "Nobody's ballots have a gap: none was taken out or slipped in.",
        "V15" => {
            "The lists of struck-out ballots are well formed and name people who stand on the roll, or did; who is put back was struck out."
        }
        "V16" => "The ballots that count are those that must count.",
        "V17" => "The mixers changed the order of the ballots, and nothing else.",
        "V18" => "The trustees said what they would open before they opened it.",
        "V19" => "The trustees opened correctly.",
        "V20" => "Counting again gives the published result.",
        "V21" => "With restricted evidence: every pseudonym is one person.",
        "V22" => "With restricted evidence: every ballot carries its voter's signature.",
        "V23" => "With restricted evidence: every certificate was good when its ballot was cast, and every ballot was stamped then.",
        "V24" => "With the time-stamping party's register: the party and the board know the same ballots.",
        _ => "",
    }
}

fn state(check: &Check) -> (&'static str, &'static str) {
    match check.state {
        State::Passed => ("passed", "good"),
        State::Failed => ("FAILED", "bad"),
        State::Skipped => ("skipped", "none"),
        State::NotAnchored => ("not anchored", "wary"),
    }
}

/// One line under the verdict: how many checks, and which failed.
pub fn in_short(out: &mut String, report: &Report) -> fmt::Result {
    let count = |state: State| report.checks.iter().filter(|check| check.state == state).count();
    let findings: usize = report.checks.iter().map(|check| check.findings.len()).sum();
    write!(out, "<p>{} of {} checks passed", count(State::Passed), report.checks.len())?;
    for (n, what) in [(count(State::Failed), "failed"), (count(State::Skipped), "skipped")] {
        if n > 0 {
            write!(out, ", {n} {what}")?;
        }
    }
    match findings {
        0 => {}
        1 => write!(out, "; one finding is listed below")?,
        n => write!(out, "; {n} findings are listed below")?,
    }
    writeln!(out, ".</p>")?;
    if report.verdict == Verdict::Failed {
        writeln!(out, "<ul>")?;
        for check in report.checks.iter().filter(|check| check.state == State::Failed) {
            writeln!(out, "<li><a href=\"#{}\">{} {}</a>: this does not hold: {}</li>", check.id, check.id, check.name, meaning(check.id))?;
        }
        writeln!(out, "</ul>")?;
    }
    Ok(())
}

/// The table of all checks.
pub fn write(out: &mut String, report: &Report) -> fmt::Result {
    writeln!(out, "<section><h2>What was checked</h2>")?;
    let columns = [("Check", false), ("State", false), ("Looked at", true), ("Failed", true)];
    table(out, "The checks of specs/12-verification, in their order", &columns)?;
    for check in &report.checks {
        let (word, class) = state(check);
        write!(out, "<tr id=\"{}\"><th scope=\"row\"><b>{} {}</b><small>{}", check.id, check.id, check.name, meaning(check.id))?;
        if !check.reason.is_empty() {
            write!(out, " <i>{}: {}.</i>", word, text(&check.reason))?;
        }
        writeln!(
            out,
            "</small></th><td><span class=\"state {class}\">{word}</span></td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            number(check.count),
            number(check.failed)
        )?;
    }
    end_table(out)?;
    notes(out, report, "Failures", "bad", |check| (&check.failures, check.failed))?;
    notes(out, report, "Findings: faults of single parties that the election survives, and what else one should know", "wary", |check| {
        (&check.findings, check.findings.len() as u64)
    })?;
    writeln!(out, "</section>")
}

/// All failures, or all findings, and how many there are.
type Notes = fn(&Check) -> (&Vec<Note>, u64);

fn notes(out: &mut String, report: &Report, title: &str, class: &str, of: Notes) -> fmt::Result {
    if report.checks.iter().all(|check| of(check).0.is_empty()) {
        return Ok(());
    }
    writeln!(out, "<h3>{title}</h3>")?;
    table(
        out,
        "With the rule that is broken, and the place in the record",
        &[("Check", false), ("Rule", false), ("Place and what was found", false)],
    )?;
    for check in &report.checks {
        let (notes, all) = of(check);
        for note in notes.iter().take(SHOWN) {
            writeln!(
                out,
                "<tr class=\"{class}\"><td>{}</td><td>{}</td><td><code>{}</code><br>{}</td></tr>",
                check.id,
                text(&note.rule),
                text(&note.place),
                text(&note.text)
            )?;
        }
        if let Some(more @ 1..) = all.checked_sub(SHOWN as u64) {
            writeln!(
                out,
                "<tr><td>{}</td><td colspan=\"2\">and {} more; the JSON report lists up to 1000</td></tr>",
                check.id,
                number(more)
            )?;
        }
    }
    end_table(out)
}
