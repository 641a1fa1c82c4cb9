//! The report as one page for people: no script, nothing from elsewhere, every word of the record escaped.
//! Spec: 12-verification, REPORT.

mod checks;
mod people;
mod result;

use crate::detail::Detail;
use crate::entry::OrderKind;
use crate::report::{Report, Verdict, printable};
use crate::utc;
use serde_json::Value;
use std::fmt::{self, Write as _};

const STYLE: &str = include_str!("html/style.css");

/// The page. It depends on nothing but the report.
pub fn page(report: &Report) -> String {
    let mut out = String::new();
    let _ = write_page(&mut out, report);
    out
}

/// Text that comes from a record: it may hold anything.
fn text(text: &str) -> String {
    let mut out = String::new();
    for c in printable(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A name that may run from right to left, and must not turn what stands around it.
fn name(name: &str) -> String {
    format!("<bdi>{}</bdi>", text(name))
}

/// A number with thin gaps between thousands.
fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && digits.len().saturating_sub(position).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// `part` of `whole` in per cent with one decimal, rounded half up; nothing of nothing.
fn percent(part: u64, whole: u64) -> Option<String> {
    let tenths = (u128::from(part) * 2000 + u128::from(whole)).checked_div(u128::from(whole) * 2)?;
    Some(format!("{}.{}", tenths / 10, tenths % 10))
}

fn field<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    path.iter().try_fold(value, |value, name| value.get(name)).and_then(Value::as_str).unwrap_or("")
}

fn list<'a>(value: &'a Value, path: &[&str]) -> &'a [Value] {
    path.iter().try_fold(value, |value, name| value.get(name)).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn whole(value: &Value, path: &[&str]) -> u64 {
    path.iter().try_fold(value, |value, name| value.get(name)).and_then(Value::as_u64).unwrap_or(0)
}

/// Word, class and sentence of a verdict.
fn verdict(verdict: Verdict) -> (&'static str, &'static str, &'static str) {
    match verdict {
        Verdict::Passed => (
            "Passed",
            "good",
            "Everything in this record was computed again, and all of it fits: the result below is what the ballots in the log give.",
        ),
        Verdict::Failed => (
            "Failed",
            "bad",
            "Something in this record is not as it must be. Do not rely on it, nor on any number that is said to come from it, before the \
             failures below are explained.",
        ),
        Verdict::Unreadable => ("Unreadable", "bad", "There is no record that could be read, so nothing was checked."),
        Verdict::NotAnchored => (
            "Consistent, but not anchored",
            "wary",
            "This record contradicts itself nowhere. But nobody said which election it must be, so it could be that of another one: check it \
             again with the election id from a source that you trust.",
        ),
        Verdict::Unfinished => (
            "Consistent so far",
            "wary",
            "Nothing is wrong in this record as far as it goes, but the election is not finished, and there is no result yet.",
        ),
    }
}

fn write_page(out: &mut String, report: &Report) -> fmt::Result {
    let detail = &report.detail;
    let title = detail.manifest.as_ref().map_or("", |manifest| field(manifest, &["title"]));
    let shown = if title.is_empty() { "Election record" } else { title };
    let (word, class, sentence) = verdict(report.verdict);
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">")?;
    writeln!(out, "<meta name=\"referrer\" content=\"no-referrer\">\n<title>{word}: {}</title>", text(shown))?;
    writeln!(out, "<style>\n{STYLE}</style>\n</head>\n<body>\n<main>")?;
    writeln!(out, "<header><p class=\"kind\">Report on an election record</p>\n<h1>{}</h1>", name(shown))?;
    if detail.manifest.as_ref().is_some_and(|manifest| field(manifest, &["kind"]) == "practice") {
        writeln!(out, "<p class=\"kind\">A practice election: its ballots count for nothing.</p>")?;
    }
    writeln!(out, "</header>\n<section class=\"verdict {class}\" aria-label=\"Verdict\">")?;
    writeln!(out, "<p class=\"word\">{word}</p>\n<p>{sentence}</p>")?;
    if report.verdict == Verdict::Unreadable {
        return writeln!(out, "<p>{}</p>\n</section>\n{}</main>\n</body>\n</html>", text(&report.reason), repeat(report));
    }
    checks::in_short(out, report)?;
    writeln!(out, "</section>")?;
    proves(out, report)?;
    turnout(out, report)?;
    result::write(out, report)?;
    compare(out, report)?;
    checks::write(out, report)?;
    people::write(out, report)?;
    people::timeline(out, detail)?;
    out.push_str(&repeat(report));
    writeln!(out, "</main>\n</body>\n</html>")
}

/// What the verdict means, and what no record can show.
fn proves(out: &mut String, report: &Report) -> fmt::Result {
    writeln!(out, "<section class=\"two\">")?;
    if report.verdict == Verdict::Passed {
        writeln!(out, "<div><h2>What this proves</h2>\n<ul>")?;
        for item in [
            "The log is whole, and signed by the collector and every witness: nothing in it was changed, added or taken out since.",
            "Every counted ballot holds a choice that the rules allow, stands under a name of the roll, and is that voter's last one.",
            "The ballots were mixed and opened correctly by the trustees that were needed, and counting them again gives this result.",
        ] {
            writeln!(out, "<li>{item}</li>")?;
        }
        writeln!(out, "</ul></div>")?;
    }
    writeln!(out, "<div><h2>What no report like this proves</h2>\n<ul>")?;
    let names = if report.detail.evidence {
        "That the people on the roll are entitled and alive, or that a list of struck-out ballots is founded: those are matters of paper."
    } else {
        "Who voted: names in the record are pseudonyms. Accredited auditors check the voters' signatures with restricted evidence, which was not \
         given here. Nor that the people on the roll are entitled and alive, or that a list of struck-out ballots is founded."
    };
    for item in [
        "That a voter's device encrypted what the voter chose. Test ballots (challenges) and checks on a second device show that.",
        names,
        "That nobody was turned away, watched or pressed, or that votes stay secret: secrecy rests on the trustees and mixers, and on mathematics \
         that must hold as long as copies of this record exist.",
        "That you were shown the same log as everybody else. Compare the two lines below.",
    ] {
        writeln!(out, "<li>{item}</li>")?;
    }
    writeln!(out, "</ul></div>\n</section>")
}

fn turnout(out: &mut String, report: &Report) -> fmt::Result {
    let s = &report.summary;
    if s.roll == 0 && s.voters == 0 {
        return Ok(());
    }
    writeln!(out, "<section><h2>Voters and ballots</h2>")?;
    if report.verdict == Verdict::Failed {
        writeln!(out, "<p class=\"note\">As this record states them; it failed, so do not rely on these numbers.</p>")?;
    }
    if report.detail.orders.iter().any(|order| order.1 == OrderKind::Amend) {
        // Who voted may stand on the roll no more, so there is no share.
        let sentence =
            format!("<b>{}</b> people voted in this log; <b>{}</b> stood on the roll at its end.", number(s.voters), number(s.roll));
        writeln!(out, "<p>{sentence}</p>")?;
    } else if let Some(share) = percent(s.voters, s.roll) {
        let sentence = format!("<b>{}</b> of <b>{}</b> people on the roll voted in this log: {share}%", number(s.voters), number(s.roll));
        writeln!(out, "<p>{sentence}</p>\n<p class=\"track\" aria-hidden=\"true\"><span style=\"width:{share}%\"></span></p>")?;
    }
    writeln!(out, "<dl class=\"numbers\">")?;
    for (n, what, meaning) in [
        (s.ballots, "ballots cast", "with those of people who voted again"),
        (s.superseded, "superseded", "the voter cast a later one"),
        (s.annulled, "annulled", "the voter voted on paper, or the committee decided so"),
        (s.counted, "counted", "one for each voter who is left"),
        (s.challenged, "challenged", "opened to test the voting program; never counted"),
    ] {
        writeln!(out, "<div><dt>{what}</dt><dd>{}<small>{meaning}</small></dd></div>", number(n))?;
    }
    writeln!(out, "</dl>\n</section>")
}

fn compare(out: &mut String, report: &Report) -> fmt::Result {
    writeln!(out, "<section><h2>Compare these two lines</h2>")?;
    writeln!(
        out,
        "<p>If you see the same as others, you all looked at the same election and the same log. The election id must be that of the \
         printed announcement. The root must be the one that other observers, the parties and the witnesses have for this number of \
         entries.</p>\n<dl class=\"lines\">"
    )?;
    writeln!(out, "<dt>Election id</dt><dd><code>{}</code></dd>", text(&report.election))?;
    writeln!(out, "<dt>Root of the log of {} entries</dt><dd><code>{}</code></dd></dl>", number(report.log.size), text(&report.log.root))?;
    writeln!(out, "</section>")
}

/// How anybody repeats it.
fn repeat(report: &Report) -> String {
    let evidence = if report.detail.evidence { " --evidence EVIDENCE" } else { "" };
    let id = if report.election.is_empty() { "ELECTION-ID" } else { &report.election };
    format!(
        "<section><h2>Do it yourself</h2>\n<p>Anybody can repeat this with a copy of the record, or its address in place of RECORD; the page that comes \
         out is the same, byte for byte.</p>\n<pre><code>verifier check RECORD --election-id {}{evidence} --html report.html</code></pre>\n<p>Made by \
         verifier {} after specs/12-verification/v1.0.0.</p>\n</section>\n",
        text(id),
        env!("CARGO_PKG_VERSION")
    )
}

/// A moment, for a table.
fn time(seconds: u64) -> String {
    format!("<time>{}</time>", text(&utc::show(seconds)))
}

/// A table's beginning: caption and headings; the class of a column of numbers is `n`.
fn table(out: &mut String, caption: &str, columns: &[(&str, bool)]) -> fmt::Result {
    writeln!(out, "<div class=\"wide\"><table><caption>{caption}</caption>\n<thead><tr>")?;
    for (column, is_number) in columns {
        writeln!(out, "<th scope=\"col\"{}>{column}</th>", if *is_number { " class=\"n\"" } else { "" })?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")
}

fn end_table(out: &mut String) -> fmt::Result {
    writeln!(out, "</tbody></table></div>")
}

/// Members of a role, by name.
fn members<'a>(detail: &'a Detail, role: &str) -> Vec<&'a str> {
    let manifest = detail.manifest.as_ref();
    manifest.map_or(&[][..], |manifest| list(manifest, &[role, "members"])).iter().map(|member| field(member, &["name"])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_words_stay_words() {
        assert_eq!(text("<script>alert(\"x\")</script>&'"), "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;");
        assert_eq!(text("a\u{202e}b\u{200b}\n"), "a\\u{202e}b\\u{200b}\\u{a}");
        assert_eq!(name("\u{5d0}"), "<bdi>\u{5d0}</bdi>");
    }

    #[test]
    fn numbers() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(percent(1, 3).unwrap(), "33.3");
        assert_eq!(percent(2, 3).unwrap(), "66.7");
        assert_eq!(percent(1, 2000).unwrap(), "0.1");
        assert_eq!(percent(u64::MAX, u64::MAX).unwrap(), "100.0");
        assert_eq!(percent(0, 0), None);
    }
}
