//! What is asked of others about a ballot: the status of its certificate before it is taken, a time stamp after. Spec: 07c-evidence.
//!
//! ```text
//!   CAST-7, CAST-8 --> key, TSP-11, status (OCSP) --> CAST-9: durable, promise --> time stamp, until there is one (TSP-10)
//! ```

mod stamps;
mod status;

pub use stamps::{Stamper, Stamps};
pub use status::Status;

use anyhow::{Context, Result, ensure};
use ballot::manifest::Manifest;
use envelope::{Certificate, ObjectIdentifier};
use std::io::Read;
use std::time::Duration;
use ureq::Agent;

/// How long an answer may take (OCSP-9).
const TIME: Duration = Duration::from_secs(5);
/// The longest answer that is read, and one byte to see that there is more.
const MOST_ANSWER: u64 = 32_769;

/// Where the services are, beside what the certificates say.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Services {
    /// URL of the OCSP responder; without it, the one that a voter's certificate names is asked
    #[arg(long, value_name = "URL", env = "HAAL_OCSP")]
    ocsp: Option<String>,
    /// URL of the time-stamping party (RFC 3161)
    #[arg(long, value_name = "URL", env = "HAAL_TSA")]
    tsa: Option<String>,
}

/// What the manifest asks of certificates and services.
pub struct Evidence {
    /// Trust anchors of the eIDs.
    pub anchors: Vec<Certificate>,
    /// Certificate policies of which a signing certificate must have one (ENV-39).
    pub policies: Option<Vec<ObjectIdentifier>>,
    pub status: Option<Status>,
    pub stamps: Option<Stamps>,
}

impl Evidence {
    /// MAN-14, MAN-16: policies and anchors that can be used. Where the services are is said at start only.
    pub fn new(manifest: &Manifest, services: &Services) -> Result<Self> {
        let eid = &manifest.description().eid;
        let anchors = read_anchors(manifest.anchors())?;
        let policies = eid.policies.as_deref().map(|listed| oids(listed).context("MAN-16: eid.policies")).transpose()?;
        let status = eid.ocsp.clone().map(|policy| Status::new(policy, services.ocsp.clone()));
        let stamps = match &eid.stamp {
            Some(policy) => {
                let stamp_anchors = read_anchors(manifest.stamp_anchors())?;
                let policies = oids(&policy.policies).context("MAN-16: eid.stamp.policies")?;
                Some(Stamps::new(policy.clone(), stamp_anchors, policies, services.tsa.clone()))
            }
            None => None,
        };
        Ok(Self { anchors, policies, status, stamps })
    }

    /// The same, with everything that a running server needs.
    pub fn ready(manifest: &Manifest, services: &Services) -> Result<Self> {
        ensure!(manifest.description().eid.stamp.is_none() || services.tsa.is_some(), "the manifest asks for time stamps: give --tsa URL");
        Self::new(manifest, services)
    }
}

fn oids(listed: &[String]) -> Result<Vec<ObjectIdentifier>> {
    listed.iter().map(|text| ObjectIdentifier::new(text).map_err(|_| anyhow::anyhow!("{text} is no OID"))).collect()
}

/// MAN-14: trust anchors.
fn read_anchors(listed: Vec<Vec<u8>>) -> Result<Vec<Certificate>> {
    let mut anchors: Vec<Certificate> = Vec::new();
    for der in listed {
        let anchor = Certificate::from_der(&der).context("MAN-14: a trust anchor")?;
        ensure!(!anchors.contains(&anchor), "MAN-14: a trust anchor stands twice");
        anchors.push(anchor);
    }
    Ok(anchors)
}

/// Connections to a service. It is asked where we say and nowhere else.
fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).max_redirects(0).timeout_global(Some(TIME)).build().into()
}

/// Sends a question, and gives the answer's bytes.
fn ask(agent: &Agent, url: &str, kind: &str, question: &[u8]) -> Result<Vec<u8>> {
    let response = agent.post(url).header("Content-Type", kind).send(question)?;
    let status = response.status().as_u16();
    ensure!(status == 200, "it answered {status}");
    let mut answer = Vec::new();
    response.into_body().into_reader().take(MOST_ANSWER).read_to_end(&mut answer)?;
    Ok(answer)
}
