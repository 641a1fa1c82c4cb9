//! The conformance kit: writes honest and mutated records with what a verifier must say about them, or tries a verifier on all of them.
#![allow(clippy::expect_used, clippy::indexing_slicing)]

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use e2e::insider::files::write;
use e2e::insider::random;
use e2e::kit::case::row;
use e2e::kit::index::{self, Entry, Index};
use e2e::kit::score::Score;
use e2e::kit::{self, Case, Row, Said, shelf, work};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;

/// Tries a verifier on hundreds of election records
///
/// Each case is a folder with a `record` and perhaps restricted `evidence`; `index.json` says what was done to it and what must be
/// said. See specs/vectors/records/README.md.
///
///   cargo conformance --out kit
///   cargo conformance --verifier "python3 my_verifier.py"
///   cargo conformance --verifier target/debug/verifier --only ballot
///
/// Exit status: 0 all is as it must be; 1 a verifier errs, or what is kept differs; 64 wrong usage.
#[derive(Parser, Debug)]
#[command(version, max_term_width = 110, verbatim_doc_comment)]
struct Program {
    /// Write every case and the index into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Run this command on every case as `CMD check RECORD --election-id HEX --json [--evidence DIR]`
    #[arg(long, value_name = "CMD")]
    verifier: Option<String>,
    /// Only cases with this text in their name
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// So many random honest records besides
    #[arg(long, value_name = "N", default_value_t = 0)]
    honest: u64,
    /// Write the index and the kept records into specs/vectors/records
    #[arg(long, conflicts_with_all = ["check", "only", "honest"])]
    keep: bool,
    /// Compare the index and the records in specs/vectors/records with what would be written
    #[arg(long, conflicts_with_all = ["only", "honest"])]
    check: bool,
}

fn rows(program: &Program) -> Vec<Row> {
    let mut rows = kit::honest();
    for seed in 0..program.honest {
        let make = move || Case::of(random::honest(1000 + seed));
        rows.push(row(format!("random honest {seed}"), "", make));
    }
    rows.extend(kit::attacks());
    rows.retain(|r| r.slug().contains(&program.only) || r.name.contains(&program.only));
    rows
}

fn main() -> ExitCode {
    let program = match Program::try_parse() {
        Ok(program) => program,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(64) } else { ExitCode::SUCCESS };
        }
    };
    if program.out.is_none() && program.verifier.is_none() && !program.keep && !program.check {
        eprintln!("nothing to do: give --out, --verifier, --keep or --check");
        return ExitCode::from(64);
    }
    match run(&program) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What became of one case.
struct Done {
    entry: Entry,
    archive: Option<Vec<u8>>,
    score: Option<(Score, String)>,
}

fn run(program: &Program) -> Result<bool> {
    let rows = rows(program);
    ensure!(!rows.is_empty(), "no case has {:?} in its name", program.only);
    let archives = program.keep || program.check;
    let done = Mutex::new(BTreeMap::new());
    let wrong = work::on_two_threads(rows.len(), |at| {
        let one = one(program, &rows[at], archives).map_err(|e| format!("{}: {e:#}", rows[at].name))?;
        done.lock().expect("no panic while it is held").insert(at, one);
        Ok(())
    });
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    let done: Vec<Done> = done.into_inner().expect("no panic while it is held").into_values().collect();
    let index = Index { haal: 1, cases: done.iter().map(|d| d.entry.clone()).collect() };
    if let Some(out) = &program.out {
        std::fs::write(out.join("index.json"), index.to_text())?;
        println!("{} cases in {}", done.len(), out.display());
    }
    let mut good = true;
    if archives {
        good &= keep(&index, &done, program.check)?;
    }
    if program.verifier.is_some() {
        good &= table(&done);
    }
    Ok(good)
}

fn one(program: &Program, row: &Row, archive: bool) -> Result<Done> {
    let case = (row.make)();
    let files = index::files(&case);
    let entry = index::entry(row, &case, &files);
    if let Some(out) = &program.out {
        let folder = out.join(&entry.name);
        if folder.exists() {
            bail!("{} is there already", folder.display());
        }
        write(&files, &folder)?;
    }
    let score = match &program.verifier {
        Some(command) => {
            let folder = work::folder()?;
            write(&files, folder.path())?;
            let said = ask(command, folder.path(), &entry)?;
            Some((Score::of(&entry.expected, &said), entry.expected.differences(&said)))
        }
        None => None,
    };
    let archive = archive.then(|| shelf::archive(&entry.name, &files));
    Ok(Done { entry, archive, score })
}

/// What a verifier says about the case in a folder.
fn ask(command: &str, folder: &Path, entry: &Entry) -> Result<Said> {
    let mut words = command.split_whitespace();
    let mut command = Command::new(words.next().context("--verifier names no command")?);
    command.args(words).arg("check").arg(folder.join("record")).args(["--election-id", &entry.election, "--json"]);
    if entry.evidence {
        command.arg("--evidence").arg(folder.join("evidence"));
    }
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {command:?}"))?;
    let report = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    Ok(Said { code: output.status.code().unwrap_or(-1), report })
}

/// Prints how the verifier did. Is everything as it must be?
fn table(done: &[Done]) -> bool {
    let mut counts: BTreeMap<Score, usize> = BTreeMap::new();
    let mut exact = 0;
    for d in done {
        let Some((score, differences)) = &d.score else { continue };
        *counts.entry(*score).or_default() += 1;
        exact += usize::from(differences.is_empty());
        if !differences.is_empty() {
            println!("{}: {score}\n{}", d.entry.name, differences.trim_end());
        }
    }
    println!("\n{:<30} {:>6}", "cases", done.len());
    for score in [Score::Quiet, Score::Found, Score::WrongCheck, Score::Missed, Score::FalseAlarm] {
        println!("{:<30} {:>6}", score.to_string(), counts.get(&score).copied().unwrap_or(0));
    }
    println!("{:<30} {exact:>6}", "with every rule and place too");
    counts.keys().all(|score| score.is_good())
}

/// Writes what is kept, or compares. Is it the same?
fn keep(index: &Index, done: &[Done], check: bool) -> Result<bool> {
    let folder = shelf::folder();
    let length = |d: &Done| d.archive.as_ref().map_or(0, Vec::len);
    let chosen = shelf::chosen(done.iter().map(|d| (&d.entry, length(d))));
    let mut kept: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    kept.insert("index.json".to_owned(), index.to_text().into_bytes());
    for d in done.iter().filter(|d| chosen.contains(&d.entry.name)) {
        kept.insert(format!("{}.zip", d.entry.name), d.archive.clone().unwrap_or_default());
    }
    std::fs::create_dir_all(&folder)?;
    let names = |ends: &[&str]| -> Result<BTreeSet<String>> {
        let items: Result<Vec<_>, _> = std::fs::read_dir(&folder)?.collect();
        let names = items?.into_iter().map(|item| item.file_name().to_string_lossy().into_owned());
        Ok(names.filter(|n| ends.iter().any(|e| n.ends_with(e))).collect())
    };
    if !check {
        for name in names(&[".zip"])? {
            std::fs::remove_file(folder.join(name))?;
        }
        write(&kept, &folder)?;
        println!("{} records and the index of {} cases, {} bytes", kept.len() - 1, done.len(), kept.values().map(Vec::len).sum::<usize>());
        return Ok(true);
    }
    let mut same = true;
    for name in names(&[".zip", ".json"])?.into_iter().chain(kept.keys().cloned()).collect::<BTreeSet<_>>() {
        let lies = std::fs::read(folder.join(&name)).ok();
        if lies.as_ref() != kept.get(&name) {
            println!("{name} is not what would be written; `cargo conformance --keep` writes it");
            same = false;
        }
    }
    Ok(same)
}
