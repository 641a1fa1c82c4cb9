//! One small election of every kind of contest with the real programs, and what must be true of its record.

use e2e::election::{Election, Setup, copy};
use e2e::oracle;
use e2e::plan::{Plan, all_contests, draw_changes, draw_plan};
use e2e::process::{self, Said, program};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

struct Done {
    dir: PathBuf,
    id: String,
    plan: Plan,
    manifest: ballot::Manifest,
    result: Vec<u8>,
}

/// The election that all tests here look at; it runs once.
fn done() -> &'static Done {
    static DONE: OnceLock<Done> = OnceLock::new();
    DONE.get_or_init(|| {
        process::build().unwrap();
        let dir = program("whole-election-test");
        let _ = std::fs::remove_dir_all(&dir);
        let setup = Setup { contests: all_contests(), k_min: 1, ..Setup::small() };
        let (contests, named) = (setup.contests.clone(), setup.districts.clone());
        let districts: Vec<&str> = named.iter().map(|d| d.0.as_str()).collect();
        let mut plan = draw_plan(&setup.contests, &districts, 30, 3);
        assert!(plan.lines.len() > 20 && !plan.paper.is_empty(), "the plan has what the test is about");
        let mut election = Election::new(&dir, setup).unwrap();
        election.observe().unwrap(); // to the end, without an alarm
        election.enrol(&plan).unwrap();
        election.ceremony().unwrap();
        election.open().unwrap();
        too_early(&election, "open", "PHASE-6");
        election.cast(&plan).unwrap();
        live(&election);
        let changes = draw_changes(&mut plan, &contests, &districts, 3);
        election.amend(&changes).unwrap();
        plan.change(&changes);
        assert!(!plan.mistaken.is_empty());
        election.close(&plan, &[1, 2]).unwrap();
        election.mix().unwrap();
        election.open_result(&[1, 3]).unwrap();
        let result = election.result().unwrap();
        election.finish().unwrap();
        Done { id: election.id(), manifest: election.manifest.clone(), dir, plan, result }
    })
}

/// KEEP-4, KEEP-5: when it is over, what names people goes, and then the box; the record verifies as before.
#[test]
fn anonymised_and_destroyed_it_still_verifies() {
    let d = done();
    let data = d.dir.join("over/collector");
    let _ = std::fs::remove_dir_all(d.dir.join("over"));
    copy(&d.dir.join("collector"), &data).unwrap();
    let naming = || {
        let holds = |file: &PathBuf| {
            let bytes = std::fs::read(file).unwrap();
            d.plan.voters.iter().any(|v| {
                let digits = v.code.rsplit('-').next().unwrap().as_bytes();
                bytes.windows(digits.len()).any(|window| window == digits)
            })
        };
        files(&data).into_iter().filter(holds).collect::<Vec<_>>()
    };
    assert!(!naming().is_empty());
    let date = Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]).output().unwrap();
    let over = String::from_utf8(date.stdout).unwrap().trim().to_owned();
    let end = |what: &str| {
        let minutes = d.dir.join("over").join(what);
        let words = ["--complaints-ended", &over, "--decision", "a test", "--confirm", &d.id];
        let mut command = Command::new(program("collector"));
        let said = command.arg(what).arg("--data").arg(&data).args(words).arg("--minutes").arg(&minutes).output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        assert!(std::fs::read_to_string(minutes.join("minutes.txt")).unwrap().contains(&d.id));
        assert_eq!(naming(), Vec::<PathBuf>::new());
        assert_eq!(check(&data.join("record"), &["--election-id", &d.id]).code, 0);
    };
    end("anonymise");
    assert!(data.join("collector.db").exists());
    end("destroy");
    assert!(files(&data).iter().all(|file| file.starts_with(data.join("record"))));
}

/// C05, C07: a trustee does nothing before the board is closed and sealed by order.
fn too_early(election: &Election, what: &str, rule: &str) {
    let (key, state) = (election.dir.join("keys/trustee-1.key.age"), election.dir.join("trustee-1"));
    let args: Vec<std::ffi::OsString> = [what, "--board", election.url(), "--post", "--key"]
        .iter()
        .map(Into::into)
        .chain([key.into(), "--state".into(), state.into()])
        .collect();
    let before = size(election);
    let said = process::run("tally", args).unwrap();
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains(rule) || said.err.contains("seal"), "{said:?}");
    assert_eq!(size(election), before, "nothing was posted");
}

fn size(election: &Election) -> serde_json::Value {
    let web = board::http::Web::new(election.url());
    let status: serde_json::Value = serde_json::from_slice(&web.get("/v1/status", None).unwrap().body).unwrap();
    status["size"].clone()
}

/// A running election verifies by its URL, and says that it is not finished.
fn live(election: &Election) {
    election.settle().unwrap();
    let said = process::run("verifier", ["check", &format!("{}/board", election.url()), "--election-id", &election.id()]).unwrap();
    assert_eq!(said.code, 3, "{said:?}");
}

fn check(record: &Path, more: &[&str]) -> Said {
    let mut args = vec!["check".into(), record.as_os_str().to_owned()];
    args.extend(more.iter().map(Into::into));
    process::run("verifier", args).unwrap()
}

#[test]
fn the_verifier_passes_it_and_the_result_is_what_was_meant() {
    let d = done();
    oracle::compare(&d.manifest, &d.plan, &d.result).unwrap();
    let evidence = d.dir.join("evidence");
    let said = check(&d.dir.join("record"), &["--election-id", &d.id, "--evidence", evidence.to_str().unwrap(), "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let report: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["verdict"], "passed");
    let states: Vec<&str> = report["checks"].as_array().unwrap().iter().map(|c| c["state"].as_str().unwrap()).collect();
    assert_eq!(states[..22], ["passed"; 22]);
    assert_eq!(states[22..], ["skipped"; 2], "this manifest asks for no status and no stamps");
    let lines = d.plan.lines.len() as u64;
    assert_eq!(report["summary"]["ballots"].as_u64().unwrap() + report["summary"]["challenged"].as_u64().unwrap(), lines);
    assert_eq!(report["summary"]["counted"].as_u64().unwrap(), d.plan.meant().len() as u64);
    assert_eq!(report["summary"]["challenged"], 1);
}

#[test]
fn exit_codes_are_those_of_page_12() {
    let d = done();
    let record = d.dir.join("record");
    assert_eq!(check(&record, &["--election-id", &d.id]).code, 0);
    assert_eq!(check(&record, &[]).code, 3, "not anchored");
    // E09: an anchor that is another election's.
    let said = check(&record, &["--election-id", &"0".repeat(64), "--json"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("REC-4"), "{}", said.out);
    assert_eq!(check(&d.dir.join("nowhere"), &["--election-id", &d.id]).code, 2);
    assert_eq!(check(&record, &["--election-id", "xyz"]).code, 64);
    assert_eq!(process::run("verifier", ["chekc"]).unwrap().code, 64);
}

#[test]
fn reports_do_not_depend_on_threads_time_zone_or_locale() {
    let d = done();
    let run = |threads: &str, tz: &str, locale: &str| {
        let mut command = Command::new(program("verifier"));
        command.arg("check").arg(d.dir.join("record")).args(["--json", "--threads", threads, "--election-id", &d.id]);
        command.env("VERIFIER_NO_CACHE", "1").env("TZ", tz).env("LC_ALL", locale).output().unwrap().stdout
    };
    let first = run("1", "UTC", "C");
    assert!(!first.is_empty());
    assert_eq!(first, run("2", "Asia/Kathmandu", "et_EE.UTF-8"));
    assert_eq!(first, run("16", "America/St_Johns", "ar_EG.UTF-8"));
}

#[test]
fn openssl_accepts_every_envelope_of_the_evidence() {
    let d = done();
    if Command::new("openssl").arg("version").output().is_err() {
        println!("SKIPPED: openssl is not installed");
        return;
    }
    let log = board::Log::load(&board::source::Folder(d.dir.join("record")), &d.manifest).unwrap();
    let mut seen = 0;
    for entry in &log.entries {
        let Ok(board::Entry::Ballot { ballot, .. }) = ballot::Record::from_bytes(entry) else { continue };
        let name = hex::encode(ballot::encode::hash("ballot", &[&ballot]));
        let content = d.dir.join("content.bin");
        std::fs::write(&content, &ballot).unwrap();
        let container = d.dir.join("evidence/envelopes").join(format!("{name}.p7s"));
        let mut command = Command::new("openssl");
        command
            .args(["cms", "-verify", "-cades", "-inform", "DER", "-binary", "-purpose", "any", "-out", "/dev/null", "-in"])
            .arg(container);
        let out = command.arg("-content").arg(&content).arg("-CAfile").arg(d.dir.join("anchor.pem")).output().unwrap();
        assert!(out.status.success(), "{name}: {}", String::from_utf8_lossy(&out.stderr));
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for item in std::fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// M67–M70: any byte changed, any file cut, added or removed fails, and what is wrong is named.
#[test]
fn no_byte_of_the_record_can_change_unnoticed() {
    let d = done();
    let record = d.dir.join("record");
    let all = files(&record);
    let kinds = ["manifest.json", "checkpoint", "tile/0/", "tile/1/", "tile/entries/", "blob/"];
    let kind = |p: &Path| {
        let name = p.strip_prefix(&record).unwrap().to_string_lossy().into_owned();
        kinds.iter().position(|k| name.starts_with(k))
    };
    // A fixed spread: every file at least thrice (both ends and within), up to 600 positions.
    let mut places: Vec<(PathBuf, usize)> = Vec::new();
    for file in &all {
        let len = std::fs::metadata(file).unwrap().len() as usize;
        places.extend([0, len / 2, len - 1].map(|at| (file.clone(), at)));
    }
    let mut state = 1u64;
    while places.len() < 600 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let file = &all[(state >> 33) as usize % all.len()];
        let len = std::fs::metadata(file).unwrap().len() as usize;
        places.push((file.clone(), (state >> 20) as usize % len));
    }
    let seen: std::collections::BTreeSet<_> = places.iter().filter_map(|(p, _)| kind(p)).collect();
    assert!(seen.len() >= 5 && places.len() >= 500, "all kinds of files: {seen:?}");
    let misses = std::sync::Mutex::new(Vec::new());
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for worker in 0..2 {
            let (misses, next, places, record) = (&misses, &next, &places, &record);
            scope.spawn(move || {
                let copied = d.dir.join(format!("tampered-{worker}"));
                let _ = std::fs::remove_dir_all(&copied);
                copy(record, &copied).unwrap();
                loop {
                    let i = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some((file, at)) = places.get(i) else { break };
                    let name = file.strip_prefix(record).unwrap();
                    let target = copied.join(name);
                    let honest = std::fs::read(&target).unwrap();
                    let mut bytes = honest.clone();
                    bytes[*at] ^= 1 << (i % 8);
                    std::fs::write(&target, &bytes).unwrap();
                    let said = check(&copied, &["--election-id", &d.id, "--json", "--threads", "1"]);
                    let report: serde_json::Value = serde_json::from_str(&said.out).unwrap_or_default();
                    let failures: Vec<String> = report["checks"]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .flat_map(|c| c["failures"].as_array().cloned().unwrap_or_default())
                        .map(|f| format!("{} {}", f["place"].as_str().unwrap_or(""), f["text"].as_str().unwrap_or("")))
                        .collect();
                    let text = name.to_string_lossy();
                    let blob = text.strip_prefix("blob/");
                    let named = failures.iter().any(|p| p.contains(&*text) || blob.is_some_and(|b| p.contains(b)));
                    if !(said.code == 1 || said.code == 2) || !named {
                        misses.lock().unwrap().push(format!("{text}@{at}: exit {}, {failures:?}", said.code));
                    }
                    std::fs::write(&target, &honest).unwrap();
                }
                assert_eq!(check(&copied, &["--election-id", &d.id]).code, 0, "the copy is honest again");
            });
        }
    });
    let misses = misses.into_inner().unwrap();
    assert!(misses.is_empty(), "{} of {}: {:#?}", misses.len(), places.len(), &misses[..misses.len().min(20)]);
}

#[test]
fn no_file_can_be_cut_added_or_removed() {
    let d = done();
    let record = d.dir.join("record");
    let copied = d.dir.join("files");
    let _ = std::fs::remove_dir_all(&copied);
    copy(&record, &copied).unwrap();
    let must_fail = |what: &str| {
        let said = check(&copied, &["--election-id", &d.id]);
        assert!(said.code == 1 || said.code == 2, "{what}: {said:?}");
    };
    for file in files(&record).iter().step_by(7) {
        let target = copied.join(file.strip_prefix(&record).unwrap());
        let honest = std::fs::read(&target).unwrap();
        std::fs::write(&target, &honest[..honest.len() - 1]).unwrap();
        must_fail("cut");
        std::fs::write(&target, [&honest[..], b"\r\n"].concat()).unwrap();
        must_fail("longer");
        std::fs::remove_file(&target).unwrap();
        must_fail("removed");
        std::fs::write(&target, &honest).unwrap();
    }
    for extra in ["note.txt", "blob/00", "tile/0/001", "tile/entries/000.p/7", "blob/readme", ".hidden"] {
        let target = copied.join(extra);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(&target, b"x").unwrap();
        must_fail(extra);
        std::fs::remove_file(&target).unwrap();
        let _ = std::fs::remove_dir(target.parent().unwrap());
    }
    std::fs::create_dir(copied.join("folder")).unwrap();
    must_fail("an empty folder");
    std::fs::remove_dir(copied.join("folder")).unwrap();
    #[cfg(unix)]
    {
        let blob = files(&record.join("blob")).remove(0);
        let target = copied.join(blob.strip_prefix(&record).unwrap());
        std::fs::remove_file(&target).unwrap();
        std::os::unix::fs::symlink(&blob, &target).unwrap();
        must_fail("a link in place of a file");
        std::fs::remove_file(&target).unwrap();
        std::fs::copy(&blob, &target).unwrap();
    }
    assert_eq!(check(&copied, &["--election-id", &d.id]).code, 0, "the copy is honest again");
}
