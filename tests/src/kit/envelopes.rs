//! What only the restricted evidence shows: who is on the roll, and who signed each ballot. V21, V22.
//!
//! A row changes the container of voter 1's ballot before the ballot is on the board, or a file of the evidence after everything.

use super::case::{Case, Row, row};
use crate::insider::ballots::code;
use crate::insider::eid::{Certificate, Container, DIGITAL_SIGNATURE, Key, UNTIL};
use crate::insider::{Insider, Item, Setup};
use crate::lab;
use ballot::encode::hash;
use ballot::manifest::Rule;
use base64::Engine;
use board::roll::{RollLine, pseudonym};
use std::collections::BTreeMap;

type Files = BTreeMap<String, Vec<u8>>;

/// A ballot's envelope in the making.
struct Envelope {
    container: Container,
    /// The time of acceptance.
    time: u64,
}

/// A whole election with two ballots whose envelopes are kept; gives its evidence and the path of voter 1's container without its end.
fn election(change: impl FnOnce(&mut Envelope)) -> (Insider, Files, String) {
    election_of(3, change)
}

/// The same with so many persons on the roll; whoever is the fourth is the first again under another pseudonym.
fn election_of(persons: usize, change: impl FnOnce(&mut Envelope)) -> (Insider, Files, String) {
    let mayor = lab::contest("mayor", Rule::Choose { min: 1, max: 1, blank: true }, 2);
    let mut description = Setup { mixers: (0, 0), k_min: 1, ..Setup::new(vec![mayor], 1) }.description();
    description.eid.anchors = vec![base64::prelude::BASE64_STANDARD.encode(Certificate::root().der())];
    let mut i = Insider::new(ballot::Manifest::from_description(&description).expect("a good description"));
    i.ceremony();
    i.drill();
    i.enrol(3);
    let election = i.id();
    i.lines.extend((3..persons).map(|n| RollLine { pseudonym: pseudonym(&election, &blinding(n), &person(n)), district: 0 }));
    i.roll();
    i.open();
    let (mut files, mut items, mut paths, mut change) = (Files::new(), Vec::new(), Vec::new(), Some(change));
    for voter in 0..2 {
        let ballot = i.ballot(voter, &[vec![1, 0, 0]]);
        let time = i.clock + 1;
        let mut envelope = Envelope { container: Container::new(ballot.bytes(), Certificate::of(&code(voter)), time), time };
        if voter == 1
            && let Some(change) = change.take()
        {
            change(&mut envelope);
        }
        let (container, salt) = (envelope.container.der(), hash("salt", &[&[voter as u8]]));
        let path = format!("envelopes/{}", hex::encode(hash("ballot", &[ballot.bytes()])));
        i.envelopes.insert(hash("ballot", &[ballot.bytes()]), hash("envelope", &[&salt, &container]));
        files.insert(format!("{path}.p7s"), container);
        files.insert(format!("{path}.salt"), salt.to_vec());
        files.insert(format!("{path}.time"), format!("{}\n", envelope.time).into_bytes());
        items.push(Item::Cast(ballot.bytes().to_vec()));
        paths.push(path);
    }
    i.batch(items);
    i.close();
    i.drill();
    i.fix();
    i.count();
    files.insert("roll.csv".to_owned(), roll(&i).into_bytes());
    (i, files, paths.remove(1))
}

fn person(n: usize) -> String {
    code(n % 3)
}

fn blinding(n: usize) -> [u8; 32] {
    hash("blinding", &[&(n as u64).to_be_bytes()])
}

fn roll(i: &Insider) -> String {
    let district = &i.manifest.description().districts[0].id;
    let line = |n: usize| {
        let pseudonym = pseudonym(&i.id(), &blinding(n), &person(n));
        (pseudonym, format!("{},{},{},{district}\n", person(n), hex::encode(pseudonym), hex::encode(blinding(n))))
    };
    let lines: BTreeMap<_, _> = (0..i.lines.len()).map(line).collect();
    format!("person_code,pseudonym,blinding,district\n{}", lines.into_values().collect::<String>())
}

/// Voter 1's envelope breaks a rule.
fn envelope(rule: &'static str, change: impl FnOnce(&mut Envelope)) -> Case {
    let (i, files, path) = election(change);
    let end = if rule == "EVID-3-time" { "time" } else { "p7s" };
    Case::of(i).evidence(files).fails("V22", rule.trim_end_matches("-time"), format!("evidence {path}.{end}"))
}

/// The container breaks a rule.
fn container(rule: &'static str, change: impl FnOnce(&mut Container)) -> Case {
    envelope(rule, |e| change(&mut e.container))
}

/// Files are changed afterwards; `place` is the end of voter 1's path, or another file.
fn files(rule: &'static str, place: &'static str, change: impl FnOnce(&mut Files, &str)) -> Case {
    let (i, mut files, path) = election(|_| {});
    change(&mut files, &path);
    let place = if place.starts_with('.') { format!("evidence {path}{place}") } else { format!("evidence {place}") };
    Case::of(i).evidence(files).fails("V22", rule, place)
}

/// The openings of the roll are changed.
fn openings(rule: &'static str, change: impl FnOnce(String) -> String) -> Case {
    let (i, mut files, _) = election(|_| {});
    let text = change(roll(&i));
    files.insert("roll.csv".to_owned(), text.into_bytes());
    Case::of(i).evidence(files).fails("V21", rule, "evidence roll.csv").loosely()
}

pub fn honest() -> Vec<Row> {
    vec![
        row("with evidence", "", || {
            let (i, files, _) = election(|_| {});
            Case::of(i).evidence(files)
        }),
        row("with evidence, and the signer's clock is wrong", "E11", || {
            let (i, files, _) = election(|e| e.container.signing_time = UNTIL + 5);
            Case::of(i).evidence(files)
        }),
    ]
}

pub fn rows() -> Vec<Row> {
    let mut rows = containers();
    rows.extend(evidence());
    rows
}

fn containers() -> Vec<Row> {
    vec![
        row("envelope: another ballot was signed", "M18 E13", || container("ENV-12", |c| c.signed_for = Some(b"another ballot".to_vec()))),
        row("envelope: signed with another key", "M18", || container("ENV-17", |c| c.key = Some(Key::named("another")))),
        row("envelope: the signature's other half", "M18 B04", || container("ENV-15", |c| c.high = true)),
        row("envelope: another certificate of the same key", "M18 E13", || {
            container("ENV-13", |c| {
                let mut other = c.signer.clone();
                other.valid.1 -= 1;
                c.shown = Some(other);
            })
        }),
        row("envelope: the certificate has expired", "M19 E11", || container("ENV-31", |c| c.signer.valid = (0, 900))),
        row("envelope: the certificate is not yet valid", "M19 E11", || container("ENV-30", |c| c.signer.valid.0 = 90_000)),
        row("envelope: the certificate for logging in", "M21 E11", || container("ENV-27", |c| c.signer.usage = DIGITAL_SIGNATURE)),
        row("envelope: an authority signs", "M21", || container("ENV-26", |c| c.signer.is_authority = true)),
        row("envelope: issued by an impostor", "M18 E11", || container("ENV-38", |c| c.signer.issuer_key = Key::named("impostor"))),
        row("envelope: issued by a stranger", "M18 E11", || {
            container("ENV-32", |c| {
                let stranger = Certificate::of("PNOEE-1");
                (c.signer.issuer, c.signer.issuer_key) = (stranger.subject, stranger.key);
            })
        }),
        row("envelope: two signers", "M23 E11", || container("ENV-5", |c| c.second = Some(Certificate::of(&code(0))))),
        row("envelope: a second file in the container", "M23 E11", || container("ENV-3", |c| c.inner = Some(b"another ballot".to_vec()))),
        row("envelope: the ballot itself in the container", "M23", || container("ENV-3", |c| c.inner = Some(c.content.clone()))),
        row("envelope: another person on the roll signed", "E11 E04", || container("EVID-3", |c| c.signer = Certificate::of(&code(0)))),
        row("envelope: nobody on the roll signed", "E11 E04", || container("EVID-3", |c| c.signer = Certificate::of(&code(7)))),
        row("envelope: accepted before the order open", "E11 D15", || envelope("EVID-3-time", |e| e.time = 1_000)),
        row("envelope: accepted after its batch", "E11 D17", || envelope("EVID-3-time", |e| e.time += 1)),
    ]
}

fn evidence() -> Vec<Row> {
    let swap = |end: &'static str| {
        move |files: &mut Files, path: &str| {
            let other = files.keys().find(|p| p.ends_with(end) && !p.starts_with(path)).cloned().expect("voter 0's");
            let theirs = files[&other].clone();
            let ours = files.insert(format!("{path}{end}"), theirs).expect("voter 1's");
            files.insert(other, ours);
        }
    };
    vec![
        row("evidence: a container is missing", "M18 E04", || {
            files("EVID-2", ".p7s", |files, path| _ = files.remove(&format!("{path}.p7s")))
        }),
        row("evidence: a salt is missing", "E04", || files("EVID-2", ".salt", |files, path| _ = files.remove(&format!("{path}.salt")))),
        row("evidence: a time is missing", "E04", || files("EVID-2", ".time", |files, path| _ = files.remove(&format!("{path}.time")))),
        row("evidence: two salts exchanged", "M68 E04", move || files("EVID-2", ".p7s", swap(".salt")).loosely()),
        row("evidence: two containers exchanged", "M68 E13", move || files("EVID-2", ".p7s", swap(".p7s")).loosely()),
        row("evidence: a time in other digits", "M69", || {
            files("EVID-3", ".time", |files, path| files.get_mut(&format!("{path}.time")).expect("a time").insert(0, b'0'))
        }),
        row("evidence: an envelope of no ballot", "E04 M02", || {
            let stray = "envelopes/0000000000000000000000000000000000000000000000000000000000000000.p7s";
            files("EVID-2", stray, move |files, _| _ = files.insert(stray.to_owned(), vec![0x30, 0]))
        }),
        row("evidence: one person twice on the roll", "E01 M15", || {
            let (i, files, _) = election_of(4, |_| {});
            Case::of(i).evidence(files).fails("V21", "ROLL-3", "evidence roll.csv").loosely()
        }),
        row("evidence: a person left out", "E01 M14", || {
            let (i, mut files, _) = election(|_| {});
            let text = roll(&i);
            let left = text.trim_end().rsplit_once('\n').expect("several lines");
            let pseudonym = left.1.split(',').nth(1).expect("the second field");
            files.insert("roll.csv".to_owned(), format!("{}\n", left.0).into_bytes());
            Case::of(i).evidence(files).fails("V21", "EVID-1", format!("pseudonym {pseudonym}")).loosely()
        }),
        row("evidence: a person in another district", "E01 M16", || openings("EVID-1", |text| text.replacen(",d0\n", ",d1\n", 1))),
        row("evidence: another person behind a pseudonym", "E01 E04", || openings("ROLL-3", |text| text.replacen(&code(2), &code(9), 1))),
    ]
}
