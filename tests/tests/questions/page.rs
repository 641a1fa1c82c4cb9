//! The page for people (`check --html`) and the report as JSON: passed, failed, unreadable, unfinished.

use super::ask::Record;
use super::schema;
use ballot::manifest::Rule;
use board::Entry;
use e2e::insider::{Insider, Setup, town};
use e2e::web::Static;
use e2e::{lab, process};
use serde_json::Value;

/// Exit code, JSON, page.
fn check(record: &Record, place: &str, more: &[&str]) -> (i32, Value, String) {
    let path = record.beside("report.html");
    let mut args = vec!["check", place, "--quiet", "--json", "--html", path.to_str().unwrap()];
    args.extend(more);
    let said = process::run("verifier", &args).unwrap();
    let json: Value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {} {}", said.out, said.err));
    schema::check(&json);
    let page = std::fs::read_to_string(path).unwrap();
    well_formed(&page);
    harmless(&page);
    (said.code, json, page)
}

fn anchored(record: &Record) -> (i32, Value, String) {
    check(record, &record.path(), &["--election-id", &record.id])
}

/// Every element that is opened is closed, in order.
fn well_formed(page: &str) {
    let mut open: Vec<String> = Vec::new();
    let style = page.find("<style>").unwrap()..page.find("</style>").unwrap();
    let body = page[..style.start].to_owned() + &page[style.end + 8..];
    assert!(body.starts_with("<!doctype html>"));
    for part in body.split('<').skip(2) {
        let (tag, _) = part.split_once('>').unwrap_or_else(|| panic!("a tag that does not end: {part}"));
        let name = tag.split([' ', '\n']).next().unwrap();
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "near {part}");
        } else if !["meta", "br"].contains(&name) {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty(), "{open:?}");
    let ids: Vec<&str> = body.split(" id=\"").skip(1).map(|part| part.split('"').next().unwrap()).collect();
    let unique: std::collections::BTreeSet<&&str> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len());
}

/// No script, nothing from elsewhere, no character that turns or hides text.
fn harmless(page: &str) {
    for word in ["<script", "<img", "<link", "<iframe", "<form", "<object", "<base", "<svg"] {
        assert!(!page.contains(word), "{word}");
    }
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let tags = page.split('<').skip(1).map(|part| part.split('>').next().unwrap());
    for tag in tags.chain([style]) {
        for word in ["javascript:", "src=", "url(", "@import", "http:", "https:", "expression("] {
            assert!(!tag.contains(word), "{word} in {tag}");
        }
        assert!(!tag.split([' ', '\n']).any(|attribute| attribute.starts_with("on")), "{tag}");
    }
    assert!(!page.chars().any(|c| ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c) || c == '\u{200b}'));
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn a_passed_record() {
    let i = town::done();
    let record = Record::of(&i);
    let (code, json, page) = anchored(&record);
    assert_eq!((code, &json["verdict"]), (0, &Value::from("passed")));
    for wanted in [
        "<p class=\"word\">Passed</p>",
        "<bdi>Insiders</bdi>",
        "<b>10</b> of <b>12</b> people on the roll voted in this log: 83.3%",
        &record.id,
        json["log"]["root"].as_str().unwrap(),
        "20 of 24 checks passed, 4 skipped",
        "What no report like this proves",
        "ballots cast</dt><dd>13<",
        "superseded</dt><dd>3<",
        "annulled</dt><dd>1<",
        "counted</dt><dd>9<",
        "challenged</dt><dd>1<",
        "<bdi>trustee-3</bdi>",
        "<bdi>mixer-2</bdi>",
        "<bdi>witness-1</bdi>",
        "Voting begins",
        &format!("verifier check RECORD --election-id {} --html report.html", record.id),
        concat!("verifier ", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(page.contains(wanted), "no {wanted} in {page}");
    }
    // The counts of every opened unit add up to what the page says.
    let result: Value = serde_json::from_slice(&i.blobs[&i.blob_of(i.orders_of(board::OrderKind::Result)[0])]).unwrap();
    for contest in ["mayor", "council"] {
        let units = result["units"].as_array().unwrap().iter().filter(|u| u["contest"] == contest && u["state"] != "withheld");
        let mut sums = [0u64; 4];
        units.for_each(|u| (0..4).for_each(|c| sums[c] += u["counts"][c].as_u64().unwrap()));
        let section = page.split("<h3>").find(|s| s.starts_with(&format!("<bdi>{contest}"))).unwrap();
        for (c, sum) in sums.iter().enumerate() {
            let option = if contest == "mayor" && c == 3 { "<i>blank</i>".to_owned() } else { format!("<bdi>Option {}</bdi>", c + 1) };
            let row = format!("<th scope=\"row\">{option}</th><td class=\"n\">{sum}</td>");
            assert!(section.contains(&row), "no {row} in {section}");
        }
    }
}

#[test]
fn the_same_page_for_the_same_record() {
    let record = Record::of(&town::done());
    let (_, _, page) = anchored(&record);
    let copy = Record::of(&town::done());
    assert_ne!(copy.path(), record.path());
    for threads in ["1", "3"] {
        assert_eq!(check(&copy, &copy.path(), &["--election-id", &copy.id, "--threads", threads]).2, page);
    }
    assert_eq!(check(&copy, &Static::serve(copy.path().as_ref()).url, &["--election-id", &copy.id]).2, page);
}

#[test]
fn a_failed_record_shows_no_numbers_of_a_result() {
    // Everything about the count holds; one file is too many.
    let mut i = town::done();
    i.files.insert("extra<b>.txt".into(), Some(b"x".to_vec()));
    let (code, json, page) = anchored(&Record::of(&i));
    assert_eq!((code, &json["verdict"]), (1, &Value::from("failed")));
    assert!(page.contains("<p class=\"word\">Failed</p>") && page.contains("so it is not shown here"), "{page}");
    assert!(page.contains("<code>extra&lt;b&gt;.txt</code>") && page.contains("REC-1") && page.contains("href=\"#V3\""), "{page}");
    assert!(!page.contains("<h3><bdi>mayor</bdi></h3>") && !page.contains("What this proves"));
    // The closing entry is wrong: no result can be checked.
    let mut i = town::done();
    let at = i.find(|e| matches!(e, Entry::Closing { .. }))[0];
    i.edit(at, |e| {
        if let Entry::Closing { counted, .. } = e {
            counted[0] ^= 1
        }
    });
    let (code, _, page) = anchored(&Record::of(&i));
    assert!(code == 1 && page.contains("No result is shown") && page.contains("SET-4"));
    // Not even the manifest is one.
    let mut i = town::done();
    i.manifest_file = Some(b"{\"title\":\"<script>\"}".to_vec());
    let (code, _, page) = anchored(&Record::of(&i));
    assert!(code == 1 && page.contains("Election record</bdi>"));
}

#[test]
fn unfinished_not_anchored_and_unreadable() {
    let record = Record::of(&town::voted());
    let (code, json, page) = anchored(&record);
    assert_eq!((code, &json["verdict"]), (3, &Value::from("unfinished")));
    assert!(page.contains("Consistent so far") && page.contains("There is no result yet."));
    let record = Record::of(&town::done());
    let (code, json, page) = check(&record, &record.path(), &[]);
    assert_eq!((code, &json["verdict"]), (3, &Value::from("not-anchored")));
    assert!(page.contains("Consistent, but not anchored") && !page.contains("What this proves"));
    let (code, json, page) = check(&record, "/no/such/folder", &[]);
    assert_eq!((code, &json["verdict"]), (2, &Value::from("unreadable")));
    assert!(page.contains("<p class=\"word\">Unreadable</p>"));
    let said = process::run("verifier", ["check", &record.path(), "--quiet", "--html", "/no/such/folder/page.html"]).unwrap();
    assert!(said.code == 2 && said.err.contains("cannot be written"));
}

const HOSTILE: [&str; 4] =
    ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "&lt;b&gt; '--> </title></style>", "\u{5d0}\u{5d1} <b>"];

/// Names of candidates, parties, districts, contests and the election itself are what somebody typed.
fn hostile() -> Insider {
    let mut contest = lab::contest("mayor", Rule::Choose { min: 1, max: 1, blank: true }, 3);
    contest.title = HOSTILE[0].into();
    for (option, (title, group)) in contest.options.iter_mut().zip([(0, 1), (1, 0), (3, 2)]) {
        (option.1, option.2) = (HOSTILE[title].into(), HOSTILE[group].into());
    }
    let rank = lab::contest("rank", Rule::Rank { places: 2 }, 3);
    let mut description = Setup::new(vec![contest, rank], 2).description();
    description.title = HOSTILE[2].into();
    description.districts[0].title = HOSTILE[1].into();
    let mut i = Insider::new(ballot::Manifest::from_description(&description).unwrap());
    i.begin();
    let votes: Vec<_> = (0..8).map(|v| (v, vec![(0..4).map(|n| u32::from(n == v % 4)).collect(), vec![1 + v as u32 % 3, 0]])).collect();
    i.cast(&votes);
    i.end();
    i.fix();
    i.count();
    i
}

#[test]
fn hostile_names_are_shown_as_they_are() {
    let i = hostile();
    let (code, json, page) = anchored(&Record::of(&i));
    assert_eq!(code, 0, "{json:#}");
    for name in HOSTILE {
        let shown = name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;");
        assert!(page.contains(&format!("<bdi>{shown}</bdi>")), "{shown}");
    }
    assert!(page.contains("<title>Passed: &amp;lt;b&amp;gt;"), "{page}");
    assert!(page.contains(" wins in ") && page.contains("Votes in each round"));
}

/// What turns or hides text is refused in names (DEC-7), and is shown as a number where it stands in a failure.
#[test]
fn text_that_turns_around() {
    let mut i = town::done();
    i.files.insert("a\u{202e}b\u{200b}<script>.txt".into(), Some(b"x".to_vec()));
    let (code, _, page) = anchored(&Record::of(&i));
    assert!(code == 1 && page.contains("a\\u{202e}b\\u{200b}&lt;script&gt;.txt"), "{page}");
}

#[test]
fn findings_and_absent_members_are_named() {
    let mut i = town::mixed();
    i.intents_of(&[1, 2]);
    i.post(board::PostKind::Opening, 3, b"garbage");
    i.openings_of(&[1, 2]);
    i.result();
    let (code, _, page) = anchored(&Record::of(&i));
    assert_eq!(code, 0);
    assert!(page.contains("are listed below") && page.contains("<h3>Findings: ") && page.contains("DEC-6"), "{page}");
    let row = |name: &str| page.split("<tr>").find(|r| r.contains(&format!("<bdi>{name}</bdi>"))).unwrap().to_owned();
    assert!(row("trustee-3").contains("absent") && row("trustee-3").contains("state bad"), "{}", row("trustee-3"));
    assert!(!row("trustee-1").contains("absent") && !row("trustee-1").contains("state bad"), "{}", row("trustee-1"));
}
