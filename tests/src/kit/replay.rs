//! The same record read by a trustee: what the verifier accepts the trustee must accept, and both must name the same posts.

use super::expect::{Note, Said};
use crate::insider::Insider;
use ballot::encode::sha256;
use ballot::rng::SeededRng;
use board::{Checkpoint, Entry, OrderKind};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::{Arc, LazyLock, Mutex};
use trustee::mix::Bases;
use trustee::view::View;

/// The checks that a trustee makes before it mixes or opens.
const EARLY: [&str; 13] = ["V4", "V5", "V6", "V7", "V8", "V9", "V10", "V11", "V12", "V13", "V14", "V15", "V16"];
/// The checks that judge single posts.
const POSTS: [&str; 5] = ["V9", "V10", "V17", "V18", "V19"];

static BASES: LazyLock<Arc<Bases>> = LazyLock::new(Arc::default);
static RULES: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Rules so far on which trustee and verifier use another name for the same fault.
pub fn other_names() -> Vec<String> {
    RULES.lock().expect("no panic while it is held").iter().cloned().collect()
}

fn note_name(text: String) {
    RULES.lock().expect("no panic while it is held").insert(text);
}

fn view(record: &Insider) -> Result<View, String> {
    let checkpoint = record.files.get("checkpoint").cloned().flatten().unwrap_or_else(|| record.checkpoint().into_bytes());
    let checkpoint = Checkpoint::verify(&String::from_utf8_lossy(&checkpoint), &record.manifest).map_err(|e| e.to_string())?;
    let blob = |name: &[u8; 32]| record.blobs.get(name).filter(|b| sha256(b) == *name).cloned();
    let mut rng = SeededRng::new(b"trustee");
    View::new(record.manifest.clone(), &checkpoint, &record.entries, blob, BASES.clone(), &mut rng).map_err(|e| e.to_string())
}

/// Where trustee and verifier differ, one line each.
pub fn differences(record: &Insider, said: &Said) -> String {
    let refused: Vec<String> = said.failures().into_iter().filter(|n| EARLY.contains(&n.check.as_str())).map(|n| n.rule).collect();
    let view = match view(record) {
        Ok(view) if refused.is_empty() => view,
        Ok(_) => return format!("  the trustee accepts what the verifier refuses by {refused:?}\n"),
        Err(error) if refused.is_empty() => return format!("  the trustee refuses what the verifier accepts: {error}\n"),
        Err(error) => {
            let rule = error.split(": ").find(|part| part.contains('-') && !part.contains(' ')).unwrap_or("");
            if let [theirs] = refused.as_slice()
                && theirs != rule
            {
                note_name(format!("trustee {rule}, verifier {theirs}"));
            }
            return String::new();
        }
    };
    let mut out = String::new();
    // Without an opened key nothing that follows is judged, nor after a failed mix.
    if !said.failures().iter().all(|n| n.check == "V20") {
        return out;
    }
    let theirs: BTreeSet<(u64, String)> = said.findings().iter().filter_map(post).collect();
    let ours: BTreeSet<(u64, String)> = view.findings().iter().map(|f| (f.entry, f.fault.rule().to_owned())).collect();
    let entries = |set: &BTreeSet<(u64, String)>| set.iter().map(|f| f.0).collect::<BTreeSet<u64>>();
    if entries(&theirs) != entries(&ours) {
        let _ = writeln!(out, "  the trustee names posts {ours:?}, the verifier {theirs:?}");
    } else if theirs != ours {
        let only = |a: &BTreeSet<(u64, String)>, b: &BTreeSet<(u64, String)>| a.difference(b).map(|f| f.1.clone()).collect::<Vec<_>>();
        note_name(format!("posts: trustee {:?}, verifier {:?}", only(&ours, &theirs), only(&theirs, &ours)));
    }
    let result = record.orders_of(OrderKind::Result).last().map(|r| record.entry(*r));
    if let Some(Entry::Order(order)) = result {
        let same = order.argument == view.closed().counted && view.result().is_ok_and(|r| r.to_bytes() == record.blobs[&order.blob]);
        let passed = said.state("V20") == "passed";
        if same != passed {
            let _ = writeln!(out, "  the trustee's own result is the published one: {same}; the verifier's: {passed}");
        }
    }
    out
}

/// Entry and rule of a finding about a post.
fn post(n: &Note) -> Option<(u64, String)> {
    let at = n.place.strip_prefix("entry ")?.split([' ', '@']).next()?.parse().ok()?;
    (POSTS.contains(&n.check.as_str()) && n.place.contains("blob")).then(|| (at, n.rule.clone()))
}
