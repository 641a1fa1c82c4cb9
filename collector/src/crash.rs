//! Fail points: places at which a test ends the process as a power cut would. Attack H06.
//!
//! `HAAL_CRASH=<point>[:before|after][:<n>]` ends it at the n-th visit (from 1). Only with debug assertions; else nothing.

/// Every point. The test goes through them all.
#[cfg(debug_assertions)]
const POINTS: [&str; 15] = [
    "session-commit",
    "cast-commit",
    "batch-commit",
    "blob-write",
    "entry-commit",
    "tile-write",
    "checkpoint-write",
    "cosigned-commit",
    "stale-remove",
    "release-commit",
    "stamped-commit",
    "erase-commit",
    "anonymise-commit",
    "anonymise-compact",
    "destroy-file",
];

/// On which side of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Before,
    After,
}

/// Runs a write between its two fail points.
pub fn around<T, E>(point: &'static str, write: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    here(point, Side::Before);
    let done = write()?;
    here(point, Side::After);
    Ok(done)
}

#[cfg(not(debug_assertions))]
fn here(_: &'static str, _: Side) {}

#[cfg(debug_assertions)]
fn here(point: &'static str, side: Side) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};
    static WANTED: OnceLock<Option<(String, Side, u32)>> = OnceLock::new();
    static VISITS: AtomicU32 = AtomicU32::new(0);

    debug_assert!(POINTS.contains(&point));
    let wanted = WANTED.get_or_init(|| {
        let text = std::env::var("HAAL_CRASH").ok()?;
        let mut parts = text.split(':');
        let name = parts.next()?.to_owned();
        let rest: Vec<&str> = parts.collect();
        let side = if rest.contains(&"after") { Side::After } else { Side::Before };
        Some((name, side, rest.iter().find_map(|part| part.parse().ok()).unwrap_or(1)))
    });
    if let Some((name, at, visit)) = wanted
        && name == point
        && *at == side
        && VISITS.fetch_add(1, Ordering::SeqCst) + 1 == *visit
    {
        std::process::abort();
    }
}
