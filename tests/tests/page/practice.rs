//! A practice election has the same pages, each of which says so; and nothing of it is valid in an election that counts, though both have
//! the same voters with the same eID.

use super::look::look;
use super::scene::{Page, Voter84, browser_is_there, practice, real};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use board::http::Web;
use envelope::{Identity, login};
use serde_json::{Value, json};

const PERSON: usize = 13;

#[test]
fn every_page_of_a_rehearsal_says_so() {
    if !browser_is_there() {
        return;
    }
    let town = practice();
    let mut voter = Voter84::arrive(town, "rehearsal");
    let marked = |voter: &mut Voter84, name: &str| {
        let text = voter.browser.text("body").unwrap();
        assert!(text.contains("This is a practice election. What you do here counts for nothing."), "{name}: {text}");
        let marks = "[document.title.startsWith('PRACTICE'), document.body.classList.contains('practice'), Boolean(document.querySelector('.watermark').innerText)]";
        assert_eq!(voter.browser.eval(marks).unwrap(), json!([true, true, true]), "{name}");
        assert!(!text.contains("real election"), "{name}");
        look(voter, &format!("practice-{name}"));
    };
    marked(&mut voter, "1-start");
    voter.log_in(town, PERSON);
    marked(&mut voter, "2-overview");
    voter.browser.click("form[action='/begin'] button").unwrap();
    marked(&mut voter, "3-contest");
    voter.tick("3");
    voter.go_on();
    marked(&mut voter, "4-review");
    // Open it instead of casting it; then vote.
    voter.browser.eval("document.querySelector('details.doubt').open = true").unwrap();
    voter.browser.click("form[action='/challenge'] button").unwrap();
    voter.browser.until("location.pathname === '/opened'").unwrap();
    assert!(voter.browser.text("main").unwrap().contains("This was not a vote"));
    marked(&mut voter, "5-opened");
    voter.browser.click("form[action='/begin'] button").unwrap();
    voter.at("/contest/1");
    voter.tick("3");
    voter.go_on();
    voter.at("/review");
    voter.sign();
    assert!(voter.browser.text("h1").unwrap().contains("practice ballot"));
    marked(&mut voter, "6-receipt");

    let folder = voter.dir.join("state").join(town.election.id());
    let kept = std::fs::read_dir(folder).unwrap().flatten().find(|f| f.path().to_string_lossy().ends_with(".ballot.json")).unwrap();
    let kept: Value = serde_json::from_slice(&std::fs::read(kept.path()).unwrap()).unwrap();
    let bytes = |name: &str| STANDARD.decode(kept[name].as_str().unwrap()).unwrap();
    replay(&[bytes("ballot"), bytes("container")].concat());
}

/// The ballot and the login of a rehearsal, sent to the election that counts.
fn replay(ballot: &[u8]) {
    let (town, rehearsal) = (real(), practice());
    let web = Web::new(town.election.url());
    let file = |what: &str| town.eid.join(format!("{}.{what}", town.people[PERSON]));
    let identity = Identity::from_files(&file("login.key.pem"), &file("login.pem")).unwrap();
    let enter = |id: &[u8; 32]| {
        let nonce: Value = serde_json::from_slice(&web.post("/v1/login/nonce", "application/json", None, b"{}").unwrap().body).unwrap();
        let bytes: [u8; 32] = hex::decode(nonce["nonce"].as_str().unwrap()).unwrap().try_into().unwrap();
        let signature = login::sign_login(&identity, id, &town.election.manifest.description().collector.key.0, &bytes).unwrap();
        let chain = std::iter::once(identity.certificate()).chain(identity.intermediates());
        let certificates: Vec<String> = chain.map(|c| STANDARD.encode(c.as_der())).collect();
        let body = json!({ "nonce": nonce["nonce"], "certificates": certificates, "signature": STANDARD.encode(signature) });
        web.post("/v1/login", "application/json", None, body.to_string().as_bytes()).unwrap()
    };
    let refused = enter(&rehearsal.election.manifest.id());
    assert!(refused.status == 401 && String::from_utf8_lossy(&refused.body).contains("LOGIN-3"), "a login of a rehearsal");
    let session: Value = serde_json::from_slice(&enter(&town.election.manifest.id()).body).unwrap();
    let token = session["session"].as_str().unwrap();
    let reply = web.post("/v1/cast", "application/octet-stream", Some(token), ballot).unwrap();
    assert!((400..500).contains(&reply.status), "{}: {}", reply.status, String::from_utf8_lossy(&reply.body));
    let mine: Value = serde_json::from_slice(&web.get("/v1/mine", Some(token)).unwrap().body).unwrap();
    assert_eq!(mine["ballots"], json!([]), "and nothing of it is in the box that counts");
}

#[test]
fn a_rehearsal_is_not_taken_for_the_election() {
    if !browser_is_there() {
        return;
    }
    let (town, rehearsal) = (real(), practice());
    let dir = town.election.dir.join("voter-swapped");
    let _ = std::fs::remove_dir_all(&dir);
    let page = Page::start(&dir, &town.election.id(), rehearsal.election.url(), &[]);
    let browser = e2e::browser::Browser::open(&dir.join("browser")).unwrap().unwrap();
    let mut voter = Voter84 { browser, page, dir };
    voter.browser.goto(&voter.page.opening).unwrap();
    voter.browser.until("location.pathname === '/trouble'").unwrap();
    let said = voter.browser.text("main").unwrap();
    assert!(said.contains("another election than the one with your number") && said.contains("Nothing was sent"), "{said}");
    look(&mut voter, "24-another-election");
}
