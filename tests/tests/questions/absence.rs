//! ASK-4: nobody, somebody, nobody so far, and nobody of that name.

use super::ask::{Record, run};
use ballot::encode::hash;
use e2e::insider::{ballots::code, town};
use serde_json::json;

#[test]
fn none_and_cast() {
    let i = town::done();
    let record = Record::of(&i);
    let annul = i.orders_of(board::OrderKind::Annul)[0];
    for (voter, verdict, exit, ballots, challenged, last, annulment) in [
        (11, "none", 0, 0, 0, json!(null), json!(null)),
        (0, "cast", 4, 2, 1, json!("counted"), json!(null)),
        (1, "cast", 4, 3, 0, json!("counted"), json!(null)),
        (3, "cast", 4, 1, 0, json!("annulled"), json!({"entry": annul, "reason": 1})),
    ] {
        let name = hex::encode(i.voter(voter));
        let said = record.ask("absence", &["--pseudonym", &name]);
        assert_eq!((said.code, said.verdict()), (exit, verdict));
        let wanted = json!([name, ballots, challenged, last, annulment]);
        let found = json!(["pseudonym", "ballots", "challenged", "last", "annulment"].map(|f| &said.json[f]));
        assert_eq!(found, wanted);
        // By person code and blinding it is the same question.
        let blinding = hex::encode(hash("blinding", &[&(voter as u64).to_be_bytes()]));
        let same = record.ask("absence", &["--person-code", &code(voter), "--blinding", &blinding]);
        assert_eq!((same.code, &same.json), (said.code, &said.json));
    }
}

#[test]
fn a_challenge_alone_is_no_ballot() {
    let mut i = town::opened();
    let item = i.challenge(11, &town::vote(0, 0));
    i.batch(vec![item]);
    i.close();
    let record = Record::of(&i);
    let said = record.ask("absence", &["--pseudonym", &hex::encode(i.voter(11))]);
    assert_eq!((said.code, said.verdict(), &said.json["challenged"]), (3, "none-so-far", &json!(1)));
}

#[test]
fn nobody_so_far_and_nobody_of_that_name() {
    let i = town::closed();
    let record = Record::of(&i);
    let said = record.ask("absence", &["--pseudonym", &hex::encode(i.voter(11))]);
    assert_eq!((said.code, said.verdict()), (3, "none-so-far"));
    // That somebody voted is final.
    let said = record.ask("absence", &["--pseudonym", &hex::encode(i.voter(0))]);
    assert_eq!((said.code, said.verdict(), &said.json["last"]), (4, "cast", &json!("last-so-far")));
    let said = record.ask("absence", &["--pseudonym", &hex::encode(i.voter(77))]);
    assert_eq!((said.code, said.verdict()), (4, "not-on-roll"));
    let said = record.ask("absence", &["--person-code", "PNOEE-1", "--blinding", &"0".repeat(64)]);
    assert_eq!((said.code, said.verdict()), (4, "not-on-roll"));
    let said = run(&["absence", &record.path(), "--pseudonym", &hex::encode(i.voter(11))]);
    assert_eq!(said.code, 3);
}

#[test]
fn wrong_usage() {
    let (name, record) = ("0".repeat(64), Record::of(&town::new()).path());
    for args in [
        vec![],
        vec!["--pseudonym", "12"],
        vec!["--person-code", "x"],
        vec!["--blinding", &name],
        vec!["--person-code", "x y", "--blinding", &name],
        vec!["--person-code", "", "--blinding", &name],
        vec!["--pseudonym", &name, "--person-code", "x", "--blinding", &name],
        vec!["--pseudonym", &name, "--blinding", &name],
    ] {
        let mut all = vec!["absence", record.as_str()];
        all.extend(&args);
        assert_eq!(e2e::process::run("verifier", all).unwrap().code, 64, "{args:?}");
    }
    for args in [vec!["ballot", &record], vec!["ballot", &record, "mfzw"], vec!["complaint", &record], vec!["proof"]] {
        assert_eq!(e2e::process::run("verifier", &args).unwrap().code, 64, "{args:?}");
    }
    for command in ["ballot", "absence", "complaint", "proof"] {
        let help = e2e::process::run("verifier", [command, "--help"]).unwrap();
        assert!(help.code == 0 && help.out.contains("Exit status") && help.out.contains(&format!("  verifier {command} ")), "{}", help.out);
    }
}
