//! Spec 07-casting: LOGIN-1 to LOGIN-4, and what a login gives (ROLL-2).

use crate::support::pki::{Flaw, P256, Use};
use crate::support::refusal::assert_refused;
use crate::support::voter::chain;
use crate::support::{Election, Options, Reply, Server, Voter, election};
use ballot::encode::parse_hash;
use board::roll::{RollLine, pseudonym};
use board::tree;
use serde_json::{Value, json};

fn log_in(server: &Server, body: &Value) -> Reply {
    server.client.post("/v1/login", None, body.to_string().as_bytes())
}

#[test]
fn a_login_gives_opening_line_and_path() {
    let (election, server) = Election::open(Options { voters: 5, ..Options::default() });
    for n in 0..5 {
        let session = election.voter(n).login(&server);
        let reply = &session.reply;
        let code = election::person(n).code;
        assert_eq!(reply["person_code"], code);
        assert_eq!(session.district, n % 2);
        assert_eq!((session.number, session.previous), (1, [0; 32]));
        let blinding = parse_hash(reply["blinding"].as_str().unwrap()).unwrap();
        assert_eq!(pseudonym(&election.id(), &blinding, &code), session.pseudonym);
        let path: Vec<_> = reply["path"].as_array().unwrap().iter().map(|h| parse_hash(h.as_str().unwrap()).unwrap()).collect();
        let line = RollLine { pseudonym: session.pseudonym, district: session.district as u16 };
        let root = election.replay().roll().unwrap().tree().root();
        let (at, lines) = (reply["line"].as_u64().unwrap(), reply["lines"].as_u64().unwrap());
        tree::verify_inclusion(&tree::leaf_hash(&line.to_bytes()), at, lines, &path, &root).unwrap();
    }
}

#[test]
fn login_1_nonces() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let before = server.snapshot();
    for nonce in ["", "00", &"ab".repeat(32)] {
        let mut body = voter.login_body(&"ab".repeat(32));
        body["nonce"] = nonce.into();
        assert_refused(&server, &before, &log_in(&server, &body), 401, "LOGIN-1");
    }
    let body = voter.login_body(&Voter::nonce(&server));
    assert_eq!(log_in(&server, &body).status, 200);
    let before = server.snapshot();
    // C07: what was signed once opens nothing twice.
    assert_refused(&server, &before, &log_in(&server, &body), 401, "LOGIN-1");
    // Nor for the quicker of two.
    let body = voter.login_body(&Voter::nonce(&server));
    let replies: Vec<u16> = std::thread::scope(|scope| {
        let sent: Vec<_> = (0..4).map(|_| scope.spawn(|| log_in(&server, &body).status)).collect();
        sent.into_iter().map(|s| s.join().unwrap()).collect()
    });
    assert_eq!(replies.iter().filter(|s| **s == 200).count(), 1, "{replies:?}");
    // A nonce does not outlive the process.
    let body = voter.login_body(&Voter::nonce(&server));
    server.stop();
    let server = Server::start(&election, &[], &[]);
    let before = server.snapshot();
    assert_refused(&server, &before, &log_in(&server, &body), 401, "LOGIN-1");
}

#[test]
fn login_2_certificates() {
    let (election, server) = Election::open(Options::default());
    let mut voter = election.voter(0);
    let before = server.snapshot();
    let person = election::person(0);
    let good = voter.login.clone();
    for flaw in [Flaw::Expired, Flaw::NotYetValid, Flaw::WrongUse, Flaw::OtherIssuer, Flaw::ImpostorIssuer, Flaw::Authority] {
        voter.login = election.pki.flawed(&person, Use::Login, P256, flaw).unwrap();
        assert_refused(&server, &before, &voter.try_login(&server), 401, "LOGIN-2");
    }
    voter.login = voter.sign.clone();
    assert_refused(&server, &before, &voter.try_login(&server), 401, "LOGIN-2");
    voter.login = good;
    let certificates = chain(&voter.login);
    let nonce = Voter::nonce(&server);
    for bad in [vec![], vec!["AA==".to_owned()], vec!["?".to_owned()], vec![certificates[0].clone()], vec![certificates[0].clone(); 5]] {
        let mut body = voter.login_body(&nonce);
        body["certificates"] = json!(bad);
        assert_refused(&server, &before, &log_in(&server, &body), 401, "LOGIN-2");
    }
    // Refusals have not used up the nonce (HTTP-3).
    assert_eq!(log_in(&server, &voter.login_body(&nonce)).status, 200);
}

#[test]
fn login_3_signatures() {
    let (election, server) = Election::open(Options::default());
    let (voter, other) = (election.voter(0), election.voter(1));
    let before = server.snapshot();
    let nonce = Voter::nonce(&server);
    let signature_of = |body: Value| body["signature"].clone();
    let elsewhere = Election::new(Options::default());
    let elsewhere = signature_of(Voter { election: &elsewhere, login: voter.login.clone(), sign: voter.sign.clone() }.login_body(&nonce));
    for bad in [
        json!(""),
        json!("AAAA"),
        signature_of(voter.login_body(&Voter::nonce(&server))),
        signature_of(other.login_body(&nonce)),
        elsewhere,
    ] {
        let mut body = voter.login_body(&nonce);
        body["signature"] = bad;
        assert_refused(&server, &before, &log_in(&server, &body), 401, "LOGIN-3");
    }
    assert_eq!(log_in(&server, &voter.login_body(&nonce)).status, 200);
}

#[test]
fn login_4_not_on_the_roll() {
    let election = Election::new(Options::default());
    let server = Server::start(&election, &[], &[]);
    let before = server.snapshot();
    // Before the order roll nobody is on it.
    assert_refused(&server, &before, &election.voter(0).try_login(&server), 401, "LOGIN-4");
    election.open_voting(&server);
    let before = server.snapshot();
    assert_refused(&server, &before, &Voter::stranger(&election).try_login(&server), 401, "LOGIN-4");
    election.voter(0).login(&server);
}

/// LOGIN-5, and LOGIN-3 in the forms of Web eID and Smart-ID: only for the origin and the relying party of this collector.
#[test]
fn login_5_other_forms() {
    use crate::support::voter::identity;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use envelope::login::{Added, Flow, Form, login_message, signed_bytes};

    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let key = election.manifest.description().collector.key.0;
    let body = |server: &Server, form: &Form| {
        let nonce = Voter::nonce(server);
        let identity = identity(&voter.login);
        let message = login_message(&election.id(), &key, &parse_hash(&nonce).unwrap());
        let signed = identity.sign(&signed_bytes(form, identity.certificate().scheme().unwrap(), &message).unwrap()).unwrap();
        let mut body = json!({ "nonce": nonce, "certificates": chain(&voter.login), "signature": STANDARD.encode(signed) });
        match form {
            Form::Plain => {}
            Form::WebEid { origin } => body["web_eid"] = json!({ "origin": origin }),
            Form::SmartId { added, .. } => {
                body["smart_id"] = json!({ "server_random": added.server_random, "user_challenge": added.user_challenge,
                    "interactions": added.interactions, "interaction": added.interaction });
                if added.flow == Flow::Qr {
                    body["smart_id"]["flow"] = "QR".into();
                }
            }
        }
        body
    };
    let web = |origin: &str| Form::WebEid { origin: origin.to_owned() };
    let smart = |scheme: &str, name: &str| Form::SmartId {
        scheme: scheme.to_owned(),
        name: name.to_owned(),
        added: Added {
            server_random: "A".repeat(24),
            user_challenge: "B".repeat(43),
            interactions: "C".repeat(44),
            interaction: "displayTextAndPIN".to_owned(),
            flow: Flow::Notification,
        },
    };
    let scanned = || match smart("smart-id", "Elections") {
        Form::SmartId { scheme, name, added } => Form::SmartId { scheme, name, added: Added { flow: Flow::Qr, ..added } },
        other => other,
    };
    let before = server.snapshot();
    for form in [web("https://vote.example"), smart("smart-id", "Elections")] {
        assert_refused(&server, &before, &log_in(&server, &body(&server, &form)), 401, "LOGIN-5");
    }
    server.stop();

    let set = [("HAAL_WEB_EID_ORIGIN", "https://vote.example"), ("HAAL_SMART_ID_NAME", "Elections")];
    let server = Server::start(&election, &[], &set);
    for form in [Form::Plain, web("https://vote.example"), smart("smart-id", "Elections"), scanned()] {
        assert_eq!(log_in(&server, &body(&server, &form)).status, 200, "{form:?}");
    }
    let before = server.snapshot();
    assert_refused(&server, &before, &log_in(&server, &body(&server, &web("https://bank.example"))), 401, "LOGIN-5");
    // Signed for another relying party or scheme: the collector puts in its own.
    for form in [smart("smart-id", "Bank"), smart("smart-id-demo", "Elections")] {
        assert_refused(&server, &before, &log_in(&server, &body(&server, &form)), 401, "LOGIN-3");
    }
    // Signed for another origin, and said to be for this one.
    let mut passed_on = body(&server, &web("https://bank.example"));
    passed_on["web_eid"]["origin"] = "https://vote.example".into();
    assert_refused(&server, &before, &log_in(&server, &passed_on), 401, "LOGIN-3");
    let mut both = body(&server, &web("https://vote.example"));
    both["smart_id"] = body(&server, &smart("smart-id", "Elections"))["smart_id"].clone();
    assert_refused(&server, &before, &log_in(&server, &both), 401, "LOGIN-5");
    // Signed for one flow, and said to be of another.
    for (form, flow) in [(scanned(), "Notification"), (smart("smart-id", "Elections"), "QR"), (scanned(), "qr"), (scanned(), "QR|x")] {
        let mut moved = body(&server, &form);
        moved["smart_id"]["flow"] = flow.into();
        assert_refused(&server, &before, &log_in(&server, &moved), 401, "LOGIN-3");
    }
    let mut shifted = body(&server, &smart("smart-id", "Elections"));
    shifted["smart_id"]["interaction"] = "displayTextAndPIN|x".into();
    assert_refused(&server, &before, &log_in(&server, &shifted), 401, "LOGIN-3"); // ENV-18
    shifted["smart_id"]["more"] = 1.into();
    assert_refused(&server, &before, &log_in(&server, &shifted), 400, "HTTP");
}

#[test]
fn forms() {
    let (election, server) = Election::open(Options::default());
    let before = server.snapshot();
    let mut more = election.voter(0).login_body(&Voter::nonce(&server));
    more["more"] = 1.into();
    for body in [b"".to_vec(), b"{}".to_vec(), b"[]".to_vec(), vec![0xff; 100], vec![b'['; 60_000], more.to_string().into_bytes()] {
        assert_refused(&server, &before, &server.client.post("/v1/login", None, &body), 400, "HTTP");
    }
    assert_refused(&server, &before, &server.client.post("/v1/login", None, &vec![b' '; 64 * 1024 + 1]), 413, "HTTP-1");
    // After the vote one may still log in and look, but not cast.
    election.close_and_seal(&server);
    let session = election.voter(0).login(&server);
    assert_eq!(server.client.get("/v1/mine", Some(&session.token)).ok()["ballots"], json!([]));
}
