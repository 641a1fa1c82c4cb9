//! Unix seconds as people read them.

/// `2027-03-05 18:42:10 UTC`; what lies beyond the year 9999 as a number.
pub fn show(seconds: u64) -> String {
    if seconds >= 253_402_300_800 {
        return format!("Unix time {seconds}");
    }
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (mut year, mut left) = (1970, days);
    loop {
        let length = if is_leap(year) { 366 } else { 365 };
        let Some(after) = left.checked_sub(length) else { break };
        (year, left) = (year.saturating_add(1), after);
    }
    let mut month = 1u32;
    for length in [31, if is_leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        let Some(after) = left.checked_sub(length) else { break };
        (month, left) = (month.saturating_add(1), after);
    }
    let day = left.saturating_add(1);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC", rest / 3600, rest / 60 % 60, rest % 60)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_times() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (1_804_272_130, "2027-03-05 18:42:10 UTC"),
            (4_107_542_399, "2100-02-28 23:59:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
            (253_402_300_799, "9999-12-31 23:59:59 UTC"),
            (253_402_300_800, "Unix time 253402300800"),
            (u64::MAX, "Unix time 18446744073709551615"),
        ] {
            assert_eq!(show(seconds), text);
        }
    }
}
