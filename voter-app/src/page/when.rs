//! Times in words: election time, and this computer's own where it differs. The time itself is always the collector's.

use super::texts::{Arg, Lang};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// The time zones of the page.
#[derive(Clone, Debug)]
pub struct Zone {
    election: TimeZone,
    name: String,
    local: TimeZone,
}

impl Zone {
    /// The zone of the election by its IANA name, and this computer's own.
    pub fn new(name: &str) -> Result<Self, String> {
        let election = TimeZone::get(name).map_err(|_| format!("`{name}` is not a time zone such as Europe/Tallinn"))?;
        Ok(Self { election, name: name.to_owned(), local: TimeZone::system() })
    }

    /// A moment in election time, and in local time where the clocks there show something else.
    pub fn say(&self, lang: Lang, time: u64) -> String {
        let election = moment(lang, time, &self.election);
        let local = moment(lang, time, &self.local);
        let shown = if day(time, &self.election) == day(time, &self.local) { clock(time, &self.local) } else { local.clone() };
        let zone = Arg::Text(&self.name);
        match election == local {
            true => lang.say("when", &[("moment", Arg::Text(&election)), ("zone", zone)]),
            false => lang.say("when-both", &[("moment", Arg::Text(&election)), ("zone", zone), ("local", Arg::Text(&shown))]),
        }
    }
}

fn at(time: u64, zone: &TimeZone) -> Zoned {
    let stamp = i64::try_from(time).ok().and_then(|t| Timestamp::from_second(t).ok()).unwrap_or(Timestamp::UNIX_EPOCH);
    stamp.to_zoned(zone.clone())
}

fn day(time: u64, zone: &TimeZone) -> Date {
    at(time, zone).date()
}

fn clock(time: u64, zone: &TimeZone) -> String {
    let at = at(time, zone);
    format!("{:02}:{:02}", at.hour(), at.minute())
}

fn moment(lang: Lang, time: u64, zone: &TimeZone) -> String {
    let clock = clock(time, zone);
    let at = at(time, zone);
    let number = |n: i8| Arg::Number(u64::from(n.unsigned_abs()));
    let month = lang.say("month", &[("n", number(at.month()))]);
    let year = at.year().to_string();
    lang.say("moment", &[("day", number(at.day())), ("month", Arg::Text(&month)), ("year", Arg::Text(&year)), ("clock", Arg::Text(&clock))])
}

/// How long until something, in the two largest units.
pub fn span(lang: Lang, seconds: u64) -> String {
    let minutes = seconds.div_ceil(60);
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let say = |key, n| lang.say(key, &[("n", Arg::Number(n))]);
    let parts = match (days, hours) {
        (0, 0) => vec![say("span-minutes", minutes)],
        (0, _) => vec![say("span-hours", hours), say("span-minutes", minutes)],
        _ => vec![say("span-days", days), say("span-hours", hours)],
    };
    parts.join(" ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Election time always stands first and with its zone; the computer's own clock is added where it shows something else.
    #[test]
    fn election_time_and_local_time() {
        let zone = |local: &str| Zone { local: TimeZone::get(local).unwrap(), ..Zone::new("Europe/Tallinn").unwrap() };
        let told = |local: &str| zone(local).say(Lang::En, 1_795_600_000);
        let election = "25 November 2026, 11:46, election time (Europe/Tallinn)";
        assert_eq!(told("Europe/Tallinn"), election);
        assert_eq!(told("Europe/Helsinki"), election, "the same clock under another name");
        assert_eq!(told("UTC"), format!("{election}. On this computer: 09:46"));
        assert_eq!(told("Pacific/Auckland"), format!("{election}. On this computer: 22:46"));
        assert_eq!(told("Pacific/Kiritimati"), format!("{election}. On this computer: 23:46"));
        let late = zone("Pacific/Auckland").say(Lang::En, 1_795_600_000 + 6 * 3600);
        assert!(late.ends_with("17:46, election time (Europe/Tallinn). On this computer: 26 November 2026, 04:46"), "{late}");
        for lang in Lang::ALL {
            let said = zone("UTC").say(lang, 1_795_600_000);
            assert!(said.contains("11:46") && said.contains("Europe/Tallinn") && said.ends_with("09:46"), "{said}");
        }
        assert!(Zone::new("Nowhere/Atall").is_err());
    }
}
