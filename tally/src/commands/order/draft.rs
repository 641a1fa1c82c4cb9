//! An order before it is signed: its fields from the board, and its meaning in words. Spec: 03-manifest, ORD and PHASE.

use super::{Content, gates};
use crate::board::Board;
use crate::failure::{Failure, Outcome};
use crate::files;
use crate::minutes::short;
use crate::{limits, random, refuse, when};
use ballot::Hash;
use ballot::encode::{Record, sha256};
use board::changes::{ChangeSet, Rolls};
use board::replay::ReplayError;
use board::roll::{AnnulReason, AnnulmentList, ReinstatementList};
use board::{Order, OrderKind, Replay, Roll};
use std::io::Write;
use std::sync::Arc;
use trustee::ceremony::check_quorums;
use trustee::mix::Bases;

/// An order with its blob and the board that it was made for.
pub struct Draft {
    /// Not yet signed, or not by all.
    pub order: Order,
    /// What it names, or nothing.
    pub blob: Vec<u8>,
    /// The board's state before it.
    pub replay: Replay,
}

/// Makes an order of a kind for the present board.
pub fn new(kind: OrderKind, content: &Content<'_>, time: Option<u64>, board: &Board) -> Outcome<Draft> {
    let replay = board.replay()?;
    let phases = replay.phases();
    let least = phases.last_time().max(replay.batch_time());
    let time = time.unwrap_or_else(|| when::now().max(least));
    let blob = match content {
        Content::File(path) => files::read(path)?,
        Content::Programs(dir) => gates::programs(dir)?.note().into_bytes(),
        _ => Vec::new(),
    };
    let (mut value, mut argument) = (0, [0; 32]);
    match (kind, content) {
        (OrderKind::Roll, _) => argument = read_roll(&blob)?.tree().root(),
        (OrderKind::Ceremony | OrderKind::Drill, _) => argument = random::bytes(),
        (OrderKind::Open, _) => argument = ready_key(&replay)?,
        (OrderKind::Extend, Content::Until(until)) => value = *until,
        (OrderKind::Amend, _) => {
            let rolls = rolls(&replay)?;
            (value, argument) = (rolls.version().saturating_add(1), amended(rolls, &blob, &replay)?.1.tree().root());
        }
        (OrderKind::Reinstate, _) => value = read_reinstatements(&blob)?.lines().len() as u64,
        (OrderKind::Annul, _) => value = read_list(&blob)?.lines().len() as u64,
        (OrderKind::Result, _) => argument = replay.closing().map(|(_, counted, _)| counted).unwrap_or_default(),
        _ => {}
    }
    let name = if kind.has_blob() { sha256(&blob) } else { [0; 32] };
    let order = Order { number: phases.next_order(), kind, time, value, argument, blob: name, signatures: Vec::new() };
    Ok(Draft { order, blob, replay })
}

/// PHASE-2, with the reason in words.
fn ready_key(replay: &Replay) -> Outcome<Hash> {
    let ceremony = replay.ceremony();
    let Some(keys) = ceremony.confirmed() else { refuse!("PHASE-2: no key has been confirmed by all trustees") };
    match ceremony.ready_key() {
        Some(id) => Ok(id),
        None => {
            let missing = ceremony.last_drill().map(|d| d.missing).unwrap_or_default();
            refuse!("PHASE-2: the key {} has no drill that all trustees passed; missing: {missing:?}", short(&keys.key.id()))
        }
    }
}

fn read_roll(blob: &[u8]) -> Outcome<Roll> {
    match Roll::from_bytes(blob) {
        Ok(roll) => Ok(roll),
        Err(e) => Err(Failure::Refused(anyhow::Error::from(ReplayError::roll(e)).context("this is not a roll"))),
    }
}

fn read_list(blob: &[u8]) -> Outcome<AnnulmentList> {
    match AnnulmentList::from_bytes(blob) {
        Ok(list) => Ok(list),
        Err(e) => Err(Failure::Refused(anyhow::Error::from(e).context("this is not an annulment list"))),
    }
}

fn read_reinstatements(blob: &[u8]) -> Outcome<ReinstatementList> {
    match ReinstatementList::from_bytes(blob) {
        Ok(list) => Ok(list),
        Err(e) => Err(Failure::Refused(anyhow::Error::from(e).context("this is not a reinstatement list"))),
    }
}

fn rolls(replay: &Replay) -> Outcome<&Arc<Rolls>> {
    match replay.rolls() {
        Some(rolls) => Ok(rolls),
        None => refuse!("PHASE-1: there is no roll yet that could be changed"),
    }
}

/// A change set, and the roll that results.
fn amended(rolls: &Rolls, blob: &[u8], replay: &Replay) -> Outcome<(ChangeSet, Roll)> {
    let districts = replay.manifest().description().districts.len();
    let refused = |e: board::changes::AmendError| Failure::Refused(anyhow::Error::from(e).context("this is not a change set for the roll"));
    let set = ChangeSet::from_bytes(blob).map_err(|e| refused(e.into()))?;
    let roll = rolls.change(&set, districts).map_err(refused)?;
    Ok((set, roll))
}

impl Draft {
    /// What a member checks before signing, whoever drafted the order.
    pub fn check(&self, board: &Board) -> Outcome {
        let (order, replay) = (&self.order, &self.replay);
        let manifest = replay.manifest();
        let refused = |e: board::phase::OrderError| Failure::Refused(e.into());
        replay.phases().allows(order, manifest, replay.ceremony().ready_key()).map_err(refused)?;
        if order.kind.has_blob() && sha256(&self.blob) != order.blob {
            refuse!("ENTRY-7: the order names another blob");
        }
        match order.kind {
            OrderKind::Roll => {
                let roll = read_roll(&self.blob)?;
                let districts = manifest.description().districts.len();
                if roll.tree().root() != order.argument || roll.lines().iter().any(|l| usize::from(l.district) >= districts) {
                    refuse!("ROLL-1: the roll has another root, or names a district that the manifest does not have");
                }
                limits::check_roll(manifest, &roll)?;
                if replay.roll().is_some() {
                    refuse!("PHASE-2: there is a roll already, and open needs exactly one");
                }
            }
            OrderKind::Amend => {
                let mut after = Rolls::clone(rolls(replay)?);
                let districts = manifest.description().districts.len();
                after
                    .amend(&self.blob, (order.value, &order.argument), replay.size(), districts)
                    .map_err(|e| Failure::Refused(anyhow::Error::from(e)))?;
                limits::check_rolls(manifest, &after)?;
            }
            OrderKind::Open => {
                gates::check(board, replay)?;
                if let Some(drill) = replay.ceremony().drills().last() {
                    check_quorums(drill, manifest.trustees().1).map_err(|e| Failure::Refused(e.into()))?;
                }
            }
            OrderKind::Close if order.time < replay.batch_time() => {
                refuse!("PHASE-4: the order is dated before the last batch of ballots ({})", when::show(replay.batch_time()));
            }
            OrderKind::Note if self.blob.len() > 1 << 16 => refuse!("ENTRY-7: a note has at most 64 KiB"),
            OrderKind::Note if std::str::from_utf8(&self.blob).is_err() => refuse!("ORD-4: a note is UTF-8 text"),
            OrderKind::Annul => {
                let list = read_list(&self.blob)?;
                let on_roll = |p: &Hash| replay.rolls().is_some_and(|r| r.was_ever(p));
                if list.lines().iter().any(|(p, _)| !on_roll(p) || replay.annulled().contains_key(p)) {
                    refuse!("ANN-1: the list names someone who never was on the roll, or is annulled already");
                }
                if list.lines().len() as u64 != order.value {
                    refuse!("ANN-2: the order states another number of annulments than its list");
                }
            }
            OrderKind::Reinstate => {
                let list = read_reinstatements(&self.blob)?;
                if list.lines().iter().any(|p| !replay.annulled().contains_key(p)) {
                    refuse!("ANN-3: the list names someone who is not annulled");
                }
                if list.lines().len() as u64 != order.value {
                    refuse!("ANN-2: the order states another number of pseudonyms than its list");
                }
            }
            OrderKind::Result => {
                let view = board.view(&Arc::new(Bases::default()))?;
                let result = view.result().map_err(|(unit, e)| Failure::Refused(anyhow::Error::from(e).context(format!("unit {unit}"))))?;
                result.check(&self.blob).map_err(|e| Failure::Refused(e.into()))?;
                if view.closed().counted != order.argument {
                    refuse!("SET-4: the order names another counted set");
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Says what is ordered.
    pub fn describe(&self, out: &mut dyn Write) -> Outcome {
        let (order, replay) = (&self.order, &self.replay);
        let d = replay.manifest().description();
        writeln!(out, "Election: {} ({}), phase {}", d.title, short(&replay.manifest().id()), replay.phases().phase().name())?;
        writeln!(out, "Order {}: {}, dated {} (Unix {})", order.number, order.kind.name(), when::show(order.time), order.time)?;
        let argument = hex::encode(order.argument);
        let words = match order.kind {
            OrderKind::Roll => format!("{} voters may vote; root of the roll {argument}.", read_roll(&self.blob)?.lines().len()),
            OrderKind::Ceremony => format!("{} trustees shall make the election key; session {argument}.", d.trustees.members.len()),
            OrderKind::Drill => format!("Every trustee shall show that its share is alive; nonce {argument}."),
            OrderKind::Open => format!("Voting begins, with the key {argument}."),
            OrderKind::LastLogin => "Nobody may log in any more; voters who are logged in may finish.".to_owned(),
            OrderKind::Close => "Voting ends.".to_owned(),
            OrderKind::Suspend => "No ballots are taken until the order resume.".to_owned(),
            OrderKind::Resume => "Ballots are taken again.".to_owned(),
            OrderKind::Extend => {
                format!("Voting may be closed until {} instead of {}.", when::show(order.value), when::show(replay.phases().until()))
            }
            OrderKind::Note => format!("A note: {}", String::from_utf8_lossy(&self.blob).escape_debug()),
            OrderKind::Annul => {
                let list = read_list(&self.blob)?;
                let paper = list.lines().iter().filter(|(_, reason)| *reason == AnnulReason::Paper).count();
                format!(
                    "{} voters' ballots are annulled: {paper} voted on paper, {} by decision.",
                    list.lines().len(),
                    list.lines().len() - paper
                )
            }
            OrderKind::Amend => {
                let (set, roll) = amended(rolls(replay)?, &self.blob, replay)?;
                let [added, removed, moved] = set.counts();
                format!(
                    "Version {} of the roll: {added} voters added, {removed} removed, {moved} moved to another district; {} voters may vote then. \
                     Ballots that were cast stand. Root of the roll {argument}.",
                    order.value,
                    roll.lines().len()
                )
            }
            OrderKind::Reinstate => {
                format!(
                    "The annulment of {} voters is taken back: their last ballot counts again.",
                    read_reinstatements(&self.blob)?.lines().len()
                )
            }
            OrderKind::Seal => {
                format!("The counted set is fixed, with {} voters annulled; nothing can be annulled after it.", replay.annulled().len())
            }
            OrderKind::Result => format!("This is the result, computed again here and found equal; counted set {argument}."),
        };
        writeln!(out, "{words}")?;
        Ok(())
    }
}
