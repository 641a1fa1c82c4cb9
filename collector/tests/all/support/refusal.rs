//! What every refusal must look like.

use super::{Reply, Server, Snapshot};

/// The refusal has this status and rule, and everything is as it was (HTTP-3).
pub fn assert_refused(server: &Server, before: &Snapshot, reply: &Reply, status: u16, rule: &str) {
    assert_eq!(reply.refusal(), (status, rule.to_owned()), "{}", String::from_utf8_lossy(&reply.body));
    assert_eq!(&server.snapshot(), before, "{rule} changed something");
}
