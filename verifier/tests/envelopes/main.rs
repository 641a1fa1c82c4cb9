//! The restricted evidence, one broken rule at a time: containers, certificates, paths, status, time stamps, made by openssl and by
//! writers of the tests' own. Each test names the rule that has to find the fault, so it fails when the check is taken away.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod asic;
mod box_and_register;
mod cades;
mod certificates;
mod container;
mod der;
#[path = "../made/mod.rs"]
mod made;
mod openssl;
mod paths;
mod persons;
mod stamps;
mod status;

use certificates::{Chain, PERSON};
use container::{CONTENT, Cms};
use verifier::certificate::Anchors;
use verifier::envelope::accept;

/// Time of casting, in November 2026.
const TIME: u64 = 1_795_000_000;

type Judged = Result<String, &'static str>;

fn good() -> Judged {
    Ok(PERSON.to_owned())
}

/// A container of leaf and authority, changed before it is signed.
fn container(kind: &'static str, change: impl FnOnce(&mut Cms)) -> Judged {
    let chain = Chain::new(kind);
    let mut cms = Cms::new(&chain, &chain.leaf.bytes(), &[chain.sub.bytes()]);
    change(&mut cms);
    judged(&cms.bytes(), &[chain.root.bytes()], TIME)
}

/// An honest container of changed certificates.
fn chain(change: impl FnOnce(&mut Chain)) -> Judged {
    chain_at(TIME, "P-256", change)
}

fn chain_at(time: u64, kind: &'static str, change: impl FnOnce(&mut Chain)) -> Judged {
    let mut chain = Chain::new(kind);
    change(&mut chain);
    let cms = Cms::new(&chain, &chain.leaf.bytes(), &[chain.sub.bytes()]);
    judged(&cms.bytes(), &[chain.root.bytes()], time)
}

fn judged(container: &[u8], anchors: &[Vec<u8>], time: u64) -> Judged {
    accept(container, CONTENT, &Anchors::new(anchors), time).map_err(|fault| fault.rule)
}
