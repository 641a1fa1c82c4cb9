//! Runs specs/vectors/09-mixing.json.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use ballot::ElectionKey;
use ballot::encode::{Record, hash_to_group};
use ballot::rng::SeededRng;
use common::vectors::*;
use serde_json::Value;
use std::sync::Arc;
use trustee::mix::chain::{Chain, Mixing};
use trustee::mix::{Bases, MixError, Statement};

const SPEC: &str = "09-mixing@v1.0.0";

fn key(case: &Value) -> ElectionKey {
    ElectionKey::new(hash(&case["key"]), points(&case["H"]))
}

fn rules(errors: &[MixError]) -> String {
    let mut rules: Vec<&str> = errors.iter().map(MixError::rule).collect();
    rules.dedup();
    rules.join(" ")
}

#[test]
fn mixes() {
    let (file, bases, mut rng) = (load("09-mixing", SPEC), Bases::default(), SeededRng::new(b"vectors"));
    for case in cases(&file, "mix") {
        let (name, rule) = (name(case), case["rule"].as_str().unwrap());
        let message = bytes(&case["message"]);
        let (key, inputs) = (key(case), rows(&case["rows"]));
        let statement = Statement {
            election: &hash(&case["election"]),
            key: &key,
            counted: &hash(&case["counted"]),
            unit: number(&case["unit"]) as u32,
            stage: number(&case["stage"]) as u16,
            mixer: number(&case["author"]) as u16,
            width: key.columns().len(),
            inputs: &inputs,
        };
        let mix = match statement.read(&message) {
            Err(error) => {
                let kind = if matches!(error, MixError::Decode(_)) { "malformed" } else { "refused" };
                assert_eq!((case["expect"].as_str(), error.rule()), (Some(kind), rule), "{name}");
                continue;
            }
            Ok(mix) => mix,
        };
        assert_eq!(mix.to_bytes(), message, "{name}");
        let seen: Vec<_> = list(&case["seen"]).iter().map(hash).collect();
        let result = if mix.proof.c.iter().any(|c| seen.contains(c.bytes())) {
            Err(MixError::CommitmentReused { input: 0 }) // the chain's business; tested in tests/chain.rs
        } else {
            statement.verify(&mix, &bases, &mut rng)
        };
        match (case["expect"].as_str().unwrap(), result) {
            ("accept", Ok(())) => assert_eq!(statement.failing(&mix, &bases), []),
            ("refused", Err(error)) if rule.contains(' ') || error.rule() != rule => {
                assert_eq!(rules(&statement.failing(&mix, &bases)), rule, "{name}");
                assert_eq!(rule.split(' ').next(), Some(error.rule()), "{name}");
            }
            ("refused", Err(error)) => assert_eq!(error.rule(), rule, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn units() {
    let (file, bases, mut rng) = (load("09-mixing", SPEC), Arc::new(Bases::default()), SeededRng::new(b"vectors"));
    for case in cases(&file, "unit") {
        let (name, key) = (name(case), key(case));
        let width = key.columns().len();
        let required = number(&case["required"]) as usize;
        let mut mixing = Mixing::new(hash(&case["election"]), key, hash(&case["counted"]), required, bases.clone());
        let mut counted = rows(&case["rows"]);
        counted.reverse(); // the chain sorts them by their bytes
        let mut chain = Chain::new(number(&case["unit"]) as u32, width, counted);
        for (post, verdict) in list(&case["posts"]).iter().zip(list(&case["intermediate"]["verdicts"])) {
            let got = mixing.offer(&mut chain, number(&post["author"]) as u16, &bytes(&post["message"]), &mut rng);
            let first = verdict.as_str().unwrap().split(' ').next().unwrap();
            assert_eq!(got.map_or_else(|e| e.rule(), |()| ""), first, "{name}");
        }
        assert_eq!(case["intermediate"]["mixed"], mixing.is_mixed(&chain), "{name}");
        if mixing.is_mixed(&chain) {
            assert_eq!(chain.rows(), rows(&case["intermediate"]["rows"]), "{name}");
        }
    }
}

#[test]
fn bases() {
    let (file, bases) = (load("09-mixing", SPEC), Bases::default());
    for case in cases(&file, "bases") {
        let expected = points(&case["intermediate"]["h_i"]);
        let got = bases.first(expected.len());
        assert!(got.iter().zip(&expected).all(|(a, b)| a == b.point()));
        assert_eq!(bases.h().compress().to_bytes(), hash(&case["intermediate"]["h"]));
        assert_eq!(got[0], hash_to_group("shuffle-base", &[&1u32.to_be_bytes()]));
    }
}
