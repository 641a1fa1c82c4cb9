//! A whole election by this program alone, over files, with the refusals on its way.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use ballot::encode::{Record, sha256};
use board::{Post, PostKind};
use common::{PASSPHRASE, Submission, World, expect, key_json, ok, reseal, signing_key, tally, words};

#[test]
fn an_election_from_keys_to_result() {
    let mut w = World::new();
    w.sealed();
    w.mixed();
    // OPEN-3: intents first; nothing is opened before two of them stand on the board.
    for trustee in ["t1", "t3"] {
        let out = w.open_units(trustee, trustee);
        expect(&out, 0, "OPEN-3");
        assert_eq!(w.take(trustee, "opening"), 0);
    }
    for trustee in ["t1", "t3"] {
        assert_eq!(w.take(trustee, "intent"), 1);
    }
    expect(&tally(&["count", "--board", &w.board()]), 1, "COMBINE-2");
    let before = std::fs::read(w.path("t1/intent-1.post")).unwrap();
    for trustee in ["t1", "t3"] {
        expect(&w.open_units(trustee, trustee), 0, "opening-unit-00000");
        assert_eq!(w.take(trustee, "opening"), 4);
    }
    assert_eq!(before, std::fs::read(w.path("t1/intent-1.post")).unwrap(), "the same intent, byte for byte");
    let (board, result) = (w.board(), w.text("result.json"));
    let said = ok(&["count", "--board", &board, "--out", &result, "--state", &w.text("count")]);
    for part in ["Mayor (mayor), north: 3 ballots, opened", "Ylva", "Blues", "(blank)", "Written to"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&result).unwrap()).unwrap();
    let counts: Vec<_> = json["units"].as_array().unwrap().iter().map(|u| u["counts"].to_string()).collect();
    assert_eq!(counts, ["[1,1,1]", "[2,0,0]", "[1,0,2]", "[0,1,1]"]);
    // The committee's program counts again before it signs.
    let wrong = w.text("wrong.json");
    std::fs::write(&wrong, String::from_utf8(std::fs::read(&result).unwrap()).unwrap().replace("[1,0,2]", "[2,0,1]")).unwrap();
    let (c1, c2) = (w.key("c1"), w.key("c2"));
    expect(&tally(&["order", "result", "--board", &board, "--key", &c1, "--key", &c2, "--result", &wrong, "--dry-run"]), 1, "COUNT-4");
    w.order("result", &["--result", &result]);
    expect(&tally(&["count", "--board", &board]), 0, "The board states the same result.");
    expect(&tally(&["status", "--board", &board]), 0, "Phase: done");
    let minutes = std::fs::read_to_string(w.path("state-t1/minutes.md")).unwrap();
    for part in ["ceremony commit: message", "ceremony drill: written to", "open: intent-1, SHA-256", "open: opening-unit-00003"] {
        assert!(minutes.contains(part), "{part} in {minutes}");
    }
}

#[test]
fn nothing_is_mixed_opened_or_counted_before_the_seal() {
    let mut w = World::new();
    w.ceremony();
    w.open();
    w.collector.cast(0, &[&[1, 0, 0], &[2]]);
    let all = |w: &World| {
        expect(&w.mix("m1", "out"), 1, "OPEN-1");
        expect(&w.open_units("t1", "out"), 1, "OPEN-1");
        expect(&tally(&["count", "--board", &w.board()]), 1, "OPEN-1");
        assert!(!w.path("out").exists());
    };
    all(&w);
    w.order("close", &[]);
    all(&w);
    expect(&tally(&["order", "result", "--board", &w.board(), "--dry-run", "--result", &w.text("roll")]), 1, "PHASE-1");
}

#[test]
fn a_board_that_its_witnesses_did_not_cosign_is_refused() {
    let mut w = World::new();
    w.sealed();
    w.collector.witnessed = false;
    w.collector.publish();
    expect(&w.mix("m1", "out"), 1, "LOG-4");
    expect(&w.open_units("t1", "out"), 1, "LOG-4");
    expect(&w.round("drill", "t1", "out"), 1, "LOG-4");
    let note = w.text("note");
    std::fs::write(&note, "A witness is gone.").unwrap();
    let (board, c1) = (w.board(), w.key("c1"));
    let args = ["order", "note", "--board", &board, "--key", &c1, "--text", &note, "--dry-run"];
    expect(&tally(&args), 1, "LOG-4");
    expect(&tally(&[args.as_slice(), &["--unwitnessed"]].concat()), 0, "A witness is gone.");
}

#[test]
fn a_fork_and_a_rollback_are_refused_with_evidence() {
    let mut w = World::new();
    w.ceremony();
    let earlier = w.collector.clone();
    w.order("drill", &[]);
    expect(&w.round("drill", "t1", "out"), 0, "");
    earlier.publish(); // rollback
    expect(&w.round("drill", "t1", "out"), 1, "E-FORK");
    let folder = w.text("state-c1");
    w.collector.publish();
    let board = w.board();
    ok(&["status", "--board", &board, "--state", &folder]);
    w.collector = earlier;
    w.collector.publish();
    expect(&tally(&["status", "--board", &board, "--state", &folder]), 1, "is shorter than");
    w.order("drill", &[]); // another drill at the same place: a fork
    expect(&w.round("drill", "t1", "out"), 1, "is not a continuation of");
    let evidence = std::fs::read_dir(w.path("state-c1")).unwrap().filter(|f| {
        let name = f.as_ref().unwrap().file_name();
        name.to_str().unwrap().starts_with("fork-")
    });
    assert_eq!(evidence.count(), 1);
}

#[test]
fn a_second_statement_about_a_unit_is_refused() {
    let mut w = World::new();
    w.sealed();
    let before = w.collector.clone();
    w.mixed();
    expect(&w.open_units("t1", "t1"), 0, "OPEN-3");
    // Another board, which goes on from the seal with other mixes.
    w.collector = before;
    for mixer in ["m2", "m3"] {
        w.collector.publish();
        expect(&w.mix(mixer, &format!("other-{mixer}")), 0, "");
        w.take(&format!("other-{mixer}"), "mix-");
    }
    expect(&w.open_units("t1", "other"), 1, "E-FORK");
    // And were the last checkpoint forgotten, what was declared is not.
    reseal(&w.path("state-t1/state.age"), PASSPHRASE, |text| {
        let (line, json) = text.split_once('\n').unwrap();
        let mut state: serde_json::Value = serde_json::from_str(json).unwrap();
        state["checkpoint"] = serde_json::Value::Null;
        format!("{line}\n{state}\n")
    });
    expect(&w.open_units("t1", "other"), 1, "OPEN-2");
    assert!(!w.path("other").exists());
}

#[test]
fn rounds_can_be_run_again_and_give_the_same_bytes() {
    let mut w = World::new();
    expect(&w.round("commit", "t1", "a"), 1, "KEY-1");
    w.order("ceremony", &[]);
    // A key file whose share_key is not that of the manifest could never open what the others deal.
    let good = std::fs::read(w.key("t1")).unwrap();
    let share_key = |name: &str| key_json(&w.key(name))["share_key"].as_str().unwrap().to_owned();
    let (own, other) = (share_key("t1"), share_key("t2"));
    reseal(&w.path("keys/t1.key.age"), PASSPHRASE, |t| t.replace(&own, &other));
    expect(&w.round("commit", "t1", "a"), 1, "the manifest lists another share_key");
    std::fs::write(w.key("t1"), good).unwrap();
    expect(&w.round("reveal", "t1", "a"), 1, "has not committed");
    expect(&w.round("commit", "t1", "a"), 0, "");
    expect(&w.round("commit", "t1", "b"), 0, "sent again");
    assert_eq!(std::fs::read(w.path("a")).unwrap(), std::fs::read(w.path("b")).unwrap());
    expect(&w.round("reveal", "t1", "b"), 1, "still waiting for commit of trustees [1, 2, 3]");
    w.rounds("commit");
    expect(&w.round("deal", "t1", "b"), 1, "this trustee has committed");
    for round in ["reveal", "deal", "confirm"] {
        w.rounds(round);
        expect(&w.round(round, "t2", "again"), 0, "sent again");
        assert_eq!(w.collector.take_file(&w.path("again")).unwrap(), w.collector.entries.len() - 2, "{round} of t2 stands there");
    }
    // After all that, the first round still gives its bytes.
    expect(&w.round("commit", "t1", "b"), 0, "sent again");
    assert_eq!(std::fs::read(w.path("a")).unwrap(), std::fs::read(w.path("b")).unwrap());
    expect(&tally(&["ceremony", "check", "--board", &w.board()]), 0, "confirmed");
    // A folder that has lost its state does not begin anew.
    std::fs::rename(w.path("state-t1"), w.path("lost")).unwrap();
    expect(&w.round("commit", "t1", "b"), 1, "is it the right folder?");
    w.order("drill", &[]);
    expect(&w.round("drill", "t1", "b"), 1, "F10");
    expect(&w.round("drill", "t2", "b"), 0, "");
    // Nor does the folder of another trustee.
    let (board, key, state) = (w.board(), w.key("t3"), w.text("state-t2"));
    let out = w.text("b");
    let args = ["ceremony", "drill", "--board", &board, "--key", &key, "--state", &state, "--out", &out];
    expect(&tally(&args), 1, "the state of trustee 2");
    let (key, state) = (w.key("m1"), w.text("state-t3"));
    expect(&tally(&["ceremony", "drill", "--board", &board, "--key", &key, "--state", &state, "--out", &out]), 1, "key of a mixer");
}

#[test]
fn orders_are_numbered_from_the_board_and_signed_by_several() {
    let mut w = World::new();
    let (board, c1, c2, file) = (w.board(), w.key("c1"), w.key("c2"), w.text("o"));
    expect(&tally(&["order", "open", "--board", &board, "--key", &c1, "--dry-run"]), 1, "PHASE-2");
    expect(&tally(&["order", "close", "--board", &board, "--key", &c1, "--dry-run"]), 1, "PHASE-1");
    let args = ["order", "ceremony", "--board", &board, "--key", &c1, "--out", &file];
    expect(&tally(&args), 0, "Not enough yet: ORD-1: 1 signatures, but the quorum is 2");
    w.collector.take_file(&w.path("o")).unwrap_err();
    expect(&tally(&["order", "sign", &file, "--board", &board, "--key", &c2]), 0, "It has the quorum");
    w.collector.take_file(&w.path("o")).unwrap();
    // C07: its number is used now.
    expect(&tally(&["order", "sign", &file, "--board", &board, "--key", &c2]), 1, "ORD-2");
    let said = ok(&["order", "ceremony", "--board", &board, "--key", &c1, "--dry-run", "--time", "4000000000"]);
    assert!(said.contains("Order 2: ceremony, dated 2096-10-02T07:06:40Z"), "{said}");
    w.order("ceremony", &["--time", "4000000000"]);
    let said = ok(&["order", "ceremony", "--board", &board, "--key", &c1, "--dry-run"]);
    assert!(said.contains("Order 3: ceremony, dated 2096-10-02T07:06:40Z"), "not before the order before: {said}");
    expect(&tally(&["order", "ceremony", "--board", &board, "--key", &c1, "--dry-run", "--time", "3999999999"]), 1, "ORD-3");
    // A file whose blob is not the one that its order names.
    std::fs::write(w.path("text"), "Polling station 3 moved.").unwrap();
    ok(&["order", "note", "--board", &board, "--key", &c1, "--text", &w.text("text"), "--out", &file]);
    let mut bytes = std::fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&file, bytes).unwrap();
    expect(&tally(&["order", "sign", &file, "--board", &board, "--key", &c2]), 2, "not a file made with --out");
    std::fs::write(w.path("roll"), "not a roll").unwrap();
    expect(&tally(&["order", "roll", "--board", &board, "--key", &c1, "--dry-run", "--roll", &w.text("roll")]), 1, "DEC-6");
    expect(&tally(&["order", "drill", "--board", &board, "--key", &w.key("m1"), "--out", &file]), 1, "key of a mixer");
    let one = tally(&["post", "--board", &board, &file]);
    expect(&one, 64, "--post needs the URL");
    assert!(words(&tally(&["status", "--board", &board])).contains("order 2"));
}

#[test]
fn a_damaged_board_is_refused() {
    let mut w = World::new();
    w.sealed();
    let path = w.path("record").join(board::tile::Tile::all(w.collector.entries.len() as u64).last().unwrap().path());
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    expect(&w.mix("m1", "out"), 1, "REC-2");
    std::fs::remove_file(&path).unwrap();
    expect(&w.mix("m1", "out"), 2, "is missing");
    let args = ["status", "--board", &w.board(), "--election-id", &"00".repeat(32)];
    expect(&tally(&args), 1, "REC-4");
    expect(&tally(&["status", "--board", &w.text("nowhere")]), 2, "manifest.json is missing");
}

#[test]
fn a_wrong_share_leads_to_one_complaint_and_another_ceremony() {
    let mut w = World::new();
    w.order("ceremony", &[]);
    ["commit", "reveal"].iter().for_each(|r| w.rounds(r));
    for trustee in ["t1", "t2", "t3"] {
        expect(&w.round("deal", trustee, "deal"), 0, "");
        let mut blob = Submission::read(&w.path("deal")).1;
        if trustee == "t2" {
            blob[36 + 32] ^= 1; // the sealed share for trustee 1
            let post = Post::new(PostKind::Deal, 2, sha256(&blob), &w.collector.manifest.id(), &signing_key(&w.key("t2")));
            w.collector.push(&post.to_bytes(), &blob).unwrap();
        } else {
            w.collector.take_file(&w.path("deal")).unwrap();
        }
    }
    expect(&w.round("confirm", "t2", "x"), 1, "stands on the board under this trustee's name is another one");
    expect(&w.round("confirm", "t1", "complaint"), 1, "KEY-7: the share that trustee 2 dealt is wrong");
    let first = std::fs::read(w.path("complaint")).unwrap();
    expect(&w.round("confirm", "t1", "complaint"), 1, "the same message is sent again");
    assert_eq!(first, std::fs::read(w.path("complaint")).unwrap());
    w.collector.take_file(&w.path("complaint")).unwrap();
    expect(&tally(&["ceremony", "check", "--board", &w.board()]), 0, "trustee 1 complained about trustee 2; trustee 2 is at fault");
    expect(&w.round("confirm", "t3", "x"), 1, "KEY-9");
    w.ceremony();
    w.open();
}
