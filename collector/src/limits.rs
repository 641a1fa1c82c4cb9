//! How much is read from whom, and how fast. Spec: 13-http HTTP-1; attacks H01, H04.

use crate::refusal::Refusal;
use ballot::Hash;
use ballot::manifest::Manifest;
use board::post::{PostKind, Role};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A login: four certificates, a signature, and JSON around them.
pub const LOGIN_BODY: usize = 64 * 1024;
/// The largest order or post without its blob: 87 bytes and 255 signatures.
pub const MOST_ENTRY: usize = 20_000;
/// The largest blob of all (ENTRY-7).
pub const MOST_BLOB: usize = 1 << 30;
/// A small body that has not come by then is given up.
pub const BODY_TIME: Duration = Duration::from_secs(30);
/// A body with a blob.
pub const BLOB_TIME: Duration = Duration::from_secs(1800);
/// Nonces given out and not yet answered.
pub const MOST_NONCES: usize = 100_000;

/// How often something costly may be done without waiting, and how long one then waits each time. The right to do it once more is never
/// taken away (H04).
#[derive(Debug)]
pub struct Pace<K> {
    pause: Duration,
    rule: &'static str,
    what: &'static str,
    seen: Mutex<HashMap<K, (u32, Instant)>>,
}

impl<K: Eq + std::hash::Hash> Pace<K> {
    fn new(pause: Duration, rule: &'static str, what: &'static str) -> Self {
        Self { pause, rule, what, seen: Mutex::default() }
    }

    /// Counts one more of `who`. `free` are without waiting; `stored` counts those accepted, also before a restart.
    pub fn step(&self, who: K, free: u32, stored: u32) -> Result<(), Refusal> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let before = seen.get(&who).copied();
        let count = before.map_or(0, |(count, _)| count).max(stored);
        if let Some((_, last)) = before
            && count >= free
            && let Some(left) = self.pause.checked_sub(now.duration_since(last))
            && !left.is_zero()
        {
            let (seconds, what) = (left.as_secs() + 1, self.what);
            return Err(Refusal::wait(self.rule, seconds, format!("very many {what}; the next one is taken in {seconds} s")));
        }
        seen.insert(who, (count.saturating_add(1), now));
        Ok(())
    }
}

/// HTTP-6: ballots of one voter, by pseudonym.
pub fn ballots() -> Pace<Hash> {
    Pace::new(Duration::from_secs(5), "HTTP-6", "ballots")
}

/// Ballots of one voter without waiting.
pub const FREE_BALLOTS: u32 = 50;

/// Whose posts, and of which kind.
pub type Author = (Role, u16, PostKind);

/// HTTP-8: posts of one author and kind.
pub fn posts() -> Pace<Author> {
    Pace::new(Duration::from_secs(60), "HTTP-8", "posts of this kind by this author")
}

/// Posts of one author and kind without waiting: far more than an honest one makes, who posts once for a session, a drill, or a unit, of
/// which a contest has at most one for each district.
pub fn free_posts(manifest: &Manifest) -> u32 {
    let units: usize = manifest.description().contests.iter().flat_map(|c| &c.lists).map(|l| l.districts.len()).sum();
    u32::try_from(100 + 4 * units).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_are_slowed_down_and_none_is_shut_out() {
        let pace = Pace::new(Duration::from_secs(600), "HTTP-8", "things");
        (0..3).for_each(|_| pace.step(1, 3, 0).unwrap());
        let refusal = pace.step(1, 3, 0).unwrap_err();
        assert_eq!((refusal.status, refusal.rule), (429, "HTTP-8"));
        assert!((1..=600).contains(&refusal.retry_after.unwrap()));
        pace.step(2, 3, 0).unwrap(); // another one
        // After a restart: what is stored counts, and the first one is taken at once.
        pace.step(3, 3, 9).unwrap();
        pace.step(3, 3, 9).unwrap_err();
        let pace = Pace::new(Duration::from_millis(1), "HTTP-8", "things");
        for _ in 0..9 {
            pace.step(1, 3, 0).unwrap();
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
