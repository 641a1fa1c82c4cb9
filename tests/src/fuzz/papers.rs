//! What people hand to `tally`: the TOML file, VIS3 files, public key files, certificates, sealed files, signatures. Its command line runs
//! within this process.

use super::manifest;
use super::record::folder;
use super::town::DONE;
use crate::lab;
use age::scrypt::Recipient;
use age::secrecy::SecretString;
use ballot::encode::Record;
use board::Entry;
use std::ffi::OsString;
use std::path::Path;

const PASSPHRASE: &str = "a passphrase for tests";

/// Number, name, and an honest content of each paper.
const NAMES: [&str; 8] = ["e.toml", "districts.json", "choices.json", "k0.public.json", "anchor", "plain", "key.age", "signatures"];

/// The first byte says which paper the rest is; the others are honest.
pub fn run(bytes: &[u8]) {
    status(bytes);
}

/// The exit status, unless the paper is not tried.
pub fn status(bytes: &[u8]) -> Option<u8> {
    let (which, paper) = bytes.split_first()?;
    let which = usize::from(*which) % NAMES.len();
    if which == 6 && work(paper) > 8 {
        return None; // up to 2^22 it is done, which takes a minute
    }
    let (folder, vis3) = (folder(), matches!(which, 1 | 2));
    let mut papers = honest(vis3);
    papers[which] = paper.to_vec();
    if which == 5 {
        papers[6] = seal(paper);
    }
    for (name, content) in NAMES.iter().zip(&papers) {
        // The file of signatures is made by the program unless it is the paper.
        if *name != "plain" && (*name != "signatures" || which == 7) {
            std::fs::write(folder.path().join(name), content).expect("a folder to write into");
        }
    }
    for name in ["k1", "k2", "t1", "t2", "t3", "m1", "m2", "m3", "collector", "w1"] {
        std::fs::write(folder.path().join(format!("{name}.public.json")), public(name)).expect("a folder to write into");
    }
    std::fs::write(folder.path().join("passphrase"), PASSPHRASE).expect("a folder to write into");
    Some(if which < 5 { new(folder.path(), vis3) } else { sign(folder.path()) })
}

fn tally(folder: &Path, words: &str) -> u8 {
    let words = words.split(' ').map(|word| match word.strip_prefix('@') {
        Some(file) => folder.join(file).into_os_string(),
        None => OsString::from(word),
    });
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    let status = tally::run(std::iter::once(OsString::from("tally")).chain(words), &mut out, &mut errors);
    assert!(matches!(status, 0..=2), "{status}: {}", String::from_utf8_lossy(&errors));
    assert!((status == 0) == errors.is_empty(), "an error has words");
    status
}

/// What it makes is a manifest for everybody.
fn new(folder: &Path, vis3: bool) -> u8 {
    let imported = if vis3 { " --districts @districts.json --choices @choices.json" } else { "" };
    let made = folder.join("out/manifest.json");
    let status = tally(folder, &format!("new @e.toml --out @out{imported}"));
    if status == 0 {
        manifest::run(&std::fs::read(made).expect("a manifest"));
    } else {
        assert!(!made.exists(), "refused, and made all the same");
    }
    status
}

/// It signs with the sealed key of a member and with nothing else.
fn sign(folder: &Path) -> u8 {
    std::fs::write(folder.join("manifest.json"), DONE.manifest.bytes()).expect("a folder to write into");
    let before = std::fs::read(folder.join("signatures")).ok();
    let status =
        tally(folder, "sign-manifest --manifest @manifest.json --key @key.age --out @signatures --passphrase-file @passphrase --yes");
    let after = std::fs::read(folder.join("signatures")).ok();
    if status == 0 {
        let entry = Entry::from_bytes(&after.expect("signatures")).expect("what it wrote can be read");
        let Entry::Manifest { election, signatures } = entry else { panic!("it signed something else") };
        assert!(election == DONE.id() && signatures.iter().any(|s| s.0 == 1), "its own signature is there");
    } else {
        assert_eq!(before, after, "refused, and written all the same");
    }
    status
}

/// The work factor that the head of a sealed file names.
fn work(sealed: &[u8]) -> u32 {
    let line = sealed.split(|b| *b == b'\n').nth(1).unwrap_or_default();
    let last = line.rsplit(|b| *b == b' ').next().unwrap_or_default();
    std::str::from_utf8(last).ok().and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn public(name: &str) -> Vec<u8> {
    let share = if name.starts_with('t') { format!(",\"share_key\":\"{}\"", hex::encode(lab::point(name).bytes())) } else { String::new() };
    let key = hex::encode(lab::signing_key(name).verifying_key().to_bytes());
    format!("{{\"name\":\"{name}\",\"key\":\"{key}\"{share}}}").into_bytes()
}

fn seal(plain: &[u8]) -> Vec<u8> {
    let mut recipient = Recipient::new(SecretString::from(PASSPHRASE.to_owned()));
    recipient.set_work_factor(1);
    age::encrypt(&recipient, plain).expect("sealed")
}

fn honest(vis3: bool) -> Vec<Vec<u8>> {
    let contests = if vis3 { "" } else { CONTESTS };
    let key = hex::encode(lab::signing_key("committee-1").to_bytes());
    let plain = format!("haal key file 1\n{{\"role\":\"committee\",\"name\":\"committee-1\",\"key\":\"{key}\"}}\n");
    let anchor = DONE.manifest.description().eid.anchors[0].clone();
    let anchor = format!("-----BEGIN CERTIFICATE-----\n{anchor}\n-----END CERTIFICATE-----\n");
    [
        format!("{HEAD}{contests}").into_bytes(),
        DISTRICTS.as_bytes().to_vec(),
        CHOICES.as_bytes().to_vec(),
        public("k0"),
        anchor.into_bytes(),
        plain.clone().into_bytes(),
        seal(plain.as_bytes()),
        DONE.entries[0].clone(),
    ]
    .into()
}

/// Each paper.
pub fn seeds() -> Vec<Vec<u8>> {
    let papers = honest(false).into_iter().enumerate();
    papers.map(|(which, paper)| [&[which as u8], paper.as_slice()].concat()).collect()
}

const HEAD: &str = r#"title = "Town"
kind = "election"
k_min = 2
[voting]
from = 1000
until = 2090-01-01T00:00:00Z
[board]
batch_seconds = 1
batch_smallest = 1
[check]
minutes = 30
releases = 3
[eid]
profile = "cades-b"
anchors = ["anchor"]
[committee]
quorum = 2
members = ["k0.public.json", "k1.public.json", "k2.public.json"]
[collector]
key = "collector.public.json"
[witnesses]
quorum = 1
faulty = 0
members = ["w1.public.json"]
[trustees]
threshold = 2
members = ["t1.public.json", "t2.public.json", "t3.public.json"]
[mixers]
required = 2
members = ["m1.public.json", "m2.public.json", "m3.public.json"]
"#;

const CONTESTS: &str = r#"[[districts]]
id = "north"
title = "North"
[[districts]]
id = "south"
title = "South"
[[contests]]
id = "mayor"
title = "Mayor"
rule = { kind = "choose", min = 1, max = 1, blank = true }
options = [{ id = "ann", title = "Ann" }, { id = "ben", title = "Ben" }]
[[contests]]
id = "council"
title = "Council"
rule = { kind = "list" }
[[contests.lists]]
districts = ["north", "south"]
options = [{ id = "x", title = "Xavi", group = "Greens" }, { id = "y", title = "Ylva" }]
"#;

const DISTRICTS: &str = r#"{"election":"KOV_2025","regions":{"0141":{"parish":"Anija vald"},"0198":{"parish":"Harku vald"}},
"districts":{"0198.1":{"name":"Valimisringkond nr. 1","parish":["0198"]},"0141.1":{"name":"Valimisringkond nr. 1","parish":["0141"]}},
"counties":{"0037":["0141","0198"]}}"#;

const CHOICES: &str = r#"{"election":"KOV_2025","choices":{"0141.1":{"Koduvald":{"0141.101":"Mari","0141.102":"Mari"}},
"0198.1":{"Keskerakond":{"0198.101":"Ülo"},"Üksikkandidaadid":{"0198.102":"Ülo"}}}}"#;
