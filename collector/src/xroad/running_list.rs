//! `e-votings-running-list`, VIS3-EHS 9: who has voted online, for polling stations. Spec: 17-xroad XROAD-6 to XROAD-10.

use super::Options;
use super::call::{Call, Fault, Service, answer};
use crate::collector::{Collector, now};
use crate::store::{self, Use};
use crate::writer::Job;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use board::Phase;
use serde_json::{Value, json};

type Answer = Result<HttpResponse, Fault>;

/// What is published about the service.
const DESCRIPTION: &str = include_str!("running-list.json");

/// The use that reading it is, and how often it is recorded (USAGE-1).
const READ: &str = "E-hääletamiste nimekiri edastati";
const READ_EVERY: u64 = 24 * 3600;

pub async fn description() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(DESCRIPTION)
}

pub async fn elections(collector: Data<Collector>, request: HttpRequest) -> Answer {
    let call = Call::admit(&request, Service::RunningList)?;
    let names = blocking(&call, move || Ok(election(&collector)?.filter(|_| !is_over(&collector)))).await?;
    let names: Vec<Value> = names.iter().map(|name| json!({ "name": name })).collect();
    Ok(answer(&json!({ "elections": names })))
}

pub async fn last(collector: Data<Collector>, request: HttpRequest, path: Path<String>) -> Answer {
    let call = Call::admit(&request, Service::RunningList)?;
    let id = path.into_inner();
    let reply = blocking(&call, move || {
        require_offered(&collector, &id)?;
        let last = collector.read("XROAD", store::last_running)?;
        Ok(json!({ "electionName": id, "lastSeqNo": last }))
    });
    Ok(answer(&reply.await?))
}

pub async fn batch(collector: Data<Collector>, options: Data<Options>, request: HttpRequest, path: Path<(String, String)>) -> Answer {
    let call = Call::admit(&request, Service::RunningList)?;
    let (id, from) = path.into_inner();
    let reader = call.client.clone();
    let reply = blocking(&call, move || {
        require_offered(&collector, &id)?;
        let from = number(&from).ok_or_else(|| Fault::new(400, "XROAD-10", "XROAD-10: not a number of 1 to 18 digits from 1 on"))?;
        let rows = collector.read("XROAD", |db| store::running(db, from, options.xroad_batch))?;
        if rows.is_empty() {
            return Err(Fault::not_found("fromSeqNo", Some(from)));
        }
        let mut records = Vec::new();
        for row in rows {
            let district: u64 = row.listed.district.parse().map_err(|_| Fault::new(500, "XROAD", "a district is not a number"))?;
            let unit = if row.listed.unit == "FOREIGN" { "0000" } else { &row.listed.unit };
            records.push(json!({
                "seqNo": row.number, "idCode": row.listed.code, "voterName": row.listed.name, "kovCode": unit, "electoralDistrictNo": district
            }));
        }
        record(&collector, Use::of_all(READ, reader.member(), reader.subsystem()))?;
        Ok(json!({
            "electionName": id, "fromSeqNo": from, "batchMaxSize": options.xroad_batch, "eVotingsBatch": { "batchRecords": records }
        }))
    });
    Ok(answer(&reply.await?))
}

/// Runs what reads the database on a thread of the pool.
pub async fn blocking<T: Send + 'static>(call: &Call, work: impl FnOnce() -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
    let done = web::block(work).await.unwrap_or_else(|_| Err(Fault::new(500, "XROAD", "the server is ending")));
    done.map_err(|fault| fault.of(call))
}

/// USAGE-1: durable before the answer leaves.
fn record(collector: &Collector, used: Use) -> Result<(), Fault> {
    if !collector.read("USAGE-1", |db| store::was_used(db, &used, now().saturating_sub(READ_EVERY)))? {
        collector.write("USAGE-1", |reply| Job::Use { used, reply })?;
    }
    Ok(())
}

fn number(text: &str) -> Option<u64> {
    let digits = (1..=18).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|n| digits && *n > 0)
}

/// The election of the state's lists, once list 0 was taken.
fn election(collector: &Collector) -> Result<Option<String>, Fault> {
    Ok(collector.read("XROAD-6", store::lists)?.into_iter().next().map(|list| list.election))
}

fn is_over(collector: &Collector) -> bool {
    collector.state().replay.phases().phase() >= Phase::Sealed
}

/// XROAD-6.
fn require_offered(collector: &Collector, id: &str) -> Result<(), Fault> {
    if election(collector)?.as_deref() != Some(id) {
        return Err(Fault::not_found("electionId", None));
    }
    if is_over(collector) {
        return Err(Fault::new(410, "XROAD-6", "XROAD-6: the running list of this election is no longer offered"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xroad_10_numbers() {
        assert_eq!((number("1"), number("0054001"), number("999999999999999999")), (Some(1), Some(54_001), Some(999_999_999_999_999_999)));
        for text in ["", "0", "000", "-1", "+1", "1.0", "1e3", " 1", "1000000000000000000", "x"] {
            assert_eq!(number(text), None, "{text:?}");
        }
    }
}
