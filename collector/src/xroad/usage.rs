//! `findUsage` of the data tracker: what was done with a person's data. Spec: 17-xroad USAGE-3, USAGE-4.

use super::Options;
use super::call::{Call, Fault, Service, answer, only};
use super::running_list::blocking;
use crate::collector::{Collector, now};
use crate::store;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};

type Answer = Result<HttpResponse, Fault>;

const DESCRIPTION: &str = include_str!("find-usage.json");

/// Most uses in an answer.
const MOST: u64 = 1000;

pub async fn description() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(DESCRIPTION)
}

/// What is asked; each word once.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    user_code: String,
    period_start: Option<String>,
    period_end: Option<String>,
    #[serde(default)]
    offset: u64,
    #[serde(default = "most")]
    limit: u64,
}

fn most() -> u64 {
    MOST
}

fn bad(rule: &str, message: &str) -> Fault {
    Fault::new(400, rule, format!("{rule}: {message}"))
}

pub async fn find(collector: Data<Collector>, options: Data<Options>, request: HttpRequest) -> Answer {
    let call = Call::admit(&request, Service::FindUsage)?;
    let wanted = read(&request).map_err(|fault| fault.of(&call))?;
    let reply = blocking(&call, move || {
        let office = options.xroad_office.as_deref().unwrap_or_default();
        let found = collector.read("USAGE-4", |db| store::uses_of(db, &wanted.person, wanted.period, (wanted.offset, wanted.limit)))?;
        let mut usages = Vec::new();
        for used in found.uses {
            let receiver = if used.receiver.is_empty() { office } else { &used.receiver };
            usages.push(json!({
                "logtime": time(used.time)?, "action": used.action, "receiverCode": receiver, "receiverSystem": used.system
            }));
        }
        Ok(json!({ "totalUsages": found.total, "usages": usages }))
    });
    Ok(answer(&reply.await?))
}

/// What is asked, as it was understood.
struct Question {
    person: String,
    period: (u64, u64),
    offset: u64,
    limit: u64,
}

fn read(request: &HttpRequest) -> Result<Question, Fault> {
    let user = only(request.headers(), "X-Road-UserId").and_then(person_code);
    user.ok_or_else(|| bad("USAGE-3", "X-Road-UserId is missing, stands twice, or is no code like EE38001085718"))?;
    let wanted = Query::<Wanted>::from_query(request.query_string());
    let wanted =
        wanted.map_err(|_| bad("USAGE-3", "userCode is missing, a word stands twice, or one has no value of its kind"))?.into_inner();
    let person = person_code(&wanted.user_code).ok_or_else(|| bad("USAGE-3", "userCode is no code like EE38001085718"))?;
    let from = wanted.period_start.map_or(Some(0), |text| seconds(&text, false));
    let to = wanted.period_end.map_or(Some(i64::MAX as u64), |text| seconds(&text, true));
    let period = from.zip(to).ok_or_else(|| bad("USAGE-4", "periodStart or periodEnd is no time of RFC 3339"))?;
    if !(1..=MOST).contains(&wanted.limit) || wanted.offset > i64::MAX as u64 {
        return Err(bad("USAGE-4", "limit is 1 to 1000, and offset a number from 0 on"));
    }
    Ok(Question { person, period, offset: wanted.offset, limit: wanted.limit })
}

/// `EE38001085718` → `PNOEE-38001085718`.
fn person_code(text: &str) -> Option<String> {
    let (country, code) = text.split_at_checked(2)?;
    let good = country.bytes().all(|b| b.is_ascii_uppercase())
        && (1..=60).contains(&code.len())
        && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    good.then(|| format!("PNO{country}-{code}"))
}

/// Unix seconds; a part of a second is left out at an end, and made a whole one at a start. What is before 1970 is 0.
fn seconds(text: &str, is_end: bool) -> Option<u64> {
    let here = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let time = text.parse::<Timestamp>().ok().or_else(here)?;
    let whole = u64::try_from(time.as_second()).unwrap_or(0);
    Some(if !is_end && time.subsec_nanosecond() > 0 { whole + 1 } else { whole })
}

fn time(seconds: u64) -> Result<String, Fault> {
    let time = i64::try_from(seconds).ok().and_then(|s| Timestamp::from_second(s).ok());
    time.map(|time| time.to_string()).ok_or_else(|| Fault::new(500, "USAGE-4", "a time that is none"))
}

pub async fn period(collector: Data<Collector>, request: HttpRequest) -> Answer {
    let call = Call::admit(&request, Service::FindUsage)?;
    let reply = blocking(&call, move || {
        let first = collector.read("USAGE-4", store::first_use)?;
        Ok(json!({ "periodStart": time(first.unwrap_or_else(now))? }))
    });
    Ok(answer(&reply.await?))
}

pub async fn heartbeat(collector: Data<Collector>, request: HttpRequest) -> Answer {
    let call = Call::admit(&request, Service::FindUsage)?;
    let reply = blocking(&call, move || -> Result<Value, Fault> {
        Ok(match collector.read("USAGE-4", store::first_use) {
            Ok(_) => json!({ "status": "OK", "message": "the uses can be read" }),
            Err(_) => json!({ "status": "FAIL", "message": "the database does not answer" }),
        })
    });
    Ok(answer(&reply.await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_3_codes() {
        assert_eq!(person_code("EE38001085718").unwrap(), "PNOEE-38001085718");
        assert_eq!(person_code("LV010190-12345").unwrap(), "PNOLV-010190-12345");
        for text in ["", "EE", "ee38001085718", "38001085718", "PNOEE-38001085718 ", "EE3800 1085718", "EE%33", "E", "ÕE1"] {
            assert_eq!(person_code(text), None, "{text:?}");
        }
        assert!(person_code(&format!("EE{}", "1".repeat(60))).is_some() && person_code(&format!("EE{}", "1".repeat(61))).is_none());
    }

    #[test]
    fn usage_4_times() {
        assert_eq!(seconds("2027-03-01T09:00:00+02:00", false), Some(1_803_884_400));
        assert_eq!(seconds("2027-03-01T07:00:00Z", true), seconds("2027-03-01T07:00:00", true));
        assert_eq!(seconds("2027-03-01T07:00:00.5Z", false), seconds("2027-03-01T07:00:01Z", true));
        assert_eq!(seconds("2027-03-01T07:00:00.5Z", true), seconds("2027-03-01T07:00:00Z", true));
        assert_eq!(seconds("1960-01-01T00:00:00Z", false), Some(0));
        for text in ["", "2027-02-30T00:00:00Z", "yesterday", "1803884400"] {
            assert_eq!(seconds(text, false), None, "{text:?}");
        }
    }
}
