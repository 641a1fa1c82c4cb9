use super::answers;
use super::pki::{P384, Person};
use super::stand_in::{arc, assert_works, log_in, sign, test_pki};
use crate::eid::fault::Fault;
use crate::eid::web_eid::MEANS;
use crate::eid::{Holder, Notice, Opened, Secret};
use std::path::Path;
use std::sync::Arc;

/// A folder with the stand-in and its keys; nothing, said visibly, where it cannot run.
fn stand_in() -> Option<tempfile::TempDir> {
    let there = |program: &str| std::process::Command::new(program).arg("--version").output().is_ok();
    if !there("python3") || std::process::Command::new("openssl").arg("version").output().is_err() {
        eprintln!("SKIPPED: python3 or openssl cannot be run");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let pki = test_pki();
    for (who, n) in [("", 1), ("other.", 2)] {
        let eid = pki.voter(&Person::numbered(n), P384).unwrap();
        for (usage, credential) in [("login", &eid.login), ("sign", &eid.sign)] {
            std::fs::write(folder.path().join(format!("{who}{usage}.key.pem")), &credential.key_pem).unwrap();
            std::fs::write(folder.path().join(format!("{who}{usage}.pem")), &credential.chain_pem).unwrap();
        }
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/web-eid-stand-in.py");
    std::os::unix::fs::symlink(script, folder.path().join("web-eid")).unwrap();
    Some(folder)
}

fn open(program: &Path, origin: &str, holder: Arc<dyn Holder>) -> Opened {
    MEANS.open(&answers(&[("program", &program.display().to_string()), ("origin", origin)]), holder)
}

#[test]
fn logs_in_and_signs_while_the_pins_go_to_its_own_window() {
    let Some(folder) = stand_in() else { return };
    let (voter, holder) = arc();
    let eid = open(&folder.path().join("web-eid"), "https://vote.example", holder).unwrap();
    assert_works(eid.as_ref(), "PNOEE-60000000001");
    let expected = [Notice::Elsewhere(Secret::Pin1), Notice::Over, Notice::Elsewhere(Secret::Pin2), Notice::Over];
    assert_eq!(voter.take(), expected);
}

#[test]
fn what_goes_wrong() {
    let Some(folder) = stand_in() else { return };
    let eid = open(&folder.path().join("web-eid"), "https://vote.example", arc().1).unwrap();
    let twist = |name: &str| std::fs::write(folder.path().join("twist"), name).unwrap();
    for (name, expected) in [
        ("cancel", Fault::Refused),
        ("other-key", Fault::BadSignature),
        ("other-nonce", Fault::BadSignature),
        ("other-origin", Fault::BadSignature),
    ] {
        twist(name);
        assert_eq!(log_in(eid.as_ref()).err().unwrap().eid, Some(expected), "{name}");
    }
    twist("other-person");
    assert!(matches!(log_in(eid.as_ref()).err().unwrap().eid, Some(Fault::OtherPerson { .. })));
    for name in ["algorithm", "silent"] {
        twist(name);
        assert!(matches!(log_in(eid.as_ref()).err().unwrap().eid, Some(Fault::Device(_))), "{name}");
    }
    twist("cancel");
    assert_eq!(sign(eid.as_ref()).err().unwrap().eid, Some(Fault::Refused));
    twist("other-key-sign");
    assert_eq!(sign(eid.as_ref()).err().unwrap().eid, Some(Fault::BadSignature), "signed by another person");

    for origin in ["http://vote.example", "https://vote.example/", "https://", "vote.example"] {
        assert!(open(&folder.path().join("web-eid"), origin, arc().1).err().unwrap().eid.is_none(), "{origin}");
    }
    assert!(open(Path::new("web-eid"), "https://vote.example", arc().1).err().unwrap().eid.is_none());
    let none = open(&folder.path().join("none"), "https://vote.example", arc().1).err().unwrap();
    assert!(matches!(none.eid, Some(Fault::Device(_))));
}
