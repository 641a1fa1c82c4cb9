//! The report: what it counts, that it is the same on any machine, and what is left out after a failure. Spec: 12-verification.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod made;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use verifier::checks::{log, roll, roll_openings};
use verifier::counted::Line;
use verifier::evidence::Evidence;
use verifier::manifest::Manifest;
use verifier::progress::Progress;
use verifier::report::{Check, Report, State, Verdict};
use verifier::run::{self, Options};
use verifier::source::Source;
use verifier::tiles;

fn files(folder: &Path, prefix: &str, found: &mut Vec<String>) {
    for item in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = format!("{prefix}{}", item.file_name().to_str().unwrap());
        if item.file_type().unwrap().is_dir() { files(&item.path(), &format!("{name}/"), found) } else { found.push(name) }
    }
}

/// A copy whose files were created in the order of their names, or the other way round.
fn copy(backwards: bool) -> TempDir {
    let folder = TempDir::new().unwrap();
    let mut names = Vec::new();
    files(made::record(), "", &mut names);
    names.sort();
    if backwards {
        names.reverse();
    }
    for name in names {
        let target = folder.path().join(&name);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(made::record().join(&name), target).unwrap();
    }
    folder
}

fn manifest() -> Manifest {
    Manifest::read(&fs::read(made::record().join("manifest.json")).unwrap()).unwrap()
}

fn entries(folder: &Path) -> Vec<Vec<u8>> {
    let checkpoint = fs::read_to_string(folder.join("checkpoint")).unwrap();
    let size = checkpoint.lines().nth(1).unwrap().parse().unwrap();
    let mut entries = Vec::new();
    for (index, width) in tiles::of_level(size, 0) {
        let bytes = fs::read(folder.join(tiles::bundle(index, width))).unwrap();
        entries.extend(tiles::entries(&bytes, width).unwrap().into_iter().map(<[u8]>::to_vec));
    }
    entries
}

/// The path of the blob that the first entry with this head and kind names.
fn blob(folder: &Path, head: u8, kind: (usize, u8), at: usize) -> PathBuf {
    let entries = entries(folder);
    let entry = entries.iter().find(|entry| entry[0] == head && entry[kind.0] == kind.1).unwrap();
    folder.join("blob").join(hex::encode(&entry[at..at + 32]))
}

fn check(folder: &Path) -> Report {
    run::check(folder.to_str().unwrap(), &Options { election: Some(manifest().election), ..Options::default() })
}

fn of<'a>(report: &'a Report, id: &str) -> &'a Check {
    report.checks.iter().find(|check| check.id == id).unwrap()
}

fn failures(check: &Check) -> Vec<(&str, &str)> {
    check.failures.iter().map(|note| (note.rule.as_str(), note.place.as_str())).collect()
}

#[test]
fn an_honest_record_and_what_each_check_counts() {
    let report = check(made::record());
    let failed: Vec<_> = report.checks.iter().flat_map(|check| &check.failures).collect();
    assert_eq!(report.verdict, Verdict::Passed, "{failed:?}");
    let mut names = Vec::new();
    files(made::record(), "", &mut names);
    let tiles = names.iter().filter(|name| name.starts_with("tile/")).count();
    let size = entries(made::record()).len();
    let blobs = names.iter().filter(|name| name.starts_with("blob/")).count();
    let counts: Vec<usize> = report.checks.iter().map(|check| check.count as usize).collect();
    let expected = [
        1,
        1,
        names.len(),
        1 + tiles,
        blobs,
        size,
        size,
        1 + 211 + 1 + 3 + 1 + 1,
        2 + 12,
        2 + 1 + 6,
        215,
        215,
        1,
        208,
        1 + 3 + 1 + 1,
        1,
        2 + 1,
        2 + 3,
        6 + 3,
        5 + 2,
        0,
        0,
        0,
        0,
    ];
    assert_eq!(counts, expected);
    assert!(report.checks.iter().all(|check| check.failed == 0));
    let s = &report.summary;
    assert_eq!((s.roll, s.voters, s.ballots, s.challenged), (210, 208, 214, 1));
    assert_eq!((s.superseded, s.annulled, s.counted, s.units), (6, 1, 207, 5));
    // Who was removed may have voted, so there is no share of the roll.
    let page = verifier::html::page(&report);
    assert!(
        page.contains("<b>208</b> people voted in this log; <b>210</b> stood on the roll at its end.") && !page.contains("class=\"track\"")
    );
    assert!(page.contains("The roll is changed") && page.contains("Ballots that were struck out count again"));
    // The trustee that opened nothing is named.
    let findings: Vec<_> = report.checks.iter().flat_map(|check| check.findings.iter().map(move |note| (check.id, note))).collect();
    let [("V19", absent)] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!((absent.rule.as_str(), absent.place.as_str()), ("COMBINE-2", "unit 0"));
    assert!(absent.text.contains("trustee 2") && absent.text.contains("3 units"), "{}", absent.text);
}

/// A record with failures in many checks, that the collector has signed all the same.
fn broken(backwards: bool) -> TempDir {
    let folder = copy(backwards);
    let mut entries = entries(folder.path());
    let ballots: Vec<usize> = (0..entries.len()).filter(|index| entries[*index][0] == 5).collect();
    for index in [3, 90, 180] {
        *entries[ballots[index]].last_mut().unwrap() = 0xff; // no scalar
    }
    for index in [5, 120] {
        let last = entries[ballots[index]].len() - 32;
        entries[ballots[index]][last] ^= 1;
    }
    entries[ballots[7]][34 + 68] ^= 1; // a pseudonym
    entries.swap(ballots[20], ballots[21]);
    let order = entries.iter().position(|entry| entry[0] == 2 && entry[6] == 7).unwrap();
    *entries[order].last_mut().unwrap() ^= 1;
    made::board::write_log(folder.path(), &manifest().election, &entries);
    fs::write(blob(folder.path(), 2, (6, 10), 55), [b'a', 0xff]).unwrap();
    fs::remove_file(blob(folder.path(), 3, (5, 6), 6)).unwrap();
    fs::write(folder.path().join("tile/9\u{1b}[2J"), "").unwrap();
    fs::create_dir(folder.path().join("blob/more")).unwrap();
    fs::write(folder.path().join("blob/more/a"), "").unwrap();
    fs::write(folder.path().join("blob/more/b"), "").unwrap();
    folder
}

/// What the program prints, in a setting.
fn printed(folder: &Path, threads: &str, setting: &[(&str, &str)], json: bool) -> Vec<u8> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verifier"));
    command.args(["check", folder.to_str().unwrap(), "--quiet", "--threads", threads]).envs(setting.iter().copied());
    let output = command.args(json.then_some("--json")).output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn the_report_depends_on_the_record_alone() {
    let settings: [&[(&str, &str)]; 3] = [
        &[],
        &[("LANG", "et_EE.UTF-8"), ("LC_ALL", "et_EE.UTF-8"), ("TZ", "Asia/Tokyo")],
        &[("LC_ALL", "C"), ("TZ", "America/Lima"), ("LANG", "tr_TR")],
    ];
    for folders in [[copy(false), copy(true)], [broken(false), broken(true)]] {
        for json in [false, true] {
            let first = printed(folders[0].path(), "1", settings[0], json);
            assert!(first.len() > 500);
            for (threads, setting) in ["1", "2", "7"].into_iter().zip(settings) {
                for folder in &folders {
                    let again = printed(folder.path(), threads, setting, json);
                    assert!(again == first, "{threads} threads, {setting:?}:\n{}", String::from_utf8_lossy(&again));
                }
            }
        }
    }
}

#[test]
fn every_failure_is_named_once_and_what_needs_it_is_skipped() {
    let folder = broken(false);
    let report = check(folder.path());
    assert_eq!(report.verdict, Verdict::Failed);
    // A changed ballot that another one follows breaks a chain too (V14); which ones they are, the order of random hashes decides.
    let failed = report.checks.iter().filter(|check| check.state == State::Failed && check.id != "V14").map(|check| check.id);
    assert_eq!(failed.collect::<Vec<_>>(), ["V3", "V5", "V6", "V7", "V10", "V11", "V12"]);
    assert!(report.checks.iter().all(|check| check.failed as usize <= check.failures.len() && check.failed <= check.count));
    assert_eq!((of(&report, "V11").failed, of(&report, "V12").failed, of(&report, "V5").failed), (4, 2, 2));
    // V5 failed, and with it everything that reads heads of messages.
    for id in ["V16", "V17", "V18", "V19", "V20"] {
        assert_eq!(of(&report, id).state, State::Skipped);
        assert!(of(&report, id).reason.contains("V5"), "{}", of(&report, id).reason);
    }
    // A hostile name drives no terminal.
    let text = report.text();
    assert!(text.contains("tile/9\\u{1b}[2J") && !text.contains('\u{1b}'));
    assert!(report.json().contains("\\u001b"));
}

#[test]
fn blobs_are_verified_before_the_count() {
    let folder = copy(false);
    fs::remove_file(blob(folder.path(), 2, (6, 10), 55)).unwrap();
    let report = check(folder.path());
    assert_eq!(of(&report, "V5").failed, 1);
    assert!(of(&report, "V15").passed() && of(&report, "V12").passed());
    assert_eq!(of(&report, "V16").state, State::Skipped);
}

#[test]
fn notes_are_texts() {
    let folder = copy(false);
    let mut entries = entries(folder.path());
    let note = entries.iter().position(|entry| entry[0] == 2 && entry[6] == 10).unwrap();
    let bytes = [b'o', b'k', 0xff];
    let name = verifier::hash::sha256(&bytes);
    fs::write(folder.path().join("blob").join(hex::encode(name)), bytes).unwrap();
    entries[note][55..87].copy_from_slice(&name);
    made::board::write_log(folder.path(), &manifest().election, &entries);
    let place = format!("entry {note} blob {} @2", hex::encode(name));
    assert_eq!(failures(of(&check(folder.path()), "V5")), [("ORD-4", place.as_str())]);
}

#[test]
fn without_the_collectors_signature_nothing_is_read() {
    let folder = copy(false);
    let (manifest, source) = (manifest(), Source::folder(folder.path().to_str().unwrap()).unwrap());
    let good = fs::read_to_string(folder.path().join("checkpoint")).unwrap();
    let judge = |text: &str| log::check(&source, &manifest, text.as_bytes(), Progress::new(false)).unwrap();
    let found = judge(&good);
    assert!(found.check.passed() && found.signed && found.trusted && found.log.is_some());

    let lines: Vec<&str> = good.lines().collect();
    let unsigned = [lines[0], lines[1], lines[2], "", lines[5], ""].join("\n");
    let larger = good.replacen(lines[1], "999999999999", 1);
    let size: u64 = lines[1].parse().unwrap();
    // Signed by the collector, for an election of another name.
    let other = made::board::checkpoint(&[9; 32], size, &verifier::tree::root(entries(folder.path()).iter().map(Vec::as_slice)));
    for (text, rule) in [(unsigned, "LOG-3"), (larger, "LOG-3"), (other, "LOG-1")] {
        let found = judge(&text);
        assert_eq!(failures(&found.check), [(rule, "checkpoint")]);
        assert!(!found.signed && !found.trusted && found.log.is_none());
        fs::write(folder.path().join("checkpoint"), &text).unwrap();
        let report = check(folder.path());
        assert_eq!(of(&report, "V3").state, State::Skipped, "{rule}");
        assert!(report.checks[4..].iter().all(|check| check.state == State::Skipped && check.count == 0));
    }
    // Signed, but by another root: read, and not trusted.
    let found = judge(&made::board::checkpoint(&manifest.election, size, &[3; 32]));
    assert_eq!(failures(&found.check), [("REC-3", "checkpoint")]);
    assert!(found.signed && found.log.is_some() && !found.trusted);
}

#[test]
fn witnesses_of_a_finished_record() {
    let folder = copy(false);
    let good = fs::read_to_string(folder.path().join("checkpoint")).unwrap();
    let (without, last) = good.trim_end().rsplit_once('\n').unwrap();
    for text in [format!("{without}\n"), format!("{good}{last}\n")] {
        fs::write(folder.path().join("checkpoint"), text).unwrap();
        let report = check(folder.path());
        assert_eq!(failures(of(&report, "V4")), [("LOG-4", "checkpoint")]);
        assert!(of(&report, "V20").passed());
    }
}

#[test]
fn weaknesses_of_a_manifest_are_findings() {
    let file = fs::read(made::record().join("manifest.json")).unwrap();
    let rules = |change: fn(&mut serde_json::Value)| {
        let mut value: serde_json::Value = serde_json::from_slice(&file).unwrap();
        change(&mut value);
        let manifest = Manifest::read(&serde_json_canonicalizer::to_vec(&value).unwrap()).unwrap();
        manifest.findings.iter().map(|fault| fault.rule).collect::<Vec<_>>()
    };
    assert!(rules(|_| {}).is_empty());
    assert_eq!(rules(|value| value["kind"] = "practice".into()), ["MAN-2"]);
    assert_eq!(rules(|value| value["witnesses"] = serde_json::json!({"members": [], "quorum": 0, "faulty": 0})), ["MAN-7"]);
    assert_eq!(rules(|value| value["trustees"]["override"] = true.into()), ["MAN-8"]);
    let one_of_two = |value: &mut serde_json::Value| {
        (value["trustees"]["threshold"], value["trustees"]["override"]) = (1.into(), true.into());
        value["trustees"]["members"].as_array_mut().unwrap().truncate(2);
    };
    assert_eq!(rules(one_of_two), ["MAN-8", "MAN-8"]);
    // They stand in the report, and fail nothing.
    let mut value: serde_json::Value = serde_json::from_slice(&file).unwrap();
    value["kind"] = "practice".into();
    let (check, manifest) = verifier::checks::manifest::check(&serde_json_canonicalizer::to_vec(&value).unwrap());
    assert!(check.passed() && manifest.is_some() && check.count == 1);
    assert_eq!(
        check.findings.iter().map(|note| (note.rule.as_str(), note.place.as_str())).collect::<Vec<_>>(),
        [("MAN-2", "manifest.json")]
    );
    let (check, _) = verifier::checks::manifest::check(br#"{"a":1, "b":2}"#);
    assert_eq!((failures(&check), check.failed), (vec![("MAN-1", "manifest.json@7")], 1));
}

#[test]
fn openings_of_the_roll() {
    let (manifest, folder) = (manifest(), TempDir::new().unwrap());
    let roll: Vec<Line> = made::whole(&manifest.election).iter().map(|voter| voter.line).collect();
    let csv = made::roll_csv(&manifest);
    let judge = |csv: &str| {
        fs::write(folder.path().join("roll.csv"), csv).unwrap();
        let evidence = Evidence::open(folder.path().to_str().unwrap()).unwrap();
        roll_openings::check(&evidence, &manifest, &roll).unwrap()
    };
    let (check, people) = judge(&csv);
    assert!(check.passed() && check.count == 1 + 212 && people.len() == 212);
    let lines: Vec<&str> = csv.split_inclusive('\n').collect();
    let starts = |number: usize| format!("evidence roll.csv @{}", lines[..number].concat().len());
    let with = |number: usize, line: &str| {
        let mut lines = lines.clone();
        lines[number] = line;
        lines.concat()
    };
    // A line less: its pseudonym is named, and no other line.
    let (check, people) = judge(&with(5, ""));
    assert_eq!(failures(&check), [("EVID-1", format!("pseudonym {}", hex::encode(roll[4].pseudonym)).as_str())]);
    assert_eq!((check.failed, people.len()), (1, 211));
    let line = lines[5];
    let fields: Vec<&str> = line.trim_end().split(',').collect();
    let cases = [
        (with(5, &line.replace("PNOEE-", "PNOEF-")), "ROLL-3"),
        (with(5, &line.replacen(fields[3], if fields[3] == "south" { "north" } else { "south" }, 1)), "EVID-1"),
        (with(5, &line.replace("north", "nowhere").replace("south", "nowhere").replace("isle", "nowhere")), "EVID-1"),
        (with(5, &format!("{},{},{}\n", fields[0], fields[1], fields[2])), "EVID-1"),
        (with(5, &line.replacen("PNOEE-", "PNO EE", 1)), "EVID-1"),
    ];
    for (csv, rule) in cases {
        let (check, _) = judge(&csv);
        assert!(failures(&check).contains(&(rule, starts(5).as_str())), "{rule}: {:?}", check.failures);
    }
    let (check, _) = judge(&with(5, &lines[4].repeat(2)));
    assert_eq!(check.failed, 3, "two repetitions, and the pseudonym that is gone: {:?}", check.failures);
    // Two lines exchanged: the second is behind its place, and nothing else is wrong.
    let mut exchanged = lines.clone();
    exchanged.swap(5, 6);
    let place = format!("evidence roll.csv @{}", exchanged[..6].concat().len());
    assert_eq!(failures(&judge(&exchanged.concat()).0), [("EVID-1", place.as_str())]);
    let (check, _) = judge(csv.trim_end());
    assert_eq!(failures(&check)[0], ("EVID-1", starts(212).as_str()));
    let (check, _) = judge(&csv.replacen("person_code", "person", 1));
    assert_eq!(failures(&check), [("EVID-1", "evidence roll.csv")]);
    fs::remove_file(folder.path().join("roll.csv")).unwrap();
    let evidence = Evidence::open(folder.path().to_str().unwrap()).unwrap();
    assert_eq!(failures(&roll_openings::check(&evidence, &manifest, &roll).unwrap().0), [("EVID-1", "evidence roll.csv")]);
    // A whole run asks for everybody who ever stood on the roll.
    fs::write(folder.path().join("roll.csv"), &csv).unwrap();
    let evidence = Some(folder.path().to_str().unwrap().to_owned());
    let report = run::check(made::record().to_str().unwrap(), &Options { evidence, ..Options::default() });
    assert!(of(&report, "V21").passed() && of(&report, "V21").count == 1 + 212, "{:?}", failures(of(&report, "V21")));
    // The roll itself: sorted, known districts.
    assert_eq!(roll::read(&[48, 1, 0, 0, 0, 0], &manifest, &verifier::tree::root([])), (Vec::new(), Vec::new()));
}
