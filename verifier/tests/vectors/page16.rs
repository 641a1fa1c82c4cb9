use crate::{Case, load, points};
use verifier::ballot::Prefixes;
use verifier::bytes::{Fault, Hash};
use verifier::code::Code;
use verifier::proof::Bases;
use verifier::second_device::{Maker, Shown, look};
use verifier::{group, tracker};

fn shown(case: Case<'_>) -> Result<Shown, Fault> {
    let manifest = crate::manifest(case.get("manifest"));
    let columns = points(case.list("H"));
    let bytes: Vec<Hash> = columns.iter().map(|h| h.bytes).collect();
    let maker = Maker {
        key: case.hash("key"),
        prefixes: Prefixes::new(&manifest, &case.hash("key"), &bytes),
        bases: Bases { columns: columns.iter().map(|h| h.point).collect(), bits: group::ballot_bases(manifest.bits) },
        manifest: &manifest,
    };
    let code = Code::read(case.get("code").as_str().unwrap())?;
    assert_eq!(u64::from(code.index), case.get("index").as_u64().unwrap());
    let shown = look(&maker, &code, &case.bytes("entry"), Some(&case.hash("pad")))?;
    let person = case.get("person_code").as_str().unwrap();
    if !code.challenged && !person.is_empty() {
        shown.belongs_to(&manifest.election, &case.hash("blinding"), person)?;
    }
    assert_eq!(hex::encode(code.token(&manifest.election)), case.on_the_way("token").as_str().unwrap());
    Ok(shown)
}

#[test]
fn codes_and_checks() {
    for case in load("16-second-device", "16-second-device@v1.0.0").cases() {
        match case.kind() {
            "text" => {
                let bytes = hex::decode(case.on_the_way("code").as_str().unwrap_or("")).unwrap();
                if let Some(code) = case.check(Code::read(case.get("text").as_str().unwrap())) {
                    assert_eq!(format!("{code:?}"), format!("{:?}", Code::decode(&bytes).unwrap()), "{}", case.name());
                }
            }
            "code" => {
                if let Some(code) = case.check(Code::decode(&case.bytes("code"))) {
                    assert_eq!(u64::from(code.index), case.on_the_way("index").as_u64().unwrap());
                    assert_eq!(if code.challenged { 2 } else { 1 }, case.on_the_way("code_kind").as_u64().unwrap());
                    assert_eq!(hex::encode(code.election), case.on_the_way("election").as_str().unwrap());
                }
            }
            "check" => {
                if let Some(shown) = case.check(shown(case)) {
                    assert_eq!(serde_json::json!(shown.selections), *case.on_the_way("selections"), "{}", case.name());
                    assert_eq!(tracker::of(&shown.hash), case.on_the_way("tracker").as_str().unwrap());
                }
            }
            other => panic!("{other}"),
        }
    }
}
