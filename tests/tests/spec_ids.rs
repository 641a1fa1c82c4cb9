//! A rule lives once, in `specs/`: every ID that the code cites is defined there, and every rule is cited by some code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const PREFIXES: [&str; 28] = [
    "DEC", "SIG", "MAN", "ORD", "PHASE", "SHAPE", "BIT", "POK", "EQ", "KEY", "DRILL", "BAL", "CHAL", "ROLL", "ANN", "LOGIN", "ENV", "DOC",
    "CAST", "VOTER", "LOG", "ENTRY", "MIX", "SET", "UNIT", "OPEN", "COMBINE", "COUNT",
];

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for item in std::fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found
}

/// IDs in a text: a known prefix, a hyphen, digits, and no word character on either side.
fn ids(text: &str) -> BTreeSet<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let more = [
        "DECODE", "REC", "EVID", "HTTP", "ASK", "PROOF", "FOLLOW", "WIT", "MIRROR", "COMPARE", "CACHE", "CHECK", "OCSP", "TSP", "GATE",
        "XROAD", "USAGE", "KEEP",
    ];
    let prefixes: BTreeSet<&str> = PREFIXES.into_iter().chain(more).collect();
    text.split(|c: char| !word(c))
        .filter(|w| {
            let Some((prefix, number)) = w.rsplit_once('-') else { return false };
            prefixes.contains(prefix) && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
        })
        .map(str::to_owned)
        .collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn defined() -> BTreeSet<String> {
    files(&root().join("specs"), "md")
        .iter()
        .filter(|p| !p.ends_with("vectors/README.md"))
        .flat_map(|p| ids(&std::fs::read_to_string(p).unwrap()))
        .collect()
}

fn cited(folder: &str) -> BTreeMap<String, PathBuf> {
    let mut cited = BTreeMap::new();
    for path in files(&root().join(folder), "rs") {
        for id in ids(&std::fs::read_to_string(&path).unwrap()) {
            cited.entry(id).or_insert_with(|| path.clone());
        }
    }
    cited
}

/// Rows of tables that begin with an ID define it.
#[test]
fn every_rule_stands_once() {
    let mut seen = BTreeMap::new();
    for path in files(&root().join("specs"), "md") {
        for line in std::fs::read_to_string(&path).unwrap().lines().filter(|line| line.starts_with("| ")) {
            let first = line.split('|').nth(1).unwrap().trim();
            if ids(first).contains(first) {
                let other = seen.insert(first.to_owned(), path.clone());
                assert!(other.is_none(), "{first} stands in {} and in {}", path.display(), other.unwrap().display());
            }
        }
    }
    assert!(seen.len() > 120, "{}", seen.len());
}

#[test]
fn every_cited_rule_is_defined() {
    let defined = defined();
    assert!(defined.len() > 120, "{}", defined.len());
    let unknown: Vec<_> =
        ["voter-app", "collector", "tally", "verifier"].into_iter().flat_map(cited).filter(|(id, _)| !defined.contains(id)).collect();
    assert!(unknown.is_empty(), "cited, but defined nowhere: {unknown:?}");
}

#[test]
fn every_rule_that_the_verifier_must_enforce_is_in_its_code() {
    let page = std::fs::read_to_string(root().join("specs/12-verification.md")).unwrap();
    let cited = cited("verifier/src");
    let mut missing = Vec::new();
    for line in page.lines().filter(|l| l.starts_with("| V")) {
        let rules = line.rsplit('|').nth(1).unwrap_or("");
        for item in rules.split(',') {
            let named = ids(item);
            // "LOG-1 … LOG-6" names all between.
            let both: Vec<&String> = named.iter().collect();
            let all: Vec<String> = match both[..] {
                [a, b] if item.contains('…') => {
                    let number = |s: &str| s.rsplit_once('-').and_then(|(_, n)| n.parse::<u32>().ok()).unwrap();
                    let prefix = a.rsplit_once('-').unwrap().0;
                    let (low, high) = (number(a).min(number(b)), number(a).max(number(b)));
                    (low..=high).map(|n| format!("{prefix}-{n}")).collect()
                }
                _ => named.iter().cloned().collect(),
            };
            missing.extend(all.into_iter().filter(|id| !cited.contains_key(id)));
        }
    }
    assert!(missing.is_empty(), "specs/12 asks for rules that the verifier never names: {missing:?}");
}
