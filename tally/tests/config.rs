//! The TOML file of `tally new`: what it becomes, and what is said about each mistake.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use ballot::Manifest;
use ballot::manifest::{Count, Rule};
use common::{CONTESTS, expect, ok, tally};
use std::path::Path;

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let keys = dir.path().join("keys");
    for (role, names) in [("committee", vec!["c1", "c2"]), ("trustee", vec!["t1", "t2", "t3"]), ("mixer", vec!["m1", "m2", "m3"])] {
        for name in names {
            ok(&["keygen", "--role", role, "--name", name, "--out", keys.to_str().unwrap()]);
        }
    }
    common::collector::write_public(&keys);
    std::fs::write(dir.path().join("anchor.der"), [0x30, 1, 0]).unwrap();
    dir
}

fn new(dir: &Path, text: &str) -> std::process::Output {
    let file = dir.join("election.toml");
    std::fs::write(&file, text).unwrap();
    tally(&["new", file.to_str().unwrap(), "--out", dir.join("out").to_str().unwrap()])
}

#[test]
fn a_file_becomes_a_manifest() {
    let dir = folder();
    let text = format!("{}{CONTESTS}", common::head());
    let output = new(dir.path(), &text);
    let manifest = Manifest::from_bytes(&std::fs::read(dir.path().join("out/manifest.json")).unwrap()).unwrap();
    expect(&output, 0, &format!("Election id: {}", hex::encode(manifest.id())));
    let d = manifest.description();
    assert_eq!((d.voting.from, d.voting.until), (1000, 3_786_912_000));
    assert_eq!((d.contests[0].count, d.contests[1].count), (Count::Sum, Count::Plurality));
    assert_eq!(d.contests[0].rule, Rule::Choose { min: 1, max: 1, blank: true });
    assert_eq!(d.contests[0].lists[0].districts, ["north", "south"]);
    assert_eq!(d.contests[1].lists[0].options[0].group, "Greens");
    let until = |text: &str, new: &str| text.replace("until = 2090-01-01T00:00:00Z", new);
    expect(&new(dir.path(), &until(&text, "until = \"2090-01-01T02:00:00+02:00\"")), 0, &hex::encode(manifest.id()));
    expect(&new(dir.path(), &until(&text, "until = 3786912000")), 0, &hex::encode(manifest.id()));
    expect(&new(dir.path(), &text.replace("threshold = 2", "threshold = 3\noverride = true")), 0, "WARNING: override");
    expect(&new(dir.path(), &text.replace("kind = \"election\"", "kind = \"practice\"")), 0, "PRACTICE");
}

#[test]
fn the_example_is_an_election() {
    let dir = folder();
    let example = ok(&["new", "--example"]);
    let keys = dir.path().join("keys");
    let copy = |to: &str, role: &str| {
        if role.is_empty() {
            let text = format!(
                "{{\"name\":\"{to}\",\"key\":\"{}\"}}",
                hex::encode(ed25519_dalek::SigningKey::from_bytes(&[to.len() as u8 + to.as_bytes()[1]; 32]).verifying_key().to_bytes())
            );
            std::fs::write(keys.join(format!("{to}.public.json")), text).unwrap();
        } else {
            ok(&["keygen", "--role", role, "--name", to, "--out", keys.to_str().unwrap()]);
        }
    };
    ["kask", "tamm", "saar"].iter().for_each(|n| copy(n, "committee"));
    ["one", "two", "three", "four", "five"].iter().for_each(|n| copy(n, "trustee"));
    ["w2", "w3"].iter().for_each(|n| copy(n, ""));
    std::fs::create_dir(dir.path().join("certificates")).unwrap();
    std::fs::write(dir.path().join("certificates/root.pem"), "-----BEGIN CERTIFICATE-----\nMAEA\n-----END CERTIFICATE-----\n").unwrap();
    let output = new(dir.path(), &example);
    expect(&output, 0, "Election id:");
    expect(&output, 0, "Contest council: Council (mixed); 4 options in 2 lists.");
}

/// An election whose key nobody could make, because a reveal would not fit into its blob, is refused before it is signed.
#[test]
fn an_election_that_cannot_be_carried_out() {
    let dir = folder();
    let names: Vec<String> = (1..=23).map(|i| format!("k{i}")).collect();
    for (i, name) in (1u8..).zip(&names) {
        let key = ed25519_dalek::SigningKey::from_bytes(&[i; 32]).verifying_key().to_bytes();
        let share = ballot::RistrettoPoint::mul_base(&ballot::Scalar::from(i)).compress().to_bytes();
        let text = format!("{{\"name\":\"{name}\",\"key\":\"{}\",\"share_key\":\"{}\"}}", hex::encode(key), hex::encode(share));
        std::fs::write(dir.path().join(format!("keys/{name}.public.json")), text).unwrap();
    }
    let members = names.iter().map(|n| format!("\"keys/{n}.public.json\"")).collect::<Vec<_>>().join(", ");
    let options = (0..500).map(|i| format!("{{ id = \"o{i}\", title = \"Option {i}\" }}")).collect::<Vec<_>>().join(", ");
    let head = common::head();
    let (before, rest) = head.split_once("[trustees]").unwrap();
    let after = &rest[rest.find("\n[").unwrap()..];
    let contest = format!(
        "[[districts]]\nid = \"north\"\ntitle = \"North\"\n[[contests]]\nid = \"wide\"\ntitle = \"Wide\"\nrule = {{ kind = \"approve\" }}\noptions = [{options}]\n"
    );
    let with = |threshold: u32| format!("{before}[trustees]\nthreshold = {threshold}\nmembers = [{members}]\n{after}{contest}");
    expect(&new(dir.path(), &with(21)), 0, "Election id:");
    std::fs::remove_file(dir.path().join("out/manifest.json")).unwrap();
    expect(
        &new(dir.path(), &with(22)),
        1,
        "MAN-17: with 23 trustees, threshold 22 and 500 columns (the widest contest) a reveal would have",
    );
    assert!(!dir.path().join("out/manifest.json").exists());
}

#[test]
fn every_mistake_is_named() {
    let dir = folder();
    let good = format!("{}{CONTESTS}", common::head());
    std::fs::write(dir.path().join("not-a-key.json"), "{}").unwrap();
    std::fs::write(dir.path().join("text.pem"), "-----BEGIN CERTIFICATE-----\nhello").unwrap();
    // What is changed, into what, the exit status, and what is said.
    let cases: &[(&str, &str, i32, &str)] = &[
        ("title = \"Town election\"", "title = Town", 2, "line 2"),
        ("title = \"Town election\"", "titel = \"Town election\"", 2, "unknown field `titel`"),
        ("title = \"Town election\"", "", 2, "missing field `title`"),
        ("title = \"Town election\"", "title = \"\"", 1, "MAN-5: title"),
        ("title = \"Town election\"", "title = \"Town\\u202e\"", 1, "MAN-5: title"),
        ("kind = \"election\"", "kind = \"poll\"", 2, "unknown variant `poll`"),
        ("k_min = 2", "k_min = 0", 1, "MAN-3: k_min"),
        ("k_min = 2", "k_min = -1", 2, "line 4"),
        ("from = 1000", "from = 2091-01-01T00:00:00Z", 1, "MAN-3: voting"),
        ("from = 1000", "from = 2026-03-01", 1, "voting.from"),
        ("from = 1000", "from = \"soon\"", 1, "voting.from: \"soon\""),
        ("from = 1000", "from = 1.5", 2, "a time like"),
        ("anchors = [\"anchor.der\"]", "anchors = []", 1, "MAN-14"),
        ("anchors = [\"anchor.der\"]", "anchors = [\"anchor.der\", \"anchor.der\"]", 1, "MAN-14"),
        ("anchors = [\"anchor.der\"]", "anchors = [\"no.der\"]", 2, "eid.anchors[0]"),
        ("anchors = [\"anchor.der\"]", "anchors = [\"election.toml\"]", 1, "neither a PEM nor a DER certificate"),
        ("anchors = [\"anchor.der\"]", "anchors = [\"text.pem\"]", 1, "a certificate without END"),
        ("profile = \"cades-b\"", "profile = \"cades-b\"\npolicies = []", 1, "MAN-16: eid.policies"),
        ("profile = \"cades-b\"", "profile = \"cades-b\"\nocsp = { age = 60, clock = 60 }", 2, "missing field `nonce`"),
        ("profile = \"cades-b\"", "profile = \"cades-b\"\nocsp = { age = 0, clock = 60, nonce = true }", 1, "MAN-3: eid.ocsp.age"),
        (
            "profile = \"cades-b\"",
            "profile = \"cades-b\"\nstamp = { anchors = [\"no.der\"], clock = 60, policies = [\"1.2\"], seconds = 60 }",
            2,
            "eid.stamp.anchors[0]",
        ),
        ("profile = \"cades-b\"", "profile = \"xades\"", 2, "unknown variant `xades`"),
        ("keys/c2.public.json", "keys/c3.public.json", 2, "committee.members[1]"),
        ("keys/c2.public.json", "keys/c1.public.json", 1, "MAN-4: name \"c1\""),
        ("keys/c2.public.json", "not-a-key.json", 2, "not a public key file"),
        ("keys/t2.public.json", "keys/m1.public.json", 1, "trustees.members[1]: keys/m1.public.json has no share_key"),
        ("quorum = 2\nmembers = [\"keys/c1", "quorum = 3\nmembers = [\"keys/c1", 1, "MAN-7: committee"),
        ("threshold = 2", "threshold = 3", 1, "MAN-8"),
        ("threshold = 2", "threshold = 1", 1, "MAN-8"),
        ("faulty = 0", "faulty = 1", 1, "MAN-9"),
        ("required = 2", "required = 1", 1, "MAN-7: mixers.required"),
        ("required = 2", "required = 4", 1, "MAN-7: mixers"),
        ("id = \"south\"", "id = \"North\"", 1, "MAN-4: district \"North\""),
        ("id = \"south\"", "id = \"north\"", 1, "MAN-4: district \"north\""),
        ("id = \"council\"", "id = \"mayor\"", 1, "MAN-4: contest \"mayor\""),
        ("kind = \"choose\", min = 1, max = 1", "kind = \"choose\", min = 3, max = 1", 1, "MAN-11: mayor"),
        ("kind = \"choose\", min = 1, max = 1", "kind = \"elect\", min = 3, max = 1", 2, "unknown variant `elect`"),
        ("kind = \"choose\", min = 1, max = 1, blank = true", "kind = \"choose\", min = 1", 2, "line"),
        ("kind = \"list\"", "kind = \"list\", places = 2", 2, "unknown field `places`"),
        ("id = \"ben\", title = \"Ben\"", "id = \"ann\", title = \"Ben\"", 1, "MAN-4: contest mayor option \"ann\""),
        ("id = \"ben\", title = \"Ben\"", "id = \"ben\", title = \"Ann\"", 1, "MAN-5: option \"Ann\""),
        ("options = [{ id = \"ann\", title = \"Ann\" }, { id = \"ben\", title = \"Ben\" }]", "", 1, "contests \"mayor\": give either"),
        ("batch_seconds = 1", "batch_seconds = 0", 1, "MAN-3: board.batch_seconds"),
    ];
    for (from, to, status, says) in cases {
        assert!(good.contains(from), "{from}");
        let output = new(dir.path(), &good.replacen(from, to, 1));
        println!("{from} -> {to}");
        expect(&output, *status, says);
        assert!(!dir.path().join("out").exists());
    }
}
