//! How fast: `cargo test -p collector --test all -- --ignored --nocapture measure::`. Client and server share the machine.

use crate::support::{Election, Options, Server};
use std::sync::Mutex;
use std::time::Instant;

#[test]
#[ignore = "prints figures; proves nothing"]
fn measure() {
    const VOTERS: usize = 100;
    const EACH: usize = 20;
    let (election, server) = Election::open(Options { voters: VOTERS, ..Options::default() });
    let style = election.voter(0).style();
    let prepared: Vec<_> = (0..VOTERS)
        .map(|n| {
            let voter = election.voter(n);
            let mut session = voter.login(&server);
            let bodies: Vec<Vec<u8>> = (0..EACH)
                .map(|_| {
                    let seed = crate::support::voter::fresh_seed();
                    let selections = crate::support::Voter::selections(session.district);
                    let ballot = style(session.district).encrypt(&session.context(), &selections, &seed).unwrap();
                    session.after(&ballot);
                    voter.body(&ballot)
                })
                .collect();
            (session.token, bodies)
        })
        .collect();
    for threads in [1, 8, 32] {
        let part = match threads {
            1 => 0..10,
            8 => 10..40,
            _ => 40..VOTERS,
        };
        let (queue, times) = (Mutex::new(prepared[part.clone()].iter()), Mutex::new(Vec::new()));
        let start = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                let client = server.client.clone();
                let (queue, times) = (&queue, &times);
                scope.spawn(move || {
                    loop {
                        let Some((token, bodies)) = queue.lock().unwrap().next() else { return };
                        for body in bodies {
                            let sent = Instant::now();
                            client.post("/v1/cast", Some(token), body).ok();
                            times.lock().unwrap().push(sent.elapsed());
                        }
                    }
                });
            }
        });
        let (took, mut times) = (start.elapsed(), times.into_inner().unwrap());
        times.sort();
        let per_second = times.len() as f64 / took.as_secs_f64();
        println!(
            "{threads} connections: {per_second:.0} ballots/s, median {:?}, 99 % within {:?}",
            times[times.len() / 2],
            times[times.len() * 99 / 100]
        );
    }
    server.settle();
    server.stop();
    let size = crate::support::server::entries(&election.data()).len();
    let start = Instant::now();
    let server = Server::start(&election, &[], &[]);
    println!("start with {size} entries: {:?}", start.elapsed());
    server.stop();
}

#[test]
#[ignore = "prints figures; proves nothing"]
fn measure_replies() {
    let (_election, server) = Election::open(Options::default());
    let time = |what: &str, call: &dyn Fn() -> u16| {
        let mut times: Vec<_> = (0..200)
            .map(|_| {
                let sent = Instant::now();
                assert_eq!(call(), 200);
                sent.elapsed()
            })
            .collect();
        times.sort();
        println!("{what}: median {:?}, 90 % within {:?}, the longest {:?}", times[100], times[180], times[199]);
    };
    time("GET /v1/status", &|| server.client.get("/v1/status", None).status);
    time("POST /v1/login/nonce", &|| server.client.post("/v1/login/nonce", None, b"{}").status);
    time("GET /board/checkpoint", &|| server.client.get("/board/checkpoint", None).status);
    time("GET /board/manifest.json", &|| server.client.get("/board/manifest.json", None).status);
}
