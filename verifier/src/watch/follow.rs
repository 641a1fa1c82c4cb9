//! Follows a board: polls its checkpoint, keeps the copy, checks what is new, and raises alarms. Spec: 15-watching, FOLLOW.

use super::alarm::{Alarm, Alarms, Kind};
use super::copy::{Copy, Trouble, Wrong};
use super::promise::{self, Promise};
use super::seen::Seen;
use super::status::{Display, Status};
use super::{disk, now};
use crate::bytes::Hash;
use crate::checkpoint;
use crate::checks::log;
use crate::head::Head;
use crate::manifest::Manifest;
use crate::net::Web;
use crate::report::{Report, State};
use crate::run;
use crate::source::ReadError;
use crate::{fork, hash};
use serde_json::Value;
use std::collections::HashSet;
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What a caller may ask for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The board.
    pub url: String,
    /// Folder for everything.
    pub out: PathBuf,
    /// The election id, from a source other than the board.
    pub election: Option<Hash>,
    /// Seconds between polls; else the board's batch interval.
    pub interval: Option<u64>,
    /// Seconds after which something is overdue; else `2·batch_seconds + 60`.
    pub patience: Option<u64>,
    /// Files with promises.
    pub promises: Vec<PathBuf>,
    /// Alarms of before no longer stand.
    pub acknowledge: bool,
    /// One poll.
    pub once: bool,
    /// Goes on when the record is finished: a witness and a mirror have more to do.
    pub forever: bool,
    /// JSON lines.
    pub json: bool,
}

/// What a follower shares with a server beside it.
#[derive(Default)]
pub struct Shared {
    /// The manifest, once it is there.
    pub manifest: Option<Arc<Manifest>>,
    /// Entries of the copy.
    pub size: u64,
    /// Entries of the largest checkpoint that the board showed.
    pub shown: u64,
    /// Since when a checkpoint of the board cannot be taken over for its files, and why.
    pub stuck: Option<(Instant, String)>,
    /// Alarms that stand: kind and sentence.
    pub standing: Vec<(Kind, String)>,
    /// Checkpoints that were cosigned, for the follower to hold against the log.
    pub cosigned: Vec<String>,
    /// Exit code if it ended now.
    pub code: u8,
}

/// Shared between threads.
pub type Common = Arc<Mutex<Shared>>;

/// Looks at what is shared.
pub fn look(common: &Common) -> MutexGuard<'_, Shared> {
    common.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why it cannot go on, and the exit code.
pub type Stop = (u8, String);

/// What keeps a checkpoint from being taken over.
struct InTheWay {
    wrong: Wrong,
    since: Instant,
    /// It has lasted too long, and that was said.
    raised: bool,
}

/// A follower at work.
pub struct Follower {
    options: Options,
    common: Common,
    web: Web,
    /// The collector's own interface, if the board is at such a URL.
    calls: Option<Web>,
    copy: Copy,
    seen: Seen,
    alarms: Alarms,
    promises: Vec<Promise>,
    patience: Duration,
    /// When the board was polled last without showing more than the copy has.
    quiet: Option<u64>,
    trouble: Option<InTheWay>,
    pending: Option<Instant>,
    report: Option<Report>,
    checked: u64,
    /// The last check failed by witnesses of the finished record that may still sign, which is not said yet.
    held: bool,
    display: Display,
    _lock: File,
}

impl Follower {
    /// Opens the folder, and waits for the manifest if it is not there yet.
    pub fn start(options: Options, common: Common) -> Result<Self, Stop> {
        let lock = disk::lock(&options.out).map_err(unreadable)?;
        let web = Web::parse(&options.url).ok_or_else(|| (64, format!("{} is no http(s) URL", options.url)))?;
        let mut display = Display::new(options.json);
        let text = manifest(&web, &options, &mut display)?;
        let manifest = Manifest::read(text.as_bytes());
        let manifest = manifest.map_err(|faults| {
            (1, faults.first().map_or(String::new(), |fault| format!("the manifest: {} ({})", fault.text, fault.rule)))
        })?;
        if options.election.is_some_and(|given| given != manifest.election) {
            return Err((1, format!("the board is that of another election: {}", hex::encode(manifest.election))));
        }
        let mut promises = Vec::new();
        for path in &options.promises {
            let bytes = fs::read(path).map_err(|error| (2, format!("{}: {error}", path.display())))?;
            let promise = promise::read(&bytes, &manifest);
            promises.push(promise.map_err(|fault| (2, format!("{}: {} ({})", path.display(), fault.text, fault.rule)))?);
        }
        let watched: HashSet<Hash> = promises.iter().map(|promise| promise.ballot).collect();
        let patience = options.patience.unwrap_or_else(|| manifest.batch_seconds.saturating_mul(2).saturating_add(60));
        let seen = Seen::open(&options.out.join("seen"), &manifest).map_err(unreadable)?;
        let alarms = Alarms::open(&options.out.join("alarms"), options.acknowledge).map_err(unreadable)?;
        look(&common).manifest = Some(Arc::new(manifest.clone()));
        let copy = Copy::open(&options.out, manifest, text, watched).map_err(unreadable)?;
        let quiet = fs::read_to_string(options.out.join("quiet")).ok().and_then(|text| crate::text::decimal(text.trim()));
        let calls = web.base().strip_suffix("/board").and_then(Web::parse);
        Ok(Self {
            calls,
            web,
            copy,
            seen,
            alarms,
            promises,
            patience: Duration::from_secs(patience),
            quiet,
            trouble: None,
            pending: None,
            report: None,
            checked: 0,
            held: false,
            display,
            options,
            common,
            _lock: lock,
        })
    }

    /// Follows until the record is finished, or once. Gives the exit code.
    pub fn run(mut self) -> Result<u8, Stop> {
        let interval = Duration::from_secs(self.options.interval.unwrap_or(self.copy.manifest.batch_seconds).max(1));
        let mut pause = interval;
        if self.copy.head.is_some() {
            self.check()?;
        }
        loop {
            let trouble = self.poll()?;
            pause = match &trouble {
                None => interval,
                // A server that is away is asked less and less often, up to once a minute.
                Some(_) => pause.saturating_mul(2).min(Duration::from_secs(60).max(interval)),
            };
            if self.copy.size() > self.checked || self.held && !self.is_waiting() {
                self.check()?;
            }
            self.late()?;
            self.show(trouble.unwrap_or_default());
            let done = self.copy.facts.finished && !self.is_waiting() && self.checked == self.copy.size();
            if self.options.once || done && !self.options.forever {
                self.display.end();
                return Ok(self.code());
            }
            sleep(pause);
        }
    }

    /// The finished record has not got all its cosignatures yet (LOG-4), and there is still time.
    fn is_waiting(&self) -> bool {
        let all = self.copy.manifest.witnesses.len();
        let missing = self.copy.head.as_ref().is_some_and(|head| head.witnesses.len() < all);
        let late = self.trouble.as_ref().is_some_and(|trouble| trouble.since.elapsed() > self.patience);
        self.copy.facts.finished && missing && !late
    }

    /// 1 with an alarm, else the verdict's; before the first, 3 or, if nothing was read, 2.
    fn code(&self) -> u8 {
        if self.alarms.standing().next().is_some() {
            return 1;
        }
        if self.held {
            return 3;
        }
        let read = if self.copy.head.is_some() { 3 } else { 2 };
        self.report.as_ref().map_or(read, |report| report.verdict.code())
    }

    /// One poll: what is in the way, if anything.
    fn poll(&mut self) -> Result<Option<String>, Stop> {
        let begun = now();
        let bytes = match self.web.get("checkpoint", checkpoint::LARGEST) {
            Ok(bytes) => bytes,
            Err(ReadError::Missing) => return Ok(Some("the server has no checkpoint".to_owned())),
            Err(ReadError::TooLarge) => return Ok(Some("the server's checkpoint is too long".to_owned())),
            Err(ReadError::Unreadable(error)) => return Ok(Some(error)),
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let head = match Head::read(&text, &self.copy.manifest) {
            Ok(head) => head,
            // Whoever sent this, it was not the collector, so it proves nothing.
            Err(fault) => return Ok(Some(format!("the server shows no checkpoint of this election: {} ({})", fault.text, fault.rule))),
        };
        self.reconcile(&text, &head)?;
        let trouble = self.judge(&text, &head)?;
        match &trouble {
            None => self.trouble = None,
            // A cut line is nobody's fault: it is said, and neither begins nor ends anything.
            Some(wrong) if wrong.place.is_empty() => {}
            Some(wrong) => {
                let before = self.trouble.take();
                let raised = before.as_ref().is_some_and(|before| before.raised && before.wrong.kind == wrong.kind);
                let since = before.map_or_else(Instant::now, |before| before.since);
                self.trouble = Some(InTheWay { wrong: wrong.clone(), since, raised });
            }
        }
        if head.size <= self.copy.size() {
            if self.quiet.is_none_or(|quiet| quiet.saturating_add(5) <= begun) {
                let _ = disk::replace(&self.options.out.join("quiet"), format!("{begun}\n").as_bytes());
            }
            self.quiet = Some(begun);
        }
        {
            let mut shared = look(&self.common);
            shared.shown = shared.shown.max(head.size);
            // A missing cosignature may be the one that this very witness has not given yet: no reason not to give it.
            let files = self.trouble.as_ref().filter(|trouble| trouble.wrong.kind != Kind::Overdue || trouble.wrong.place != "checkpoint");
            shared.stuck = files.map(|trouble| (trouble.since, trouble.wrong.text.clone()));
            shared.size = self.copy.size();
        }
        // The files of another log are other ones.
        let other = trouble.as_ref().is_some_and(|wrong| matches!(wrong.kind, Kind::Fork | Kind::Rollback));
        let samples = if self.options.once { 16 } else { 1 };
        for _ in 0..if other { 0 } else { samples } {
            if let Some(wrong) = self.copy.sample(&self.web) {
                self.wrong(&wrong)?;
            }
        }
        Ok(trouble.map(|wrong| format!("{}{}{}", wrong.place, if wrong.place.is_empty() { "" } else { ": " }, wrong.text)))
    }

    /// Keeps the checkpoint, and those that were cosigned meanwhile; two of one size must be the same. FOLLOW-4.
    fn reconcile(&mut self, text: &str, head: &Head) -> Result<(), Stop> {
        let cosigned = std::mem::take(&mut look(&self.common).cosigned);
        let mut all = vec![(text.to_owned(), head.clone())];
        all.extend(cosigned.into_iter().filter_map(|text| Head::read(&text, &self.copy.manifest).ok().map(|head| (text, head))));
        for (text, head) in all {
            self.seen.keep(&text, &head).map_err(unreadable)?;
            // Those that are not larger than the copy are held against the copy.
            if head.size > self.copy.size()
                && let Some(other) = self.seen.other(&head).map(str::to_owned)
            {
                let proof = fork::equal(&self.copy.manifest_text, &other, &text);
                let sentence = format!("the collector signed two logs of {} entries", head.size);
                self.raise(Kind::Fork, sentence, "checkpoint", vec![other, text], None, Some(&proof))?;
            }
        }
        self.broken()
    }

    /// Every checkpoint that was seen is the beginning of the copy. FOLLOW-4.
    fn broken(&mut self) -> Result<(), Stop> {
        for (size, old) in self.seen.broken(self.copy.leaves()) {
            let size_here = self.copy.size();
            let proof = match usize::try_from(size) {
                Ok(_) if size == size_here => Some(fork::equal(&self.copy.manifest_text, &old, &self.copy.checkpoint)),
                Ok(size) => fork::rewritten(&self.copy.manifest_text, &old, size, &self.copy.checkpoint, self.copy.leaves()),
                Err(_) => None,
            };
            let sentence = format!("the collector signed a log of {size} entries that is not the beginning of the log of {size_here}");
            let checkpoints = vec![old, self.copy.checkpoint.clone()];
            self.raise(Kind::Fork, sentence, "checkpoint", checkpoints, None, proof.as_ref())?;
        }
        Ok(())
    }

    /// What to do with a checkpoint that the collector signed. FOLLOW-1, FOLLOW-4.
    fn judge(&mut self, text: &str, head: &Head) -> Result<Option<Wrong>, Stop> {
        let size = self.copy.size();
        let checkpoint = |kind, text: String| Ok(Some(Wrong { kind, place: "checkpoint".to_owned(), text, seen: None }));
        if head.size < size {
            let sentence = format!("the board showed {size} entries before, and shows {} now", head.size);
            let checkpoints = vec![self.copy.checkpoint.clone(), text.to_owned()];
            self.raise(Kind::Rollback, sentence.clone(), "checkpoint", checkpoints, None, None)?;
            return checkpoint(Kind::Rollback, sentence);
        }
        let complete = log::judge(text.as_bytes(), &self.copy.manifest, false);
        if head.size == size {
            let ours = self.copy.root() == head.root;
            let better = self.copy.head.as_ref().is_none_or(|before| before.witnesses.len() < head.witnesses.len());
            if ours && better && complete.passed() {
                self.copy.cosigned_better(text, head).map_err(unreadable)?;
                if self.copy.facts.finished {
                    self.checked = 0; // who signed a finished record is part of the verdict
                }
            }
            let missing = self.copy.manifest.witnesses.len().saturating_sub(head.witnesses.len());
            if ours && self.copy.facts.finished && missing > 0 {
                return checkpoint(
                    Kind::Overdue,
                    format!("the election is finished, and {missing} witnesses have not signed its last checkpoint"),
                );
            }
            return if ours { Ok(None) } else { checkpoint(Kind::Fork, "another root than that of the copy".to_owned()) };
        }
        if let Some(note) = complete.failures.first() {
            return checkpoint(Kind::Overdue, format!("the checkpoint is not taken over: {} ({})", note.text, note.rule));
        }
        match self.copy.extend(&self.web, text, head) {
            Ok(()) => {
                self.pending = None;
                self.dated_back()?;
                self.broken()?;
                for wrong in self.copy.compare_tiles(&self.web, size) {
                    self.wrong(&wrong)?;
                }
                Ok(None)
            }
            Err(Trouble::Network(text)) => Ok(Some(Wrong { kind: Kind::Overdue, place: String::new(), text, seen: None })),
            Err(Trouble::Files(wrong)) => Ok(Some(wrong)),
            Err(Trouble::Local(error)) => Err(unreadable(error)),
            Err(Trouble::Fork(leaves)) => {
                let old = usize::try_from(size).unwrap_or(usize::MAX);
                let proof = fork::rewritten(&self.copy.manifest_text, &self.copy.checkpoint, old, text, &leaves);
                let sentence =
                    format!("the collector signed a log of {} entries that does not go on from the {size} of the copy", head.size);
                let checkpoints = vec![self.copy.checkpoint.clone(), text.to_owned()];
                self.raise(Kind::Fork, sentence.clone(), "checkpoint", checkpoints, None, proof.as_ref())?;
                checkpoint(Kind::Fork, sentence)
            }
        }
    }

    /// A batch must not carry a time at which it had not been shown for long. FOLLOW-6.
    fn dated_back(&mut self) -> Result<(), Stop> {
        let Some(quiet) = self.quiet else { return Ok(()) };
        for (entry, time) in std::mem::take(&mut self.copy.facts.batches) {
            if time.saturating_add(self.patience.as_secs()) < quiet {
                let sentence = format!("the batch carries the time {time}, and the board did not show it at {quiet}");
                let checkpoints = vec![self.copy.checkpoint.clone()];
                self.raise(Kind::Overdue, sentence, &format!("entry {entry}"), checkpoints, None, None)?;
            }
        }
        Ok(())
    }

    /// What has lasted too long: trouble, ballots that wait, promises. FOLLOW-6.
    fn late(&mut self) -> Result<(), Stop> {
        if let Some(trouble) = &mut self.trouble
            && trouble.since.elapsed() > self.patience
            && matches!(trouble.wrong.kind, Kind::Overdue | Kind::Failed | Kind::Changed)
            && !std::mem::replace(&mut trouble.raised, true)
        {
            let wrong = trouble.wrong.clone();
            self.wrong(&wrong)?;
        }
        let status = self.calls.as_ref().and_then(|web| web.get("v1/status", 1 << 16).ok());
        let status: Option<Value> = status.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let waits = status.is_some_and(|status| status.get("pending").and_then(Value::as_u64).unwrap_or(0) > 0);
        if !waits {
            self.pending = None;
        } else if self.pending.get_or_insert_with(Instant::now).elapsed() > self.patience {
            let sentence = format!("the collector has ballots that it does not publish after entry {}", self.copy.size());
            self.raise(Kind::Overdue, sentence, "", vec![self.copy.checkpoint.clone()], None, None)?;
        }
        let time = now();
        for Promise { ballot, deadline } in self.promises.clone() {
            let published = self.copy.facts.published.get(&ballot);
            let kept = published.is_some_and(|published| *published <= deadline);
            // The checkpoint at hand must be one from after the deadline.
            let after = self.quiet.is_some_and(|quiet| quiet > deadline) && time > deadline;
            if !kept && (after || published.is_some()) {
                let sentence =
                    format!("the collector promised ballot {} by {deadline}, and did not publish it by then", hex::encode(ballot));
                self.raise(Kind::Overdue, sentence, "", vec![self.copy.checkpoint.clone()], None, None)?;
            }
        }
        Ok(())
    }

    /// Checks the copy as 12 says; what was verified before is remembered. FOLLOW-3, FOLLOW-7.
    fn check(&mut self) -> Result<(), Stop> {
        let options = run::Options {
            election: self.options.election,
            cache: Some(self.options.out.join("cache")),
            progress: !self.options.json,
            ..run::Options::default()
        };
        let report = run::check(&self.copy.record().to_string_lossy(), &options);
        self.checked = self.copy.size();
        let failed = report.checks.iter().filter(|check| check.state == State::Failed);
        let mut notes: Vec<(&str, crate::report::Note)> =
            failed.flat_map(|check| check.failures.iter().take(20).map(|note| (check.id, note.clone()))).collect();
        // Whatever else is wrong is said at once: the order *result* that lets it wait may itself be a forgery.
        let all = notes.len();
        if self.is_waiting() {
            notes.retain(|(check, note)| (*check, note.rule.as_str()) != ("V4", "LOG-4"));
        }
        self.held = notes.len() < all;
        self.report = Some(report);
        for (check, note) in notes {
            let sentence = format!("{check} fails: {} ({})", note.text, note.rule);
            self.raise(Kind::Failed, sentence, &note.place, vec![self.copy.checkpoint.clone()], None, None)?;
        }
        Ok(())
    }

    fn wrong(&mut self, wrong: &Wrong) -> Result<(), Stop> {
        let checkpoints = vec![self.copy.checkpoint.clone()];
        self.raise(wrong.kind, wrong.text.clone(), &wrong.place, checkpoints, wrong.seen.as_deref(), None)
    }

    fn raise(
        &mut self,
        kind: Kind,
        text: String,
        place: &str,
        checkpoints: Vec<String>,
        seen: Option<&[u8]>,
        proof: Option<&Value>,
    ) -> Result<(), Stop> {
        use base64::Engine as _;
        // Enough to show what it is; a blob may have a gigabyte.
        let seen = seen.map(|seen| base64::engine::general_purpose::STANDARD.encode(seen.get(..1 << 20).unwrap_or(seen)));
        let election = hex::encode(self.copy.manifest.election);
        let checkpoints = checkpoints.into_iter().filter(|text| !text.is_empty()).collect();
        let alarm = Alarm { haal: 1, kind, time: now(), election, text, checkpoints, place: place.to_owned(), seen, proof: None };
        if self.alarms.raise(alarm, proof).map_err(unreadable)?
            && let Some(alarm) = self.alarms.last()
        {
            let at = if alarm.place.is_empty() { String::new() } else { format!(" at {}", alarm.place) };
            self.display.say(&format!("ALARM {}{at}: {}", kind.name(), alarm.text));
            self.tell();
        }
        Ok(())
    }

    /// Tells the server beside it.
    fn tell(&self) {
        let mut shared = look(&self.common);
        shared.standing = self.alarms.standing().map(|alarm| (alarm.kind, alarm.text.clone())).collect();
        shared.code = self.code();
        shared.size = self.copy.size();
    }

    fn show(&mut self, trouble: String) {
        self.tell();
        let summary = self.report.as_ref().map(|report| report.summary.clone()).unwrap_or_default();
        let shown = look(&self.common).shown.max(self.copy.size());
        let status = Status {
            time: now(),
            size: self.copy.size(),
            root: hex::encode(self.copy.root()),
            ballots: summary.ballots,
            challenged: summary.challenged,
            voters: summary.voters,
            phase: self.copy.facts.phase,
            cosigned: self.copy.head.as_ref().map_or(0, |head| head.witnesses.len() as u64),
            behind: shown.saturating_sub(self.checked),
            alarms: self.alarms.standing().count() as u64,
            trouble,
        };
        self.display.status(&status);
    }
}

fn unreadable(error: String) -> Stop {
    (2, error)
}

/// The manifest of the copy, or of the board; waits for the board unless there is one poll only.
fn manifest(web: &Web, options: &Options, display: &mut Display) -> Result<String, Stop> {
    if let Ok(text) = fs::read_to_string(options.out.join("record").join("manifest.json")) {
        return Ok(text);
    }
    let mut pause = Duration::from_millis(250);
    loop {
        let error = match web.get("manifest.json", 16 << 20) {
            Ok(bytes) if options.election.is_none_or(|given| given == hash::sha256(&bytes)) => match String::from_utf8(bytes) {
                Ok(text) => return Ok(text),
                Err(error) => error.to_string(),
            },
            Ok(_) => return Err((1, "the board is that of another election".to_owned())),
            Err(ReadError::Unreadable(error)) => error,
            Err(error) => format!("manifest.json: {error:?}"),
        };
        if options.once {
            return Err((2, error));
        }
        display.status(&Status { time: now(), phase: "setup", trouble: error, ..Status::default() });
        sleep(pause);
        pause = pause.saturating_mul(2).min(Duration::from_secs(5));
    }
}
