//! The closing entry, from the log alone. Spec: 10-tally SET-3 to SET-5, 08-board.
//!
//! The trustees' library computes the same from the record; this program must not depend on it, and is checked by it.

use crate::store::{self, Database};
use anyhow::{Result, bail};
use ballot::Hash;
use ballot::ballot::HEAD_LEN;
use ballot::encode::{Reader, Record, hash, put_list};
use board::entry::Entry;
use board::replay::Replay;
use board::roll::{AnnulReason, Roll};
use board::tree;
use std::collections::{BTreeMap, HashMap};

/// The last ballot under every pseudonym: running number and hash.
type Last = HashMap<Hash, (u32, Hash)>;

/// Reads all ballots of the log, and computes the entry that must follow *seal*.
pub fn closing_entry(db: &dyn Database, replay: &Replay) -> Result<Vec<u8>> {
    let Some(rolls) = replay.rolls() else { bail!("sealed without a roll") };
    let mut last = Last::new();
    store::for_entries(db, 0, i64::MAX as u64, |position, bytes| -> Result<()> {
        if let Some(5) = bytes.first() {
            match Entry::from_bytes(&bytes) {
                Ok(Entry::Ballot { ballot, .. }) => take(&mut last, &ballot),
                _ => bail!("E-RECONCILE: entry {position}"),
            }
        }
        Ok(())
    })?;
    let (counted, root) = close(&replay.manifest().id(), &rolls.whole(), replay.annulled(), &last);
    Ok(Entry::Closing { counted, root }.to_bytes())
}

/// SET-1: the highest number wins; where it stands in the log says nothing.
fn take(last: &mut Last, ballot: &[u8]) {
    let Some(mut head) = ballot.get(68..HEAD_LEN).map(Reader::new) else { return };
    if let (Ok(voter), Ok(number)) = (head.array(), head.u32()) {
        let newest = last.entry(voter).or_insert((0, [0; 32]));
        if number > newest.0 {
            *newest = (number, hash("ballot", &[ballot]));
        }
    }
}

/// Counted-set hash and closing root, over the whole roll.
fn close(election: &Hash, whole: &Roll, annulled: &BTreeMap<Hash, AnnulReason>, last: &Last) -> (Hash, Hash) {
    let mut counted = Vec::new();
    let leaves = whole.lines().iter().map(|line| {
        let newest = last.get(&line.pseudonym).map(|(_, hash)| *hash);
        let status = match (newest, annulled.contains_key(&line.pseudonym)) {
            (None, _) => 0,
            (Some(hash), false) => {
                counted.push(hash);
                1
            }
            (Some(_), true) => 2,
        };
        [line.pseudonym.as_slice(), &newest.unwrap_or_default(), &[status]].concat()
    });
    let root = tree::root_of(leaves);
    counted.sort();
    let mut list = Vec::new();
    put_list(&mut list, &counted, |out, hash| out.extend(hash));
    (hash("counted", &[election, &list]), root)
}
