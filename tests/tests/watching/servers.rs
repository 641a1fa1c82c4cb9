//! Servers that are broken, or lie without the collector's key: nothing of theirs enters the copy, and they raise no alarm.

use super::scene::{Scene, more, voted, write};
use e2e::lab;
use e2e::web::Manner;

#[test]
fn what_the_collector_did_not_sign_proves_nothing() {
    let voted = voted();
    let next = more(&voted, 4);
    let size = next.entries.len();
    let foreign = {
        let text = board::checkpoint::note_text(&voted.election_id(), 3, &[7; 32]);
        format!("{text}\n{}", board::checkpoint::sign(&text, "collector", &lab::signing_key("mallory")))
    };
    let other_election = {
        let text = board::checkpoint::note_text(&[9; 32], 3, &[7; 32]);
        format!("{text}\n{}", board::checkpoint::sign(&text, "collector", &lab::signing_key("collector")))
    };
    let bundle = format!("tile/entries/000.p/{size}");
    let lies = [
        ("checkpoint", Manner::Silent),
        ("checkpoint", Manner::Status(500)),
        ("checkpoint", Manner::Status(404)),
        ("checkpoint", Manner::Redirect("http://127.0.0.1:9/checkpoint".into())),
        ("checkpoint", Manner::Endless),
        ("checkpoint", Manner::Cut),
        ("checkpoint", Manner::Lie(b"\xff\x00 nonsense".to_vec())),
        ("checkpoint", Manner::Lie(foreign.into_bytes())),
        ("checkpoint", Manner::Lie(other_election.into_bytes())),
        (bundle.as_str(), Manner::Silent),
        (bundle.as_str(), Manner::Endless),
        (bundle.as_str(), Manner::Cut),
        (bundle.as_str(), Manner::Status(404)),
        (bundle.as_str(), Manner::Lie(b"\xff\xff".to_vec())),
        ("blob/", Manner::Silent),
    ];
    let scene = Scene::new(&voted);
    assert_eq!(scene.once(&[]).code, 3);
    write(&next, &scene.path("board"));
    for (path, manner) in lies {
        scene.board.behave("", Manner::Honest);
        scene.board.behave(path, manner.clone());
        let said = scene.once(&[]);
        assert_eq!(said.code, 3, "{path} {manner:?}: {said:?}");
        if path != "blob/" {
            // No blob is new here, so there the log goes on.
            assert!(!said.out.contains("\"trouble\":\"\""), "{path} {manner:?} is said: {}", said.out);
            let copy = std::fs::read_to_string(scene.path("copy/record/checkpoint")).unwrap();
            assert_eq!(copy, voted.checkpoint(), "{path} {manner:?}");
        }
        assert_eq!(scene.kinds(), [] as [&str; 0], "{path} {manner:?}");
    }
    scene.board.behave("", Manner::Honest);
    assert_eq!(scene.once(&[]).code, 3);
    assert_eq!(std::fs::read_to_string(scene.path("copy/record/checkpoint")).unwrap(), next.checkpoint());
}

#[test]
fn a_slow_server_is_followed_too() {
    let scene = Scene::new(&voted());
    scene.board.behave("checkpoint", Manner::Slow);
    assert_eq!((scene.once(&[]).code, scene.alarms().len()), (3, 0));
}

#[test]
fn a_cut_line_is_said_and_mends_itself() {
    let scene = Scene::new(&voted());
    let mut follower = scene.follow(&[]);
    scene.until(|status| status["behind"] == 0 && status["size"].as_u64() > Some(0));
    scene.board.behave("", Manner::Silent);
    scene.until(|status| status["trouble"] != "");
    write(&more(&voted(), 4), &scene.path("board"));
    scene.board.behave("", Manner::Honest);
    scene.until(|status| status["trouble"] == "" && status["size"].as_u64() > Some(voted().entries.len() as u64));
    follower.kill().unwrap();
    assert_eq!(scene.alarms().len(), 0);
}

#[test]
fn nothing_there_and_another_election() {
    let scene = Scene::new(&voted());
    scene.board.behave("manifest.json", Manner::Status(404));
    assert_eq!(scene.once(&[]).code, 2);
    scene.board.behave("manifest.json", Manner::Lie(b"{}".to_vec()));
    assert_eq!(scene.once(&[]).code, 1, "another election than the one asked for");
    let out = scene.path("other").to_string_lossy().into_owned();
    let said = e2e::process::run("verifier", ["follow", &scene.board.url, "--out", &out, "--once"]).unwrap();
    assert!(said.code == 1 && said.err.contains("MAN-2"), "{said:?}");
    assert_eq!(e2e::process::run("verifier", ["follow", "ftp://x", "--out", &out, "--once"]).unwrap().code, 64);
}
