//! The honest record that targets start from, as the libraries and as the verifier see it.

use crate::insider::{Insider, town};
use ballot::ballot::BallotStyle;
use ballot::encode::Point;
use board::{Entry, PostKind};
use std::sync::{Arc, LazyLock};
use trustee::mix::Bases;
use verifier::logs::Encoded;
use verifier::session::Key;

/// The town after the order *result*.
pub static DONE: LazyLock<Insider> = LazyLock::new(town::done);

/// Its manifest, read by the verifier.
pub static MANIFEST: LazyLock<verifier::manifest::Manifest> =
    LazyLock::new(|| verifier::manifest::Manifest::read(DONE.manifest.bytes()).expect("an honest manifest"));

/// Its key as the verifier holds it.
pub static KEY: LazyLock<Key> = LazyLock::new(|| {
    let set = &DONE.keys().set;
    let encoded = |p: &Point| Encoded { point: *p.point(), bytes: *p.bytes() };
    Key {
        id: set.key.id(),
        session: set.session,
        columns: set.key.columns().iter().map(encoded).collect(),
        shares: set.shares.iter().map(|shares| shares.iter().map(encoded).collect()).collect(),
    }
});

/// Its ballot styles.
pub static STYLES: LazyLock<Vec<BallotStyle>> = LazyLock::new(|| DONE.styles());

/// The library's bases for shuffles.
pub static BASES: LazyLock<Arc<Bases>> = LazyLock::new(Arc::default);

/// The blobs of all posts of these kinds.
pub fn blobs(kinds: &[PostKind]) -> Vec<Vec<u8>> {
    let entries = (0..DONE.entries.len()).map(|i| DONE.entry(i));
    let blob = |entry: Entry| match entry {
        Entry::Post(post) if kinds.contains(&post.kind) => DONE.blobs.get(&post.blob).cloned(),
        _ => None,
    };
    entries.filter_map(blob).collect()
}
