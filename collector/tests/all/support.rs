//! An election of which the tests hold every key, and its server.

pub mod ceremony;
pub mod client;
pub mod election;
pub mod refusal;
pub mod security_server;
pub mod server;
pub mod voter;
pub mod witness;

/// The test eID of the workspace, by its file: that package depends on this one.
#[allow(dead_code)]
#[path = "../../../tests/src/pki.rs"]
pub mod pki;

#[allow(dead_code)]
#[path = "../../../tests/src/services.rs"]
pub mod services;

#[allow(dead_code)] // load and faults use the rest
#[path = "../../../tests/src/cluster.rs"]
pub mod cluster;

pub use client::Reply;
pub use cluster::Cluster;
pub use election::{Election, Options};
pub use server::{Server, Snapshot};
pub use voter::{Session, Voter};
pub use witness::Witness;

use std::time::{Duration, Instant, SystemTime};

pub fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

/// Waits until something holds; fails the test after 20 seconds.
pub fn until<T>(what: &str, mut holds: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(value) = holds() {
            return value;
        }
        assert!(Instant::now() < end, "still waiting: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
