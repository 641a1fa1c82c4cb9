//! The public part of the key ceremony (05): what each post is answered, and how the session stands then.

use crate::*;
use ballot::encode::Record;
use ballot::manifest::Manifest;
use board::PostKind;
use board::ceremony::{Ceremony, CeremonyError, Commit, Complaint, Confirm, Deal, DrillAnswer, Reveal, SessionState, drill_point};

const FILE: &str = "05-key-ceremony";

fn kind(message: &[u8]) -> PostKind {
    match message[0] {
        33 => PostKind::Reveal,
        34 => PostKind::Deal,
        35 => PostKind::Confirm,
        36 => PostKind::Complaint,
        _ => PostKind::Commit,
    }
}

/// An accepted message written again.
fn again(message: &[u8], (n, t): (usize, usize), columns: usize) -> Vec<u8> {
    match message[0] {
        32 => Commit::from_bytes(message).unwrap().to_bytes(),
        33 => Reveal::from_bytes(message, columns * t).unwrap().to_bytes(),
        34 => Deal::from_bytes(message, n, columns).unwrap().to_bytes(),
        35 => Confirm::from_bytes(message).unwrap().to_bytes(),
        36 => Complaint::from_bytes(message).unwrap().to_bytes(),
        _ => DrillAnswer::from_bytes(message, columns).unwrap().to_bytes(),
    }
}

fn started(file: &Value) -> (Manifest, Ceremony) {
    let manifest = Manifest::from_bytes(text(file, "manifest").as_bytes()).unwrap();
    assert_eq!(manifest.columns() as u64, number(file, "W"));
    let mut ceremony = Ceremony::new(&manifest);
    ceremony.start(hash(&file["session"]));
    (manifest, ceremony)
}

/// Posts in turn; only the last may be refused.
fn run(manifest: &Manifest, ceremony: &mut Ceremony, case: &Value) -> Result<(), CeremonyError> {
    let posts = list(&case["posts"]);
    for (at, post) in posts.iter().enumerate() {
        let (author, message) = (number(post, "author") as u16, bytes(&post["message"]));
        let result = ceremony.post(kind(&message), author, &message);
        if result.is_err() {
            assert_eq!(at + 1, posts.len(), "{}: {result:?}", case["name"]);
            return result;
        }
        assert_eq!(again(&message, manifest.trustees(), manifest.columns()), message, "{}", case["name"]);
    }
    Ok(())
}

#[test]
fn runs() {
    let file = load(FILE);
    let mut report = Report::new(FILE);
    for case in cases(&file).iter().filter(|c| c["kind"] == "run") {
        let (manifest, mut ceremony) = started(&file);
        let got = run(&manifest, &mut ceremony, case);
        let session = ceremony.sessions().last().unwrap();
        let (wanted, rule) = (&case["intermediate"], text(case, "rule"));
        // KEY-11: rubbish ends no session; a complaint, another key and a bad key do.
        let state = match rule {
            "" if wanted["confirmed"] == true => SessionState::Confirmed,
            "KEY-6" | "KEY-8" | "KEY-9" => SessionState::Ended,
            _ => SessionState::Running,
        };
        report.check(case, "the session's state", session.state == state);
        report.check(case, "the confirmed key", ceremony.confirmed().is_some() == (state == SessionState::Confirmed));
        let keys = session.keys.as_ref();
        if let Some(key) = wanted.get("key") {
            report.check(case, "key id", keys.unwrap().key.id() == hash(key));
        }
        if let Some(h) = wanted.get("H") {
            report.check(case, "H", keys.unwrap().key.columns().iter().map(|p| *p.bytes()).eq(hashes(h)));
            for (x, trustee) in keys.unwrap().shares.iter().zip(list(&wanted["trustees"])) {
                report.check(case, "X", x.iter().map(|p| *p.bytes()).eq(hashes(&trustee["X"])));
            }
        }
        // Whom the board can name is the author; a degenerate key is nobody's fault, and a complaint is judged elsewhere.
        if let Err(error) = got {
            let author = if error == CeremonyError::Degenerate { 0 } else { number(list(&case["posts"]).last().unwrap(), "author") };
            report.check(case, "at fault", number(case, "at_fault") == author);
        }
        let complaints = if session.complaints.len() == 1 { Err("KEY-9".to_owned()) } else { Ok(()) };
        report.case(case, got.map_err(|e| e.rule().to_owned()).and(complaints));
    }
    report.end();
}

#[test]
fn drills() {
    let file = load(FILE);
    let mut report = Report::new(FILE);
    let (manifest, mut after) = started(&file);
    run(&manifest, &mut after, &cases(&file)[0]).unwrap();
    for case in cases(&file).iter().filter(|c| c["kind"] == "drill") {
        let mut ceremony = after.clone();
        let (drill, nonce, author, answer) = (number(case, "drill"), hash(&case["nonce"]), number(case, "author"), bytes(&case["answer"]));
        ceremony.start_drill(drill as u32, nonce);
        let keys = ceremony.confirmed().unwrap();
        report.check(case, "key id", keys.key.id() == hash(&case["key"]));
        report.check(case, "X", keys.shares[author as usize - 1].iter().map(|p| *p.bytes()).eq(hashes(&case["X"])));
        let got = ceremony.post(PostKind::Drill, author as u16, &answer);
        let right = ceremony.last_drill().unwrap().right;
        report.check(case, "who answered rightly", right == if got.is_ok() { vec![author as u16] } else { vec![] });
        if got.is_ok() {
            let wanted = &case["intermediate"];
            let point = drill_point(&manifest.id(), &hash(&case["key"]), drill as u32, &nonce).unwrap();
            report.check(case, "D", *point.bytes() == hash(&wanted["D"]));
            let ys = &ceremony.drills()[0].right[&(author as u16)];
            report.check(case, "Y", ys.iter().map(|p| *p.bytes()).eq(hashes(&wanted["Y"])));
            report.check(case, "the answer written again", again(&answer, manifest.trustees(), manifest.columns()) == answer);
        }
        report.case(case, got.map_err(|e| e.rule().to_owned()));
    }
    report.end();
}
