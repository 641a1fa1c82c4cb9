//! The vectors of specs 02, 03, 04 and 06, written by another program from the specifications alone.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use ballot::ballot::{BallotError, BallotStyle, Seed};
use ballot::encode::{self, DecodeError, Point, Reader, Record};
use ballot::manifest::{Manifest, Rule};
use ballot::proof::{Nonces, Statement, equality, knowledge};
use ballot::shape::Shape;
use ballot::signature::{self, Purpose};
use ballot::tracker::Tracker;
use ballot::{Context, ElectionKey, Transcript};
use common::*;
use serde_json::Value;

/// Where this library refuses under another rule than the vectors: known, harmless, and to be settled. When one is settled, its line
/// must go.
const OPEN: [(&str, &str); 1] = [
    // A repeated `A` is seen while decoding, before the proofs.
    ("the first contest twice", "BAL-6"),
];

/// Compares a verdict with what the case expects; collects what disagrees, so that one run shows all.
struct Report(Vec<String>);

impl Report {
    fn case(&mut self, case: &Value, got: Result<(), Vec<String>>) {
        let open = OPEN.iter().find(|(name, _)| case["name"] == *name);
        let rule = open.map_or(text(case, "rule"), |(_, ours)| ours);
        let right = match (&got, text(case, "expect")) {
            (Ok(()), "accept") => true,
            (Err(rules), "refused" | "malformed") => rules.iter().any(|r| r == rule),
            _ => false,
        };
        if !right {
            self.0.push(format!("{}: expected {} {rule}, got {got:?}", case["name"], case["expect"]));
        }
    }
    fn check(&mut self, case: &Value, what: &str, right: bool) {
        if !right {
            self.0.push(format!("{}: {what} differs", case["name"]));
        }
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.0.is_empty(), "{} disagreements:\n{}", self.0.len(), self.0.join("\n"));
        }
    }
}

fn decode_rule(e: DecodeError) -> Vec<String> {
    vec![e.rule().to_owned()]
}

/// A ballot's rule; what does not decode has the rule of its bytes too.
fn ballot_rule(e: BallotError) -> Vec<String> {
    let mut rules = vec![e.rule().to_owned()];
    if let BallotError::Decode(inner) = e {
        rules.push(inner.rule().to_owned());
    }
    rules
}

#[test]
fn encodings() {
    let file = vectors("02-encoding");
    let mut report = Report(Vec::new());
    for case in cases(&file) {
        let one = |rule: &str| vec![rule.to_owned()];
        let got = match text(case, "kind") {
            "point" => Reader::new(&bytes(case, "bytes")).point().map(drop).map_err(decode_rule),
            "scalar" => Reader::new(&bytes(case, "bytes")).scalar().map(drop).map_err(decode_rule),
            "text" => match String::from_utf8(bytes(case, "bytes")) {
                Ok(text) if ballot::text::is_allowed(&text) => Ok(()),
                _ => Err(one("DEC-7")),
            },
            "id" => match String::from_utf8(bytes(case, "bytes")) {
                Ok(text) if ballot::text::is_id(&text) => Ok(()),
                _ => Err(one("MAN-4")),
            },
            "list of points" => {
                let bytes = bytes(case, "bytes");
                let mut input = Reader::new(&bytes);
                input.list(32, Reader::point).and_then(|_| input.end()).map_err(decode_rule)
            }
            "key" => signature::verifying_key(&array(&case["bytes"])).map(drop).map_err(|_| one("SIG-1")),
            "signature" => {
                let purpose = match text(case, "label") {
                    "manifest" => Purpose::Manifest,
                    "order" => Purpose::Order,
                    "post" => Purpose::Post,
                    _ => Purpose::Promise,
                };
                let (election, body) = (array(&case["election"]), bytes(case, "body"));
                if let Some(signed) = case["intermediate"]["signed"].as_str() {
                    report.check(case, "what is signed", hex::encode(purpose.message(&election, &body)) == signed);
                }
                let sig: [u8; 64] = bytes(case, "signature").try_into().unwrap();
                signature::verify(&array(&case["key"]), purpose, &election, &body, &sig).map_err(|_| one("SIG-1"))
            }
            "hash" => {
                let out = encode::hash(text(case, "label"), &[&bytes(case, "data")]);
                report.check(case, "hash", out == array(&case["intermediate"]["out"]));
                Ok(())
            }
            "group" => {
                let out = encode::hash_to_group(text(case, "label"), &[&bytes(case, "data")]);
                report.check(case, "point", out.compress().to_bytes() == array(&case["intermediate"]["out"]));
                Ok(())
            }
            other => panic!("a kind that this test does not know: {other}"),
        };
        report.case(case, got);
    }
}

/// Every label of the table, for every proof of the system.
#[test]
fn transcripts() {
    let file = vectors("02-transcript");
    let mut report = Report(Vec::new());
    for case in cases(&file) {
        let proof: &'static str = Box::leak(text(case, "proof").to_owned().into_boxed_str());
        let mut t = Transcript::new(proof);
        for step in case["steps"].as_array().unwrap().iter().skip(1) {
            let label: &'static str = Box::leak(step["label"].as_str().unwrap().to_owned().into_boxed_str());
            match step["op"].as_str().unwrap() {
                "append" => t.append(label, &hex::decode(step["data"].as_str().unwrap()).unwrap()),
                "append_u64" => t.append_u64(label, step["n"].as_u64().unwrap()),
                "challenge" => {
                    let short = step["data"].as_str().unwrap().len() == 32;
                    let drawn = if short { t.challenge_short(label) } else { t.challenge(label) };
                    report.check(case, label, drawn == scalar(&step["scalar"]));
                }
                other => panic!("a step that this test does not know: {other}"),
            }
        }
    }
}

#[test]
fn manifests() {
    let file = vectors("03-manifest");
    let mut report = Report(Vec::new());
    for case in cases(&file) {
        let input = match case["manifest"].as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => bytes(case, "manifest_bytes"),
        };
        // Whether an anchor is a certificate is for the library `envelope` to say.
        if text(case, "rule") == "MAN-14" && ["not DER", "a trailing byte", "cut off"].iter().any(|n| text(case, "name").ends_with(n)) {
            continue;
        }
        let got = Manifest::from_bytes(&input);
        if let (Ok(manifest), Some(inner)) = (&got, case["intermediate"].as_object().filter(|i| !i.is_empty())) {
            report.check(case, "election id", manifest.id() == array(&inner["election"]));
            report.check(case, "W", manifest.columns() as u64 == inner["W"].as_u64().unwrap());
            for (d, district) in inner["districts"].as_array().unwrap().iter().enumerate() {
                report.check(case, "ballot size", manifest.ballot_len(d) as u64 == district["size"].as_u64().unwrap());
                let parts: Vec<(String, String)> = manifest
                    .style(d)
                    .iter()
                    .map(|&i| (manifest.contest(i).unwrap().0.id.clone(), hex::encode(manifest.shape(i).unwrap().encoding())))
                    .collect();
                let theirs = district["parts"].as_array().unwrap();
                let theirs: Vec<(String, String)> = theirs.iter().map(|p| (text(p, "contest").into(), text(p, "shape").into())).collect();
                report.check(case, "parts", parts == theirs);
            }
        }
        report.case(case, got.map(drop).map_err(|e| vec![e.rule().to_owned()]));
    }
}

#[test]
fn shapes() {
    let file = vectors("04-shapes");
    let mut report = Report(Vec::new());
    for case in cases(&file) {
        let rule: Rule = serde_json::from_value(case["contest_rule"].clone()).unwrap();
        let shape = Shape::new(&rule, number(case, "options") as usize).unwrap();
        report.check(case, "encoding", hex::encode(shape.encoding()) == text(case, "encoding"));
        report.check(case, "w", shape.width() as u64 == number(case, "w"));
        report.check(case, "k", shape.bits().len() as u64 == number(case, "k"));
        let got = shape.bits_of(&integers(&case["selection"]));
        if let (Ok(bits), Some(theirs)) = (&got, case["intermediate"].get("bits")) {
            report.check(case, "bits", serde_json::json!(bits) == *theirs);
        }
        report.case(case, got.map(drop).map_err(|_| vec!["SHAPE-1".to_owned()]));
    }
}

#[test]
fn knowledge_proofs() {
    let file = vectors("04-knowledge");
    let mut report = Report(Vec::new());
    for case in cases(&file) {
        let mut t = Transcript::new("knowledge");
        t.append("election", &array(&case["election"]));
        t.append("session", &array(&case["session"]));
        for label in ["trustee", "column", "degree"] {
            t.append_u64(label, number(case, label));
        }
        let got = Point::decode(&array(&case["X"])).and_then(|x| Ok((x, knowledge::KnowledgeProof::from_bytes(&bytes(case, "proof"))?)));
        let got = got.map_err(decode_rule).and_then(|(x, proof)| {
            assert_eq!(proof.to_bytes(), bytes(case, "proof"));
            knowledge::verify(&x, &proof, t).map_err(|_| vec!["POK-1".to_owned()])
        });
        report.case(case, got);
    }
}

#[test]
fn equality_proofs() {
    let file = vectors("04-equality");
    let mut report = Report(Vec::new());
    for case in cases(&file) {
        let drill = text(case, "proof_name") == "drill";
        let mut t = Transcript::new(if drill { "drill" } else { "complaint" });
        let (hashes, numbers): (&[&'static str], &[&'static str]) = if drill {
            (&["election", "key"], &["drill", "trustee", "column"])
        } else {
            (&["election", "session"], &["dealer", "trustee"])
        };
        hashes.iter().for_each(|label| t.append(label, &array(&case[*label])));
        numbers.iter().for_each(|label| t.append_u64(label, number(case, label)));
        let read = || -> Result<_, DecodeError> {
            let point = |field: &str| Point::decode(&array(&case[field]));
            Ok((point("D")?, point("X")?, point("Y")?, equality::EqualityProof::from_bytes(&bytes(case, "proof"))?))
        };
        let got = read().map_err(decode_rule).and_then(|(d, x, y, proof)| {
            equality::Statement { d: &d, x_g: &x, x_d: &y }.verify(&proof, t).map_err(|_| vec!["EQ-1".to_owned()])
        });
        report.case(case, got);
    }
}

/// A shape by its encoding, among all that the vectors may hold.
fn shape_by_encoding(encoding: &[u8]) -> Shape {
    let mut candidates = Vec::new();
    for n in 1..=8u64 {
        candidates.push((Rule::Approve {}, n));
        for max in 1..=n {
            for min in 0..=max {
                candidates.extend([false, true].map(|blank| (Rule::Choose { min, max, blank }, n)));
            }
            candidates.push((Rule::Rank { places: max }, n));
        }
        for top in [1, 2, 3, 5, 10, 100, 1000] {
            candidates.extend([(Rule::Score { most: top }, n), (Rule::Budget { total: top }, n)]);
        }
    }
    candidates.extend((2..=200).map(|n| (Rule::List {}, n)));
    let shapes = candidates.into_iter().filter_map(|(rule, n)| Shape::new(&rule, n as usize));
    shapes.into_iter().find(|s| s.encoding() == encoding).expect("a shape with this encoding")
}

fn read_part(shape: &Shape, part: &[u8]) -> Result<Sent, DecodeError> {
    let mut input = Reader::new(part);
    let (pad, columns) = (input.point()?, input.points(shape.width())?);
    let proof = ballot::proof::BallotProof::decode(&mut input, shape.bits().len())?;
    input.end()?;
    Ok(Sent { pad, columns, proof })
}

/// Each part: the library's verdict, and exactly the equations that the vector names fail; accepted parts are made again.
#[test]
fn ballot_proofs() {
    let file = vectors("04-ballot-proof");
    let mut report = Report(Vec::new());
    for case in cases(&file) {
        let shape = shape_by_encoding(&bytes(case, "shape"));
        let h = points(&case["H"]);
        let mut t = Transcript::new("ballot");
        t.append("election", &array(&case["election"]));
        t.append("key", &array(&case["key"]));
        t.append("contest", text(case, "contest").as_bytes());
        t.append("district", text(case, "district").as_bytes());
        t.append("shape", shape.encoding());
        t.append_points("H", &h);
        t.append("voter", &array(&case["voter"]));
        t.append_u64("number", number(case, "number"));
        t.append("previous", &array(&case["previous"]));
        let sent = match read_part(&shape, &bytes(case, "part")) {
            Ok(sent) => sent,
            Err(e) => {
                report.case(case, Err(decode_rule(e)));
                continue;
            }
        };
        let accepted = library_accepts(&shape, &h, &sent, &t);
        let mut again = t.clone();
        let y = draw_y(&mut again, &sent);
        let x = draw_x(&mut again, &sent.proof);
        for (name, drawn) in [("y", y), ("x", x)] {
            let theirs = &case["intermediate"][name];
            report.check(case, name, theirs.is_null() || drawn == scalar(theirs));
        }
        let failing = equations(&shape, &h, &sent, y, x).failing.join(" ");
        report.check(case, "which equations fail", failing == text(case, "rule"));
        report.check(case, "the library's verdict", accepted == (text(case, "expect") == "accept"));
        if accepted {
            let inner = &case["intermediate"];
            let bits = shape.bits_of(&integers(&case["selection"])).unwrap();
            report.check(case, "bits", serde_json::json!(bits) == inner["bits"]);
            let mut private = t.clone();
            private.append("seed", &array(&case["seed"]));
            private.append("bits", &bits);
            let nonces = Nonces::draw(&mut private, &shape);
            let drawn = [nonces.r, nonces.s, nonces.rho_r, nonces.rho_s, nonces.rho_c, nonces.rho_d];
            for (name, value) in ["r", "s", "rho_r", "rho_s", "rho_c", "rho_d"].into_iter().zip(drawn) {
                report.check(case, name, value == scalar(&inner[name]));
            }
            let a: Vec<_> = inner["a"].as_array().unwrap().iter().map(scalar).collect();
            report.check(case, "a", a == nonces.a);
            let p = ballot::proof::bases(bits.len());
            let statement = Statement { shape: &shape, h: &h, p: &p, a: &sent.pad, b: &sent.columns };
            report.check(case, "proof", statement.prove(&bits, &nonces, &mut t).unwrap() == sent.proof);
        }
    }
}

#[test]
fn ballots() {
    let file = vectors("06-ballot");
    let mut report = Report(Vec::new());
    for case in cases(&file) {
        let manifest = Manifest::from_bytes(text(case, "manifest").as_bytes()).unwrap();
        let key = ElectionKey::new(array(&case["key"]), points(&case["H"]));
        let styles = BallotStyle::all(&manifest, &key).unwrap();
        // Which district: the position in the head, if there is one, as a server without a session would take it.
        let field = if text(case, "kind") == "ballot" { "ballot" } else { "opened" };
        let record = bytes(case, field);
        let district = record.get(66..68).map_or(0, |b| usize::from(u16::from_be_bytes([b[0], b[1]])));
        let style = styles.get(district).unwrap_or(&styles[0]);
        let got = match field {
            "ballot" => style.decode(&record).and_then(|b| {
                style.verify(&b, &mut rng("verify"))?;
                let seen: Vec<[u8; 32]> = case["seen"].as_array().unwrap().iter().map(array).collect();
                if b.pads().any(|pad| seen.contains(pad)) { Err(BallotError::Repeated) } else { Ok(b) }
            }),
            _ => style.decode_opened(&record).and_then(|opened| {
                assert_eq!(opened.to_bytes(), record);
                style.check_opened(&opened)?;
                Ok(opened.ballot)
            }),
        };
        if let (Ok(b), Some(inner)) = (&got, case["intermediate"].as_object().filter(|i| !i.is_empty())) {
            report.check(case, "ballot hash", b.hash() == array(&inner["ballot_hash"]));
            report.check(case, "tracker", Tracker::new(&b.hash()).to_string() == inner["tracker"].as_str().unwrap());
            let context = Context {
                voter: array(&inner["voter"]),
                number: inner["number"].as_u64().unwrap() as u32,
                previous: array(&inner["previous"]),
            };
            report.check(case, "context", *b.context() == context);
            let selections: Vec<_> = inner["selections"].as_array().unwrap().iter().map(integers).collect();
            let again = style.encrypt(&context, &selections, &Seed(array(&inner["seed"]))).unwrap();
            report.check(case, "the ballot made again", again.bytes() == record);
        }
        report.case(case, got.map(drop).map_err(ballot_rule));
    }
}
