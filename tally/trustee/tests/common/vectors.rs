//! The files of specs/vectors. They are written by the reference in Python, never by the code under test.

use ballot::encode::Point;
use ballot::{Ciphertext, Hash};
use serde_json::Value;

/// All cases of a file, whose page and version must be the ones that this crate follows.
pub fn load(file: &str, spec: &str) -> Value {
    let path = format!("{}/../../specs/vectors/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let value: Value = serde_json::from_slice(&std::fs::read(&path).expect(&path)).expect("JSON");
    assert_eq!(value["spec"], spec, "{file}");
    value
}

pub fn cases<'a>(file: &'a Value, kind: &str) -> Vec<&'a Value> {
    let found: Vec<_> = file["cases"].as_array().unwrap().iter().filter(|c| c["kind"] == kind).collect();
    assert!(!found.is_empty(), "no cases of kind {kind}");
    found
}

pub fn name(case: &Value) -> &str {
    case["name"].as_str().unwrap()
}

pub fn bytes(v: &Value) -> Vec<u8> {
    hex::decode(v.as_str().expect("hex")).expect("hex")
}

pub fn hash(v: &Value) -> Hash {
    bytes(v).try_into().expect("32 bytes")
}

pub fn number(v: &Value) -> u64 {
    v.as_u64().expect("a number")
}

pub fn list(v: &Value) -> &Vec<Value> {
    v.as_array().expect("a list")
}

pub fn points(v: &Value) -> Vec<Point> {
    list(v).iter().map(|p| Point::decode(&hash(p)).expect("a point")).collect()
}

pub fn numbers(v: &Value) -> Vec<u64> {
    list(v).iter().map(number).collect()
}

/// A row; its components are points here.
pub fn row(v: &Value) -> Ciphertext {
    let bytes = bytes(v);
    let mut points = bytes.chunks(32).map(|b| Point::decode(b.try_into().unwrap()).expect("a point"));
    Ciphertext { pad: points.next().unwrap(), columns: points.collect() }
}

pub fn rows(v: &Value) -> Vec<Ciphertext> {
    list(v).iter().map(row).collect()
}
