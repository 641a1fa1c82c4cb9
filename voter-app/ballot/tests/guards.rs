//! Checks that stand before the equations: without them a ballot of another style, or a list of another length, is verified in part only.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use ballot::ballot::BallotError;
use ballot::batch::{Batch, Weights};
use ballot::encode::sha256;
use ballot::manifest::{Description, Hex32, Manifest, Member, Rule, TrusteeMember};
use ballot::proof::{self, ProofError, Statement};
use ballot::shape::Shape;
use ballot::{Scalar, Transcript};
use common::*;
use ed25519_dalek::SigningKey;
use serde_json::json;

fn choose(max: u64) -> Rule {
    Rule::Choose { min: 0, max, blank: false }
}

/// A ballot of fewer or more contests, or of another district, adds nothing to a batch of this style.
#[test]
fn a_ballot_of_another_style_is_not_added() {
    let (one, two) = (sample(&[(choose(1), 2)]), sample(&[(choose(1), 2), (choose(1), 3)]));
    let (short, long) = (honest(&one, &first(1), 1), honest(&two, &first(1), 1));
    let refused = |style: &ballot::ballot::BallotStyle, ballot| {
        let mut batch = Batch::default();
        let added = style.add_to(ballot, &mut batch, &mut Weights::new(&[7; 32], &mut rng("weights")));
        assert_eq!(added, Err(BallotError::Election));
        assert!(batch.holds(&[], &[]), "nothing was added");
    };
    refused(&two.styles[0], &short);
    refused(&one.styles[0], &long);
    refused(&one.styles[1], &short);
    assert_eq!(one.styles.iter().map(|s| s.district()).collect::<Vec<_>>(), [0, 1]);
}

/// `f`, `B` and `H` have the lengths of the shape, each of them.
#[test]
fn a_statement_or_proof_of_another_length_is_refused() {
    let shape = Shape::new(&choose(2), 3).unwrap();
    let mut rng = rng("lengths");
    let h: Vec<_> = (0..shape.width() + 1).map(|_| point(g(random_scalar(&mut rng)))).collect();
    let bits = shape.bits_of(&selection(&choose(2), 3)).unwrap();
    let prover = Prover::new(&shape, &h[..shape.width()], bits.iter().map(|b| Scalar::from(*b)).collect(), &mut rng);
    let context = Transcript::new("lengths");
    let sent = prover.prove(&context);
    let p = proof::bases(shape.bits().len());
    let longer: Vec<_> = sent.columns.iter().chain(&h[..1]).copied().collect();
    let mut many = sent.proof.clone();
    many.f.push(Scalar::ONE);
    let mut few = sent.proof.clone();
    few.f.pop();
    let (w, b, good) = (shape.width(), &sent.columns[..], &sent.proof);
    let cases = [
        (&h[..w], b, &many),
        (&h[..w], b, &few),
        (&h[..w], &longer[..], good),
        (&h[..w], &b[..w - 1], good),
        (&h[..w + 1], b, good),
        (&h[..w - 1], b, good),
    ];
    let verify = |h, b, proof| {
        let statement = Statement { shape: &shape, h, p: &p, a: &sent.pad, b };
        statement.add_to(proof, &mut context.clone(), &mut Batch::default(), &mut Weights::new(&[7; 32], &mut common::rng("weights")))
    };
    assert_eq!(verify(&h[..w], b, good), Ok(()));
    for (i, (h, b, proof)) in cases.into_iter().enumerate() {
        assert_eq!(verify(h, b, proof), Err(ProofError::Ballot), "case {i}");
    }
}

/// A batch that mentions a base which is not given does not hold, whatever the sum of the others is.
#[test]
fn a_batch_without_its_bases_does_not_hold() {
    let base = g(Scalar::from(2u8));
    let (mut columns, mut powers) = (Batch::default(), Batch::default());
    columns.add_h(1, Scalar::ZERO);
    powers.add_p(1, Scalar::ZERO);
    assert!(!columns.holds(&[point(base)], &[base, base]));
    assert!(!powers.holds(&[point(base), point(base)], &[base]));
    assert!(columns.holds(&[point(base), point(base)], &[]));
    assert!(powers.holds(&[], &[base, base]));
}

#[test]
fn lists_and_rankings_are_mixed_and_all_else_is_added_up() {
    for (rule, options) in rules() {
        assert_eq!(rule.is_mixed(), matches!(rule, Rule::List {} | Rule::Rank { .. }));
        assert_eq!(Shape::new(&rule, options).unwrap().options(), options);
    }
}

/// The rule that refuses a changed description, or `""`.
fn verdict(change: impl FnOnce(&mut Description)) -> &'static str {
    let mut d = sample(&[(choose(1), 2)]).manifest.description().clone();
    change(&mut d);
    Manifest::from_description(&d).err().map_or("", |e| e.rule())
}

/// MAN-3 comes before MAN-2 wherever the number stands.
#[test]
fn numbers_are_whole_in_lists_too() {
    let sample = sample(&[(choose(1), 2)]);
    let with = |change: fn(&mut serde_json::Value)| {
        let mut value: serde_json::Value = serde_json::from_slice(sample.manifest.bytes()).unwrap();
        change(&mut value);
        Manifest::from_bytes(&serde_json_canonicalizer::to_vec(&value).unwrap()).err().map(|e| e.rule())
    };
    assert_eq!(with(|_| ()), None);
    assert_eq!(with(|v| v["contests"][0]["nobody"] = json!(1.5)), Some("MAN-3"));
    assert_eq!(with(|v| v["contests"][0]["nobody"] = json!(1)), Some("MAN-2"));
}

#[test]
fn bounds_of_witnesses() {
    let members = |n: u8| {
        let key = |i: u8| Hex32(SigningKey::from_bytes(&[100 + i; 32]).verifying_key().to_bytes());
        (0..n).map(|i| Member { name: format!("x{i}"), key: key(i) }).collect::<Vec<_>>()
    };
    for (n, quorum, faulty, rule) in [
        (5, 4, 1, ""),
        (5, 3, 1, "MAN-9"),
        (5, 3, 0, ""),
        (4, 2, 0, "MAN-9"),
        (1, 1, 0, ""),
        (0, 0, 0, ""),
        (1, 1, 1000, "MAN-9"),
        (1, 1, 1001, "MAN-3"),
    ] {
        let set = |d: &mut Description| (d.witnesses.members, d.witnesses.quorum, d.witnesses.faulty) = (members(n), quorum, faulty);
        assert_eq!(verdict(set), rule, "{n} {quorum} {faulty}");
    }
}

/// MAN-10
#[test]
fn districts_and_contests_are_there() {
    assert_eq!(verdict(|d| d.contests.clear()), "MAN-10");
    assert_eq!(verdict(|d| d.districts.clear()), "MAN-10");
}

/// MAN-17: a reveal of 1 048 484 and one of 1 048 580 bytes, a deal of 1 048 564 and one of 1 048 580; 1 048 576 are allowed.
#[test]
fn messages_of_the_ceremony_fit_into_their_blobs() {
    let trustee = |i: u16| TrusteeMember {
        name: format!("x{i}"),
        key: Hex32(SigningKey::from_bytes(&sha256(&i.to_be_bytes())).verifying_key().to_bytes()),
        share_key: Hex32(g(Scalar::from(i)).compress().to_bytes()),
    };
    for (n, threshold, columns, rule) in
        [(68, 67, 163, ""), (44, 43, 254, "MAN-17"), (71, 2, 460, ""), (302, 2, 107, "MAN-17"), (71, 3, 460, ""), (302, 3, 106, "")]
    {
        let mut d = sample(&[(choose(1), 2), (choose(1), columns)]).manifest.description().clone();
        d.trustees.members = (1..=n).map(trustee).collect();
        d.trustees.threshold = threshold;
        let message = Manifest::from_description(&d).err().map_or(String::new(), |e| e.to_string());
        assert!(if rule.is_empty() { message.is_empty() } else { message.starts_with(rule) && message.contains("1048580") }, "{message}");
    }
}

/// ROLL: 1 to 64 printable characters, without space and comma.
#[test]
fn person_codes() {
    for good in ["1", "PNOEE-38001085718", "~!", &"x".repeat(64)] {
        assert!(ballot::text::is_person_code(good), "{good}");
    }
    for bad in ["", "a b", "a,b", "\u{f5}", "a\u{7f}", "a\n", &"x".repeat(65)] {
        assert!(!ballot::text::is_person_code(bad), "{bad:?}");
    }
}

/// What is secret shows nothing, and says so.
#[test]
fn secrets_say_that_they_are_redacted() {
    assert_eq!(format!("{:?}", selection(&choose(2), 3)), "Selection(<redacted>)");
    assert!(format!("{:?}", ballot::ballot::Seed([7; 32])).contains("redacted"));
    assert_eq!(Shape::new(&Rule::List {}, 5).unwrap().largest(), 4);
}
