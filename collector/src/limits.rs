//! How much is read from whom, and how fast. Spec: 13-http HTTP-1; attacks H01, H04.

use crate::refusal::Refusal;
use ballot::Hash;
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

/// Ballots of one voter without waiting, then one in every [`PAUSE`].
const FREE_BALLOTS: u32 = 50;
const PAUSE: Duration = Duration::from_secs(5);

/// Slows a voter down who sends very many ballots, and never takes away the right to vote once more (H04).
#[derive(Debug, Default)]
pub struct Pace(Mutex<HashMap<Hash, (u32, Instant)>>);

impl Pace {
    /// Counts one ballot that is about to cost a verification. `stored` counts those accepted, also before a restart.
    pub fn step(&self, voter: &Hash, stored: u32) -> Result<(), Refusal> {
        let mut voters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let before = voters.get(voter).copied();
        let count = before.map_or(0, |(count, _)| count).max(stored);
        if let Some((_, last)) = before
            && count >= FREE_BALLOTS
            && let Some(left) = PAUSE.checked_sub(now.duration_since(last))
            && !left.is_zero()
        {
            let seconds = left.as_secs() + 1;
            return Err(Refusal::wait("HTTP-6", seconds, format!("very many ballots; the next one is taken in {seconds} s")));
        }
        voters.insert(*voter, (count.saturating_add(1), now));
        Ok(())
    }
}
