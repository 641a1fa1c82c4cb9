//! No key is missing, none is left over, no text stands outside the language files.

use super::*;
use fluent_bundle::FluentResource;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Keys and the variables that their sentences take.
fn keys(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    let mut last = String::new();
    FluentResource::try_new(lang.source().to_owned()).unwrap_or_else(|(_, errors)| panic!("{lang:?}: {errors:?}"));
    for line in lang.source().lines().filter(|line| !line.starts_with('#')) {
        if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with([' ', '}'])) {
            last = key.to_owned();
            assert!(found.insert(last.clone(), BTreeSet::new()).is_none(), "{lang:?}: {key} is there twice");
        }
        let variables = line.split('$').skip(1).map(|rest| rest.split([' ', '}']).next().unwrap_or_default().to_owned());
        found.entry(last.clone()).or_default().extend(variables);
    }
    found.remove("");
    found
}

fn files(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|item| item.unwrap().path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(ending) && !path.to_string_lossy().ends_with("_tests.rs"));
    files.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// Every word in quotes of code and templates that could be a key, and those that are put together.
fn used() -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (_, text) in files("templates", ".html").into_iter().chain(files("src/page", ".rs")) {
        used.extend(text.split('"').map(str::to_owned));
    }
    for name in super::super::trouble::NAMES {
        used.insert(format!("trouble-{name}"));
        used.insert(format!("trouble-{name}-next"));
    }
    for means in crate::eid::MEANS {
        used.insert(format!("means-{}", means.name));
        used.insert(format!("means-{}-help", means.name));
        let asked = means.inputs.iter().filter(|input| input.kind != crate::eid::InputKind::Setting);
        used.extend(asked.map(|input| format!("input-{}", input.name)));
    }
    used
}

#[test]
fn every_language_has_every_sentence_with_the_same_variables() {
    let english = keys(Lang::En);
    assert!(english.len() > 200);
    for lang in Lang::ALL {
        let own = keys(lang);
        let missing: Vec<&String> = english.keys().filter(|key| !own.contains_key(*key)).collect();
        let more: Vec<&String> = own.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(missing.is_empty() && more.is_empty(), "{lang:?} misses {missing:?} and has {more:?} beyond English");
        for (key, variables) in &english {
            assert_eq!(own.get(key), Some(variables), "{lang:?}: the variables of {key}");
        }
    }
}

#[test]
fn translations_are_not_the_english_text() {
    let sentence = |lang: Lang, key: &str| lang.plain(key);
    for lang in Lang::ALL.into_iter().filter(|lang| *lang != Lang::En) {
        let same: Vec<String> = keys(Lang::En).into_keys().filter(|key| sentence(lang, key) == sentence(Lang::En, key)).collect();
        let names = ["when", "pin1", "pin2", "means-smart-id", "means-mobile-id", "means-web-eid"];
        let left: Vec<&String> = same.iter().filter(|key| !names.contains(&key.as_str())).collect();
        assert!(left.is_empty(), "{lang:?} says in English: {left:?}");
    }
}

#[test]
fn every_key_that_is_used_exists_and_none_is_left_over() {
    let known = keys(Lang::En);
    let used = used();
    // Means that are built only with some features, or come later, may have their words already.
    let of_means = |key: &str| key.starts_with("means-") || key.starts_with("input-");
    let left: Vec<&String> = known.keys().filter(|key| !used.contains(*key) && !of_means(key)).collect();
    assert!(left.is_empty(), "nobody says: {left:?}");
    for (path, text) in files("templates", ".html").into_iter().chain(files("src/page", ".rs")) {
        for opener in ["say(\"", "say_n(\"", "say_of(\"", "say_name(\"", "plain(\""] {
            for rest in text.split(opener).skip(1) {
                let key = rest.split('"').next().unwrap();
                assert!(known.contains_key(key), "{}: there is no text `{key}`", path.display());
            }
        }
    }
    for name in super::super::trouble::NAMES {
        assert!(known.contains_key(&format!("trouble-{name}")) && known.contains_key(&format!("trouble-{name}-next")), "{name}");
    }
    for key in used.iter().filter(|key| key.starts_with("means-") || key.starts_with("input-") || key.starts_with("wait-")) {
        assert!(known.contains_key(key) || key.ends_with('-') || key.contains('{'), "there is no text `{key}`");
    }
}

/// Whatever is left of a template without its expressions and tags has no letters, and no attribute that people see is written out.
#[test]
fn no_template_has_a_text_of_its_own() {
    for (path, text) in files("templates", ".html") {
        let parts: Vec<&str> = text.split("{% block from %}").collect(); // an address
        let text: String =
            parts.iter().enumerate().map(|(i, p)| if i == 0 { p } else { p.split_once("{% endblock %}").unwrap().1 }).collect();
        let mut rest = String::new();
        let mut depth = 0;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match (c, chars.peek()) {
                ('{', Some('{' | '%')) => depth += 1,
                ('}' | '%', Some('}')) if depth > 0 => {
                    chars.next();
                    depth -= 1;
                }
                _ if depth == 0 => rest.push(c),
                _ => {}
            }
        }
        for attribute in ["aria-label=\"", "placeholder=\"", "title=\"", "alt=\"", "data-text=\"", "data-full=\"", "data-count=\""] {
            for value in rest.split(attribute).skip(1) {
                let value = value.split('"').next().unwrap();
                assert!(!value.chars().any(char::is_alphabetic), "{}: {attribute}{value}", path.display());
            }
        }
        let mut outside = String::new();
        let mut tag = false;
        rest.chars().for_each(|c| match c {
            '<' => tag = true,
            '>' => tag = false,
            c if !tag => outside.push(c),
            _ => {}
        });
        assert!(!outside.chars().any(char::is_alphabetic), "{}: {}", path.display(), outside.trim());
    }
}

#[test]
fn the_browsers_language_is_taken() {
    assert_eq!(Lang::from_browser("et-EE,et;q=0.9,en;q=0.8"), Lang::Et);
    assert_eq!(Lang::from_browser("de-DE,de;q=0.9,uk;q=0.3,ru;q=0.5"), Lang::Ru);
    assert_eq!(Lang::from_browser("en;q=0.1, lv"), Lang::Lv);
    assert_eq!(Lang::from_browser("fr"), Lang::En);
    assert_eq!(Lang::from_browser(""), Lang::En);
    assert_eq!(Lang::from_browser(";;q=,q=x;,"), Lang::En);
}

#[test]
fn names_are_isolated_and_plurals_are_right() {
    let ranked = |lang: Lang| lang.say("notice-ranked", &[("name", Arg::Text("مريم")), ("n", Arg::Number(2))]);
    assert!(ranked(Lang::Et).contains("\u{2068}مريم\u{2069}"), "{}", ranked(Lang::Et));
    let days = |lang: Lang, n| lang.say("span-days", &[("n", Arg::Number(n))]);
    assert_eq!([1, 2, 5, 21].map(|n| days(Lang::Ru, n)), ["1 день", "2 дня", "5 дней", "21 день"]);
    assert_eq!([1, 3, 11].map(|n| days(Lang::Uk, n)), ["1 день", "3 дні", "11 днів"]);
    assert_eq!([0, 1, 2, 11, 21].map(|n| days(Lang::Lv, n)), ["0 dienu", "1 diena", "2 dienas", "11 dienu", "21 diena"]);
    assert_eq!([1, 2].map(|n| days(Lang::Et, n)), ["1 päev", "2 päeva"]);
}

/// The static page for a second device (voter-app/check) has the same languages, each with every sentence, none left over.
#[test]
fn the_page_for_a_second_device_has_every_sentence_in_every_language() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("check/page");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let words = |lang: Lang| -> BTreeMap<String, String> {
        let value: serde_json::Value = serde_json::from_str(&read(&format!("words.{}.json", lang.code()))).unwrap();
        let mut words = BTreeMap::new();
        for (key, value) in value.as_object().unwrap() {
            match value.as_object() {
                Some(rules) => words.extend(rules.iter().map(|(rule, text)| (format!("{key}.{rule}"), text.as_str().unwrap().to_owned()))),
                None => drop(words.insert(key.clone(), value.as_str().unwrap().to_owned())),
            }
        }
        words
    };
    let english = words(Lang::En);
    assert!(english.len() > 30);
    for lang in Lang::ALL {
        let own = words(lang);
        assert_eq!(own.keys().collect::<Vec<_>>(), english.keys().collect::<Vec<_>>(), "{lang:?}");
        for (key, text) in &own {
            assert!(!text.is_empty() && (lang == Lang::En || text != &english[key]), "{lang:?}: {key} is empty or English");
        }
        let offered = format!("{}: \"{}\"", lang.code(), lang.plain("language-name"));
        assert!(read("check.js").contains(&offered), "the page offers {offered}");
    }
    let files = fs::read_dir(&folder).unwrap().filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().starts_with("words."));
    assert_eq!(files.count(), Lang::ALL.len());
    let ends = |rest: &str| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap().to_owned();
    let (html, script) = (read("index.html"), read("check.js"));
    let mut used: BTreeSet<String> = html.split("data-words=\"").skip(1).chain(script.split("words.").skip(1)).map(ends).collect();
    used.remove(""); // the name of a file with words
    assert!(used.remove("rules") && used.contains("good") && used.contains("title"));
    let known: BTreeSet<String> = english.keys().filter(|key| !key.starts_with("rules.")).cloned().collect();
    assert_eq!(used, known, "what is said, and what there are words for");
    for rule in ["1", "2", "9", "10", "11", "12", "13", "14"] {
        assert!(english.contains_key(&format!("rules.CHECK-{rule}")), "CHECK-{rule}");
    }
}
