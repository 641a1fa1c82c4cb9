//! Who votes while the collector is ill-treated, and who looks on.

use crate::faults::voter::{Rules, Voter};
use crate::load::client::{Client, Target};
use ballot::Hash;
use board::Checkpoint;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

/// Between two ballots of one of them.
const PAUSE: Duration = Duration::from_millis(25);

/// Votes for these people in turn, until the end.
pub(super) fn vote<'v>(voters: impl Iterator<Item = &'v Mutex<Voter>>, rules: &Rules, target: &Target, end: &AtomicBool) {
    let voters: Vec<_> = voters.collect();
    let mut client = Client::patient(target, Duration::from_secs(20));
    for voter in voters.iter().cycle() {
        let mut voter = voter.lock().expect("no panic");
        let promised = voter.acknowledged.len();
        while voter.acknowledged.len() == promised {
            if end.load(Ordering::Relaxed) {
                return;
            }
            if voter.step(&mut client, rules).is_err() {
                voter.hang_up();
                sleep(PAUSE); // the collector is down: he tries again
            }
        }
        drop(voter);
        sleep(PAUSE);
    }
}

/// Keeps every checkpoint that is served.
pub(super) fn look_on(
    target: &Target,
    manifest: &ballot::Manifest,
    seen: &Mutex<BTreeMap<u64, Hash>>,
    trouble: &Mutex<Vec<String>>,
    end: &AtomicBool,
) {
    let mut client = Client::patient(target, Duration::from_secs(5));
    while !end.load(Ordering::Relaxed) {
        sleep(PAUSE);
        let Ok(answer) = client.call("GET", "/board/checkpoint", None, b"") else { continue };
        if answer.status != 200 {
            continue;
        }
        let Ok(checkpoint) = Checkpoint::verify(&String::from_utf8_lossy(&answer.body), manifest) else {
            trouble.lock().expect("no panic").push("a checkpoint was served that does not verify".into());
            continue;
        };
        let old = seen.lock().expect("no panic").insert(checkpoint.size, checkpoint.root);
        if old.is_some_and(|old| old != checkpoint.root) {
            trouble.lock().expect("no panic").push(format!("FORK: two roots for {} entries", checkpoint.size));
        }
    }
}
