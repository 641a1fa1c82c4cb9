use crate::{bytes, load};
use verifier::bytes::{Fault, Reader};
use verifier::transcript::Transcript;
use verifier::{group, hash, sign, text};

#[test]
fn encoding() {
    for case in load("02-encoding", "02-encoding@v1.0.0").cases() {
        let raw = || case.bytes("bytes");
        let fixed = || <[u8; 32]>::try_from(raw()).map_err(|_| Fault::new("DEC-5", "length"));
        match case.kind() {
            "point" => drop(case.check(fixed().and_then(|b| group::point(&b)))),
            "scalar" => drop(case.check(fixed().and_then(|b| group::scalar(&b)))),
            "text" => {
                let utf8 = String::from_utf8(raw()).map_err(|_| Fault::new("DEC-7", "UTF-8"));
                case.check(utf8.and_then(|t| text::check(&t)));
            }
            "id" => {
                let id = String::from_utf8(raw()).unwrap_or_default();
                case.check(if text::is_id(&id) { Ok(()) } else { Err(Fault::new("MAN-4", "")) });
            }
            "key" => drop(case.check(fixed().and_then(|b| sign::key(&b).ok_or_else(|| Fault::new("SIG-1", ""))))),
            "list of points" => {
                let raw = raw();
                let mut reader = Reader::new(&raw);
                let read = reader.count(32).and_then(|n| (0..n).map(|_| reader.point()).collect::<Result<Vec<_>, _>>());
                case.check(read.and_then(|_| reader.finish()));
            }
            "signature" => {
                let signature = case.bytes("signature").try_into().unwrap();
                let key = sign::key(&case.hash("key")).ok_or_else(|| Fault::new("SIG-1", ""));
                let verify = |key| sign::verify(&key, case.text("label"), &case.hash("election"), &case.bytes("body"), &signature);
                case.check(key.and_then(verify));
            }
            "hash" => assert_eq!(
                hash::labelled(case.text("label"), &case.bytes("data")).to_vec(),
                bytes(case.on_the_way("out")),
                "{}",
                case.name()
            ),
            "group" => {
                let point = group::hash_to_group(case.text("label"), &case.bytes("data"));
                assert_eq!(group::encode(&point).to_vec(), bytes(case.on_the_way("out")), "{}", case.name());
            }
            other => panic!("unknown kind {other}"),
        }
    }
}

#[test]
fn transcripts() {
    for case in load("02-transcript", "02-encoding@v1.0.0").cases() {
        let mut transcript = Transcript::new(case.text("proof"));
        for step in &case.list("steps")[1..] {
            let label: &'static str = step["label"].as_str().unwrap().to_owned().leak();
            match step["op"].as_str().unwrap() {
                "append" => transcript.bytes(label, &bytes(&step["data"])),
                "append_u64" => transcript.number(label, step["n"].as_u64().unwrap()),
                "challenge" => {
                    let short = bytes(&step["data"]).len() == 16;
                    let scalar = if short { transcript.short(label) } else { transcript.challenge(label) };
                    assert_eq!(scalar.to_bytes().to_vec(), bytes(&step["scalar"]), "{} {label}", case.name());
                }
                other => panic!("unknown step {other}"),
            }
        }
    }
}
