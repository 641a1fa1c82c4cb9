//! Asking witnesses for cosignatures. Spec: 08-board LOG-4, LOG-5; C2SP tlog-witness.

use crate::tls;
use anyhow::{Context, Result, bail};
use ballot::manifest::Manifest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use board::checkpoint::verify_cosignature;
use board::tree::Tree;
use std::collections::BTreeMap;
use std::io::Read;
use std::time::{Duration, Instant};
use ureq::Agent;

/// A witness that takes longer is asked again with the next checkpoint.
const TIME: Duration = Duration::from_secs(5);
/// Pauses after failures: from the first to the second.
const PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));
const MOST_ANSWER: u64 = 16 * 1024;

/// Cosignature lines by position of the witness in the manifest.
pub type Cosignatures = BTreeMap<usize, String>;

/// What is to be cosigned.
#[derive(Debug)]
pub struct Request<'a> {
    pub manifest: &'a Manifest,
    pub size: u64,
    /// The text that is signed.
    pub text: &'a str,
    /// The text with the collector's line.
    pub note: &'a str,
}

/// One witness, found by its URL; which one it is shows in its first line.
#[derive(Debug)]
pub struct Witness {
    url: String,
    agent: Agent,
    /// The size that it said or signed last.
    known: u64,
    /// Its position in the manifest.
    place: Option<usize>,
    pause: Duration,
    rest_until: Option<Instant>,
}

impl Witness {
    pub fn new(url: &str) -> Self {
        let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
        Self { url, agent: tls::client(TIME), known: 0, place: None, pause: PAUSE.0, rest_until: None }
    }

    /// True if it is its turn, and its line is not there yet.
    pub fn is_wanted(&self, have: &Cosignatures) -> bool {
        let signed = self.place.is_some_and(|place| have.contains_key(&place));
        !signed && self.rest_until.is_none_or(|until| Instant::now() >= until)
    }

    /// Asks for a cosignature. `proof` gives the consistency proof from an older size. A failure lets it rest for a while.
    pub fn ask(&mut self, request: &Request<'_>, proof: &(impl Fn(u64) -> Option<Vec<[u8; 32]>> + ?Sized)) -> Cosignatures {
        match self.try_ask(request, proof) {
            Ok(lines) => {
                (self.pause, self.rest_until) = (PAUSE.0, None);
                lines
            }
            Err(error) => {
                tracing::warn!("witness {}: {error:#}", self.url);
                self.rest_until = Some(Instant::now() + self.pause);
                self.pause = (self.pause * 2).min(PAUSE.1);
                Cosignatures::new()
            }
        }
    }

    fn try_ask(&mut self, request: &Request<'_>, proof: &(impl Fn(u64) -> Option<Vec<[u8; 32]>> + ?Sized)) -> Result<Cosignatures> {
        for _ in 0..3 {
            let old = self.known;
            let hashes = proof(old).context("it has cosigned a checkpoint larger than this log (E08)")?;
            let mut body = format!("old {old}\n");
            hashes.iter().for_each(|hash| body.extend([STANDARD.encode(hash).as_str(), "\n"]));
            body.extend(["\n", request.note]);
            let response = self.agent.post(&self.url).header("Content-Type", "text/plain; charset=utf-8").send(body.as_bytes())?;
            let status = response.status().as_u16();
            let mut text = String::new();
            response.into_body().into_reader().take(MOST_ANSWER).read_to_string(&mut text)?;
            match status {
                200 => {
                    let lines = self.read_lines(request, &text)?;
                    self.known = request.size;
                    return Ok(lines);
                }
                409 => self.known = text.trim().parse().context("its answer 409 has no size")?,
                _ => bail!("it answered {status}"),
            }
        }
        bail!("it changes its mind about the size it knows")
    }

    /// Keeps only lines that verify under a key of the manifest.
    fn read_lines(&mut self, request: &Request<'_>, text: &str) -> Result<Cosignatures> {
        let members = &request.manifest.description().witnesses.members;
        let mut found = Cosignatures::new();
        for line in text.lines() {
            let Some((name, payload)) = line.strip_prefix("\u{2014} ").and_then(|l| l.split_once(' ')) else { continue };
            let Ok(payload) = STANDARD.decode(payload) else { continue };
            for (place, member) in members.iter().enumerate() {
                if verify_cosignature(request.text, &member.name, &member.key.0, name, &payload).is_some() {
                    found.insert(place, format!("{line}\n"));
                    self.place = Some(place);
                }
            }
        }
        if found.is_empty() { bail!("no line of its answer is by a witness of the manifest") } else { Ok(found) }
    }
}

/// Asks all that are wanted, at the same time.
pub fn ask_all(
    witnesses: &mut [Witness],
    request: &Request<'_>,
    tree: &(impl Fn(u64) -> Option<Vec<[u8; 32]>> + Sync),
    have: &mut Cosignatures,
) {
    let wanted: Vec<&mut Witness> = witnesses.iter_mut().filter(|w| w.is_wanted(have)).collect();
    std::thread::scope(|scope| {
        let asked: Vec<_> = wanted.into_iter().map(|w| scope.spawn(move || w.ask(request, tree))).collect();
        for answer in asked {
            have.extend(answer.join().unwrap_or_default());
        }
    });
}

/// The consistency proof that a witness needs which knows `old` entries.
pub fn consistency(tree: &Tree, old: u64, size: u64) -> Option<Vec<[u8; 32]>> {
    tree.consistency(old, size)
}
