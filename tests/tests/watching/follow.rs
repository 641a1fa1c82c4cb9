//! A log that grows honestly, and logs that do not: FOLLOW-1 to FOLLOW-5, FOLLOW-7, FOLLOW-8.

use super::scene::{Scene, convicts, done, forked, more, opened, voted, voted_now, write};
use e2e::election::now;
use e2e::insider::{Item, town};
use e2e::process::{self, Server, free_port};
use serde_json::Value;
use std::process::{Command, Stdio};

#[test]
fn an_honest_election_on_a_plain_file_server_raises_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, out) = (dir.path().join("board"), dir.path().join("copy"));
    let begun = opened();
    write(&begun, &folder);
    let port = free_port().unwrap().to_string();
    let mut python = Command::new("python3");
    python.args(["-m", "http.server", &port, "--bind", "127.0.0.1"]).current_dir(&folder).stdout(Stdio::null()).stderr(Stdio::null());
    let mut python = python.spawn().unwrap();
    let id = hex::encode(begun.election_id());
    let args =
        ["follow", &format!("http://127.0.0.1:{port}"), "--out", out.to_str().unwrap(), "--election-id", &id, "--json", "--interval", "1"];
    let mut follower = Server::background("verifier", args, &dir.path().join("log")).unwrap();
    let log = voted_now();
    write(&log, &folder);
    let log = more(&log, 4);
    write(&log, &folder);
    let all = done(log);
    let finished = folder.with_file_name("finished");
    write(&all, &finished);
    e2e::election::copy(&finished, &folder).unwrap();
    let code = follower.wait(std::time::Duration::from_secs(300));
    let _ = python.kill();
    let log = std::fs::read_to_string(dir.path().join("log")).unwrap();
    assert_eq!(code.unwrap(), 0, "{log}");
    assert_eq!(super::scene::alarms(&out), [] as [Value; 0], "{log}");
    let last: Value = serde_json::from_str(log.lines().rfind(|line| line.starts_with('{')).unwrap()).unwrap();
    assert_eq!((last["phase"].as_str(), last["behind"].as_u64(), last["trouble"].as_str()), (Some("done"), Some(0), Some("")), "{last}");
    assert_eq!((last["ballots"].as_u64(), last["challenged"].as_u64(), last["voters"].as_u64()), (Some(11), Some(1), Some(10)), "{last}");
    // The copy holds the record and nothing else.
    let copy = out.join("record");
    let said = process::run("verifier", ["check", copy.to_str().unwrap(), "--election-id", &id]).unwrap();
    assert_eq!(said.code, 0, "{}", said.out);
}

#[test]
fn each_stage_is_unfinished_until_the_last() {
    let scene = Scene::new(&opened());
    assert_eq!(scene.once(&[]).code, 3);
    let log = voted_now();
    scene.show(&log, "voted");
    assert_eq!(scene.once(&[]).code, 3);
    scene.show(&done(log), "done");
    let said = scene.once(&[]);
    assert_eq!((said.code, scene.alarms().len()), (0, 0), "{said:?}");
}

#[test]
fn a_larger_log_that_is_another_is_a_fork_with_a_proof() {
    let scene = Scene::new(&voted());
    assert_eq!(scene.once(&[]).code, 3);
    let other = more(&forked(), 5);
    scene.show(&other, "forked");
    assert_eq!(scene.once(&[]).code, 1);
    let alarms = scene.alarms();
    assert_eq!(scene.kinds(), ["fork"], "{alarms:?}");
    assert_eq!(alarms[0]["checkpoints"].as_array().unwrap().len(), 2);
    let proof = scene.path("copy/alarms").join(alarms[0]["proof"].as_str().unwrap());
    convicts(&serde_json::from_slice(&std::fs::read(proof).unwrap()).unwrap(), &other);
    // The copy stays as it was, and the alarm is not raised twice.
    assert_eq!(scene.once(&[]).code, 1);
    assert_eq!(scene.kinds(), ["fork"]);
    let root = scene.path("copy/record/checkpoint");
    assert_eq!(std::fs::read_to_string(root).unwrap(), voted().checkpoint());
    // It stands until it is acknowledged.
    scene.board.turn_to(&scene.path("board"));
    assert_eq!(scene.once(&[]).code, 1);
    assert_eq!(scene.once(&["--acknowledge"]).code, 3);
    assert_eq!(scene.once(&[]).code, 3);
}

#[test]
fn another_log_of_the_same_size_is_a_fork_with_a_proof() {
    let scene = Scene::new(&voted());
    assert_eq!(scene.once(&[]).code, 3);
    scene.show(&forked(), "forked");
    assert_eq!(scene.once(&[]).code, 1);
    assert_eq!(scene.kinds(), ["fork"]);
    let proof = scene.path("copy/alarms").join(scene.alarms()[0]["proof"].as_str().unwrap());
    convicts(&serde_json::from_slice(&std::fs::read(proof).unwrap()).unwrap(), &voted());
}

/// Neither has a quorum, so neither is taken over; together they convict.
#[test]
fn two_logs_that_were_only_seen_are_a_fork_with_a_proof() {
    let scene = Scene::new(&opened());
    assert_eq!(scene.once(&[]).code, 3);
    for (mut log, name, code) in [(voted(), "one", 3), (forked(), "two", 1)] {
        let bare = log.checkpoint_of(log.entries.len() as u64, &log.root(), &[]);
        log.files.insert("checkpoint".into(), Some(bare.into_bytes()));
        scene.show(&log, name);
        let said = scene.once(&[]);
        assert_eq!(said.code, code, "{said:?}");
    }
    assert_eq!(scene.kinds(), ["fork"]);
    let proof = scene.path("copy/alarms").join(scene.alarms()[0]["proof"].as_str().unwrap());
    convicts(&serde_json::from_slice(&std::fs::read(proof).unwrap()).unwrap(), &voted());
}

#[test]
fn a_shorter_log_is_a_rollback_and_a_fork_too_if_it_is_another() {
    let scene = Scene::new(&more(&voted(), 4));
    assert_eq!(scene.once(&[]).code, 3);
    scene.show(&voted(), "shorter");
    assert_eq!(scene.once(&[]).code, 1);
    assert_eq!(scene.kinds(), ["rollback"]);
    scene.show(&forked(), "forked");
    scene.once(&[]);
    // The sentence of the rollback is the same, so only the fork is new.
    assert_eq!(scene.kinds(), ["rollback", "fork"]);
    let proof = scene.path("copy/alarms").join(scene.alarms()[1]["proof"].as_str().unwrap());
    convicts(&serde_json::from_slice(&std::fs::read(proof).unwrap()).unwrap(), &voted());
}

#[test]
fn a_checkpoint_seen_and_never_followed_still_counts() {
    let scene = Scene::new(&opened());
    assert_eq!(scene.once(&[]).code, 3);
    // Without a quorum it is not taken over, but it is signed.
    let forked = forked();
    let mut bare = forked.clone();
    bare.files.insert("checkpoint".into(), Some(forked.checkpoint_of(forked.entries.len() as u64, &forked.root(), &[]).into_bytes()));
    scene.show(&bare, "bare");
    assert_eq!(scene.once(&[]).code, 3, "nothing is wrong yet");
    scene.show(&more(&voted_now(), 4), "voted");
    assert_eq!(scene.once(&[]).code, 1);
    assert_eq!(scene.kinds(), ["fork"]);
    assert!(scene.alarms()[0]["proof"].is_string());
}

/// What the copy has reached needs no keeping: the folder does not grow with the election, and what was forgotten still counts.
#[test]
fn what_was_held_against_the_copy_is_not_kept() {
    let scene = Scene::new(&opened());
    let seen = || std::fs::read_dir(scene.path("copy/seen")).unwrap().count();
    let mut log = voted();
    for voter in 4..7 {
        // First without a quorum, so that it is seen and not followed.
        let mut bare = log.clone();
        let checkpoint = bare.checkpoint_of(bare.entries.len() as u64, &bare.root(), &[]);
        bare.files.insert("checkpoint".into(), Some(checkpoint.into_bytes()));
        scene.show(&bare, &format!("bare-{voter}"));
        assert!(scene.once(&[]).code != 1);
        assert_eq!(seen(), 1);
        scene.show(&log, &format!("{voter}"));
        assert_eq!((scene.once(&[]).code, seen()), (3, 0));
        log = more(&log, voter);
    }
    scene.show(&forked(), "forked");
    assert_eq!(scene.once(&[]).code, 1);
    assert_eq!(scene.kinds(), ["fork", "rollback"]);
}

/// Lines that are nobody's fill no disk.
#[test]
fn of_what_is_kept_only_good_signatures_are() {
    let scene = Scene::new(&opened());
    assert_eq!(scene.once(&[]).code, 3);
    let mut padded = voted();
    let good = padded.checkpoint_of(padded.entries.len() as u64, &padded.root(), &[1]);
    let line = good.lines().last().unwrap().to_owned() + "\n";
    let junk = format!("\u{2014} nobody {}\n", "AAAA".repeat(1000));
    padded.files.insert("checkpoint".into(), Some((good.clone() + &junk.repeat(100) + &line.repeat(100)).into_bytes()));
    scene.show(&padded, "padded");
    assert_eq!(scene.once(&[]).code, 3);
    let kept = std::fs::read_dir(scene.path("copy/seen")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(std::fs::read_to_string(kept).unwrap(), good);
}

/// No log has another root before its first entry; a proof file would need entries (PROOF-6), and the checkpoint says it all.
#[test]
fn another_root_of_no_entries_is_a_fork_without_a_proof_file() {
    for before in [None, Some(voted())] {
        let scene = Scene::new(&voted());
        if before.is_some() {
            assert_eq!(scene.once(&[]).code, 3);
        }
        let mut empty = voted();
        empty.files.insert("checkpoint".into(), Some(empty.checkpoint_of(0, &[7; 32], &[1]).into_bytes()));
        scene.show(&empty, "empty");
        assert_eq!(scene.once(&[]).code, 1);
        let alarms = scene.alarms();
        let fork = alarms.iter().find(|alarm| alarm["kind"] == "fork").unwrap();
        assert!(fork["proof"].is_null() && fork["checkpoints"][0].as_str().unwrap().contains("\n0\n"), "{fork}");
        let files = std::fs::read_dir(scene.path("copy/alarms")).unwrap();
        assert!(files.flatten().all(|file| !file.file_name().to_string_lossy().ends_with(".proof.json")));
    }
}

/// Asks until the sample hits the file.
fn changed(scene: &Scene, place: &str) {
    for _ in 0..60 {
        scene.once(&[]);
        if let Some(alarm) = scene.alarms().first() {
            assert_eq!((alarm["kind"].as_str(), alarm["place"].as_str()), (Some("changed"), Some(place)));
            assert!(alarm["seen"].is_string());
            return;
        }
    }
    panic!("nobody noticed {place}");
}

#[test]
fn what_is_changed_after_it_was_verified_is_noticed() {
    let (voted, board) = (voted(), "board");
    let size = voted.entries.len();
    let blob = format!("blob/{}", hex::encode(voted.blobs.keys().next().unwrap()));
    for place in [format!("tile/entries/000.p/{size}"), format!("tile/0/000.p/{size}"), blob] {
        let scene = Scene::new(&voted);
        assert_eq!(scene.once(&[]).code, 3);
        let file = scene.path(board).join(&place);
        let mut bytes = std::fs::read(&file).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(file, bytes).unwrap();
        changed(&scene, &place);
    }
}

/// The hash tiles are those of the log; in the bundle an entry is another that the copy has had for long.
#[test]
fn an_entry_of_the_copy_that_is_another_in_the_next_bundle() {
    let scene = Scene::new(&voted());
    assert_eq!(scene.once(&[]).code, 3);
    let next = more(&voted(), 4);
    scene.show(&next, "next");
    let bundle = format!("tile/entries/000.p/{}", next.entries.len());
    let file = scene.path("next").join(&bundle);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[50] ^= 1;
    std::fs::write(file, bytes).unwrap();
    let mut follower = scene.follow(&["--patience", "1"]);
    let status = scene.until(|status| status["alarms"] == 1);
    follower.kill().unwrap();
    assert_eq!(status["size"].as_u64(), Some(voted().entries.len() as u64), "it is not taken over");
    let alarm = &scene.alarms()[0];
    assert_eq!((alarm["kind"].as_str(), alarm["place"].as_str()), (Some("changed"), Some(bundle.as_str())));
}

#[test]
fn a_tile_that_misleads_newcomers_is_noticed_when_it_appears() {
    let voted = voted();
    let scene = Scene::new(&voted);
    let place = format!("tile/0/000.p/{}", voted.entries.len());
    scene.board.behave(&place, e2e::web::Manner::Lie(vec![7; 32 * voted.entries.len()]));
    assert_eq!(scene.once(&[]).code, 1);
    assert_eq!((scene.kinds(), scene.alarms()[0]["place"].as_str()), (vec!["changed".to_owned()], Some(place.as_str())));
}

#[test]
fn a_bad_ballot_is_named() {
    let mut bad = voted();
    let mut bytes = bad.ballot(11, &town::vote(0, 0)).bytes().to_vec();
    let last = bytes.len() - 32;
    bytes[last] ^= 1;
    bad.clock = now();
    let batch = bad.batch(vec![Item::Cast(bytes)]);
    let scene = Scene::new(&voted());
    assert_eq!(scene.once(&[]).code, 3);
    scene.show(&bad, "bad");
    for _ in 0..2 {
        assert_eq!(scene.once(&[]).code, 1);
        assert_eq!(scene.kinds(), ["failed"]);
    }
    let alarm = &scene.alarms()[0];
    assert_eq!(alarm["place"], format!("entry {}", batch + 1));
    assert!(alarm["text"].as_str().unwrap().contains("V12"), "{alarm}");
}

#[test]
fn after_a_kill_it_goes_on_and_a_copy_changed_by_others_is_found() {
    let scene = Scene::new(&voted());
    let mut follower = scene.follow(&[]);
    scene.until(|status| status["behind"] == 0 && status["size"].as_u64() > Some(0));
    follower.kill().unwrap();
    let next = more(&voted(), 4);
    scene.show(&next, "next");
    let mut follower = scene.follow(&[]);
    scene.until(|status| status["size"].as_u64() == Some(next.entries.len() as u64) && status["behind"] == 0);
    follower.kill().unwrap();
    assert_eq!(scene.once(&[]).code, 3);
    // Two at once are refused.
    std::fs::remove_file(scene.path("log")).unwrap();
    let mut follower = scene.follow(&[]);
    scene.until(|status| status["size"].as_u64() == Some(next.entries.len() as u64));
    assert_eq!(scene.once(&[]).code, 2);
    follower.kill().unwrap();
    for path in [format!("tile/entries/000.p/{}", next.entries.len()), format!("blob/{}", hex::encode(next.blobs.keys().last().unwrap()))] {
        let file = scene.path("copy/record").join(path);
        let good = std::fs::read(&file).unwrap();
        let mut bytes = good.clone();
        bytes[40] ^= 1;
        std::fs::write(&file, &bytes).unwrap();
        let said = scene.once(&[]);
        assert!(said.code == 2 && said.err.contains("somebody else"), "{said:?}");
        std::fs::write(&file, good).unwrap();
    }
    // Without its cosignatures the checkpoint is none that was taken over.
    let file = scene.path("copy/record/checkpoint");
    let good = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, good.split_inclusive('\n').take(5).collect::<String>()).unwrap();
    let said = scene.once(&[]);
    assert!(said.code == 2 && said.err.contains("somebody else"), "{said:?}");
    std::fs::write(&file, good).unwrap();
    assert_eq!((scene.once(&[]).code, scene.alarms().len()), (3, 0));
    std::fs::write(scene.path("copy/alarms/0001-fork.json"), "{").unwrap();
    assert_eq!(scene.once(&[]).code, 2, "a damaged alarm is not forgotten");
}

#[test]
fn a_signal_ends_it_cleanly_with_the_exit_code_so_far() {
    for signal in ["-TERM", "-INT"] {
        let scene = Scene::new(&voted());
        let mut follower = scene.follow(&[]);
        scene.until(|status| status["behind"] == 0 && status["size"].as_u64() > Some(0));
        assert!(Command::new("kill").args([signal, &follower.pid().to_string()]).status().unwrap().success());
        assert_eq!(follower.wait(std::time::Duration::from_secs(60)).unwrap(), 3);
    }
}
