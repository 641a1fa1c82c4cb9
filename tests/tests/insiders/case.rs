//! One row of the table: a record, and what must be said about it, by the verifier and by a trustee who replays it.

use ballot::encode::sha256;
use ballot::rng::SeededRng;
use board::Checkpoint;
use e2e::insider::Insider;
use e2e::process;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use trustee::mix::Bases;
use trustee::view::View;

/// A failure or finding: check, rule, and the beginning of the place.
type Note = (&'static str, &'static str, String);

pub struct Case {
    record: Insider,
    fails: Vec<Note>,
    finds: Vec<Note>,
    /// Other failures may follow from the one that is meant.
    loose: bool,
    /// Other failures may follow in the same checks.
    within: bool,
    any_finding: bool,
    late: bool,
    code: Option<i32>,
    /// The folder cannot be what the insider wrote: it is changed at the end.
    election: Option<String>,
    /// What a trustee says who replays the same record.
    trustee: Trustee,
    /// Why the row fails, as long as it does.
    known: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trustee {
    /// Refuses exactly if the verifier fails before the mixes, and names the same posts.
    Agrees,
    /// Reads entries only, and does not see what is wrong with files.
    DoesNotSee,
}

pub struct Row {
    pub name: &'static str,
    pub ids: &'static str,
    pub make: Box<dyn Fn() -> Case + Send + Sync>,
}

pub fn row(name: &'static str, ids: &'static str, make: impl Fn() -> Case + Send + Sync + 'static) -> Row {
    Row { name, ids, make: Box::new(make) }
}

pub fn entry(index: usize) -> String {
    format!("entry {index}")
}

impl Case {
    /// An honest record so far.
    pub fn of(record: Insider) -> Self {
        let (fails, finds) = (Vec::new(), Vec::new());
        Self {
            record,
            fails,
            finds,
            loose: false,
            within: false,
            any_finding: false,
            late: false,
            code: None,
            election: None,
            trustee: Trustee::Agrees,
            known: None,
        }
    }

    pub fn fails(mut self, check: &'static str, rule: &'static str, place: impl Into<String>) -> Self {
        self.fails.push((check, rule, place.into()));
        self
    }

    /// Where the first failure is.
    pub fn first_place(&self) -> String {
        self.fails[0].2.clone()
    }

    pub fn finds(mut self, check: &'static str, rule: &'static str, place: impl Into<String>) -> Self {
        self.finds.push((check, rule, place.into()));
        self
    }

    pub fn loosely(mut self) -> Self {
        self.loose = true;
        self
    }

    pub fn within_these_checks(mut self) -> Self {
        self.within = true;
        self
    }

    /// Messages of a session that cannot go on are late, and named as such.
    pub fn and_late_messages(mut self) -> Self {
        self.late = true;
        self
    }

    /// Findings are not compared.
    pub fn anything_found(mut self) -> Self {
        self.any_finding = true;
        self
    }

    pub fn code(mut self, code: i32) -> Self {
        self.code = Some(code);
        self
    }

    pub fn election(mut self, id: &str) -> Self {
        self.election = Some(id.to_owned());
        self
    }

    pub fn trustee(mut self, trustee: Trustee) -> Self {
        self.trustee = trustee;
        self
    }

    /// The row fails for now, and this is why.
    pub fn known(mut self, why: &'static str) -> Self {
        self.known = Some(why);
        self
    }

    fn judge(&self) -> Result<(), String> {
        match (self.judge_as_it_should_be(), self.known) {
            (Err(_), Some(_)) => Ok(()),
            (Ok(()), Some(why)) => Err(format!("  mended: take the mark away ({why})")),
            (result, None) => result,
        }
    }

    /// Verifier and trustee say the same, whatever it is.
    pub fn agree(&self) -> Result<(), String> {
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        self.record.write(folder.path()).map_err(|e| e.to_string())?;
        let (_, report) = verify(folder.path(), &hex::encode(self.record.election_id()))?;
        let differences = self.compare(&report);
        if differences.is_empty() { Ok(()) } else { Err(format!("{differences}  {:?}", notes(&report, "failures"))) }
    }

    fn judge_as_it_should_be(&self) -> Result<(), String> {
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        self.record.write(folder.path()).map_err(|e| e.to_string())?;
        let election = self.election.clone().unwrap_or_else(|| hex::encode(self.record.election_id()));
        let (code, report) = verify(folder.path(), &election)?;
        let mut wrong = String::new();
        let expected = self.code.unwrap_or(i32::from(!self.fails.is_empty()));
        if code != expected {
            let _ = writeln!(wrong, "  exit code {code}, not {expected}");
        }
        for (kind, wanted) in [("failures", &self.fails), ("findings", &self.finds)] {
            let notes = notes(&report, kind);
            for (check, rule, place) in wanted {
                if !notes.iter().any(|n| n.0 == *check && n.1 == *rule && at(&n.2, place)) {
                    let _ = writeln!(wrong, "  none of the {kind} is {check} {rule} at {place}");
                }
            }
            let exact = if kind == "failures" { !self.loose } else { self.fails.is_empty() && !self.any_finding };
            for (check, rule, place, text) in notes.iter().filter(|_| exact) {
                if self.late && check == "V9" && rule == "KEY-1" {
                    continue;
                }
                let same_check = self.within && wanted.iter().any(|n| n.0 == check);
                if !same_check && !wanted.iter().any(|n| n.0 == check && n.1 == rule && at(place, &n.2)) {
                    let _ = writeln!(wrong, "  {kind} that nobody expected: {check} {rule} {place}: {text}");
                }
            }
        }
        if !wrong.is_empty() {
            let _ = writeln!(wrong, "  said: {:?} / {:?}", notes(&report, "failures"), notes(&report, "findings"));
        }
        if self.trustee != Trustee::DoesNotSee {
            wrong += &self.compare(&report);
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    /// What the trustee library says about the same entries and blobs.
    fn compare(&self, report: &Value) -> String {
        static BASES: LazyLock<Arc<Bases>> = LazyLock::new(Arc::default);
        let record = &self.record;
        let mut out = String::new();
        let checkpoint = record.files.get("checkpoint").cloned().flatten().unwrap_or_else(|| record.checkpoint().into_bytes());
        let checkpoint = String::from_utf8_lossy(&checkpoint).into_owned();
        let early = ["V4", "V5", "V6", "V7", "V8", "V9", "V10", "V11", "V12", "V13", "V14", "V15", "V16"];
        let refused: Vec<String> = notes(report, "failures").into_iter().filter(|n| early.contains(&n.0.as_str())).map(|n| n.1).collect();
        let blob = |name: &[u8; 32]| record.blobs.get(name).filter(|b| sha256(b) == *name).cloned();
        let mut rng = SeededRng::new(b"trustee");
        let view = Checkpoint::verify(&checkpoint, &record.manifest).map_err(|e| e.to_string()).and_then(|c| {
            View::new(record.manifest.clone(), &c, &record.entries, blob, BASES.clone(), &mut rng).map_err(|e| e.to_string())
        });
        let view = match view {
            Ok(view) if refused.is_empty() => view,
            Ok(_) => return format!("  the trustee accepts what the verifier refuses by {refused:?}\n"),
            Err(error) if refused.is_empty() => return format!("  the trustee refuses what the verifier accepts: {error}\n"),
            Err(error) => {
                let rule = error.split(": ").find(|part| part.contains('-') && !part.contains(' ')).unwrap_or("").to_owned();
                if let [theirs] = refused.as_slice()
                    && *theirs != rule
                {
                    RULES.lock().unwrap().insert(format!("trustee {rule}, verifier {theirs}"));
                }
                return String::new();
            }
        };
        let posts = ["V9", "V10", "V17", "V18", "V19"];
        let place = |p: &str| p.strip_prefix("entry ").and_then(|p| p.split(' ').next()?.parse::<u64>().ok());
        let theirs: BTreeSet<(u64, String)> = notes(report, "findings")
            .into_iter()
            .filter(|n| posts.contains(&n.0.as_str()) && n.2.contains("blob"))
            .filter(|n| n.1 != "KEY-9") // the trustee judges complaints when it takes part, and keeps no list of them
            .filter_map(|n| Some((place(&n.2)?, n.1)))
            .collect();
        let ours: BTreeSet<(u64, String)> = view.findings().iter().map(|f| (f.entry, f.fault.rule().to_owned())).collect();
        let entries = |set: &BTreeSet<(u64, String)>| set.iter().map(|f| f.0).collect::<BTreeSet<u64>>();
        let judged = notes(report, "failures").iter().all(|n| n.0 == "V20");
        if judged && entries(&theirs) != entries(&ours) {
            let _ = writeln!(out, "  the trustee names posts {ours:?}, the verifier {theirs:?}");
        } else if judged && theirs != ours {
            RULES.lock().unwrap().insert(format!("posts: trustee {ours:?}, verifier {theirs:?}"));
        }
        let result = record.orders_of(board::OrderKind::Result).last().map(|r| record.entry(*r));
        if let (Some(board::Entry::Order(order)), true) = (result, judged) {
            let same = order.argument == view.closed().counted && view.result().is_ok_and(|r| r.to_bytes() == record.blobs[&order.blob]);
            let passed = state(report, "V20") == "passed";
            if same != passed {
                let _ = writeln!(out, "  the trustee's own result is the published one: {same}; the verifier's: {passed}");
            }
        }
        out
    }
}

/// Rules on which trustee and verifier use another name for the same fault.
static RULES: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

fn at(place: &str, prefix: &str) -> bool {
    place.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ') || rest.starts_with('@'))
}

/// Exit code and report of the real program.
pub fn verify(folder: &std::path::Path, election: &str) -> Result<(i32, Value), String> {
    let folder = folder.to_str().unwrap();
    let args = ["check", folder, "--election-id", election, "--json", "--quiet", "--threads", "1"];
    let said = process::run("verifier", args).map_err(|e| e.to_string())?;
    let report = serde_json::from_str(&said.out).map_err(|e| format!("  no report ({e}), exit code {}: {}", said.code, said.err))?;
    Ok((said.code, report))
}

fn state<'a>(report: &'a Value, check: &str) -> &'a str {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|c| c["id"] == check).and_then(|c| c["state"].as_str()).unwrap_or("")
}

/// Check, rule, place and text of all failures or findings.
pub fn notes(report: &Value, kind: &str) -> Vec<(String, String, String, String)> {
    let text = |v: &Value| v.as_str().unwrap_or("").to_owned();
    let of = |check: &Value| {
        let notes = check[kind].as_array().unwrap().iter();
        notes.map(|n| (text(&check["id"]), text(&n["rule"]), text(&n["place"]), text(&n["text"]))).collect::<Vec<_>>()
    };
    report["checks"].as_array().into_iter().flatten().flat_map(of).collect()
}

/// Does the work on two threads, and gives what went wrong.
pub fn on_two_threads(n: usize, work: impl Fn(usize) -> Result<(), String> + Sync) -> Vec<String> {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= n {
                        return;
                    }
                    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(at)));
                    if let Err(text) = done.unwrap_or_else(|_| Err(format!("case {at}: the record could not be made"))) {
                        wrong.lock().unwrap().push(text);
                    }
                }
            });
        }
    });
    wrong.into_inner().unwrap()
}

pub fn run_all(rows: &[Row]) {
    let only = std::env::var("HAAL_ROW").unwrap_or_default();
    let rows: Vec<&Row> = rows.iter().filter(|r| r.name.contains(&only)).collect();
    let judge = |at: usize| (rows[at].make)().judge().map_err(|e| format!("{} [{}]\n{e}", rows[at].name, rows[at].ids));
    let wrong = on_two_threads(rows.len(), judge);
    println!("{} records", rows.len());
    for line in RULES.lock().unwrap().iter() {
        println!("another rule for one fault: {line}");
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}
