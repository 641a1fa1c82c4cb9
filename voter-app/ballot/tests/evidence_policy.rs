//! What a manifest may ask of certificates and time stamps. Spec: 03-manifest MAN-2, MAN-3, MAN-14, MAN-16; 07c-evidence.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use ballot::manifest::{Manifest, Rule};
use common::sample;
use serde_json::{Value, json};

/// The rule that a manifest with this `eid` breaks; nothing if it is right.
fn broken(change: impl FnOnce(&mut Value)) -> Option<&'static str> {
    let manifest = sample(&[(Rule::Approve {}, 2)]).manifest;
    let mut value: Value = serde_json::from_slice(manifest.bytes()).unwrap();
    let eid = &mut value["eid"];
    eid["policies"] = json!(["0.4.0.194112.1.2", "2.16.840"]);
    eid["ocsp"] = json!({ "age": 3600, "clock": 60, "nonce": true });
    eid["stamp"] = json!({ "anchors": ["MIIB"], "clock": 60, "policies": ["1.2.3"], "seconds": 600 });
    change(eid);
    let bytes = serde_json_canonicalizer::to_vec(&value).unwrap();
    match Manifest::from_bytes(&bytes) {
        Ok(read) => {
            assert_eq!(read.bytes(), bytes);
            assert_eq!(Manifest::from_description(read.description()).unwrap().bytes(), bytes, "written as it was read");
            None
        }
        Err(error) => Some(error.rule()),
    }
}

#[test]
fn each_field_may_be_left_out() {
    assert_eq!(broken(|_| ()), None);
    for field in ["policies", "ocsp", "stamp"] {
        assert_eq!(broken(|eid| drop(eid.as_object_mut().unwrap().remove(field))), None);
        assert_eq!(broken(|eid| eid[field] = Value::Null), Some("MAN-2"), "{field} is null");
        assert_eq!(broken(|eid| eid[field] = json!(1)), Some("MAN-2"), "{field} is a number");
    }
    assert_eq!(broken(|eid| eid["crl"] = json!({})), Some("MAN-2"));
}

#[test]
fn what_is_there_is_whole() {
    for (object, fields) in [("ocsp", &["age", "clock", "nonce"][..]), ("stamp", &["anchors", "clock", "policies", "seconds"])] {
        for field in fields {
            assert_eq!(broken(|eid| drop(eid[object].as_object_mut().unwrap().remove(*field))), Some("MAN-2"), "{object}.{field}");
        }
        assert_eq!(broken(|eid| eid[object]["more"] = json!(1)), Some("MAN-2"));
    }
    assert_eq!(broken(|eid| eid["ocsp"]["nonce"] = json!(1)), Some("MAN-2"));
}

#[test]
fn numbers_are_in_their_range() {
    for (object, field, least, most) in
        [("ocsp", "age", 1, 864_000), ("ocsp", "clock", 10, 600), ("stamp", "seconds", 10, 86_400), ("stamp", "clock", 10, 600)]
    {
        for (value, expected) in [(least, None), (most, None), (least - 1, Some("MAN-3")), (most + 1, Some("MAN-3"))] {
            assert_eq!(broken(|eid| eid[object][field] = json!(value)), expected, "{object}.{field} {value}");
        }
    }
}

#[test]
fn policies_are_dotted_oids() {
    let many = |n: usize| (0..n).map(|i| format!("1.2.{i}")).collect::<Vec<_>>();
    let long = |n: usize| format!("1.2{}", ".3".repeat(n));
    for (list, right) in [
        (json!(many(1)), true),
        (json!(many(16)), true),
        (json!(many(17)), false),
        (json!([]), false),
        (json!(["1.2.3", "1.2.3"]), false),
        (json!([long(18)]), true),
        (json!([long(19)]), false),
        (json!(["2.39"]), true),
        (json!(["2.40"]), false),
        (json!(["3.1"]), false),
        (json!(["1"]), false),
        (json!([""]), false),
        (json!(["1.2."]), false),
        (json!(["1..2"]), false),
        (json!(["1.02"]), false),
        (json!(["1.+2"]), false),
        (json!(["1.2.4294967295"]), true),
        (json!(["1.2.4294967296"]), false),
        (json!(["1.2.4294967295.4294967295.4294967295.4294967295.4294967295.12345"]), true),
        (json!(["1.2.4294967295.4294967295.4294967295.4294967295.4294967295.123456"]), false),
    ] {
        let expected = if right { None } else { Some("MAN-16") };
        assert_eq!(broken(|eid| eid["policies"] = list.clone()), expected, "{list}");
        assert_eq!(broken(|eid| eid["stamp"]["policies"] = list.clone()), expected, "{list}");
    }
}

#[test]
fn anchors_of_stamps_are_like_the_others() {
    for list in [json!([]), json!(["MIIB", "MIIB"]), json!(["????"])] {
        assert_eq!(broken(|eid| eid["stamp"]["anchors"] = list.clone()), Some("MAN-14"), "{list}");
    }
}
