//! Every file of a record cut short, and flipped. Nothing passes, nothing crashes.

use super::check::say_of;
use ballot::encode::sha256;
use e2e::insider::town;
use e2e::kit::work;
use std::collections::BTreeMap;

/// Every file cut: by a byte, in half, to nothing; the checkpoint and the manifest at many places.
#[test]
fn a_cut_record_never_passes() {
    let record = town::done().record();
    let mut cuts: Vec<(String, usize)> = Vec::new();
    for (path, bytes) in &record {
        let small = path == "checkpoint";
        let every = if small { 1 } else { bytes.len().div_ceil(2).max(1) };
        cuts.extend((0..bytes.len()).step_by(every).chain([bytes.len() - 1]).map(|at| (path.clone(), at)));
    }
    each_alters(&record, cuts.len(), |n, record| {
        let (path, at) = &cuts[n];
        record.get_mut(path).unwrap().truncate(*at);
        format!("{path} cut to {at} bytes")
    });
}

/// A bit flipped in every file, at a place that follows from its name.
#[test]
fn a_flipped_bit_never_passes() {
    let record = town::done().record();
    let paths: Vec<&String> = record.keys().collect();
    each_alters(&record, paths.len() * 2, |n, record| {
        let path = paths[n / 2];
        let bytes = record.get_mut(path).unwrap();
        let hash = sha256(format!("{path} {n}").as_bytes());
        let at = u64::from_be_bytes(hash[..8].try_into().unwrap()) as usize % bytes.len();
        bytes[at] ^= 1 << (hash[8] % 8);
        format!("{path}: bit {} of byte {at} flipped", hash[8] % 8)
    });
}

fn each_alters(record: &BTreeMap<String, Vec<u8>>, n: usize, alter: impl Fn(usize, &mut BTreeMap<String, Vec<u8>>) -> String + Sync) {
    let election = hex::encode(town::done().id());
    let wrong = work::on_two_threads(n, |n| {
        let mut record = record.clone();
        let what = alter(n, &mut record);
        let said = say_of(&record, &election);
        if said.code == 1 && !said.failures().is_empty() { Ok(()) } else { Err(format!("{what}: exit code {}", said.code)) }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
