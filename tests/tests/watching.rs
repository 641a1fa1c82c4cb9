//! Watching an election while it runs: follow, witness, mirror, compare, with real processes over a plain file server. For every alarm
//! an attack that raises it; honest runs raise none. Spec: 15-watching.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "watching/attempts.rs"]
mod attempts;
#[path = "watching/busy.rs"]
mod busy;
#[path = "watching/cache.rs"]
mod cache;
#[path = "watching/compare.rs"]
mod compare;
#[path = "watching/follow.rs"]
mod follow;
#[path = "watching/late.rs"]
mod late;
#[path = "watching/mirror.rs"]
mod mirror;
#[path = "watching/scene.rs"]
mod scene;
#[path = "watching/servers.rs"]
mod servers;
#[path = "watching/witness.rs"]
mod witness;
