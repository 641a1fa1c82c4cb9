//! One run: the collector started over a town, its voters logged in and casting.

use super::client::{Answer, Client, Target};
use super::cpu::{Usage, usage};
use super::parties::Parties;
use super::town::{Prepared, Town};
use crate::cluster::Cluster;
use crate::process::Server;
use anyhow::{Context, Result, ensure};
use ballot::Manifest;
use ballot::encode::parse_hash;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use board::http::Web;
use envelope::Identity;
use envelope::login::sign_login;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A collector at work.
pub struct Running {
    /// Its process.
    pub server: Server,
    /// Its public address, over TLS.
    pub target: Target,
    /// Its operator's address.
    pub operator: Web,
}

impl Running {
    /// Starts it over a fresh copy of the town's data. `more` are further words for `collector serve`.
    pub fn start(town: &Town, parties: Option<&Parties>, cluster: Option<&Cluster>, more: &[String]) -> Result<Self> {
        let data = town.fresh_data(cluster)?;
        let (certificate, key) = town.tls();
        let port_file = town.dir.join("port");
        let mut args: Vec<OsString> = vec!["serve".into(), "--data".into(), data.into(), "--listen".into(), "127.0.0.1:0".into()];
        args.extend(["--operator".into(), "127.0.0.1:0".into(), "--port-file".into(), port_file.clone().into()]);
        args.extend(["--tls-certificate".into(), certificate.clone().into(), "--tls-key".into(), key.into()]);
        args.extend(cluster.iter().flat_map(|cluster| ["--store".into(), cluster.url().into()]));
        if let Some(parties) = parties {
            args.extend(["--ocsp".into(), format!("{}/ocsp", parties.base).into()]);
            args.extend(["--tsa".into(), format!("{}/tsa", parties.base).into()]);
        }
        args.extend(more.iter().map(OsString::from));
        let server = Server::start("collector", args, &port_file, &town.dir.join("collector.log"))?;
        let address = server.url().strip_prefix("http://").context("an odd URL")?.parse()?;
        let operator = Web::new(&server.operator().context("no operator's address")?);
        Ok(Self { target: Target::tls(address, &certificate)?, server, operator })
    }

    /// What the collector has cost so far.
    pub fn usage(&self) -> Result<Usage> {
        usage(&self.server.pid().to_string())
    }

    /// Its metrics by line.
    pub fn metrics(&self) -> Result<BTreeMap<String, f64>> {
        let text = String::from_utf8(self.operator.get("/metrics", None)?.body)?;
        Ok(text.lines().filter_map(|l| l.rsplit_once(' ')).filter_map(|(name, v)| Some((name.to_owned(), v.parse().ok()?))).collect())
    }

    /// Waits until every ballot is in the log and has its time stamp.
    pub fn settle(&self) -> Result<()> {
        let until = Instant::now() + Duration::from_secs(600);
        loop {
            let metrics = self.metrics()?;
            let waits = |name: &str| metrics.get(name).is_some_and(|n| *n > 0.0);
            if !waits("haal_ballots_pending") && !waits("haal_stamps_waiting") {
                return Ok(());
            }
            ensure!(Instant::now() < until, "ballots wait for the log or for stamps");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// How calls went.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Each success: from when it was due until it was done, retries included.
    pub times: Vec<Duration>,
    /// Refusals by status and rule; those of 429 and 503 were tried again.
    pub refused: BTreeMap<String, usize>,
    /// Calls that never succeeded.
    pub failed: usize,
    /// From the first to the last.
    pub took: Duration,
}

impl Outcome {
    /// Takes in how others went beside it.
    pub fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        other.refused.into_iter().for_each(|(rule, n)| *self.refused.entry(rule).or_default() += n);
        self.failed += other.failed;
    }

    /// How many were done each second.
    pub fn rate(&self) -> f64 {
        self.times.len() as f64 / self.took.as_secs_f64().max(1e-9)
    }

    /// The time within which this share of them was done.
    pub fn within(&self, share: f64) -> Duration {
        let mut sorted = self.times.clone();
        sorted.sort();
        let at = (sorted.len() as f64 * share).ceil() as usize;
        sorted.get(at.saturating_sub(1)).copied().unwrap_or_default()
    }
}

/// How hard.
#[derive(Clone, Copy, Debug)]
pub struct Pressure {
    /// Connections, each a thread.
    pub connections: usize,
    /// Calls a second, spread evenly; without it each connection asks again at once. A call's time runs from when it was due, so
    /// that waiting behind a slow one counts.
    pub rate: Option<f64>,
}

/// Does `call` for each of `items` from many connections. A call gives what it was answered; 429 and 503 are tried again when they say.
pub fn press<T: Sync>(
    target: &Target,
    how: Pressure,
    items: &[T],
    call: impl Fn(&mut Client, usize, &T) -> Result<Answer> + Sync,
) -> Outcome {
    let (next, all, begun) = (AtomicUsize::new(0), Mutex::new(Outcome::default()), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..how.connections {
            scope.spawn(|| {
                let (mut client, mut mine) = (Client::new(target), Outcome::default());
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { break };
                    let due = how.rate.map_or_else(Instant::now, |rate| begun + Duration::from_secs_f64(at as f64 / rate));
                    std::thread::sleep(due.saturating_duration_since(Instant::now()));
                    one(&mut client, at, item, due, &mut mine, &call);
                }
                all.lock().expect("no panic").add(mine);
            });
        }
    });
    let mut all = all.into_inner().expect("no panic");
    all.took = begun.elapsed();
    all
}

fn one<T>(
    client: &mut Client,
    at: usize,
    item: &T,
    due: Instant,
    mine: &mut Outcome,
    call: &impl Fn(&mut Client, usize, &T) -> Result<Answer>,
) {
    for _ in 0..20 {
        let answer = match call(client, at, item) {
            Ok(answer) if answer.status == 200 => return mine.times.push(due.elapsed()),
            Ok(answer) => answer,
            Err(error) => {
                *mine.refused.entry(format!("no answer: {error}")).or_default() += 1;
                std::thread::sleep(Duration::from_millis(200));
                continue;
            }
        };
        *mine.refused.entry(format!("{} {}", answer.status, answer.rule())).or_default() += 1;
        if ![429, 503].contains(&answer.status) {
            break;
        }
        std::thread::sleep(Duration::from_secs(answer.retry_after.unwrap_or(1)));
    }
    mine.failed += 1;
}

/// Logs a voter in: two calls. Gives the reply to the second.
pub fn log_in(client: &mut Client, manifest: &Manifest, login: &Identity) -> Result<Answer> {
    let answer = client.call("POST", "/v1/login/nonce", None, b"")?;
    if answer.status != 200 {
        return Ok(answer);
    }
    let nonce = answer.json()["nonce"].as_str().and_then(parse_hash).context("no nonce")?;
    let signature = sign_login(login, &manifest.id(), &manifest.description().collector.key.0, &nonce)?;
    let chain = std::iter::once(login.certificate()).chain(login.intermediates());
    let certificates: Vec<String> = chain.map(|c| BASE64_STANDARD.encode(c.as_der())).collect();
    let body = json!({ "nonce": hex::encode(nonce), "certificates": certificates, "signature": BASE64_STANDARD.encode(signature) });
    client.call("POST", "/v1/login", None, body.to_string().as_bytes())
}

/// Logs all voters in; gives the replies, each with a session.
pub fn log_all_in(target: &Target, how: Pressure, manifest: &Manifest, voters: &[Prepared]) -> Result<(Outcome, Vec<Value>)> {
    let replies: Vec<Mutex<Value>> = voters.iter().map(|_| Mutex::default()).collect();
    let outcome = press(target, how, voters, |client, at, voter| {
        let answer = log_in(client, manifest, &Identity::from_pem(&voter.login.0, &voter.login.1)?)?;
        if answer.status == 200 {
            let reply = answer.json();
            ensure!(reply["session"].is_string(), "no session");
            *replies[at].lock().expect("no panic") = reply;
        }
        Ok(answer)
    });
    ensure!(outcome.failed == 0, "{} logins failed: {:?}", outcome.failed, outcome.refused);
    Ok((outcome, replies.into_iter().map(|reply| reply.into_inner().expect("no panic")).collect()))
}

/// The session that a login gave.
pub fn session(reply: &Value) -> &str {
    reply["session"].as_str().unwrap_or_default()
}

/// Casts ballots, each with its voter's session.
pub fn cast_all(target: &Target, how: Pressure, ballots: &[(&[u8], &str)]) -> Outcome {
    press(target, how, ballots, |client, _, (body, session)| client.call("POST", "/v1/cast", Some(session), body))
}

/// Does something again and again beside, until the other thing is done.
pub fn beside<T>(again: &(impl Fn(&AtomicBool) + Sync + ?Sized), act: impl FnOnce() -> T) -> T {
    let end = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| again(&end));
        let done = act();
        end.store(true, Ordering::Relaxed);
        done
    })
}
