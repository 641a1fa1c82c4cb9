//! The witness from the collector's side of the line: every status of tlog-witness, two logs at once, and a state that must not be lost.

use super::scene::{Scene, convicts, forked, more, opened, voted};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use e2e::insider::Insider;
use e2e::lab;
use e2e::process::{self, Server};
use e2e::web::{Manner, request};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// A board whose checkpoint the two others have cosigned: the third has not worked yet.
fn board(log: &Insider) -> Scene {
    let mut log = log.clone();
    let checkpoint = log.checkpoint_of(size(&log), &log.root(), &[1, 2]);
    log.files.insert("checkpoint".into(), Some(checkpoint.into_bytes()));
    Scene::new(&log)
}

/// A key file of the town's third witness.
fn key(scene: &Scene) -> PathBuf {
    let path = scene.path("key");
    std::fs::write(&path, hex::encode(lab::signing_key("witness-3").to_bytes()) + "\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path
}

fn args(scene: &Scene, more: &[&str]) -> Vec<String> {
    let (key, out, port) = (key(scene), scene.path("witness"), scene.path("port"));
    let fixed = ["witness", &scene.board.url, "--election-id", &scene.id, "--key", key.to_str().unwrap(), "--name", "witness-3"];
    let rest = ["--listen", "127.0.0.1:0", "--interval", "1", "--port-file", port.to_str().unwrap(), "--out", out.to_str().unwrap()];
    fixed.iter().chain(&rest).chain(more).map(|arg| (*arg).to_owned()).collect()
}

fn start(scene: &Scene, more: &[&str]) -> Server {
    let server = Server::start("verifier", args(scene, more), &scene.path("port"), &scene.path("witness.log")).unwrap();
    // Until the manifest is there nothing is signed.
    wait(|| ask(&server, "old 0\n\nx").0 != 503 && scene.path("witness/record/manifest.json").exists());
    server
}

fn wait(mut done: impl FnMut() -> bool) {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(180);
    while !done() {
        assert!(std::time::Instant::now() < until);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

fn ask(server: &Server, body: &str) -> (u16, String, String) {
    let (status, head, body) = request(server.url(), "POST", "/add-checkpoint", body.as_bytes());
    (status, head, String::from_utf8(body).unwrap())
}

/// The collector's request for this log.
fn body(log: &Insider, old: u64) -> String {
    let tree = board::tree::Tree::from_leaves(log.entries.iter().map(|entry| board::tree::leaf_hash(entry)));
    let size = log.entries.len() as u64;
    let proof = if old == 0 || old > size { vec![] } else { tree.consistency(old, size).unwrap() };
    let proof: String = proof.iter().map(|hash| STANDARD.encode(hash) + "\n").collect();
    format!("old {old}\n{proof}\n{}", log.checkpoint_of(size, &log.root(), &[]))
}

fn size(log: &Insider) -> u64 {
    log.entries.len() as u64
}

fn cosigns(line: &str, log: &Insider) -> bool {
    let (name, payload) = line.trim_end().strip_prefix("\u{2014} ").unwrap().split_once(' ').unwrap();
    let text = board::checkpoint::note_text(&log.election_id(), size(log), &log.root());
    let key = lab::signing_key("witness-3").verifying_key().to_bytes();
    line.ends_with('\n')
        && board::checkpoint::verify_cosignature(&text, "witness-3", &key, name, &STANDARD.decode(payload).unwrap()).is_some()
}

#[test]
fn every_answer_of_the_protocol() {
    let (first, second) = (voted(), more(&voted(), 4));
    let scene = board(&second);
    let server = start(&scene, &[]);
    let (status, _, line) = ask(&server, &body(&first, 0));
    assert!(status == 200 && cosigns(&line, &first), "{status} {line}");
    // A lost answer costs nothing.
    assert_eq!(ask(&server, &body(&first, size(&first))).0, 200);
    let (status, head, said) = ask(&server, &body(&first, 0));
    assert_eq!((status, said.as_str()), (409, format!("{}\n", size(&first)).as_str()));
    assert!(head.contains("content-type: text/x.tlog.size"), "{head}");
    let good = body(&second, size(&first));
    for (what, bad) in [
        ("no request", "hello".to_owned()),
        ("not UTF-8 enough", good.replace("old ", "new ")),
        ("a size with a zero before it", good.replacen("old ", "old 0", 1)),
        ("a proof that is no base64", good.replacen('\n', "\n!!\n", 1)),
        ("too many hashes", good.replacen('\n', &format!("\n{}", format!("{}\n", STANDARD.encode([1; 32])).repeat(64)), 1)),
        ("no checkpoint", good.split_once("\n\n").unwrap().0.to_owned() + "\n\nnothing\n"),
        ("old is larger", body(&first, size(&second))),
    ] {
        assert_eq!(ask(&server, &bad).0, 400, "{what}");
    }
    assert_eq!(ask(&server, &"x".repeat(2 << 20)).0, 413);
    let unsigned = {
        let text = board::checkpoint::note_text(&first.election_id(), size(&second), &second.root());
        format!("old {}\n\n{text}\n{}", size(&first), board::checkpoint::sign(&text, "collector", &lab::signing_key("mallory")))
    };
    assert_eq!(ask(&server, &unsigned).0, 403);
    let elsewhere = {
        let text = board::checkpoint::note_text(&[3; 32], size(&second), &second.root());
        format!("old {}\n\n{text}\n{}", size(&first), board::checkpoint::sign(&text, "collector", &lab::signing_key("collector")))
    };
    assert_eq!(ask(&server, &elsewhere).0, 404);
    assert_eq!(request(server.url(), "GET", "/", b"").0, 404);
    let wrong_proof = good.replacen(&STANDARD.encode(first_hash(&good)), &STANDARD.encode([5; 32]), 1);
    assert_eq!(ask(&server, &wrong_proof).0, 422);
    let no_proof = format!("old {}\n\n{}", size(&first), good.split_once("\n\n").unwrap().1);
    assert_eq!(ask(&server, &no_proof).0, 422);
    let (status, _, line) = ask(&server, &good);
    assert!(status == 200 && cosigns(&line, &second), "{status} {line}");
}

fn first_hash(body: &str) -> Vec<u8> {
    STANDARD.decode(body.lines().nth(1).unwrap()).unwrap()
}

#[test]
fn another_log_is_refused_and_becomes_evidence() {
    let scene = board(&voted());
    let mut server = start(&scene, &[]);
    assert_eq!(ask(&server, &body(&voted(), 0)).0, 200);
    // The same size and another root: 409. Larger, with its own proof: 422.
    let other = more(&forked(), 5);
    assert_eq!(ask(&server, &body(&forked(), size(&voted()))).0, 409);
    assert_eq!(ask(&server, &body(&other, size(&voted()))).0, 422);
    wait(|| !super::scene::alarms(&scene.path("witness")).is_empty());
    let alarm = super::scene::alarms(&scene.path("witness")).remove(0);
    assert_eq!(alarm["kind"], "fork");
    let proof = scene.path("witness/alarms").join(alarm["proof"].as_str().unwrap());
    convicts(&serde_json::from_slice(&std::fs::read(proof).unwrap()).unwrap(), &voted());
    // From now on nothing is signed, not even the honest log.
    let honest = body(&more(&voted(), 4), size(&voted()));
    let (status, _, said) = ask(&server, &honest);
    assert!(status == 503 && said.contains("collector signed"), "{status} {said}");
    // Nor after a restart, not even before it has checked its copy and asked the board.
    server.kill().unwrap();
    let server = start(&scene, &[]);
    wait(|| {
        let (status, _, said) = ask(&server, &honest);
        assert_eq!(status, 503, "{said}");
        said.contains("collector signed")
    });
}

#[test]
fn of_two_logs_at_once_one_is_signed() {
    let (a, b) = (more(&voted(), 4), more(&forked(), 5));
    let scene = board(&opened());
    let server = start(&scene, &[]);
    assert_eq!(ask(&server, &body(&opened(), 0)).0, 200);
    let requests: Vec<String> = (0..16).map(|n| body(if n % 2 == 0 { &a } else { &b }, size(&opened()))).collect();
    let answers: Vec<(u16, String, String)> = std::thread::scope(|scope| {
        let asked: Vec<_> = requests.iter().map(|request| scope.spawn(|| ask(&server, request))).collect();
        asked.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let signed: Vec<bool> = [0, 1].map(|side| answers.iter().skip(side).step_by(2).any(|answer| answer.0 == 200)).into();
    assert!(signed == [true, false] || signed == [false, true], "{answers:?}");
    assert!(answers.iter().all(|answer| matches!(answer.0, 200 | 409 | 503)), "{answers:?}");
}

#[test]
fn the_state_outlives_a_kill_and_must_not_be_lost() {
    let scene = board(&more(&voted(), 4));
    let mut server = start(&scene, &[]);
    assert_eq!(ask(&server, &body(&voted(), 0)).0, 200);
    server.kill().unwrap();
    let mut server = start(&scene, &[]);
    assert_eq!(ask(&server, &body(&forked(), size(&voted()))).0, 409);
    server.kill().unwrap();
    let state = scene.path("witness/cosigned");
    let good = std::fs::read(&state).unwrap();
    let line = good.iter().position(|byte| *byte == b'\n').unwrap();
    for damage in [Some(&b""[..]), Some(b"12 abc\n"), Some(&good[..=line]), Some(&good[..good.len() - 9]), None] {
        match damage {
            Some(bytes) => std::fs::write(&state, bytes).unwrap(),
            None => std::fs::remove_file(&state).unwrap(),
        }
        let said = process::run("verifier", args(&scene, &[])).unwrap();
        assert!(said.code == 2 && said.err.contains("take a new key"), "{damage:?}: {said:?}");
    }
}

/// A cosignature of its own under more than its state knows: in its folder, or shown by the board after the whole folder was restored.
#[test]
fn a_state_older_than_what_was_signed_is_noticed() {
    let (first, second) = (opened(), voted());
    let scene = board(&second);
    let mut server = start(&scene, &[]);
    assert_eq!(ask(&server, &body(&first, 0)).0, 200);
    let state = scene.path("witness/cosigned");
    let older = std::fs::read(&state).unwrap();
    assert_eq!(ask(&server, &body(&second, size(&first))).0, 200);
    scene.show(&second, "cosigned");
    let taken = || std::fs::read_to_string(scene.path("witness/record/checkpoint")).is_ok_and(|text| text.contains("witness-3"));
    wait(taken);
    server.kill().unwrap();
    std::fs::write(&state, &older).unwrap();
    let said = process::run("verifier", args(&scene, &[])).unwrap();
    assert!(said.code == 2 && said.err.contains("older than what was signed"), "{said:?}");
    assert!(!said.err.contains("listening"), "{said:?}");
    // Without the record there is nothing to compare with but the board.
    std::fs::remove_dir_all(scene.path("witness/record")).unwrap();
    let server = start(&scene, &[]);
    wait(taken);
    let (status, _, said) = ask(&server, &body(&forked(), size(&first)));
    assert!(status == 503 && said.contains("its state knows"), "{status} {said}");
}

/// The second one must not even read the state, or it could sign by an old one once the first has ended.
#[test]
fn two_witnesses_in_one_folder_are_refused() {
    let scene = board(&voted());
    let _first = start(&scene, &[]);
    let good = std::fs::read(scene.path("witness/cosigned")).unwrap();
    std::fs::write(scene.path("witness/cosigned"), "nonsense").unwrap();
    let said = process::run("verifier", args(&scene, &[])).unwrap();
    assert!(said.code == 2 && said.err.contains("another process"), "{said:?}");
    assert!(!said.err.contains("damaged") && !said.err.contains("listening"), "the lock comes first: {said:?}");
    std::fs::write(scene.path("witness/cosigned"), good).unwrap();
}

/// What it was asked to sign is held against the log although the board is away.
#[test]
fn a_fork_is_noticed_while_the_board_does_not_answer() {
    let scene = board(&voted());
    let server = start(&scene, &[]);
    wait(|| scene.path("witness/record/checkpoint").exists());
    scene.board.behave("", Manner::Silent);
    assert_eq!(ask(&server, &body(&voted(), 0)).0, 200);
    assert_eq!(ask(&server, &body(&forked(), size(&voted()))).0, 409);
    wait(|| !super::scene::alarms(&scene.path("witness")).is_empty());
    assert_eq!(super::scene::alarms(&scene.path("witness"))[0]["kind"], "fork");
}

#[test]
fn it_does_not_sign_what_it_cannot_follow() {
    let next = more(&voted(), 4);
    let scene = board(&next);
    scene.board.behave("tile/entries/", Manner::Status(404));
    let server = start(&scene, &["--patience", "2"]);
    wait(|| ask(&server, &body(&next, 0)).0 == 503);
    let (_, _, said) = ask(&server, &body(&next, 0));
    assert!(said.contains("cannot be followed"), "{said}");
}

/// After an outage the board shows a checkpoint without a quorum: what is missing may be this very witness.
#[test]
fn a_missing_quorum_does_not_lock_the_witness_out() {
    let scene = board(&opened());
    let server = start(&scene, &["--patience", "1"]);
    assert_eq!(ask(&server, &body(&opened(), 0)).0, 200);
    let next = voted();
    let mut bare = next.clone();
    bare.files.insert("checkpoint".into(), Some(next.checkpoint_of(size(&next), &next.root(), &[]).into_bytes()));
    scene.show(&bare, "bare");
    // Long enough for the alarm that says so.
    wait(|| scene.path("witness/alarms").read_dir().is_ok_and(|mut files| files.next().is_some()));
    let (status, _, line) = ask(&server, &body(&next, size(&opened())));
    assert!(status == 200 && cosigns(&line, &next), "{status} {line}");
}

#[test]
fn keys_are_private_and_named_in_the_manifest() {
    let scene = board(&voted());
    let file = scene.path("new-key");
    let public = process::must("verifier", ["witness", "--new-key", file.to_str().unwrap(), "--name", "w1"]).unwrap();
    let seed = <[u8; 32]>::try_from(hex::decode(std::fs::read_to_string(&file).unwrap().trim()).unwrap()).unwrap();
    let expected = hex::encode(ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().as_bytes());
    let public: serde_json::Value = serde_json::from_str(&public).unwrap();
    assert_eq!(public, serde_json::json!({ "name": "w1", "key": expected }));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        process::run("verifier", ["witness", "--new-key", file.to_str().unwrap(), "--name", "w1"]).unwrap().code,
        2,
        "not over another"
    );
    let args = args(&scene, &[]);
    std::fs::set_permissions(scene.path("key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let said = process::run("verifier", &args).unwrap();
    assert!(said.code == 2 && said.err.contains("chmod 600"), "{said:?}");
    // Another key than the manifest's signs nothing.
    let args: Vec<String> =
        args.iter().map(|arg| if arg.ends_with("/key") { file.to_str().unwrap().to_owned() } else { arg.clone() }).collect();
    let server = Server::start("verifier", args, &scene.path("port"), &scene.path("witness.log")).unwrap();
    wait(|| scene.path("witness/record/checkpoint").exists());
    let (status, _, said) = ask(&server, &body(&voted(), 0));
    assert!(status == 503 && said.contains("not in the manifest"), "{status} {said}");
    let log = std::fs::read_to_string(scene.path("witness.log")).unwrap();
    assert!(!log.contains(&hex::encode(seed)));
}
