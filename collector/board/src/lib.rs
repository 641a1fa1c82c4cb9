//! What stands on the bulletin board: the log (entries, tree, tiles, checkpoints), the records in it, and its replay.
//!
//! Specs 03 (orders, phases), 05 (public part of the ceremony), 07 (roll, promise), 08, 11. No clock; files only in [`source`].
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

pub mod ceremony;
pub mod changes;
pub mod checkpoint;
pub mod entry;
pub mod form;
#[cfg(feature = "http")]
pub mod http;
pub mod order;
pub mod phase;
pub mod post;
pub mod programs;
pub mod promise;
pub mod replay;
pub mod roll;
pub mod source;
pub mod tile;
pub mod tree;
pub mod view;

pub use ballot::Hash;
pub use checkpoint::Checkpoint;
pub use entry::Entry;
pub use order::{Order, OrderKind};
pub use phase::{Phase, Phases};
pub use post::{Post, PostKind, Role};
pub use promise::Promise;
pub use replay::Replay;
pub use roll::Roll;
pub use source::{Log, Source};
