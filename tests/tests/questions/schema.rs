//! Holds JSON against `specs/report.schema.json`. It knows the few words that the schema uses, and stops at any other.

use serde_json::Value;
use std::sync::LazyLock;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../specs/report.schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
});

/// What a program printed.
pub fn check(value: &Value) {
    if let Err(wrong) = valid(&SCHEMA, value, "") {
        panic!("{wrong}\n{value:#}");
    }
}

fn valid(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    for (word, wanted) in schema.as_object().unwrap() {
        let good = match word.as_str() {
            "$schema" | "$defs" | "title" | "description" | "required" | "additionalProperties" => true,
            "$ref" => {
                let name = wanted.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                valid(&SCHEMA["$defs"][name], value, at)?;
                assert!(SCHEMA["$defs"][name].is_object(), "{name}");
                true
            }
            "oneOf" => {
                let tries: Vec<_> = wanted.as_array().unwrap().iter().map(|schema| valid(schema, value, at)).collect();
                if tries.iter().filter(|t| t.is_ok()).count() != 1 {
                    return Err(format!("{at}: not one of these: {tries:#?}"));
                }
                true
            }
            "type" => match wanted.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "integer" => value.is_u64(),
                "null" => value.is_null(),
                other => panic!("unknown type {other}"),
            },
            "const" => value == wanted,
            "enum" => wanted.as_array().unwrap().contains(value),
            "minLength" => value.as_str().is_none_or(|s| s.chars().count() as u64 >= wanted.as_u64().unwrap()),
            "maxItems" => value.as_array().is_none_or(|a| a.len() as u64 <= wanted.as_u64().unwrap()),
            "minimum" => value.as_u64().is_none_or(|n| n >= wanted.as_u64().unwrap()),
            "maximum" => value.as_u64().is_none_or(|n| n <= wanted.as_u64().unwrap()),
            "pattern" => value.as_str().is_none_or(|s| fits(wanted.as_str().unwrap(), s)),
            "items" => {
                for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                    valid(wanted, item, &format!("{at}[{i}]"))?;
                }
                true
            }
            "properties" => {
                let Some(fields) = value.as_object() else { continue };
                let named = wanted.as_object().unwrap();
                assert_eq!(schema["additionalProperties"], false, "the schema lets unknown fields pass: {at}");
                assert_eq!(schema["required"].as_array().unwrap().len(), named.len(), "the schema lets fields miss: {at}");
                for (name, schema) in named {
                    let field = fields.get(name).ok_or_else(|| format!("{at}: no field {name}"))?;
                    valid(schema, field, &format!("{at}.{name}"))?;
                }
                if let Some(extra) = fields.keys().find(|name| !named.contains_key(*name)) {
                    return Err(format!("{at}: the field {extra} is not in the schema"));
                }
                true
            }
            other => panic!("the schema says {other}, which this checker does not know"),
        };
        if !good {
            return Err(format!("{at}: {value} does not fit {word} {wanted}"));
        }
    }
    Ok(())
}

/// The patterns that the schema has.
fn fits(pattern: &str, text: &str) -> bool {
    let hex = |s: &str| s.len() == 64 && s.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let number = |s: &str| s.parse::<u32>().is_ok_and(|n| n.to_string() == s).then(|| s.parse::<u32>().unwrap());
    let of = |prefix: &str| text.strip_prefix(prefix).and_then(number);
    match pattern {
        "^[0-9a-f]{64}$" => hex(text),
        "^([0-9a-f]{64})?$" => text.is_empty() || hex(text),
        "^([a-z2-7]{4}-){5}[a-z2-7]{4}$" => {
            let groups: Vec<&str> = text.split('-').collect();
            let letter = |b: u8| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b);
            groups.len() == 6 && groups.iter().all(|g| g.len() == 4 && g.bytes().all(letter))
        }
        "^[A-Z]+-[0-9]+$" => text.split_once('-').is_some_and(|(a, b)| {
            !a.is_empty() && a.bytes().all(|c| c.is_ascii_uppercase()) && !b.is_empty() && b.bytes().all(|c| c.is_ascii_digit())
        }),
        "^V([1-9]|1[0-9]|2[0-4])$" => of("V").is_some_and(|n| (1..=24).contains(&n)),
        "^(ASK-([5-9]|10))?$" => text.is_empty() || of("ASK-").is_some_and(|n| (5..=10).contains(&n)),
        "^(PROOF-[1-6])?$" => text.is_empty() || of("PROOF-").is_some_and(|n| (1..=6).contains(&n)),
        other => panic!("unknown pattern {other}"),
    }
}

/// The checker finds what does not fit: a schema that nobody enforces would be worth nothing.
#[test]
fn what_does_not_fit_is_found() {
    let good = serde_json::json!({
        "haal": 1, "election": "", "verdict": "unreadable", "reason": "x", "log": {"size": 0, "root": ""}, "checks": [],
        "summary": {"roll": 0, "voters": 0, "ballots": 0, "challenged": 0, "superseded": 0, "annulled": 0, "counted": 0, "units": 0}
    });
    check(&good);
    for (at, value) in [
        ("/haal", serde_json::json!(2)),
        ("/verdict", serde_json::json!("good")),
        ("/election", serde_json::json!("AB")),
        ("/log/size", serde_json::json!(-1)),
        ("/log/size", serde_json::json!("0")),
        ("/log", serde_json::json!({"size": 0})),
        ("/log", serde_json::json!({"size": 0, "root": "", "more": 1})),
        ("/checks", serde_json::json!([{}])),
        ("/summary/roll", serde_json::json!(null)),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(at).unwrap() = value.clone();
        assert!(valid(&SCHEMA, &bad, "").is_err(), "{at} {value}");
    }
    let mut more = good;
    more["more"] = serde_json::json!(1);
    assert!(valid(&SCHEMA, &more, "").is_err());
}
