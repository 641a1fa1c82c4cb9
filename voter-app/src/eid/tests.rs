mod mobile_id;
#[allow(dead_code)]
#[path = "../../../tests/src/pki.rs"]
mod pki;
mod smart_id;
mod smart_id_scan;
mod stand_in;
mod web_eid;

use super::fault::Fault;
use super::terminal::Terminal;
use super::{Answers, Holder, MEANS, Means, Secret};
use crate::failure::{Failure, Kind};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Answers from pairs.
pub fn answers(pairs: &[(&str, &str)]) -> Answers {
    let mut answers = Answers::default();
    pairs.iter().for_each(|(name, value)| answers.set(name, Zeroizing::new((*value).to_owned())));
    answers
}

#[test]
fn a_means_is_opened_with_all_its_inputs_and_no_other() {
    let open = |pairs: &[(&str, &str)]| Means::find("folder").unwrap().open(&answers(pairs), Arc::new(Terminal::default()));
    let words = |result: Result<_, Failure>| result.err().unwrap().to_string();
    assert!(words(open(&[("folder", "x")])).contains("person"));
    assert!(words(open(&[("folder", "x"), ("person", "")])).contains("person"));
    assert!(words(open(&[("folder", "x"), ("person", "PNOEE-1"), ("pin", "1234")])).contains("no `pin`"));
    let nothing_there = open(&[("folder", "nowhere"), ("person", "PNOEE-1")]).err().unwrap();
    assert_eq!(nothing_there.kind, Kind::Unreadable);
    assert_eq!(Means::find("fingerprint").err().unwrap().kind, Kind::Usage);
}

#[test]
fn names_are_unique_and_answers_are_never_printed() {
    for (at, means) in MEANS.iter().enumerate() {
        assert!(MEANS.iter().skip(at + 1).all(|other| other.name != means.name));
        assert!(means.inputs.iter().enumerate().all(|(i, input)| means.inputs.iter().skip(i + 1).all(|other| other.name != input.name)));
    }
    assert!(!format!("{:?}", answers(&[("code", "38001085718")])).contains("38001085718"));
}

#[test]
fn a_fault_says_what_happened_and_what_to_do_and_stays_readable_for_a_page() {
    let failure = Failure::from(Fault::WrongPin(Some(2)));
    assert_eq!(failure.eid, Some(Fault::WrongPin(Some(2))));
    assert_eq!(failure.to_string(), "The PIN is wrong. 2 tries are left\nWhat to do: Nothing was signed. Try again with the right one.");
}

#[test]
fn pins_come_from_the_lines_of_a_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "1234\n12345\n").unwrap();
    let holder = Terminal { pin_file: Some(file.path().to_owned()) };
    assert_eq!(*holder.secret(&Secret::Pin1, None).unwrap(), "1234");
    assert_eq!(*holder.secret(&Secret::Password("me.p12".to_owned()), None).unwrap(), "1234");
    assert_eq!(*holder.secret(&Secret::Pin2, Some(3)).unwrap(), "12345");
    std::fs::write(file.path(), "1234\n").unwrap();
    assert_eq!(holder.secret(&Secret::Pin2, None).err().unwrap().kind, Kind::Unreadable);
}
