//! Orders and posts as they come in, and what can be said of them before their blob is read. Spec: 13-http.

use crate::collector::{Collector, now};
use crate::limits::{MOST_BLOB, MOST_ENTRY, free_posts};
use crate::refusal::Refusal;
use ballot::encode::{Record, sha256};
use board::entry::Entry;
use board::order::OrderKind;
use board::replay::ReplayError;

/// Which call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Order,
    Post,
}

/// An entry with its blob, empty if it has none.
#[derive(Debug)]
pub struct Submission {
    pub entry: Vec<u8>,
    pub decoded: Entry,
    pub blob: Vec<u8>,
}

impl Submission {
    /// For the log of the server.
    pub fn name(&self) -> String {
        match &self.decoded {
            Entry::Order(order) => format!("order {}", order.kind.name()),
            Entry::Post(post) => format!("post {} of {}", post.kind.name(), post.author),
            other => other.name().to_owned(),
        }
    }
}

/// How far ahead of the server's clock an order may be dated, in seconds: a later one would make every other order impossible (ORD-3).
const MOST_AHEAD: u64 = 600;

fn too_far_ahead(time: u64, now: u64) -> bool {
    time > now.saturating_add(MOST_AHEAD)
}

/// The longest body of all.
pub const MOST_BODY: usize = 4 + MOST_ENTRY + MOST_BLOB;

/// How many bytes length and entry take, once four bytes are there.
pub fn head_len(body: &[u8]) -> Result<Option<usize>, Refusal> {
    let Some(len) = body.first_chunk::<4>() else { return Ok(None) };
    let len = u32::from_be_bytes(*len) as usize;
    if len > MOST_ENTRY {
        return Err(Refusal::new(413, "HTTP-1", "HTTP-1: no order or post is so long"));
    }
    Ok(Some(4 + len))
}

/// What can be said of a submission before its blob.
#[derive(Debug)]
pub struct Head {
    pub decoded: Entry,
    pub most_blob: usize,
    /// Where it stands in the log already (HTTP-2).
    pub known: Option<u64>,
}

/// What must be so before voting begins, beside the rules of the log: GATE-1, GATE-4. The writer looks at GATE-5.
fn gates(collector: &Collector) -> Result<(), Refusal> {
    let state = collector.state();
    if state.replay.programs().is_none() {
        return Err(Refusal::new(409, "GATE-1", "GATE-1: no note on the board publishes programs and sources"));
    }
    if state.pending > 0 {
        return Err(Refusal::new(409, "GATE-4", "GATE-4: ballots are waiting before voting has begun"));
    }
    Ok(())
}

/// Decodes the entry and checks its signatures: nobody else gets this server to keep up to a gigabyte in memory (H01).
pub fn check_head(collector: &Collector, call: Call, entry: &[u8]) -> Result<Head, Refusal> {
    let decoded = Entry::from_bytes(entry).map_err(|e| Refusal::entry(&ReplayError::Decode(e)))?;
    let (known, mut phases, ready_key) = {
        let state = collector.state();
        let known = state.known.get(&sha256(entry)).copied();
        (known, state.replay.phases().clone(), state.replay.ceremony().ready_key())
    };
    let most_blob = match (&decoded, call) {
        (Entry::Order(order), Call::Order) => {
            if known.is_none() {
                let checked = phases.apply(order, &collector.manifest, ready_key);
                checked.map_err(|e| Refusal::entry(&ReplayError::Order(e)))?;
                if too_far_ahead(order.time, now()) {
                    return Err(Refusal::new(409, "ORD-3", "ORD-3: the order is dated more than 10 minutes ahead of this server's clock"));
                }
                if order.kind == OrderKind::Open {
                    gates(collector)?;
                }
            }
            match order.kind {
                OrderKind::Note => 1 << 16,
                kind if kind.has_blob() => MOST_BLOB,
                _ => 0,
            }
        }
        (Entry::Post(post), Call::Post) => {
            if known.is_none() {
                post.verify(&collector.manifest).map_err(|e| Refusal::entry(&ReplayError::Post(e)))?;
                let author = (post.role, post.author, post.kind);
                let stored = collector.state().posts.get(&author).copied().unwrap_or(0);
                collector.post_pace.step(author, free_posts(&collector.manifest), stored)?; // HTTP-8
            }
            usize::try_from(post.kind.blob_limit()).unwrap_or(MOST_BLOB)
        }
        _ => return Err(Refusal::new(400, "ENTRY-2", "ENTRY-2: this call takes another type of entry")),
    };
    Ok(Head { decoded, most_blob, known })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_minutes_ahead_and_no_more() {
        assert!(!too_far_ahead(0, 5000) && !too_far_ahead(5000, 5000) && !too_far_ahead(5600, 5000));
        assert!(too_far_ahead(5601, 5000) && too_far_ahead(u64::MAX, 5000));
        assert!(!too_far_ahead(u64::MAX, u64::MAX - 600));
    }
}
