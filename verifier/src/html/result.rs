//! The result, contest by contest. Numbers come from the result that V20 held against the count, or are not shown.

use super::{end_table, field, list, name, number, percent, table, text, whole};
use crate::detail::state;
use crate::report::{Report, State, Verdict};
use serde_json::Value;
use std::fmt::{self, Write as _};

/// Options that a table shows at once; the rest can be unfolded.
const SHOWN: usize = 40;

/// The section, whatever there is to show.
pub fn write(out: &mut String, report: &Report) -> fmt::Result {
    let detail = &report.detail;
    writeln!(out, "<section><h2>Result</h2>")?;
    let (Some(manifest), Some(result)) = (&detail.manifest, &detail.result) else {
        let why = match (report.verdict, state(&report.checks, "V20")) {
            (Verdict::Failed, _) => "No result is shown, because checks failed that a result would rest on.",
            (_, Some(State::Skipped)) => "There is no result yet.",
            _ => "There is no result that could be checked.",
        };
        return writeln!(out, "<p>{why}</p>\n</section>");
    };
    match report.verdict {
        Verdict::Passed => {
            writeln!(out, "<p>Counted again from the opened ballots, and equal to the result that the committee declared.</p>")?
        }
        Verdict::Failed => {
            return writeln!(
                out,
                "<p>The declared result follows from the opened ballots, but other checks of this record failed, so it is not shown here.</p>\n</section>"
            );
        }
        _ => writeln!(out, "<p>Counted again from the opened ballots. See above for what this rests on.</p>")?,
    }
    for contest in list(manifest, &["contests"]) {
        self::contest(out, manifest, contest, result)?;
    }
    writeln!(out, "</section>")
}

/// Units of one list of a contest.
struct Group<'a> {
    options: &'a [Value],
    units: Vec<&'a Value>,
}

fn contest(out: &mut String, manifest: &Value, contest: &Value, result: &Value) -> fmt::Result {
    writeln!(out, "<h3>{}</h3>\n<p class=\"kind\">{}</p>", name(field(contest, &["title"])), rule(contest))?;
    let id = field(contest, &["id"]);
    let units: Vec<&Value> = list(result, &["units"]).iter().filter(|unit| field(unit, &["contest"]) == id).collect();
    for chosen in list(contest, &["lists"]) {
        let is_here = |unit: &&Value| list(unit, &["districts"]).iter().all(|district| list(chosen, &["districts"]).contains(district));
        let group = Group { options: list(chosen, &["options"]), units: units.iter().copied().filter(is_here).collect() };
        if list(contest, &["lists"]).len() > 1 {
            writeln!(out, "<h4>{}</h4>", districts(manifest, list(chosen, &["districts"])))?;
        }
        if field(contest, &["count"]) == "instant-runoff" {
            runoffs(out, manifest, &group)?;
        } else {
            totals(out, manifest, contest, &group)?;
        }
        for unit in group.units.iter().filter(|unit| field(unit, &["state"]) == "withheld") {
            writeln!(
                out,
                "<p class=\"note\">{}: {} ballots were not opened, because so few would show how people voted (fewer than {}).</p>",
                districts(manifest, list(unit, &["districts"])),
                number(whole(unit, &["ballots"])),
                whole(manifest, &["k_min"])
            )?;
        }
    }
    Ok(())
}

/// The rule of a contest in words.
fn rule(contest: &Value) -> String {
    let n = |name: &str| whole(contest, &["rule", name]);
    match field(contest, &["rule", "kind"]) {
        "choose" => {
            let (min, max) = (n("min"), n("max"));
            let how = if min == max { format!("Choose {max}") } else { format!("Choose {min} to {max}") };
            let blank = contest.get("rule").and_then(|rule| rule.get("blank")) == Some(&Value::Bool(true));
            if blank { how + ", or leave it blank" } else { how }
        }
        "approve" => "Choose any number".to_owned(),
        "score" => format!("Give each up to {} points", n("most")),
        "budget" => format!("Share out {} points", n("total")),
        "list" => "Choose one from the list".to_owned(),
        _ => format!("Rank up to {} in order; the last is dropped until one has more than half", n("places")),
    }
}

/// Titles of districts, a few of them.
fn districts(manifest: &Value, ids: &[Value]) -> String {
    let title = |id: &Value| {
        let found = list(manifest, &["districts"]).iter().find(|district| field(district, &["id"]) == id.as_str().unwrap_or(""));
        name(found.map_or("", |district| field(district, &["title"])))
    };
    let shown: Vec<String> = ids.iter().take(6).map(title).collect();
    match ids.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn counts(unit: &Value) -> Vec<u64> {
    list(unit, &["counts"]).iter().map(|count| count.as_u64().unwrap_or(0)).collect()
}

/// Name of an option with its party list; past the last option comes the blank.
fn option(options: &[Value], position: usize) -> String {
    match options.get(position) {
        None => "<i>blank</i>".to_owned(),
        Some(option) => match field(option, &["group"]) {
            "" => name(field(option, &["title"])),
            group => format!("{} <small class=\"party\">{}</small>", name(field(option, &["title"])), name(group)),
        },
    }
}

/// Sums over the units of a list, and each unit by itself.
fn totals(out: &mut String, manifest: &Value, contest: &Value, group: &Group<'_>) -> fmt::Result {
    let opened: Vec<&Value> = group.units.iter().copied().filter(|unit| field(unit, &["state"]) != "withheld").collect();
    if opened.is_empty() {
        return Ok(());
    }
    let mut sum: Vec<u64> = Vec::new();
    for unit in &opened {
        let counts = counts(unit);
        sum.resize(sum.len().max(counts.len()), 0);
        sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum = sum.saturating_add(count));
    }
    let ballots: u64 = opened.iter().map(|unit| whole(unit, &["ballots"])).fold(0, u64::saturating_add);
    bars(out, contest, group.options, &sum, ballots)?;
    let several: Vec<&&Value> = opened.iter().filter(|unit| field(unit, &["state"]) == "opened").collect();
    if several.len() > 1 {
        writeln!(out, "<details><summary>By groups of districts ({})</summary>", several.len())?;
        for unit in several {
            writeln!(out, "<h5>{}</h5>", districts(manifest, list(unit, &["districts"])))?;
            bars(out, contest, group.options, &counts(unit), whole(unit, &["ballots"]))?;
        }
        writeln!(out, "</details>")?;
    }
    Ok(())
}

/// One table: most votes first, the blank last.
fn bars(out: &mut String, contest: &Value, options: &[Value], counts: &[u64], ballots: u64) -> fmt::Result {
    let kind = field(contest, &["rule", "kind"]);
    let shares = matches!(kind, "choose" | "approve" | "list");
    let largest = counts.iter().copied().max().unwrap_or(0);
    let mut order: Vec<(usize, u64)> = counts.iter().copied().enumerate().collect();
    order.sort_by_key(|(position, count)| (*position >= options.len(), std::cmp::Reverse(*count), *position));
    let (first, rest) = order.split_at_checked(SHOWN).unwrap_or((&order, &[]));
    let caption = if ballots == 1 { "1 ballot".to_owned() } else { format!("{} ballots", number(ballots)) };
    rows(out, &caption, options, first, (shares, ballots, largest))?;
    if !rest.is_empty() {
        writeln!(out, "<details><summary>{} more options</summary>", rest.len())?;
        rows(out, &format!("{caption}, continued"), options, rest, (shares, ballots, largest))?;
        writeln!(out, "</details>")?;
    }
    Ok(())
}

fn rows(out: &mut String, caption: &str, options: &[Value], order: &[(usize, u64)], scale: (bool, u64, u64)) -> fmt::Result {
    let (shares, ballots, largest) = scale;
    let unit = if shares { ("Votes", "Of ballots") } else { ("Points", "") };
    table(out, caption, &[("Option", false), (unit.0, true), (unit.1, true), ("", false)])?;
    for (position, count) in order {
        let share = percent(*count, ballots).filter(|_| shares).map(|share| share + "%").unwrap_or_default();
        let width = percent(*count, if shares { ballots } else { largest }).unwrap_or_else(|| "0.0".to_owned());
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n\">{share}</td><td class=\"bar\" aria-hidden=\"true\"><span style=\"width:{width}%\"></span></td></tr>",
            option(options, *position),
            number(*count)
        )?;
    }
    end_table(out)
}

/// Instant run-off: the winner of each unit, and its rounds.
fn runoffs(out: &mut String, manifest: &Value, group: &Group<'_>) -> fmt::Result {
    for unit in group.units.iter().filter(|unit| field(unit, &["state"]) == "opened") {
        let winner = group.options.iter().find(|option| field(option, &["id"]) == field(unit, &["winner"]));
        let winner = winner.map_or("nobody".to_owned(), |winner| name(field(winner, &["title"])));
        writeln!(
            out,
            "<p><b>{winner}</b> wins in {} ({} ballots).</p>",
            districts(manifest, list(unit, &["districts"])),
            number(whole(unit, &["ballots"]))
        )?;
        let rounds = list(unit, &["rounds"]);
        writeln!(out, "<div class=\"wide\"><table><caption>Votes in each round</caption>\n<thead><tr><th scope=\"col\">Option</th>")?;
        (1..=rounds.len()).try_for_each(|round| writeln!(out, "<th scope=\"col\" class=\"n\">{round}</th>"))?;
        writeln!(out, "</tr></thead>\n<tbody>")?;
        for position in 0..group.options.len() {
            write!(out, "<tr><th scope=\"row\">{}</th>", option(group.options, position))?;
            for round in rounds {
                let count = round.as_array().and_then(|round| round.get(position)).and_then(Value::as_u64).unwrap_or(0);
                write!(out, "<td class=\"n\">{}</td>", text(&number(count)))?;
            }
            writeln!(out, "</tr>")?;
        }
        end_table(out)?;
    }
    Ok(())
}
