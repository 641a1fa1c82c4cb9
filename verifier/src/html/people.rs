//! Who did what: trustees, mixers, witnesses, committee; and what happened when.

use super::{end_table, members, name, number, table, time};
use crate::detail::Detail;
use crate::entry::{OrderKind, PostKind};
use crate::report::Report;
use std::fmt::{self, Write as _};

/// One table for each role.
pub fn write(out: &mut String, report: &Report) -> fmt::Result {
    let detail = &report.detail;
    if detail.manifest.is_none() {
        return Ok(());
    }
    writeln!(out, "<section><h2>Who did what</h2>")?;
    trustees(out, report)?;
    mixers(out, report)?;
    witnesses(out, detail)?;
    committee(out, detail)?;
    writeln!(out, "</section>")
}

/// Posts of an author of some kinds: good ones, and ones that somebody found fault with.
fn posts(report: &Report, author: u16, kinds: &[PostKind]) -> (u64, u64) {
    let mut found = (0u64, 0u64);
    for (entry, theirs, kind) in &report.detail.posts {
        if *theirs == author && kinds.contains(kind) {
            let count = if Detail::is_blamed(*entry, &report.checks) { &mut found.1 } else { &mut found.0 };
            *count = count.saturating_add(1);
        }
    }
    found
}

/// A number, or a word that stands out if there is none although there should be some.
fn count(n: u64, missing: &str, expected: bool) -> String {
    if n == 0 && expected { format!("<span class=\"state wary\">{missing}</span>") } else { number(n) }
}

fn trustees(out: &mut String, report: &Report) -> fmt::Result {
    let detail = &report.detail;
    let opened = detail.posts.iter().any(|(_, _, kind)| *kind == PostKind::Opening);
    let ordered = |kind: OrderKind| detail.orders.iter().filter(|order| order.1 == kind).count() as u64;
    let caption = "Trustees hold the shares of the key, and open the result together";
    let columns =
        [("Trustee", false), ("Drills", true), ("Intents", true), ("Openings", true), ("Used in the count", true), ("Wrong posts", true)];
    table(out, caption, &columns)?;
    for (trustee, index) in members(detail, "trustees").into_iter().zip(1u16..) {
        let all = [PostKind::Commit, PostKind::Reveal, PostKind::Deal, PostKind::Confirm, PostKind::Complaint];
        let [drills, intents, openings] = [PostKind::Drill, PostKind::Intent, PostKind::Opening].map(|kind| posts(report, index, &[kind]));
        let wrong = [posts(report, index, &all), drills, intents, openings].iter().fold(0u64, |sum, (_, wrong)| sum.saturating_add(*wrong));
        let used = detail.combined.iter().filter(|unit| unit.contains(&index)).count() as u64;
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{} of {}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            name(trustee),
            number(drills.0),
            number(ordered(OrderKind::Drill)),
            number(intents.0),
            count(openings.0, "absent", opened),
            number(used),
            wrong_posts(wrong)
        )?;
    }
    end_table(out)
}

fn wrong_posts(n: u64) -> String {
    if n == 0 { "0".to_owned() } else { format!("<span class=\"state bad\">{n}</span>") }
}

fn mixers(out: &mut String, report: &Report) -> fmt::Result {
    let detail = &report.detail;
    let mixers = members(detail, "mixers");
    if mixers.is_empty() {
        return Ok(());
    }
    let mixed = detail.posts.iter().any(|(_, _, kind)| *kind == PostKind::Mix);
    table(
        out,
        "Mixers change the order of ballots that are not added up, so that nobody can follow one",
        &[("Mixer", false), ("Units mixed", true), ("Wrong posts", true)],
    )?;
    for (mixer, index) in mixers.into_iter().zip(1u16..) {
        let (good, wrong) = posts(report, index, &[PostKind::Mix]);
        let good = count(good, "absent", mixed);
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{good}</td><td class=\"n\">{}</td></tr>",
            name(mixer),
            wrong_posts(wrong)
        )?;
    }
    end_table(out)
}

fn witnesses(out: &mut String, detail: &Detail) -> fmt::Result {
    let witnesses = members(detail, "witnesses");
    if witnesses.is_empty() {
        return writeln!(out, "<p>This election has no witnesses: that everybody was shown one log rests on comparing roots.</p>");
    }
    table(out, "Witnesses follow the log, and sign that it only grew", &[("Witness", false), ("Signed this log", false)])?;
    for (position, witness) in witnesses.into_iter().enumerate() {
        let signed = match detail.witnesses.get(position).copied().flatten() {
            Some(seconds) => time(seconds),
            None => "<span class=\"state wary\">did not sign</span>".to_owned(),
        };
        writeln!(out, "<tr><th scope=\"row\">{}</th><td>{signed}</td></tr>", name(witness))?;
    }
    end_table(out)
}

fn committee(out: &mut String, detail: &Detail) -> fmt::Result {
    let caption = "The committee decides, by signed orders";
    table(out, caption, &[("Member", false), ("Orders signed", true)])?;
    for (member, index) in members(detail, "committee").into_iter().zip(1u8..) {
        let signed = detail.orders.iter().filter(|order| order.3.contains(&index)).count() as u64;
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{} of {}</td></tr>",
            name(member),
            number(signed),
            number(detail.orders.len() as u64)
        )?;
    }
    end_table(out)
}

/// The orders, in the order of the log.
pub fn timeline(out: &mut String, detail: &Detail) -> fmt::Result {
    if detail.orders.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section><h2>What happened when</h2>")?;
    table(out, "Orders of the committee; times are the committee's word", &[("Order", false), ("Given", false), ("Entry", true)])?;
    for (entry, kind, seconds, _) in &detail.orders {
        let what = match kind {
            OrderKind::Roll => "The roll is fixed",
            OrderKind::Ceremony => "The trustees shall make a key",
            OrderKind::Drill => "The trustees shall show their shares",
            OrderKind::Open => "Voting begins",
            OrderKind::LastLogin => "Nobody may log in any more",
            OrderKind::Close => "Voting ends",
            OrderKind::Suspend => "Voting is suspended",
            OrderKind::Resume => "Voting goes on",
            OrderKind::Extend => "Voting is extended",
            OrderKind::Note => "A note",
            OrderKind::Annul => "Ballots are struck out",
            OrderKind::Seal => "The set of ballots is fixed",
            OrderKind::Result => "The result is declared",
            OrderKind::Amend => "The roll is changed",
            OrderKind::Reinstate => "Ballots that were struck out count again",
        };
        writeln!(out, "<tr><th scope=\"row\">{what}</th><td>{}</td><td class=\"n\">{}</td></tr>", time(*seconds), number(*entry))?;
    }
    end_table(out)?;
    writeln!(out, "</section>")
}
