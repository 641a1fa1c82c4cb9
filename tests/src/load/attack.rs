//! What attackers do beside the honest voters (H01, H04): each kind goes on until it is told to end, and says how often it tried.

use super::client::{Answer, Client, Target};
use super::town::Prepared;
use anyhow::{Context, Result};
use envelope::{Identity, cades};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

/// How often each thing was answered how.
#[derive(Default)]
pub struct Tally(Mutex<BTreeMap<String, usize>>);

impl Tally {
    fn add(&self, what: impl Into<String>) {
        *self.0.lock().expect("no panic").entry(what.into()).or_default() += 1;
    }

    fn answered(&self, what: &str, answer: &Result<Answer>) {
        match answer {
            Ok(answer) => self.add(format!("{what}: {} {}", answer.status, answer.rule())),
            Err(_) => self.add(format!("{what}: hung up")),
        }
    }

    /// All of it.
    pub fn lines(&self) -> BTreeMap<String, usize> {
        self.0.lock().expect("no panic").clone()
    }
}

fn over(end: &AtomicBool) -> bool {
    end.load(Ordering::Relaxed)
}

/// Slowloris: connections on which a head, or a body after a right head, comes byte by byte, a second between them.
pub fn slow(target: &Target, connections: usize, tally: &Tally, end: &AtomicBool) {
    let long = "POST /v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n";
    scope(|scope| {
        for n in 0..connections {
            scope.spawn(move || {
                while !over(end) {
                    let Ok(mut line) = target.connect(Duration::from_secs(10)) else {
                        tally.add("no connection");
                        sleep(Duration::from_millis(500));
                        continue;
                    };
                    let (begun, start) = (Instant::now(), if n % 2 == 0 { "" } else { long });
                    let _ = line.write_all(start.as_bytes());
                    while !over(end) && line.write_all(b"x").and_then(|()| line.flush()).is_ok() {
                        sleep(Duration::from_secs(1));
                    }
                    let seconds = begun.elapsed().as_secs();
                    tally.add(format!("{}: held {}0 s or more", if n % 2 == 0 { "head" } else { "body" }, seconds / 10));
                }
            });
        }
    });
}

/// Connections on which nothing is said, opened again as the server closes them.
pub fn idle(target: &Target, connections: usize, tally: &Tally, end: &AtomicBool) {
    let mut open: Vec<TcpStream> = Vec::new();
    let mut most = 0;
    while !over(end) {
        let begun = Instant::now();
        while open.len() < connections && begun.elapsed() < Duration::from_secs(1) {
            match TcpStream::connect_timeout(&target.address, Duration::from_secs(1)) {
                Ok(stream) if stream.set_nonblocking(true).is_ok() => open.push(stream),
                _ => break,
            }
            tally.add("opened");
        }
        most = most.max(open.len());
        open.retain_mut(|stream| matches!(stream.read(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock));
        sleep(Duration::from_millis(50));
    }
    tally.add(format!("at once: {most}"));
}

/// Bodies that are too long or nested too deeply, as quickly as they are answered.
pub fn bodies(target: &Target, threads: usize, session: &str, tally: &Tally, end: &AtomicBool) {
    let json = "[".repeat(60_000).into_bytes();
    let objects = "{\"nonce\":".repeat(6000).into_bytes();
    let nested = nested_der(15_000);
    let ballot = vec![0xff; 40_000];
    let mut container = [vec![0; 64 + 70], nested.clone()].concat();
    container[64 + 68..].rotate_left(1);
    let base64 = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, &nested);
    let login = format!("{{\"nonce\":\"{}\",\"certificates\":[\"{base64}\"],\"signature\":\"\"}}", "00".repeat(32)).into_bytes();
    let kinds: [(&str, &str, &[u8]); 5] = [
        ("nested lists", "/v1/login", &json),
        ("nested objects", "/v1/login", &objects),
        ("nested certificate", "/v1/login", &login),
        ("nested container", "/v1/cast", &container),
        ("too long", "/v1/cast", &ballot),
    ];
    scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut client = Client::patient(target, Duration::from_secs(10));
                for (what, path, body) in kinds.iter().cycle() {
                    if over(end) {
                        return;
                    }
                    tally.answered(what, &client.call("POST", path, Some(session), body));
                    tally.add(announced(target));
                }
            });
        }
    });
}

/// A length of gigabytes is announced, and no body sent.
fn announced(target: &Target) -> &'static str {
    let ask = || -> Result<Vec<u8>> {
        let mut line = target.connect(Duration::from_secs(10))?;
        line.write_all(b"POST /v1/cast HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000000\r\n\r\n")?;
        line.flush()?;
        let mut start = vec![0; 12];
        line.read_exact(&mut start)?;
        Ok(start)
    };
    match ask() {
        Ok(start) if start == b"HTTP/1.1 413" => "announced: 413",
        Ok(_) => "announced: another answer",
        Err(_) => "announced: hung up",
    }
}

/// SEQUENCEs in each other, about so many bytes.
pub fn nested_der(bytes: usize) -> Vec<u8> {
    let mut out = Vec::new(); // from the inside, backwards
    while out.len() < bytes {
        let length = out.len();
        match length {
            0..=0x7f => out.push(length as u8),
            0x80..=0xff => out.extend([length as u8, 0x81]),
            _ => out.extend([length as u8, (length >> 8) as u8, 0x82]),
        }
        out.push(0x30);
    }
    out.reverse();
    out
}

/// Ballots that are not to be taken, of people who are on the roll and logged in.
pub struct Invalid {
    kinds: Vec<(&'static str, String, Vec<u8>)>,
}

impl Invalid {
    /// For each attacker with a session: a changed ballot under the old signature; a wrong proof that is signed; a stranger's ballot; one without
    /// session.
    pub fn prepare(attackers: &[(&Prepared, &str)], ballot_len: usize) -> Result<Self> {
        let mut kinds = Vec::new();
        for (n, (attacker, session)) in attackers.iter().enumerate() {
            let end = 64 + ballot_len;
            let mut changed = attacker.body.clone();
            changed[end - 40] ^= 1; // a response of the proof
            let signer = Identity::from_pem(&attacker.sign.0, &attacker.sign.1)?;
            let signed = [&changed[..end], &cades::sign(&changed[64..end], &signer, crate::election::now())?].concat();
            let other = attackers[(n + 1) % attackers.len()].0.body.clone();
            let nobody = "00".repeat(32);
            kinds.push(("wrong proof, signed", (*session).to_owned(), signed));
            kinds.push(("changed after signing", (*session).to_owned(), changed));
            kinds.push(("somebody else's", (*session).to_owned(), other));
            kinds.push(("no session", nobody, attacker.body.clone()));
        }
        kinds.first().context("no attackers")?;
        Ok(Self { kinds })
    }

    /// Sends `most` of them as quickly as they are answered, and does not wait when told to.
    pub fn send(&self, target: &Target, threads: usize, most: usize, tally: &Tally, end: &AtomicBool) {
        let sent = AtomicUsize::new(0);
        scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    let mut client = Client::patient(target, Duration::from_secs(30));
                    loop {
                        let n = sent.fetch_add(1, Ordering::Relaxed);
                        if n >= most || over(end) {
                            return;
                        }
                        let (what, session, body) = &self.kinds[n % self.kinds.len()];
                        tally.answered(what, &client.call("POST", "/v1/cast", Some(session), body));
                    }
                });
            }
        });
    }
}

/// Lets this process open many connections, as far as the system allows.
pub fn many_files() {
    let me = std::process::id().to_string();
    let _ = std::process::Command::new("prlimit").args(["--pid", &me, "--nofile=65536:65536"]).output();
}
