//! A log of more than one bundle, from servers that are busy, slow, or full of lies: FOLLOW-2, FOLLOW-9.

use super::scene::{Scene, opened};
use board::OrderKind;
use e2e::insider::Insider;
use e2e::web::Manner;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

/// Two full bundles and a beginning of the third.
pub fn long() -> Insider {
    static LONG: LazyLock<Insider> = LazyLock::new(|| {
        let mut log = opened();
        while log.entries.len() < 520 {
            log.order(OrderKind::Note, 0, [0; 32], Some(b"a long day"));
        }
        log
    });
    LONG.clone()
}

pub fn size(scene: &Scene) -> u64 {
    let checkpoint = std::fs::read_to_string(scene.path("copy/record/checkpoint")).unwrap_or_default();
    checkpoint.lines().nth(1).map_or(0, |size| size.parse().unwrap())
}

/// Files in the folder for what is not verified yet.
fn scratch(scene: &Scene) -> u64 {
    let files = |folder: &Path| std::fs::read_dir(folder).unwrap().map(|item| item.unwrap().metadata().unwrap().len()).sum();
    files(&scene.path("copy/scratch"))
}

/// On a busy board the partial tiles are replaced as soon as the first full ones were fetched.
#[test]
fn a_busy_board_is_followed_at_the_first_attempt() {
    let scene = Scene::new(&long());
    for full in ["tile/0/000", "tile/entries/000"] {
        for partial in ["tile/0/002.p/", "tile/entries/002.p/"] {
            scene.board.behave_after(full, partial, Manner::Status(404));
        }
    }
    let said = scene.once(&[]);
    assert_eq!((said.code, size(&scene), scene.alarms().len()), (3, 520, 0), "{said:?}");
}

#[test]
fn what_was_verified_is_not_fetched_again() {
    let scene = Scene::new(&long());
    scene.board.behave("blob/", Manner::Status(404));
    let mut follower = scene.follow(&[]);
    scene.until(|status| status["trouble"].as_str().is_some_and(|trouble| trouble.contains("ENTRY-7")));
    scene.board.behave("blob/", Manner::Honest);
    scene.until(|status| status["size"] == 520);
    follower.kill().unwrap();
    let asked = scene.board.asked();
    let times = |path: &str| asked.iter().filter(|asked| *asked == path).count();
    // One more may be a sample.
    assert!(times("checkpoint") > 1 && times("tile/entries/000") <= 2, "{asked:?}");
    assert!(times("tile/entries/002.p/8") > times("tile/entries/000"), "the edge is fetched in each attempt: {asked:?}");
}

/// Bundles of the right form that are not those under the checkpoint fill no disk.
#[test]
fn what_was_not_verified_is_not_kept() {
    let scene = Scene::new(&long());
    let junk = [&[3, 0][..], &[7; 768]].concat().repeat(256);
    scene.board.behave("tile/entries/000", Manner::Lie(junk));
    let said = scene.once(&[]);
    assert_eq!((said.code, size(&scene), scratch(&scene)), (2, 0, 0), "{said:?}");
    assert!(said.out.contains("tile/entries/000: entry 0 is not the one under the checkpoint of 520 entries"), "{said:?}");
    // Nor if the hash tiles are wrong too.
    scene.board.behave("tile/0/000", Manner::Lie(vec![7; 256 * 32]));
    let said = scene.once(&[]);
    assert_eq!((said.code, size(&scene), scratch(&scene)), (2, 0, 0), "{said:?}");
    assert!(said.out.contains("neither hash tiles nor entries"), "{said:?}");
    scene.board.behave("", Manner::Honest);
    assert_eq!((scene.once(&[]).code, size(&scene), scratch(&scene)), (3, 520, 0));
}

#[test]
fn wrong_hash_tiles_do_not_keep_the_entries_from_being_followed() {
    let scene = Scene::new(&long());
    scene.board.behave("tile/0/001", Manner::Lie(vec![7; 256 * 32]));
    assert_eq!(scene.once(&[]).code, 1);
    assert_eq!((size(&scene), scene.kinds(), scene.alarms()[0]["place"].as_str()), (520, vec!["changed".to_owned()], Some("tile/0/001")));
}

/// The time for one attempt is over long before all is there: the observer sees a ballot that is late meanwhile, and gets everything.
#[test]
fn a_slow_server_blinds_nobody() {
    let scene = Scene::new(&long());
    for path in ["tile/entries/000", "tile/entries/001"] {
        scene.board.behave(path, Manner::Late(Duration::from_millis(1500)));
    }
    let mut follower = scene.follow(&["--patience", "1"]);
    scene.until(|status| status["trouble"].as_str().is_some_and(|trouble| trouble.starts_with("fetching: ")));
    scene.until(|status| status["size"] == 520);
    follower.kill().unwrap();
    let asked = scene.board.asked();
    let times = |path: &str| asked.iter().filter(|asked| *asked == path).count();
    let first = asked.iter().position(|path| path == "tile/entries/000").unwrap();
    let second = asked.iter().position(|path| path == "tile/entries/001").unwrap();
    assert!(asked[first..second].iter().any(|path| path == "checkpoint"), "the board is polled in between: {asked:?}");
    assert!(times("tile/entries/000") <= 2, "{asked:?}");
    assert_eq!(scene.alarms().len(), 0);
}
