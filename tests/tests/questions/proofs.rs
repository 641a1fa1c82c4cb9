//! Every proof file that the verifier makes holds, and does not hold after any change.

use super::ask::{Record, chain, run};
use board::Entry;
use e2e::insider::{Item, town};
use serde_json::{Value, json};
use std::fs;

#[test]
fn each_answer_has_its_file() {
    let i = town::done();
    let record = Record::of(&i);
    let at = i.find(|e| matches!(e, Entry::Challenged { .. }))[0];
    let Entry::Challenged { opened } = i.entry(at) else { panic!() };
    let challenged = i.hash_of(&Item::Opened(opened));
    let (zero, one) = (chain(&i, 0), chain(&i, 1));
    for (hash, more, kind, status) in [
        (zero[1], vec![], "status", "counted"),
        (chain(&i, 3)[0], vec![], "status", "annulled"),
        (one[0], vec!["--trackers"], "status", "superseded"),
        (one[0], vec![], "inclusion", "in-the-log"),
        (challenged, vec![], "inclusion", "challenged"),
    ] {
        let name = hex::encode(hash);
        let args: Vec<&str> = [name.as_str()].into_iter().chain(more).collect();
        let (_, path, proof) = record.ask_proof("ballot", &args);
        let found = ["kind", "status", "ballot"].map(|f| proof.json[f].as_str().unwrap_or("").to_owned());
        assert_eq!(found, [kind, status, name.as_str()]);
        let last = if status == "superseded" { json!(hex::encode(one[2])) } else { json!(null) };
        assert_eq!(proof.json["last_ballot"], last);
        every_change_is_refused(&record, &path);
    }
    let name = hex::encode(i.voter(11));
    let (_, path, proof) = record.ask_proof("absence", &["--pseudonym", &name]);
    assert_eq!((&proof.json["status"], &proof.json["pseudonym"], &proof.json["ballot"]), (&json!("none"), &json!(name), &json!(null)));
    every_change_is_refused(&record, &path);
    // It holds for this election only, and for some election if none is named.
    let file = path.to_str().unwrap();
    assert_eq!(run(&["proof", file]).code, 3);
    let said = run(&["proof", file, "--election-id", &"0".repeat(64)]);
    assert_eq!((said.code, &said.json["rule"]), (1, &json!("PROOF-1")));
}

#[test]
fn a_file_of_a_log_that_goes_on_is_an_inclusion() {
    let i = town::closed();
    let record = Record::of(&i);
    for hash in [chain(&i, 0)[1], chain(&i, 3)[0], chain(&i, 0)[0]] {
        let (_, _, proof) = record.ask_proof("ballot", &[&hex::encode(hash), "--trackers"]);
        assert_eq!((&proof.json["kind"], &proof.json["status"]), (&json!("inclusion"), &json!("in-the-log")));
    }
    let path = record.beside("none.json");
    let said = record.ask("absence", &["--pseudonym", &hex::encode(i.voter(11)), "--proof", path.to_str().unwrap()]);
    assert!(said.json["proof"].is_null() && !path.exists());
}

/// Without `--trackers` neither answer nor file names another ballot of the voter.
#[test]
fn a_file_about_a_superseded_ballot_does_not_name_the_later_one() {
    let i = town::done();
    let record = Record::of(&i);
    let all = chain(&i, 1);
    let (said, path, _) = record.ask_proof("ballot", &[&hex::encode(all[0])]);
    let text = fs::read_to_string(path).unwrap() + &said.json.to_string();
    for later in &all[1..] {
        assert!(!text.contains(&hex::encode(later)));
    }
}

#[test]
fn files_that_cannot_be_read() {
    let record = Record::of(&town::new());
    let path = record.beside("file");
    let said = record.proof(&path);
    assert_eq!((said.code, said.verdict()), (2, "unreadable"));
    fs::File::create(&path).unwrap().set_len((64 << 20) + 1).unwrap();
    assert_eq!(record.proof(&path).code, 2);
    for text in ["", "{}", "[]", "null", "{\"haal\":1,\"kind\":\"status\"}", "\u{0}"] {
        fs::write(&path, text).unwrap();
        let said = record.proof(&path);
        assert_eq!((said.code, &said.json["rule"]), (1, &json!("PROOF-1")), "{text}");
    }
}

/// A file that cannot be written is said, and no answer passes for one with a file.
#[test]
fn a_file_that_cannot_be_written() {
    let i = town::done();
    let record = Record::of(&i);
    let said = record.ask("ballot", &[&hex::encode(chain(&i, 0)[1]), "--proof", "/no/such/folder/file"]);
    assert_eq!((said.code, said.verdict()), (2, "unreadable"));
}

/// Changes each value of the file, one at a time.
pub fn every_change_is_refused(record: &Record, path: &std::path::Path) {
    let good: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let mut places = Vec::new();
    walk(&good, String::new(), &mut places);
    assert!(places.len() > 12);
    let mut tried = 0;
    for place in places {
        for (what, changed) in changes(&place, good.pointer(&place).unwrap()) {
            let mut bad = good.clone();
            *bad.pointer_mut(&place).unwrap() = changed;
            fs::write(path, bad.to_string()).unwrap();
            let said = record.proof(path);
            assert_eq!((said.code, said.verdict()), (1, "does-not-hold"), "{place}: {what}: {said:?}");
            tried += 1;
        }
    }
    assert!(tried > 40, "{tried}");
    fs::write(path, good.to_string()).unwrap();
    assert_eq!(record.proof(path).code, 0);
}

/// Every place below a value, the value itself first.
fn walk(value: &Value, at: String, places: &mut Vec<String>) {
    places.push(at.clone());
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| walk(value, format!("{at}/{name}"), places)),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, value)| walk(value, format!("{at}/{n}"), places)),
        _ => {}
    }
}

fn changes(place: &str, value: &Value) -> Vec<(String, Value)> {
    let mut out = vec![("null".to_owned(), Value::Null), ("another type".to_owned(), json!(true))];
    match value {
        Value::Object(fields) => {
            for name in fields.keys() {
                let mut less = fields.clone();
                less.remove(name);
                out.push((format!("without {name}"), less.into()));
            }
            let mut more = fields.clone();
            more.insert("more".to_owned(), json!(0));
            out.push(("a field more".to_owned(), more.into()));
        }
        Value::Array(items) if !items.is_empty() => {
            out.push(("one less".to_owned(), items[1..].into()));
            out.push(("one more".to_owned(), items.iter().chain(&items[..1]).cloned().collect::<Vec<_>>().into()));
            out.push(("empty".to_owned(), json!([])));
        }
        // The number of lines is bound by the path's length alone, as the page says.
        Value::Number(n) if place.ends_with("/lines") => out.push(("twice as many".to_owned(), json!(n.as_u64().unwrap() * 2))),
        Value::Number(n) => out.push(("one more".to_owned(), json!(n.as_u64().unwrap() + 1))),
        Value::String(text) => {
            let letters: Vec<char> = text.chars().collect();
            // Every line of a checkpoint is hit, and both ends of everything.
            let lines = letters.iter().enumerate().filter(|(_, c)| **c == '\n').map(|(n, _)| n.saturating_sub(4));
            let mut at: Vec<usize> = lines.chain([0, letters.len() / 2, letters.len() - 1]).collect();
            at.sort_unstable();
            at.dedup();
            for n in at {
                let mut other = letters.clone();
                other[n] = match other[n] {
                    'a' => 'b',
                    '0' => '1',
                    c if c.is_ascii_alphanumeric() => 'a',
                    _ => '0',
                };
                out.push((format!("letter {n}"), other.into_iter().collect::<String>().into()));
            }
        }
        _ => {}
    }
    out
}
