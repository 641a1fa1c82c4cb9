use crate::{Case, bytes, entropy, load, point, points};
use serde_json::Value;
use verifier::ballot::{BallotBytes, Decoded, Head, PartBytes};
use verifier::batch::{self, Equation};
use verifier::bytes::{Fault, Reader};
use verifier::group;
use verifier::logs::{Equality, Knowledge};
use verifier::manifest::Rule;
use verifier::proof::{Bases, Part, Sum};
use verifier::shape::{Bit, Shape};
use verifier::transcript::Transcript;

fn rule(value: &Value) -> Rule {
    let number = |name: &str| value[name].as_u64().unwrap() as u32;
    match value["kind"].as_str().unwrap() {
        "choose" => Rule::Choose { min: number("min"), max: number("max"), blank: value["blank"].as_bool().unwrap() },
        "approve" => Rule::Approve,
        "score" => Rule::Score { most: number("most") },
        "budget" => Rule::Budget { total: number("total") },
        "list" => Rule::List,
        "rank" => Rule::Rank { places: number("places") },
        other => panic!("unknown rule {other}"),
    }
}

#[test]
fn shapes() {
    for case in load("04-shapes", "04-proofs@v1.0.0").cases() {
        let rule = rule(case.get("contest_rule"));
        let shape = Shape::new(rule, case.number("options") as usize);
        assert_eq!((shape.w as u64, shape.bits.len() as u64), (case.number("w"), case.number("k")), "{}", case.name());
        assert_eq!(shape.encode(), case.bytes("encoding"), "{}", case.name());
        let selection: Option<Vec<u32>> = case.list("selection").iter().map(|m| u32::try_from(m.as_i64()?).ok()).collect();
        let bits = selection.and_then(|selection| shape.bits_of(rule, &selection));
        if let Some(bits) = case.check(bits.ok_or_else(|| Fault::new("SHAPE-1", ""))) {
            let expected: Vec<bool> = case.on_the_way("bits").as_array().unwrap().iter().map(|bit| bit.as_u64() == Some(1)).collect();
            assert_eq!(bits, expected, "{}", case.name());
        }
    }
}

fn hold(equations: Vec<Equation>, rule: &'static str) -> Result<(), Fault> {
    if batch::holds(&[equations], &[0; 32], &entropy()) == [true] { Ok(()) } else { Err(Fault::new(rule, "")) }
}

fn read<T>(case: Case<'_>, read: fn(&mut Reader<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
    let raw = case.bytes("proof");
    let mut reader = Reader::new(&raw);
    let proof = read(&mut reader)?;
    reader.finish()?;
    Ok(proof)
}

#[test]
fn knowledge() {
    for case in load("04-knowledge", "04-proofs@v1.0.0").cases() {
        let judge = || {
            let raw = case.bytes("X");
            let x = verifier::logs::Encoded::read(&mut Reader::new(&raw))?;
            let proof = read(case, Knowledge::read)?;
            let mut transcript = Transcript::new("knowledge");
            transcript.bytes("election", &case.hash("election"));
            transcript.bytes("session", &case.hash("session"));
            transcript.number("trustee", case.number("trustee"));
            transcript.number("column", case.number("column"));
            transcript.number("degree", case.number("degree"));
            hold(vec![proof.equation(&x, transcript)], "POK-1")
        };
        case.check(judge());
    }
}

#[test]
fn equality() {
    for case in load("04-equality", "04-proofs@v1.0.0").cases() {
        let judge = || {
            let proof = read(case, Equality::read)?;
            let mut transcript = Transcript::new(case.text("proof_name"));
            transcript.bytes("election", &case.hash("election"));
            if case.text("proof_name") == "drill" {
                transcript.bytes("key", &case.hash("key"));
                transcript.number("drill", case.number("drill"));
                transcript.number("trustee", case.number("trustee"));
                transcript.number("column", case.number("column"));
            } else {
                transcript.bytes("session", &case.hash("session"));
                transcript.number("dealer", case.number("dealer"));
                transcript.number("trustee", case.number("trustee"));
            }
            let [d, x, y] = ["D", "X", "Y"].map(|name| point(case.get(name)));
            hold(proof.equations(&d, &x, &y, transcript).to_vec(), "EQ-1")
        };
        case.check(judge());
    }
}

/// Reads the encoding of a shape, which only vectors hand around.
fn shape(raw: &[u8]) -> Shape {
    let mut reader = Reader::new(raw);
    let (w, k) = (reader.u16().unwrap(), reader.u16().unwrap());
    let bits: Vec<Bit> = (0..k).map(|_| Bit { integer: reader.u16().unwrap(), coefficient: reader.u32().unwrap() }).collect();
    let constrained = reader.u8().unwrap() == 1;
    let constraint = constrained.then(|| ((0..k).map(|_| reader.u32().unwrap()).collect(), reader.u32().unwrap()));
    reader.finish().unwrap();
    let shape = Shape { w: usize::from(w), bits, constraint, largest: 0 };
    assert_eq!(shape.encode(), raw);
    shape
}

#[test]
fn ballot_proofs() {
    for case in load("04-ballot-proof", "04-proofs@v1.0.0").cases() {
        let shape = shape(&case.bytes("shape"));
        let columns = points(case.list("H"));
        let bases = Bases { columns: columns.iter().map(|h| h.point).collect(), bits: group::ballot_bases(shape.bits.len()) };
        let mut transcript = Transcript::new("ballot");
        transcript.bytes("election", &case.hash("election"));
        transcript.bytes("key", &case.hash("key"));
        transcript.bytes("contest", case.text("contest").as_bytes());
        transcript.bytes("district", case.text("district").as_bytes());
        transcript.bytes("shape", &shape.encode());
        transcript.list("H", columns.iter().map(|h| h.bytes.as_slice()));
        transcript.bytes("voter", &case.hash("voter"));
        transcript.number("number", case.number("number"));
        transcript.bytes("previous", &case.hash("previous"));
        let raw = case.bytes("part");
        assert_eq!(raw.len(), shape.part_length(), "{}", case.name());
        let (points, scalars) = raw.as_chunks::<32>().0.split_at(shape.w + 7);
        let part = PartBytes { points, scalars };
        let head = Head { election: [0; 32], key: [0; 32], district: 0, voter: [0; 32], number: 1, previous: [0; 32] };
        let mut decoded = Decoded::default();
        decoded.fill(&BallotBytes { head, parts: vec![part] }).unwrap();
        let part = Part::new(&shape, &part, &decoded.points, &decoded.scalars, transcript).unwrap();
        let failing: Vec<&str> = part.failing(&bases).iter().map(|fault| fault.rule).collect();
        assert_eq!(failing.join(" "), case.rule(), "{}", case.name());
        let mut sum = Sum::new(&bases);
        sum.add(&part, &mut entropy().weights(&[0; 32]));
        assert_eq!(sum.is_zero(&bases) && part.keeps_constraint().is_ok(), case.text("expect") == "accept", "{}", case.name());
        let _ = bytes;
    }
}

/// A sum is used for one batch after the other: nothing of a batch may stay in it. BIT-9.
#[test]
fn a_sum_that_was_evaluated_is_empty_again() {
    let columns = (1..=6).map(|i| group::hash_to_group("test", &[i])).collect();
    let (bases, rule) = (Bases { columns, bits: group::ballot_bases(40) }, Rule::Approve);
    let (shape, mut sum, mut weights) = (Shape::new(rule, 1), Sum::new(&bases), entropy().weights(&[0; 32]));
    for right in [true, false, false, true, true] {
        let selection = if right { 1 } else { 2 };
        let bytes = verifier::opened::make(&shape, &[selection], &[true], &[4; 32], Transcript::new("ballot"), &bases);
        let (points, scalars) = bytes.as_chunks::<32>().0.split_at(shape.w + 7);
        let part = PartBytes { points, scalars };
        let head = Head { election: [0; 32], key: [0; 32], district: 0, voter: [0; 32], number: 1, previous: [0; 32] };
        let mut decoded = Decoded::default();
        decoded.fill(&BallotBytes { head, parts: vec![part] }).unwrap();
        sum.add(&Part::new(&shape, &part, &decoded.points, &decoded.scalars, Transcript::new("ballot")).unwrap(), &mut weights);
        assert_eq!(sum.len(), shape.w + 7);
        assert_eq!(sum.is_zero(&bases), right);
        assert!(sum.is_empty());
    }
}
