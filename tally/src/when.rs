//! Times as people write them: RFC 3339 or Unix seconds in, RFC 3339 in UTC out.

use std::time::{SystemTime, UNIX_EPOCH};
use toml::value::{Datetime, Offset};

/// The clock of this machine in Unix seconds.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// Reads `2027-03-01T09:00:00+02:00` or `1803884400`.
pub fn parse(text: &str) -> Result<u64, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(seconds);
    }
    let date: Datetime = text.parse().map_err(|_| format!("{text:?} is neither a time like 2027-03-01T09:00:00+02:00 nor Unix seconds"))?;
    from_datetime(&date)
}

/// Unix seconds of a date with a time and an offset.
pub fn from_datetime(date: &Datetime) -> Result<u64, String> {
    let (Some(day), Some(time), Some(offset)) = (date.date, date.time, date.offset) else {
        return Err(format!("{date} needs a date, a time and an offset, like 2027-03-01T09:00:00+02:00"));
    };
    let minutes = match offset {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes),
    };
    let clock = i64::from(time.hour) * 3600 + i64::from(time.minute) * 60 + i64::from(time.second.unwrap_or(0)) - minutes * 60;
    let seconds = days(day.year.into(), day.month.into(), day.day.into()) * 86_400 + clock;
    u64::try_from(seconds).map_err(|_| format!("{date} is before 1970"))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year }; // years that begin in March put the leap day last
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// `2027-03-01T07:00:00Z`
pub fn show(seconds: u64) -> String {
    let (day, clock) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let date = of_year - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{date:02}T{:02}:{:02}:{:02}Z", clock / 3600, clock / 60 % 60, clock % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_shown() {
        for (text, seconds, shown) in [
            ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"),
            ("2000-02-29T12:30:15Z", 951_827_415, "2000-02-29T12:30:15Z"),
            ("2026-11-21T20:00:00+02:00", 1_795_284_000, "2026-11-21T18:00:00Z"),
            ("2100-03-01T00:00:00Z", 4_107_542_400, "2100-03-01T00:00:00Z"),
            ("1795600000", 1_795_600_000, "2026-11-25T09:46:40Z"),
        ] {
            assert_eq!(parse(text).unwrap(), seconds, "{text}");
            assert_eq!(show(seconds), shown, "{text}");
        }
        for wrong in ["", "soon", "2026-11-21", "2026-11-21T20:00:00", "12:00:00", "1960-01-01T00:00:00Z", "-5", "2026-13-01T00:00:00Z"] {
            parse(wrong).unwrap_err();
        }
    }
}
