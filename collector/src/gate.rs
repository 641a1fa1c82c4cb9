//! Who comes in, and when: networks from which much is refused go in single file, and no more ballots are let in than can be checked soon.
//! Spec: 13-http HTTP-11, HTTP-12; attacks H01, H04.

use crate::refusal::Refusal;
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderName;
use actix_web::rt::time::sleep;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Refused calls of a network without consequence; one is forgotten each second.
const FREE: f64 = 100.0;
/// Time between two calls of a network in single file.
const GAP: Duration = Duration::from_millis(100);
/// Longer than this nobody waits in a file.
const MOST_WAIT: Duration = Duration::from_secs(5);
/// Networks that are remembered.
const MOST_NETWORKS: usize = 100_000;
/// Ballots that are checked or stored at once. At 200 a second, which one core checks, the last one waits little more than a second.
const BALLOTS: usize = 256;
/// Logins, the same.
const LOGINS: usize = 256;

/// How the public's addresses are known.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Clients {
    /// Header in which the server before this one says the client's address, such as `X-Forwarded-For`; its last value counts. Only with a server
    /// before this one that sets it: else anybody can claim any address
    #[arg(long, value_name = "NAME", env = "HAAL_CLIENT_HEADER")]
    client_header: Option<HeaderName>,
}

/// The first 24 bits of an IPv4 address, or 48 of an IPv6 address; the others are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Network(IpAddr);

impl Network {
    /// Nothing for loopback: that is this machine, or a server on it that stands for everyone.
    fn of(address: IpAddr) -> Option<Self> {
        let address = address.to_canonical();
        if address.is_loopback() {
            return None;
        }
        Some(Self(match address {
            IpAddr::V4(a) => Ipv4Addr::from_bits(a.to_bits() & (u32::MAX << 8)).into(),
            IpAddr::V6(a) => Ipv6Addr::from_bits(a.to_bits() & (u128::MAX << 80)).into(),
        }))
    }
}

/// What is remembered of a network from which something was refused.
#[derive(Clone, Copy, Debug)]
struct Lane {
    refused: f64,
    at: Instant,
    /// When the next call in single file is let in.
    next: Instant,
}

impl Lane {
    fn refused(&self, now: Instant) -> f64 {
        (self.refused - now.duration_since(self.at).as_secs_f64()).max(0.0)
    }
}

/// What every call passes.
#[derive(Debug, Default)]
pub struct Gate {
    header: Option<HeaderName>,
    lanes: Mutex<HashMap<Network, Lane>>,
    pub ballots: Places<BALLOTS>,
    pub logins: Places<LOGINS>,
}

impl Gate {
    pub fn new(clients: Clients) -> Self {
        Self { header: clients.client_header, ..Self::default() }
    }

    fn network(&self, request: &HttpRequest) -> Option<Network> {
        let address = match &self.header {
            Some(name) => request.headers().get_all(name).last()?.to_str().ok()?.rsplit(',').next()?.trim().parse().ok(),
            None => request.peer_addr().map(|peer| peer.ip()),
        };
        Network::of(address?)
    }

    /// HTTP-11: waits for this call's turn. For calls that bring no session.
    pub async fn turn(&self, request: &HttpRequest) -> Result<(), Refusal> {
        let Some(network) = self.network(request) else { return Ok(()) };
        let wait = self.wait(network, Instant::now())?;
        if !wait.is_zero() {
            sleep(wait).await;
        }
        Ok(())
    }

    fn wait(&self, network: Network, now: Instant) -> Result<Duration, Refusal> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(lane) = lanes.get_mut(&network).filter(|lane| lane.refused(now) > FREE) else { return Ok(Duration::ZERO) };
        let turn = lane.next.max(now);
        let wait = turn.duration_since(now);
        if wait > MOST_WAIT {
            let words = "HTTP-11: much that comes from your network is refused, so it is served slowly; please try again";
            return Err(Refusal::wait("HTTP-11", 5, words));
        }
        lane.next = turn + GAP;
        Ok(wait)
    }

    /// Counts an answer.
    pub fn answered(&self, request: &HttpRequest, status: StatusCode) {
        if matches!(status.as_u16(), 400 | 401 | 403 | 413)
            && let Some(network) = self.network(request)
        {
            self.refused(network, Instant::now());
        }
    }

    fn refused(&self, network: Network, now: Instant) {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if lanes.len() >= MOST_NETWORKS && !lanes.contains_key(&network) {
            lanes.retain(|_, lane| lane.refused(now) > FREE);
            if lanes.len() >= MOST_NETWORKS {
                lanes.clear(); // so many networks at once are no network's fault
            }
        }
        let lane = lanes.entry(network).or_insert(Lane { refused: 0.0, at: now, next: now });
        *lane = Lane { refused: (lane.refused(now) + 1.0).min(2.0 * FREE), at: now, ..*lane };
    }
}

/// `MOST` places to be in at once.
#[derive(Debug, Default)]
pub struct Places<const MOST: usize>(AtomicUsize);

/// One place; given back when dropped.
#[derive(Debug)]
pub struct Place<'a>(&'a AtomicUsize);

impl<const MOST: usize> Places<MOST> {
    /// A place, if one is free.
    pub fn take(&self) -> Option<Place<'_>> {
        let place = Place(&self.0);
        (self.0.fetch_add(1, Ordering::Relaxed) < MOST).then_some(place) // given back when dropped, either way
    }

    /// HTTP-12.
    pub fn enter(&self) -> Result<Place<'_>, Refusal> {
        let words = "HTTP-12: more is coming in than can be checked now; nothing was stored; please send it again";
        self.take().ok_or_else(|| Refusal::new(503, "HTTP-12", words))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> Option<Network> {
        Network::of(address.parse().unwrap())
    }

    #[test]
    fn http_11_networks() {
        assert_eq!(network("192.0.2.1"), network("192.0.2.255"));
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.7"));
        assert_ne!(network("192.0.2.1"), network("192.0.3.1"));
        assert_eq!(network("2001:db8:1::1"), network("2001:db8:1:ffff::2"));
        assert_ne!(network("2001:db8:1::1"), network("2001:db8:2::1"));
        assert_eq!((network("127.0.0.1"), network("::1")), (None, None));
    }

    #[test]
    fn http_11_single_file_and_nobody_shut_out() {
        let (gate, now) = (Gate::default(), Instant::now());
        let (bad, good) = (network("192.0.2.1").unwrap(), network("192.0.3.1").unwrap());
        for _ in 0..100 {
            gate.refused(bad, now);
            assert_eq!(gate.wait(bad, now).unwrap(), Duration::ZERO, "so much is free");
        }
        gate.refused(bad, now);
        for n in 0..=50 {
            assert_eq!(gate.wait(bad, now).unwrap(), n * GAP);
        }
        let refusal = gate.wait(bad, now).unwrap_err();
        assert_eq!((refusal.status, refusal.rule, refusal.retry_after), (429, "HTTP-11", Some(5)));
        assert_eq!(gate.wait(good, now).unwrap(), Duration::ZERO);
        // Ten a second are let in all the time.
        assert!(gate.wait(bad, now + GAP).is_ok());
        assert!(gate.wait(bad, now + GAP).is_err());
        // However much was refused, it is forgotten.
        (0..10_000).for_each(|_| gate.refused(bad, now));
        assert_eq!(gate.wait(bad, now + Duration::from_secs(100)).unwrap(), Duration::ZERO);
    }

    #[test]
    fn http_12_places_are_given_back() {
        let places: Places<32> = Places::default();
        let all: Vec<_> = (0..32).map(|_| places.enter().unwrap()).collect();
        assert!(places.take().is_none());
        let refusal = places.enter().unwrap_err();
        assert_eq!((refusal.status, refusal.rule, refusal.retry_after), (503, "HTTP-12", Some(5)));
        drop(all);
        assert!((0..2).all(|_| places.enter().is_ok()));
    }
}
