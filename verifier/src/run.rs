//! One run: the checks in their order, each only if what it needs has been verified. Spec: 12-verification.

use crate::bytes::Hash;
use crate::cache::Cache;
use crate::checkpoint;
use crate::checks;
use crate::counted::{self, CountedSet, Status};
use crate::detail::Detail;
use crate::entry::OrderKind;
use crate::evidence::Evidence;
use crate::manifest;
use crate::progress::Progress;
use crate::report::{Check, LogHead, Report, State, Summary, Verdict};
use crate::source::Source;
use crate::units::UnitMap;
use crate::weights::Entropy;
use std::collections::HashSet;
use std::path::PathBuf;

/// What a caller may ask for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The election id, from a source other than the record.
    pub election: Option<Hash>,
    /// Folder of the restricted evidence.
    pub evidence: Option<String>,
    /// Folder of the time-stamping party's answers.
    pub register: Option<String>,
    /// Worker threads; 0 takes one for each core.
    pub threads: usize,
    /// Bars on the error output.
    pub progress: bool,
    /// Folder of statements that were verified before; without one everything is verified. CACHE-4.
    pub cache: Option<PathBuf>,
}

/// Names of the checks, as the table of specs/12 has them.
const NAMES: [(&str, &str); 24] = [
    ("V1", "anchor"),
    ("V2", "manifest"),
    ("V3", "files"),
    ("V4", "log"),
    ("V5", "blobs"),
    ("V6", "entries"),
    ("V7", "phases"),
    ("V8", "roll"),
    ("V9", "ceremony"),
    ("V10", "drills"),
    ("V11", "ballots"),
    ("V12", "proofs"),
    ("V13", "challenged"),
    ("V14", "chains"),
    ("V15", "annulments"),
    ("V16", "counted set"),
    ("V17", "mixes"),
    ("V18", "intents"),
    ("V19", "openings"),
    ("V20", "result"),
    ("V21", "roll openings"),
    ("V22", "envelopes"),
    ("V23", "status and stamps"),
    ("V24", "register"),
];

/// Checks a record: a folder or a URL.
pub fn check(record: &str, options: &Options) -> Report {
    let pool = match rayon::ThreadPoolBuilder::new().num_threads(options.threads).build() {
        Ok(pool) => pool,
        Err(error) => return Report::unreadable(error.to_string()),
    };
    pool.install(|| attempt(record, options)).unwrap_or_else(Report::unreadable)
}

fn attempt(record: &str, options: &Options) -> Result<Report, String> {
    let source = Source::open(record)?;
    let evidence = options.evidence.as_deref().map(Evidence::open).transpose()?;
    let register = options.register.as_deref().map(Evidence::open).transpose()?;
    let manifest = source.required("manifest.json", manifest::LARGEST)?;
    let checkpoint = source.required("checkpoint", checkpoint::LARGEST)?;
    let election = crate::hash::sha256(&manifest);
    let cache = match options.cache.as_deref().map(|folder| Cache::open(folder, &election)) {
        Some(Ok(cache)) => cache,
        Some(Err(error)) => {
            eprintln!("{error}");
            Cache::off()
        }
        None => Cache::off(),
    };
    let mut run = Run {
        cache,
        checks: Vec::new(),
        summary: Summary::default(),
        detail: Detail::default(),
        finished: false,
        evidence,
        register,
        asked: (false, false),
        head: None,
    };
    run.checks.push(checks::anchor::check(&election, options.election.as_ref()));
    run.all(&source, &manifest, &checkpoint, Progress::new(options.progress))?;
    Ok(run.report(&election))
}

struct Run {
    cache: Cache,
    checks: Vec<Check>,
    summary: Summary,
    detail: Detail,
    finished: bool,
    evidence: Option<Evidence>,
    register: Option<Evidence>,
    /// The manifest asks for status or stamps; for stamps.
    asked: (bool, bool),
    head: Option<(u64, Hash)>,
}

impl Run {
    fn all(&mut self, source: &Source, manifest: &[u8], checkpoint: &[u8], progress: Progress) -> Result<(), String> {
        let entropy = Entropy::fresh()?;
        let bytes = manifest;
        let (check, manifest) = checks::manifest::check(bytes);
        self.checks.push(check);
        let Some(manifest) = &manifest else { return Ok(()) };
        let stamps = manifest.asked.stamp.is_some();
        self.asked = (stamps || manifest.asked.ocsp.is_some(), stamps);
        self.detail = Detail::of_manifest(bytes);
        self.detail.evidence = self.evidence.is_some();
        self.detail.note_witnesses(manifest, checkpoint);

        let found = checks::log::check(source, manifest, checkpoint, progress)?;
        self.head = found.head;
        let log = found.log.as_ref();
        self.finished = log.is_some_and(|log| log.orders().any(|(_, order)| order.kind == OrderKind::Result));
        if let Some((size, _)) = found.head.filter(|_| found.signed) {
            self.checks.push(checks::files::check(source, size, log, self.finished)?);
        }
        self.checks.push(found.check);
        let Some(log) = log.filter(|_| found.trusted) else { return Ok(()) };
        self.summary.ballots = log.ballots.iter().filter(|ballot| !ballot.challenged).count() as u64;
        self.summary.challenged = (log.ballots.len() as u64).saturating_sub(self.summary.ballots);

        self.checks.push(checks::blobs::check(source, log)?);
        let (check, sound) = checks::entries::check(manifest, log);
        self.checks.push(check);
        self.detail.note_entries(log, &sound);
        if let Some(register) = self.register.as_ref().filter(|_| self.passed(&["V6"])) {
            self.checks.extend(checks::register::check(source, register, manifest, log)?);
        }
        let (check, timeline) = checks::phases::check(manifest, log, &sound);
        self.checks.push(check);
        let (check, rolls) = checks::roll::check(source, manifest, log, &timeline);
        self.checks.push(check);
        self.summary.roll = rolls.as_ref().map_or(0, |rolls| rolls.now().len() as u64);
        let ceremony = checks::ceremony::check(source, manifest, log, &sound, &timeline, &entropy);
        self.checks.push(ceremony.check);
        let check = checks::drills::check(source, manifest, log, &sound, &timeline, &ceremony.confirmed, &entropy);
        self.checks.push(check);

        let (Some(rolls), Some(key)) = (&rolls, &ceremony.key) else { return Ok(()) };
        let whole = rolls.whole();
        // V14 and V15 look at heads and lists alone. They are run first, because the pass over the ballots adds up units.
        let chains = checks::chains::check(log, rolls);
        let (annulments, annulled) = checks::annulments::check(source, rolls, &timeline);
        let set = counted::counted_set(manifest, &log.ballots, &whole, &annulled.into_keys().collect());
        self.count(&set);
        let units = UnitMap::new(manifest, counted::units(manifest, &set.by_district));
        let pass = checks::ballots::Pass {
            source,
            manifest,
            log,
            rolls,
            key,
            statuses: &set.statuses,
            units: &units,
            entropy: &entropy,
            cache: &self.cache,
            counting: timeline.closing.is_some(),
        };
        let ballots = checks::ballots::check(&pass, progress)?;
        self.checks.extend(ballots.checks);
        self.checks.extend([chains, annulments]);

        if let Some(evidence) = &self.evidence {
            let (check, people) = checks::roll_openings::check(evidence, manifest, &whole)?;
            self.checks.push(check);
            let input =
                checks::envelopes::Input { source, evidence, manifest, log, timeline: &timeline, people: &people, cache: &self.cache };
            self.checks.push(checks::envelopes::check(&input, progress)?);
            self.checks.extend(checks::answers::check(&input, progress)?);
        }
        let Some(closing) = timeline.closing else { return Ok(()) };
        // V5 too: from here on heads of messages are read before the whole message is.
        if !self.passed(&["V5", "V6", "V7", "V8", "V11", "V12", "V14", "V15"]) {
            return Ok(());
        }
        let check = checks::closing::check(&set, closing);
        let fits = check.passed();
        self.checks.push(check);
        self.summary.units = units.units.len() as u64;
        let (true, Some(closed)) = (fits, log.closed) else { return Ok(()) };
        let finished = timeline.result.is_some();
        let input = checks::mixes::Input {
            source,
            manifest,
            log,
            sound: &sound,
            key,
            counted: &set.hash,
            finished,
            entropy: &entropy,
            cache: &self.cache,
        };
        let (check, prepared) = checks::mixes::check(&input, &units, ballots.rows, progress);
        self.checks.push(check);
        if !self.passed(&["V17"]) {
            return Ok(());
        }
        let (check, intents) = checks::intents::check(&input, &prepared, closed);
        self.checks.push(check);
        let (check, chosen) = checks::openings::check(&input, &prepared, &intents, closed, progress);
        self.checks.push(check);
        self.detail.combined = chosen.iter().map(|unit| unit.iter().map(|(trustee, _)| *trustee).collect()).collect();
        if let (true, Some(result)) = (self.passed(&["V19"]), timeline.result) {
            self.checks.push(checks::result::check(&input, prepared, &chosen, result, progress));
            if self.passed(&["V20"]) {
                let blob = source.blob(&result.1.blob, result.1.kind.blob_limit());
                self.detail.result = blob.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
            }
        }
        Ok(())
    }

    fn passed(&self, ids: &[&str]) -> bool {
        ids.iter().all(|id| self.checks.iter().any(|check| check.id == *id && check.passed()))
    }

    fn count(&mut self, set: &CountedSet) {
        let count = |status: Status| set.statuses.iter().filter(|other| **other == status).count() as u64;
        self.summary.voters = set.voters;
        self.summary.superseded = count(Status::Superseded);
        self.summary.annulled = count(Status::Annulled);
        self.summary.counted = count(Status::Counted);
    }

    /// Adds the checks that were not run, and draws the verdict.
    fn report(mut self, election: &Hash) -> Report {
        let failed: HashSet<&str> = self.checks.iter().filter(|check| check.state == State::Failed).map(|check| check.id).collect();
        for (id, name) in NAMES {
            if !self.checks.iter().any(|check| check.id == id) {
                let mut check = Check::new(id, name);
                check.skip(self.reason(id, &failed));
                self.checks.push(check);
            }
        }
        self.checks.sort_by_key(|check| NAMES.iter().position(|(id, _)| *id == check.id));
        let needed = |check: &&Check| !matches!(check.id, "V1" | "V21" | "V22" | "V23" | "V24");
        let verdict = if self.checks.iter().any(|check| check.state == State::Failed) {
            Verdict::Failed
        } else if !self.finished || self.checks.iter().filter(needed).any(|check| check.state == State::Skipped) {
            Verdict::Unfinished
        } else if self.checks.iter().any(|check| check.state == State::NotAnchored) {
            Verdict::NotAnchored
        } else {
            Verdict::Passed
        };
        let log = self.head.map(|(size, root)| LogHead { size, root: hex::encode(root) }).unwrap_or_default();
        let work = self.cache.work();
        Report {
            haal: 1,
            election: hex::encode(election),
            verdict,
            reason: String::new(),
            log,
            checks: self.checks,
            summary: self.summary,
            detail: self.detail,
            work,
        }
    }

    /// Why a check was not run: what was not given or asked for, the checks it needs that failed, or what is not there yet.
    fn reason(&self, id: &str, failed: &HashSet<&str>) -> String {
        let number = |id: &str| NAMES.iter().position(|(other, _)| *other == id);
        let before: Vec<&str> = NAMES
            .iter()
            .map(|(id, _)| *id)
            .filter(|other| failed.contains(other) && number(other) < number(id) && *other != "V1")
            .collect();
        let (any, stamps) = self.asked;
        if matches!(id, "V21" | "V22" | "V23") && self.evidence.is_none() {
            "no evidence was given".to_owned()
        } else if id == "V24" && self.register.is_none() {
            "no register was given".to_owned()
        } else if (id == "V23" && !any || id == "V24" && !stamps) && !failed.contains("V2") {
            "the manifest does not ask for it".to_owned()
        } else if before.is_empty() {
            "the record does not go that far".to_owned()
        } else {
            format!("needs what failed: {}", before.join(", "))
        }
    }
}
