//! Runs specs/vectors against this crate. The files are written by the reference, never by the code under test; the
//! writing programs run the same files through their own code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod page02;
mod page03;
mod page04;
mod page05;
mod page06;
mod page07;
mod page08;
mod page09;
mod page10;
mod page14;
mod page16;

use serde_json::Value;
use verifier::bytes::{Fault, Hash};
use verifier::logs::Encoded;
use verifier::manifest::Manifest;
use verifier::weights::Entropy;

/// A file of vectors, held against the version of its page.
pub struct File(Value);

impl File {
    pub fn cases(&self) -> impl Iterator<Item = Case<'_>> {
        self.0["cases"].as_array().unwrap().iter().map(Case)
    }

    pub fn get(&self, name: &str) -> &Value {
        &self.0[name]
    }
}

pub fn load(name: &str, spec: &str) -> File {
    let path = format!("{}/../specs/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["spec"], spec, "{name}");
    assert!(value["cases"].as_array().is_some_and(|cases| !cases.is_empty()));
    File(value)
}

/// One case.
#[derive(Clone, Copy)]
pub struct Case<'a>(pub &'a Value);

impl<'a> Case<'a> {
    pub fn name(&self) -> &'a str {
        self.0["name"].as_str().unwrap()
    }

    pub fn kind(&self) -> &'a str {
        self.0["kind"].as_str().unwrap_or("")
    }

    pub fn rule(&self) -> &'a str {
        self.0["rule"].as_str().unwrap()
    }

    pub fn get(&self, field: &str) -> &'a Value {
        &self.0[field]
    }

    pub fn on_the_way(&self, field: &str) -> &'a Value {
        &self.0["intermediate"][field]
    }

    pub fn text(&self, field: &str) -> &'a str {
        self.0[field].as_str().unwrap_or_else(|| panic!("{}: no text {field}", self.name()))
    }

    pub fn bytes(&self, field: &str) -> Vec<u8> {
        bytes(&self.0[field])
    }

    pub fn hash(&self, field: &str) -> Hash {
        hash(&self.0[field])
    }

    pub fn number(&self, field: &str) -> u64 {
        self.0[field].as_u64().unwrap_or_else(|| panic!("{}: no number {field}", self.name()))
    }

    pub fn list(&self, field: &str) -> &'a [Value] {
        self.0[field].as_array().unwrap_or_else(|| panic!("{}: no list {field}", self.name()))
    }

    /// Holds a result against `expect` and `rule`.
    pub fn check<T>(&self, result: Result<T, Fault>) -> Option<T> {
        match result {
            Ok(value) => {
                assert_eq!((self.text("expect"), self.rule()), ("accept", ""), "{}: was accepted", self.name());
                Some(value)
            }
            Err(fault) => {
                assert_ne!(self.text("expect"), "accept", "{}: {fault:?}", self.name());
                assert_eq!(fault.rule, self.rule(), "{}: {fault:?}", self.name());
                None
            }
        }
    }
}

pub fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

pub fn hash(value: &Value) -> Hash {
    bytes(value).try_into().unwrap()
}

pub fn hashes(values: &[Value]) -> Vec<Hash> {
    values.iter().map(hash).collect()
}

pub fn point(value: &Value) -> Encoded {
    Encoded::of(verifier::group::point(&hash(value)).unwrap())
}

pub fn points(values: &[Value]) -> Vec<Encoded> {
    values.iter().map(point).collect()
}

pub fn entropy() -> Entropy {
    Entropy::fresh().unwrap()
}

pub fn manifest(value: &Value) -> Manifest {
    Manifest::read(value.as_str().unwrap().as_bytes()).unwrap()
}

/// A manifest from another page, where a case needs some.
pub fn any_manifest() -> Manifest {
    manifest(load("03-orders", "03-manifest@v1.0.0").get("manifest"))
}
