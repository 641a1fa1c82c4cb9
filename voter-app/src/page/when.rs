//! Times in words: election time, and this computer's own where it differs. The time itself is always the collector's.

use super::texts::{Arg, Lang};
use jiff::Timestamp;
use jiff::tz::TimeZone;

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
        let zone = Arg::Text(&self.name);
        match election == local {
            true => lang.say("when", &[("moment", Arg::Text(&election)), ("zone", zone)]),
            false => lang.say("when-both", &[("moment", Arg::Text(&election)), ("zone", zone), ("local", Arg::Text(&local))]),
        }
    }
}

fn moment(lang: Lang, time: u64, zone: &TimeZone) -> String {
    let stamp = i64::try_from(time).ok().and_then(|t| Timestamp::from_second(t).ok()).unwrap_or(Timestamp::UNIX_EPOCH);
    let at = stamp.to_zoned(zone.clone());
    let number = |n: i8| Arg::Number(u64::from(n.unsigned_abs()));
    let month = lang.say("month", &[("n", number(at.month()))]);
    let clock = format!("{:02}:{:02}", at.hour(), at.minute());
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
