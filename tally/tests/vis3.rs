//! Districts and candidates from VIS3-EHS files. The real files are not part of the repository; without them two tests say so and pass.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use ballot::Manifest;
use common::{expect, ok, tally};
use std::path::{Path, PathBuf};
use std::process::Output;

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

fn new(dir: &Path, toml: &str, districts: &Path, choices: &Path) -> Output {
    let file = dir.join("election.toml");
    std::fs::write(&file, toml).unwrap();
    let text = |p: &Path| p.to_str().unwrap().to_owned();
    tally(&["new", &text(&file), "--out", &text(&dir.join("out")), "--districts", &text(districts), "--choices", &text(choices)])
}

fn manifest(dir: &Path) -> Manifest {
    Manifest::from_bytes(&std::fs::read(dir.join("out/manifest.json")).unwrap()).unwrap()
}

/// The folder of real files, if it is there.
fn shared() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/estonia");
    if !path.exists() {
        eprintln!("SKIPPED: {} is not there", path.display());
    }
    path.exists().then_some(path)
}

const DISTRICTS: &str = r#"{"election":"KOV_2025","regions":{"0141":{"parish":"Anija vald"},"0198":{"parish":"Harku vald"}},
"districts":{"0198.1":{"name":"Valimisringkond nr. 1","parish":["0198"]},"0141.1":{"name":"Valimisringkond nr. 1","parish":["0141"]}},
"counties":{"0037":["0141","0198"]}}"#;
const CHOICES: &str = r#"{"election":"KOV_2025","choices":{"0141.1":{"Koduvald":{"0141.101":"Mari Maasikas","0141.102":"Mari Maasikas"}},
"0198.1":{"Keskerakond":{"0198.101":"Jüri Ülo"},"Üksikkandidaadid":{"0198.102":"Jüri Ülo"}}}}"#;

#[test]
fn small_files() {
    let dir = folder();
    let (d, c) = (dir.path().join("d.json"), dir.path().join("c.json"));
    let with = |districts: &str, choices: &str| {
        std::fs::write(&d, districts).unwrap();
        std::fs::write(&c, choices).unwrap();
        new(dir.path(), &common::head(), &d, &c)
    };
    expect(&with(DISTRICTS, CHOICES), 0, "Contest kov_2025: Town election (mixed); 4 options in 2 lists.");
    let m = manifest(dir.path());
    let description = m.description();
    let districts: Vec<_> = description.districts.iter().map(|d| (d.id.as_str(), d.title.as_str())).collect();
    let expected = [("0198.1", "Valimisringkond nr. 1 (0198.1)"), ("0141.1", "Valimisringkond nr. 1 (0141.1)")];
    assert_eq!(districts, expected, "in the order of the file, and told apart");
    let lists = &description.contests[0].lists;
    let mari: Vec<_> = lists[0].options.iter().map(|o| o.title.as_str()).collect();
    assert_eq!(mari, ["Mari Maasikas (0141.101)", "Mari Maasikas (0141.102)"]);
    assert_eq!((lists[1].options[1].group.as_str(), lists[1].options[1].title.as_str()), ("Üksikkandidaadid", "Jüri Ülo"));
    // What is changed in which file, and what is said.
    let cases: &[(bool, &str, &str, i32, &str)] = &[
        (true, "\"parish\":[\"0141\"]", "\"parish\":[\"0141\"],\"seats\":5", 2, "unknown field `seats`"),
        (true, "\"election\"", "\"event\":1,\"election\"", 2, "unknown field `event`"),
        (true, "{\"parish\":\"Anija vald\"}", "{\"town\":\"Anija vald\"}", 2, "unknown field `town`"),
        (true, "\"0141.1\"", "\"0198.1\"", 2, "\"0198.1\" stands twice"),
        (true, "\"0141.1\"", "\"0141\"", 1, "district \"0141\" does not have the form"),
        (true, "\"parish\":[\"0141\"]", "\"parish\":[\"0999\"]", 1, "parish \"0999\" is not among the regions"),
        (true, "\"0037\":[\"0141\"", "\"0037\":[\"0142\"", 1, "counties \"0037\": parish \"0142\""),
        (true, "KOV_2025", "KOV_2021", 1, "different elections"),
        (true, "}}", "", 2, "d.json"),
        (false, "\"0141.102\"", "\"0141.101\"", 2, "\"0141.101\" stands twice"),
        (false, "\"0198.102\"", "\"0198.101\"", 1, "choice \"0198.101\" stands twice"),
        (false, "\"0141.1\"", "\"0141.2\"", 1, "choices for district \"0141.2\", which the districts file does not have"),
        (false, "\"0141.101\"", "\"0141.x\"", 1, "choice \"0141.x\" does not have the form"),
        (
            false,
            "\"0141.1\":{\"Koduvald\":{\"0141.101\":\"Mari Maasikas\",\"0141.102\":\"Mari Maasikas\"}},",
            "",
            1,
            "no choices for district \"0141.1\"",
        ),
        (false, "{\"0141.101\":\"Mari Maasikas\",\"0141.102\":\"Mari Maasikas\"}", "{}", 1, "no choices for district \"0141.1\""),
        (false, ",\"0141.102\":\"Mari Maasikas\"", "", 1, "MAN-11"),
        (false, "Keskerakond", "Kesk\\u202eerakond", 1, "MAN-5: group"),
        (false, "KOV_2025", "KOV 2025", 1, "different elections"),
    ];
    for (first, from, to, status, says) in cases {
        let (districts, choices) = match first {
            true => (DISTRICTS.replacen(from, to, 1), CHOICES.to_owned()),
            false => (DISTRICTS.to_owned(), CHOICES.replacen(from, to, 1)),
        };
        assert_ne!((districts.as_str(), choices.as_str()), (DISTRICTS, CHOICES), "{from}");
        println!("{from} -> {to}");
        expect(&with(&districts, &choices), *status, says);
    }
    let spaced = |text: &str| text.replace("KOV_2025", "KOV 2025");
    expect(&with(&spaced(DISTRICTS), &spaced(CHOICES)), 1, "cannot be made an identifier");
    std::fs::write(&d, DISTRICTS).unwrap();
    std::fs::write(&c, CHOICES).unwrap();
    let named = format!("{}\n[vis3]\ncontest = \"council\"\ntitle = \"Volikogu\"\n", common::head());
    expect(&new(dir.path(), &named, &d, &c), 0, "Contest council: Volikogu (mixed)");
    let both = format!("{}{}", common::head(), common::CONTESTS);
    expect(&new(dir.path(), &both, &d, &c), 1, "take [[districts]] and [[contests]] out");
}

#[test]
fn the_parliament_of_2019() {
    let Some(shared) = shared() else { return };
    let dir = folder();
    let (d, c) = (shared.join("rk2019/RK_2019.districts.json"), shared.join("rk2019/RK_2019.choices.json"));
    expect(&new(dir.path(), &common::head(), &d, &c), 0, "12 districts");
    let m = manifest(dir.path());
    let contest = &m.description().contests[0];
    assert_eq!((contest.id.as_str(), contest.lists.len()), ("rk_2019", 12));
    let ids: Vec<&str> = m.description().districts.iter().map(|d| d.id.as_str()).collect();
    assert_eq!((ids[0], ids[11]), ("0000.1", "0000.12"), "in the order of the file, not of the alphabet");
    assert_eq!(contest.lists.iter().map(|l| l.options.len()).sum::<usize>(), 1099);
    let first = &contest.lists[0].options[0];
    assert_eq!((first.id.as_str(), first.title.as_str(), first.group.as_str()), ("0000.101", "Andres Herkel", "Eesti Vabaerakond"));
    println!("ballot of {} bytes, manifest of {} bytes", m.ballot_len(0), m.bytes().len());
}

#[test]
fn the_examples_of_vis3() {
    let Some(shared) = shared() else { return };
    let dir = folder();
    let file = |folder: &str, name: &str| shared.join("vis3-ehs").join(folder).join(name);
    let districts = "1_Valimisringkondade_nimekiri";
    let choices = "2_Valikute_nimekiri";
    for (d, c, status, says) in [
        ("districts_EP.json", "choices_EP.json", 0, "Contest ep2032: Town election (mixed); 4 options in 1 lists."),
        ("districts_RH.json", "choices_RH.json", 0, "Contest rh2036: Town election (mixed); 2 options in 1 lists."),
        // These examples do not fit together.
        ("districts_RK.json", "choices_RK.json", 1, "choices for district \"0000.1\", which the districts file does not have"),
        ("district_KOV.json", "choices_KOV.json", 1, "choices for district \"0784.1\", which the districts file does not have"),
        ("districts_EP.json", "choices_RH.json", 1, "different elections"),
    ] {
        expect(&new(dir.path(), &common::head(), &file(districts, d), &file(choices, c)), status, says);
    }
}
