//! V9: every session of the key ceremony replayed, and the key of the order *open*. Rules KEY-1 to KEY-11, POK-1, EQ-1.

use super::phases::Timeline;
use crate::bytes::{Fault, Hash};
use crate::entry::{Entry, Order, OrderKind, Post, PostKind};
use crate::log::{Item, Log};
use crate::manifest::Manifest;
use crate::messages;
use crate::report::{Check, Place};
use crate::session::{Blame, Key, Message, Phase, Session};
use crate::source::Source;
use crate::weights::Entropy;
use std::collections::HashSet;

/// What V9 found out.
pub struct Found {
    /// The check.
    pub check: Check,
    /// Keys of confirmed sessions, each with the entry that confirmed it.
    pub confirmed: Vec<(u64, Key)>,
    /// The election key.
    pub key: Option<Key>,
}

/// A fault of a trustee, kept until it is known which session the election uses.
struct Noted {
    place: Place,
    session: Option<Hash>,
    /// The session had been confirmed already, so it cannot have been harmed.
    late: bool,
    blame: Blame,
}

/// Runs V9.
pub fn check(source: &Source, manifest: &Manifest, log: &Log, sound: &[bool], timeline: &Timeline<'_>, entropy: &Entropy) -> Found {
    let mut check = Check::new("V9", "ceremony");
    let blobs = |name: &Hash| source.blob(name, PostKind::Deal.blob_limit()).ok();
    let mut replay = Replay::new(manifest, entropy, &blobs);
    // What *open* found: the key it names, and the session open at that time.
    let (mut key, mut opened) = (None, None);
    for ((index, item), _) in (0u64..).zip(&log.items).zip(sound).filter(|(_, sound)| **sound) {
        let Item::Plain(entry) = item else { continue };
        match &**entry {
            Entry::Order(order) if order.kind == OrderKind::Ceremony => {
                check.look();
                if !replay.order(order) {
                    check.fail(&Place::Entry(index), "KEY-10", "opens a session whose id was used before");
                }
            }
            Entry::Order(order) if timeline.open.is_some_and(|(open, _)| open == index) => {
                check.look();
                opened = Some(replay.session.as_ref().map(|session| session.id));
                key = replay.confirmed.last().map(|(_, key)| key.clone()).filter(|key| key.id == order.argument);
                if key.is_none() {
                    check.fail(&Place::Entry(index), "KEY-10", "does not name the key of the session confirmed last");
                }
            }
            Entry::Post(post) if (PostKind::Commit as u8..=PostKind::Complaint as u8).contains(&(post.kind as u8)) => {
                check.look();
                replay.post(index, post);
            }
            _ => {}
        }
    }
    // Without the key that *open* names, the faults in the last session say why.
    let broken = opened.flatten().filter(|_| key.is_none());
    for noted in replay.noted {
        let author = match noted.blame.author {
            0 => String::new(),
            author => format!("{}: ", name(manifest, author)),
        };
        let fault = Fault { text: format!("{author}{}", noted.blame.fault.text), ..noted.blame.fault };
        if noted.session.is_some() && noted.session == broken && !noted.late {
            check.fault(&noted.place, &fault);
        } else {
            check.note(&noted.place, &fault);
        }
    }
    if opened.is_none() && replay.confirmed.is_empty() {
        check.skip("no key has been made yet");
    }
    Found { check, confirmed: replay.confirmed, key }
}

/// `trustee 2 (name)`.
pub fn name(manifest: &Manifest, trustee: u16) -> String {
    let member = super::entries::member(&manifest.trustees, trustee);
    format!("trustee {trustee} ({})", member.map_or("unknown", |member| member.name.as_str()))
}

/// All sessions, replayed in the order of the log.
pub struct Replay<'a> {
    blobs: &'a dyn Fn(&Hash) -> Option<Vec<u8>>,
    manifest: &'a Manifest,
    entropy: &'a Entropy,
    used: HashSet<Hash>,
    session: Option<Session>,
    confirmed: Vec<(u64, Key)>,
    noted: Vec<Noted>,
}

impl<'a> Replay<'a> {
    /// Nothing has been replayed. `blobs` reads the blobs of messages.
    pub fn new(manifest: &'a Manifest, entropy: &'a Entropy, blobs: &'a dyn Fn(&Hash) -> Option<Vec<u8>>) -> Self {
        Self { blobs, manifest, entropy, used: HashSet::new(), session: None, confirmed: Vec::new(), noted: Vec::new() }
    }

    /// Keys of confirmed sessions, each with the entry that confirmed it.
    pub fn confirmed(&self) -> &[(u64, Key)] {
        &self.confirmed
    }

    /// What was found wrong: rule and author, in the order of the log.
    pub fn faults(&self) -> impl Iterator<Item = (&'static str, u16)> {
        self.noted.iter().map(|noted| (noted.blame.fault.rule, noted.blame.author))
    }

    /// Opens a session; an unfinished one ends. Says whether the id is fresh.
    pub fn order(&mut self, order: &Order) -> bool {
        self.session = Some(Session::new(order.argument, self.manifest));
        self.used.insert(order.argument)
    }

    /// Takes the next post of the ceremony.
    pub fn post(&mut self, index: u64, post: &Post) {
        let place = Place::Blob(index, post.blob);
        let bytes = (self.blobs)(&post.blob);
        let head = bytes.as_deref().and_then(messages::peek);
        let note = |session, late, fault| {
            let blame = Blame { author: post.author, fault };
            Noted { place: place.clone(), session, late, blame }
        };
        let other = |text: &str| Fault::new("KEY-1", text);
        let Some(session) = &mut self.session else {
            self.noted.push(note(None, false, other("no session is open")));
            return;
        };
        let late = session.phase != Phase::Running;
        let fault = match (&bytes, head) {
            (Some(bytes), Some(head)) if head.session == session.id && head.trustee == post.author => {
                let message = Message { kind: post.kind, author: post.author, name: post.blob, bytes };
                let taken = session.take(self.manifest, self.entropy, &message, self.blobs);
                if let Err(blame) = taken {
                    self.noted.push(Noted { place, session: Some(session.id), late, blame });
                } else if session.phase == Phase::Confirmed
                    && let Some(key) = &session.key
                {
                    self.confirmed.push((index, key.clone()));
                }
                return;
            }
            (_, Some(head)) if head.session != session.id => {
                let known = self.used.contains(&head.session).then_some(head.session);
                self.noted.push(note(known, true, other("carries a session that is not the one open")));
                return;
            }
            (_, Some(_)) => note(Some(session.id), late, other("carries another trustee's index")),
            (Some(bytes), None) => note(Some(session.id), late, Fault::new("DEC-5", "the message ends in its head").at(bytes.len())),
            (None, None) => note(Some(session.id), late, Fault::new("DEC-5", "the message is not there")),
        };
        self.noted.push(fault);
    }
}
