//! Proof that a ballot is in the log. Spec: 07-casting, receipt.

use crate::collector::Collector;
use crate::refusal::Refusal;
use crate::store;
use ballot::Hash;
use serde_json::{Value, json};

/// The receipt under the newest checkpoint with a quorum (LOG-4); nothing while there is none that holds the ballot.
pub fn receipt(collector: &Collector, hash: &Hash) -> Result<Option<Value>, Refusal> {
    let row = collector.read("HTTP", |db| store::ballot(db, hash))?.ok_or_else(Refusal::not_found)?;
    let Some(index) = row.position else { return Ok(None) };
    let state = collector.state();
    let Some(cosigned) = state.cosigned.as_ref().filter(|c| index < c.size) else { return Ok(None) };
    let path = state.tree.inclusion(index, cosigned.size).ok_or_else(|| Refusal::unavailable("HTTP"))?;
    let path: Vec<String> = path.iter().map(hex::encode).collect();
    Ok(Some(json!({ "index": index, "size": cosigned.size, "path": path, "checkpoint": cosigned.text })))
}
