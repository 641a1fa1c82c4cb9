//! Follows a board: polls its checkpoint, keeps the copy, checks what is new, and raises alarms. Spec: 15-watching, FOLLOW.

mod evidence;
mod late;
mod poll;

use super::alarm::Alarms;
use super::copy::{Copy, Wrong};
use super::now;
use super::promise::{self, Promise};
use super::seen::Seen;
use super::shared::{Common, look};
use super::status::{Display, Status};
use crate::bytes::Hash;
use crate::hash;
use crate::manifest::Manifest;
use crate::net::Web;
use crate::report::Report;
use crate::source::ReadError;
use std::collections::HashSet;
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Arc;
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
    /// When the finished record was seen first without all its cosignatures.
    waits_since: Option<u64>,
    trouble: Option<InTheWay>,
    /// The time for one attempt was over: the next one follows at once.
    unfinished: bool,
    pending: Option<Instant>,
    report: Option<Report>,
    checked: u64,
    /// The last check failed by witnesses of the finished record that may still sign, which is not said yet.
    held: bool,
    display: Display,
    _lock: File,
}

impl Follower {
    /// Opens the folder, which the caller has locked, and waits for the manifest if it is not there yet.
    pub fn start(options: Options, common: Common, lock: File) -> Result<Self, Stop> {
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
        let copy = Copy::open(&options.out, manifest, text, watched).map_err(unreadable)?;
        let time = |name: &str| fs::read_to_string(options.out.join(name)).ok().and_then(|text| crate::text::decimal(text.trim()));
        let (quiet, waits_since) = (time("quiet"), time("finished"));
        let calls = web.base().strip_suffix("/board").and_then(Web::parse);
        let follower = Self {
            calls,
            web,
            copy,
            seen,
            alarms,
            promises,
            patience: Duration::from_secs(patience),
            quiet,
            waits_since,
            trouble: None,
            unfinished: false,
            pending: None,
            report: None,
            checked: 0,
            held: false,
            display,
            options,
            common,
            _lock: lock,
        };
        // Alarms of before stand before a witness may sign: it waits for the manifest.
        follower.tell();
        let mut shared = look(&follower.common);
        (shared.manifest, shared.opened) = (Some(Arc::new(follower.copy.manifest.clone())), true);
        drop(shared);
        Ok(follower)
    }

    /// Follows until the record is finished, or once. Gives the exit code.
    pub fn run(mut self) -> Result<u8, Stop> {
        let interval = Duration::from_secs(self.options.interval.unwrap_or(self.copy.manifest.batch_seconds).max(1));
        let mut pause = interval;
        self.settle()?;
        if self.copy.head.is_some() {
            self.check()?;
        }
        loop {
            self.hold_asked()?;
            let trouble = self.poll()?;
            pause = match &trouble {
                None => interval,
                // A server that is away is asked less and less often, up to once a minute.
                Some(_) => pause.saturating_mul(2).min(Duration::from_secs(60).max(interval)),
            };
            self.note_the_end();
            if self.copy.size() > self.checked || self.held && !self.is_waiting() {
                self.check()?;
            }
            self.late()?;
            self.show(trouble.unwrap_or_default());
            if std::mem::take(&mut self.unfinished) {
                continue;
            }
            let done = self.copy.facts.finished && !self.is_waiting() && self.checked == self.copy.size();
            if self.options.once || done && !self.options.forever {
                self.display.end();
                return Ok(self.code());
            }
            sleep(pause);
        }
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
