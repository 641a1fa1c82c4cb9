//! H06: a small part of `cargo faults`, all kinds of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use e2e::cluster::Cluster;
use e2e::faults::rig::{Amount, Rig};
use e2e::process::{build, program};
use std::path::PathBuf;

fn folder(name: &str) -> PathBuf {
    build().unwrap();
    let dir = program(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

/// The harness sees what is lost: on a disk whose syncs do nothing, ballots are.
#[test]
fn a_lying_disk_is_noticed() {
    let dir = folder("faults-lying");
    let amount =
        Amount { voters: 30, kills: 0, power_cuts: 4, disk_errors: 0, clock_jumps: 0, primary_kills: 0, seed: 7, lying_disk: true };
    let error = format!("{:#}", Rig::new(&dir, &amount, None).unwrap().run(&amount).unwrap_err());
    let log = std::fs::read_to_string(dir.join("collector.log")).unwrap();
    assert!(error.contains("acknowledged") || error.contains("the voter knows of") || log.contains("E-RECONCILE"), "{error}");
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn nothing_is_lost() {
    let dir = folder("faults-test");
    let amount =
        Amount { voters: 120, kills: 8, power_cuts: 8, disk_errors: 10, clock_jumps: 6, primary_kills: 0, seed: 7, lying_disk: false };
    let figures = Rig::new(&dir, &amount, None).unwrap().run(&amount).unwrap();
    assert_eq!((figures.kills, figures.power_cuts, figures.clock_jumps, figures.line_cuts), (8, 8, 6, 16));
    assert!(figures.disk_errors > 2 && figures.ended > 0, "disks did fail: {figures:?}");
    assert!(
        figures.acknowledged > 50 && figures.acknowledged == figures.ballots && figures.checkpoints > 1 && figures.learned > 0,
        "{figures:?}"
    );
    std::fs::remove_dir_all(&dir).unwrap();
}

/// The same with PostgreSQL: a server and a standby, of which one is lost and one comes back.
#[test]
fn nothing_is_lost_with_a_server() {
    let Some(cluster) = Cluster::start("nothing_is_lost_with_a_server", 2) else { return };
    let dir = folder("faults-server");
    let amount =
        Amount { voters: 60, kills: 2, power_cuts: 0, disk_errors: 2, clock_jumps: 0, primary_kills: 2, seed: 7, lying_disk: false };
    let figures = Rig::new(&dir, &amount, Some(cluster)).unwrap().run(&amount).unwrap();
    assert_eq!((figures.kills, figures.primary_kills, figures.failovers, figures.line_cuts), (2, 2, 1, 16));
    assert!(figures.disk_errors > 0, "disks did fail: {figures:?}");
    assert!(figures.acknowledged > 20 && figures.acknowledged == figures.ballots, "{figures:?}");
    std::fs::remove_dir_all(&dir).unwrap();
}
