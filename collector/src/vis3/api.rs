//! The lists as VIS3 hands them out: `vis3-ehs-api.yaml` and VIS3-EHS 3, §5, over TLS that shows certificates on both sides.

use crate::tls;
use anyhow::{Context, Result, bail, ensure};
use envelope::digidoc::unzip;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;
use ureq::Agent;

/// Longest answer: list 0 of the whole country has some 60 MB.
const MOST: u64 = 256 << 20;
/// Such a list on a slow line.
const TIME: Duration = Duration::from_secs(600);

/// Where VIS3 is, and who asks.
#[derive(clap::Args)]
pub struct Api {
    /// Where VIS3 answers, such as `https://vis-ehs-api.ria.ee`
    #[arg(long)]
    url: String,
    /// PEM file with the certificate that VIS3 knows this server by
    #[arg(long, value_name = "FILE")]
    tls_certificate: PathBuf,
    /// PEM file with the private key of that certificate
    #[arg(long, value_name = "FILE")]
    tls_key: PathBuf,
    /// PEM file with the authority of VIS3's own certificate; no other is believed
    #[arg(long, value_name = "FILE")]
    tls_ca: PathBuf,
}

/// A list and its signature, as they came.
#[derive(Debug)]
pub struct Fetched {
    pub name: String,
    pub list: Vec<u8>,
    pub signature: Vec<u8>,
}

/// What VIS3 says it has.
#[derive(Deserialize)]
struct Overview {
    changesets: Vec<Changeset>,
}

#[derive(Deserialize)]
struct Changeset {
    changeset: u64,
}

/// What VIS3 says is wrong; the value may name a person, so it is not shown.
#[derive(Deserialize)]
struct Wrong {
    field: String,
}

/// VIS3, for one election.
pub struct Vis3<'a> {
    url: &'a str,
    election: &'a str,
    agent: Agent,
}

impl Api {
    pub fn connect<'a>(&'a self, election: &'a str) -> Result<Vis3<'a>> {
        ensure!(self.url.starts_with("https://"), "VIS3-EHS 3 §5: --url begins with https://");
        let agent = tls::known_client(&self.tls_certificate, &self.tls_key, &self.tls_ca, TIME)?;
        Ok(Vis3 { url: self.url.trim_end_matches('/'), election, agent })
    }
}

impl Vis3<'_> {
    /// Status and body of an answer.
    fn get(&self, call: &str, more: &str) -> Result<(u16, Vec<u8>)> {
        let url = format!("{}/{call}?electionCode={}{more}", self.url, self.election);
        let mut reply = self.agent.get(&url).call().with_context(|| format!("VIS3 does not answer {call}"))?;
        let body = reply.body_mut().with_config().limit(MOST).read_to_vec();
        Ok((reply.status().as_u16(), body.with_context(|| format!("the answer of VIS3 to {call} did not come whole"))?))
    }

    /// The number of the last list that there is; nothing if there is none.
    pub fn last(&self) -> Result<Option<u64>> {
        let (status, body) = self.get("ehs-list-election-changesets", "")?;
        ensure!(status == 200, refused("ehs-list-election-changesets", status, &body));
        let overview: Overview = serde_json::from_slice(&body).context("VIS3-EHS 3 §5: this is no overview of lists")?;
        Ok(overview.changesets.iter().map(|list| list.changeset).max())
    }

    /// A list by its number; nothing if there is none yet.
    pub fn list(&self, number: u64) -> Result<Option<Fetched>> {
        let (status, body) = self.get("ehs-election-voters-changeset", &format!("&changeset={number}"))?;
        match status {
            200 => {}
            404 => return Ok(None),
            409 => bail!("VIS3-EHS 3 §2.3: VIS3 says that {number} is not the number of its next list either (409)"),
            _ => bail!(refused("ehs-election-voters-changeset", status, &body)),
        }
        let name = format!("{}-voters-{number}", self.election);
        let mut files = unzip(&body).context("VIS3-EHS 3 §5.1: the answer is no ZIP that can be read")?;
        files.sort(); // .sig comes before .utf
        let wanted = [format!("{name}.sig"), format!("{name}.utf")];
        let [(first, signature), (second, list)] = <[_; 2]>::try_from(files).ok().context("VIS3-EHS 3 §5.1: not two files in the ZIP")?;
        ensure!([first, second] == wanted, "VIS3-EHS 3 §5.1: other files in the ZIP than {name}.utf and {name}.sig");
        Ok(Some(Fetched { name, list, signature }))
    }
}

fn refused(call: &str, status: u16, body: &[u8]) -> String {
    let field = serde_json::from_slice(body).ok().map(|Wrong { field }| format!(", because of {field:?}")).unwrap_or_default();
    format!("VIS3 refuses {call} with status {status}{field}")
}

/// Where a list is kept as it came.
pub fn paths(folder: &Path, name: &str) -> [PathBuf; 2] {
    ["utf", "sig"].map(|ending| folder.join(format!("{name}.{ending}")))
}
