//! `manifest.json` in both readers. Spec: 03-manifest.

use super::town::DONE;
use ballot::Manifest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use envelope::Certificate;

/// The libraries leave the certificates to the collector (MAN-14); beside these both readers agree, and read the same.
pub fn run(bytes: &[u8]) {
    let ours = Manifest::from_bytes(bytes);
    let verifiers = verifier::manifest::Manifest::read(bytes);
    match (&ours, &verifiers) {
        (Ok(ours), Err(faults)) => {
            let anchor = |text: &String| STANDARD.decode(text).is_ok_and(|der| Certificate::from_der(&der).is_ok());
            let readable = ours.description().eid.anchors.iter().all(anchor);
            assert!(!readable, "the library accepts what the verifier refuses: {faults:?}");
        }
        (Err(error), Ok(_)) => panic!("the verifier accepts what the library refuses: {error}"),
        (Err(_), Err(_)) => {}
        (Ok(ours), Ok(verifiers)) => same(ours, verifiers),
    }
    if let Ok(ours) = ours {
        assert_eq!(ours.bytes(), bytes);
        let again = Manifest::from_description(ours.description()).expect("what was read can be written");
        assert_eq!(again.bytes(), bytes, "MAN-1: another way to write it was accepted");
    }
}

fn same(ours: &Manifest, verifiers: &verifier::manifest::Manifest) {
    let d = ours.description();
    assert_eq!((ours.id(), ours.columns()), (verifiers.election, verifiers.columns));
    assert_eq!((d.trustees.members.len(), d.trustees.threshold as usize), (verifiers.trustees.len(), verifiers.threshold));
    for district in 0..d.districts.len() {
        assert_eq!(Some(ours.ballot_len(district)), verifiers.ballot_length(district as u16), "district {district}");
        for (ours_part, verifiers_part) in ours.style(district).iter().zip(&verifiers.parts[district]) {
            let shape = ours.shape(*ours_part).expect("a shape");
            let (_, list) = verifiers.part(*verifiers_part).expect("a part");
            assert_eq!(shape.encoding(), list.shape.encode(), "district {district}");
        }
    }
}

/// The town's manifest, and one with every rule.
pub fn seeds() -> Vec<Vec<u8>> {
    use crate::insider::Setup;
    use crate::lab;
    use ballot::manifest::Rule;
    let rules = [
        Rule::Choose { min: 0, max: 2, blank: false },
        Rule::Approve {},
        Rule::Score { most: 5 },
        Rule::Budget { total: 6 },
        Rule::List {},
        Rule::Rank { places: 2 },
    ];
    let each = rules.into_iter().enumerate().map(|(c, rule)| {
        let mut setup = Setup::new(vec![lab::contest(&format!("c{c}"), rule, 3)], 2);
        setup.trustees = (2 + c % 2, 1 + c as u64 % 2);
        setup.lists[0][1] = Some(c % 2);
        setup.manifest().bytes().to_vec()
    });
    std::iter::once(DONE.manifest.bytes().to_vec()).chain(each).collect()
}
