//! What an observer does while an election runs: follow the log, keep a verified copy, cosign, serve, compare. Spec: 15-watching.

pub mod alarm;
pub mod compare;
pub mod copy;
pub mod disk;
pub mod follow;
pub mod promise;
pub mod seen;
pub mod server;
pub mod shared;
pub mod status;
pub mod witness;

use std::time::SystemTime;

/// Unix seconds by this machine's clock.
pub fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_secs())
}
