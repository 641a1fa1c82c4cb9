//! The collector's time, carried on by this machine's steady clock: a voter's own clock may be wrong.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// What the collector said the time was, and when it was asked.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    said: u64,
    asked: Instant,
}

impl Clock {
    /// `said` came as the answer to a question asked at `asked`.
    pub fn new(said: u64, asked: Instant) -> Self {
        Self { said, asked }
    }

    /// Unix seconds. Once begun it goes on steadily, so a server cannot stop it before a deadline.
    pub fn now(&self) -> u64 {
        self.said.saturating_add(self.asked.elapsed().as_secs())
    }

    /// No honest clock of the collector shows more: both fractions of a second rounded up.
    pub fn latest(&self) -> u64 {
        self.now().saturating_add(2)
    }

    /// How far this machine's own clock is away, in seconds, if that is worth a word.
    pub fn disagreement(&self) -> Option<u64> {
        let own = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        Some(own.abs_diff(self.now())).filter(|seconds| *seconds > 300)
    }
}

/// For people: the same moment in UTC, and on this computer's clock where that shows something else. The zone of the election is not in
/// the manifest; the page is told it (`--zone`).
pub fn shown(time: u64) -> String {
    shown_in(time, &TimeZone::system())
}

fn shown_in(time: u64, local: &TimeZone) -> String {
    let stamp = i64::try_from(time).ok().and_then(|t| Timestamp::from_second(t).ok());
    match stamp.map(|stamp| stamp.to_zoned(local.clone())) {
        Some(at) if at.offset().seconds() != 0 => format!("{} (on this computer: {})", utc(time), at.strftime("%Y-%m-%d %H:%M:%S %:z")),
        _ => utc(time),
    }
}

/// `2026-10-18 14:05:09 UTC`
pub fn utc(time: u64) -> String {
    let (days, seconds) = (time / 86_400, time % 86_400);
    // Civil date from days since 1970, years beginning in March (H. Hinnant).
    let z = days + 719_468;
    let (era, day_of_era) = (z / 146_097, z % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::{shown_in, utc};
    use jiff::tz::{TimeZone, offset};

    #[test]
    fn dates() {
        assert_eq!(utc(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(utc(951_782_399), "2000-02-28 23:59:59 UTC");
        assert_eq!(utc(951_782_400), "2000-02-29 00:00:00 UTC");
        assert_eq!(utc(1_795_600_000), "2026-11-25 09:46:40 UTC");
        assert_eq!(utc(4_102_444_800), "2100-01-01 00:00:00 UTC");
        assert_eq!(shown_in(1_795_600_000, &TimeZone::UTC), "2026-11-25 09:46:40 UTC");
        let local = TimeZone::fixed(offset(2));
        assert_eq!(shown_in(1_795_600_000, &local), "2026-11-25 09:46:40 UTC (on this computer: 2026-11-25 11:46:40 +02:00)");
    }
}
