//! Status of certificates and time stamps, with a real responder and a real time-stamping party. Spec: 07c-evidence; attacks E11, E12.

use crate::support::election::{collector, person};
use crate::support::pki::{P256, Use};
use crate::support::refusal::assert_refused;
use crate::support::services::{Mood, Running, der};
use crate::support::{Election, Options, Server, Session, Voter, until};
use ballot::ballot::Ballot;
use ballot::encode::{hash, sha256};
use ballot::manifest::OcspPolicy;
use ballot::signature::{self, Purpose};
use envelope::ocsp::{self, Freshness};
use envelope::{Certificate, ObjectIdentifier, cades, tsp};
use rcgen::{CustomExtension, KeyPair};
use std::fs;
use std::path::PathBuf;

const LIVE: OcspPolicy = OcspPolicy { age: 60, clock: 60, nonce: true };

fn options(ocsp: Option<OcspPolicy>, stamp_seconds: Option<u64>) -> Options {
    Options { ocsp, stamp_seconds, ..Options::default() }
}

fn services(election: &Election) -> &Running {
    election.services.as_ref().unwrap()
}

/// Waits until every stored ballot has its stamp.
fn stamped(server: &Server) {
    until("time stamps", || (server.snapshot().rows["unstamped"] == 0).then_some(()));
}

/// The restricted evidence, written anew.
fn evidence(election: &Election, name: &str) -> PathBuf {
    let out = election.dir.path().join(name);
    let done = collector().arg("evidence").arg("--data").arg(election.data()).arg("--out").arg(&out).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    out
}

/// Casts and expects a refusal that changes nothing; the same body can then be sent again.
fn refused(server: &Server, voter: &Voter<'_>, session: &Session, ballot: &Ballot, (status, rule): (u16, &str)) -> Vec<u8> {
    let body = voter.body(ballot);
    let before = server.snapshot();
    assert_refused(server, &before, &server.client.post("/v1/cast", Some(&session.token), &body), status, rule);
    body
}

/// What lies in the evidence is what the services sent, and convinces without them.
#[test]
fn evidence_is_kept_as_received() {
    let (election, server) = Election::open(options(Some(LIVE), Some(600)));
    let ballots: Vec<_> = (0..2).map(|n| election.voter(n).cast(&server, &mut election.voter(n).login(&server)).0).collect();
    stamped(&server);
    server.settle();
    let folder = evidence(&election, "evidence").join("envelopes");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 5 * ballots.len());
    let anchors = [Certificate::from_der(election.pki.root_der()).unwrap()];
    let stamp_anchors = [Certificate::from_der(services(&election).services().stamp_root.der()).unwrap()];
    let key = election.manifest.description().collector.key.0;
    for ballot in &ballots {
        let read = |ending: &str| fs::read(folder.join(format!("{}.{ending}", hex::encode(ballot.hash())))).unwrap();
        let (container, salt) = (read("p7s"), read("salt"));
        let at: u64 = String::from_utf8(read("time")).unwrap().trim().parse().unwrap();
        let signed = cades::verify(ballot.bytes(), &container).unwrap();
        let issuer = ocsp::issuer(&signed, &anchors).unwrap();
        let nonce = Some(hash("ocsp", &[&election.id(), &container]));
        ocsp::verify(&read("ocsp"), signed.certificate(), issuer, at, &Freshness { age: 60, clock: 60, nonce }).unwrap();
        let entry = [&[5, 1], &hash("envelope", &[&salt, &container])[..], ballot.bytes()].concat();
        let stamp = tsp::verify(&read("tsr"), &stamp_anchors).unwrap();
        let nonce = stamp.nonce.unwrap();
        stamp.require(&sha256(&entry), &nonce, &[ObjectIdentifier::new_unwrap("1.2.3.4.1")], at, 60).unwrap();
        signature::verify(&key, Purpose::Stamp, &election.id(), &sha256(&entry), &nonce).unwrap();
        assert!(services(&election).register().contains(&read("tsr")));
    }
    assert_eq!(services(&election).register().len(), ballots.len());
    assert_eq!(services(&election).asked(), (2, 2));
    server.stop();
}

/// E11: revoked or suspended, and unknown; a stranger's answer about a good one.
#[test]
fn only_good_certificates_vote() {
    let (election, server) = Election::open(options(Some(LIVE), None));
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    let ballot = voter.ballot(&session);
    let known = services(&election).services();
    known.know(&voter.sign.chain_pem, false).unwrap();
    let body = refused(&server, &voter, &session, &ballot, (403, "OCSP-5"));
    let mut other = election.voter(0);
    other.sign = election.pki.voter(&person(0), P256).unwrap().sign;
    refused(&server, &other, &session, &ballot, (403, "OCSP-5"));
    known.know(&voter.sign.chain_pem, true).unwrap();
    services(&election).set(Mood::Foreign, Mood::Well);
    refused(&server, &voter, &session, &ballot, (503, "OCSP-9"));
    services(&election).set(Mood::Well, Mood::Well);
    server.client.post("/v1/cast", Some(&session.token), &body).ok();
    session.after(&ballot);
    server.stop();
}

/// What is wrong otherwise never reaches the responder.
#[test]
fn the_responder_hears_of_right_ballots_only() {
    let (election, server) = Election::open(options(Some(LIVE), None));
    let voter = election.voter(0);
    let session = voter.login(&server);
    let ballot = voter.ballot(&session);
    let mut body = voter.body(&ballot);
    *body.last_mut().unwrap() ^= 1;
    assert_eq!(server.client.post("/v1/cast", Some(&session.token), &body).refusal().1, "CAST-7");
    assert_eq!(services(&election).asked().0, 0);
    server.stop();
}

/// The service is down, fails, babbles, repeats itself, is slow: nothing is stored, and the same ballot goes through later.
#[test]
fn without_status_nothing_is_promised() {
    let (election, server) = Election::open(options(Some(LIVE), None));
    let first = election.voter(1);
    first.cast(&server, &mut first.login(&server));
    let voter = election.voter(0);
    let session = voter.login(&server);
    let ballot = voter.ballot(&session);
    let mut body = Vec::new();
    for mood in [Mood::Down, Mood::Failing, Mood::Babbling, Mood::Repeating, Mood::Slow] {
        services(&election).set(mood, Mood::Well);
        body = refused(&server, &voter, &session, &ballot, (503, "OCSP-9"));
    }
    services(&election).set(Mood::Well, Mood::Well);
    server.client.post("/v1/cast", Some(&session.token), &body).ok();
    server.stop();
}

/// Without nonce an answer serves a voter's next ballot too, even while the responder is down.
#[test]
fn a_fresh_answer_is_kept() {
    let (election, server) = Election::open(options(Some(OcspPolicy { nonce: false, ..LIVE }), None));
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    voter.cast(&server, &mut session);
    services(&election).set(Mood::Down, Mood::Well);
    voter.cast(&server, &mut session);
    assert_eq!(services(&election).asked().0, 1);
    let other = election.voter(1);
    let session = other.login(&server);
    refused(&server, &other, &session, &other.ballot(&session), (503, "OCSP-9"));
    server.stop();
}

/// TSP-10, TSP-11: what is stored keeps its promise and is stamped later; new ballots are refused meanwhile.
#[test]
fn stamps_wait_and_new_ballots_too() {
    let (election, server) = Election::open(options(None, Some(10)));
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    for mood in [Mood::Babbling, Mood::Down] {
        services(&election).set(Mood::Well, mood);
        voter.cast(&server, &mut session);
        server.settle();
        assert!(server.snapshot().rows["unstamped"] > 0 && server.snapshot().rows["stamp"] == 0);
    }
    let other = election.voter(1);
    let late = other.login(&server);
    let ballot = other.ballot(&late);
    until("the stamps are missing for too long", || (crate::support::now() > oldest_waiting(&server) + 6).then_some(()));
    let body = refused(&server, &other, &late, &ballot, (503, "TSP-11"));
    let out = evidence(&election, "incomplete");
    assert_eq!(fs::read_dir(out.join("envelopes")).unwrap().count(), 6);
    // A restart forgets nothing.
    server.kill();
    services(&election).set(Mood::Well, Mood::Well);
    let server = Server::start(&election, &[], &[]);
    stamped(&server);
    assert_eq!((server.snapshot().rows["stamp"], services(&election).register().len()), (2, 2));
    let late = other.login(&server);
    server.client.post("/v1/cast", Some(&late.token), &body).ok();
    stamped(&server);
    server.stop();
}

fn oldest_waiting(server: &Server) -> u64 {
    let db = crate::support::server::database(&server.data);
    db.query_row("SELECT min(accepted) FROM unstamped", [], |r| r.get::<_, i64>(0)).unwrap() as u64
}

/// A stamp of something else is not kept.
#[test]
fn a_wrong_stamp_is_asked_for_again() {
    let (election, server) = Election::open(options(None, Some(600)));
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    voter.cast(&server, &mut session);
    stamped(&server);
    services(&election).set(Mood::Well, Mood::Repeating);
    voter.cast(&server, &mut session);
    let asked = services(&election).asked().1;
    until("it is asked again", || (services(&election).asked().1 > asked + 1).then_some(()));
    assert_eq!((server.snapshot().rows["unstamped"], server.snapshot().rows["stamp"]), (1, 1));
    services(&election).set(Mood::Well, Mood::Well);
    stamped(&server);
    server.stop();
}

/// EVID-4, ENV-19, ENV-39: one key for two people, a key that can be factored, a certificate without the policy.
#[test]
fn weak_and_shared_keys_and_policies() {
    let policy = |arc| CustomExtension::from_oid_content(&[2, 5, 29, 32], der(0x30, &der(0x30, &der(0x06, &[0x2a, arc]))));
    let (election, server) = Election::open(Options { policies: Some(vec!["1.2.3".to_owned()]), ..Options::default() });
    let certified = |n, key: &KeyPair, extension| {
        let mut params = election.pki.params(&person(n), Use::Sign);
        params.custom_extensions.extend(extension);
        election.pki.issuing.certify(&params, key).unwrap()
    };
    let shared = KeyPair::generate_for(P256).unwrap();
    let mut first = election.voter(0);
    let mut session = first.login(&server);
    let ballot = first.ballot(&session);
    for extension in [None, Some(policy(4))] {
        first.sign = certified(0, &shared, extension);
        refused(&server, &first, &session, &ballot, (403, "CAST-7"));
    }
    first.sign = certified(0, &shared, Some(policy(3)));
    first.cast(&server, &mut session);
    first.cast(&server, &mut session);

    let mut second = election.voter(1);
    let mut session = second.login(&server);
    let ballot = second.ballot(&session);
    second.sign = certified(1, &shared, Some(policy(3)));
    refused(&server, &second, &session, &ballot, (403, "CAST-11"));
    let broken = KeyPair::from_pem(include_str!("../../../voter-app/envelope/tests/common/roca.key.pem")).unwrap();
    let before = server.snapshot();
    for (key, expected) in [(&broken, true), (&KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap(), false)] {
        let chain = certified(1, key, Some(policy(3))).chain_pem;
        let body = crate::support::voter::handed_in(ballot.bytes(), &by_openssl(&election, ballot.bytes(), &chain, key));
        let reply = server.client.post("/v1/cast", Some(&session.token), &body);
        assert_refused(&server, &before, &reply, 403, "CAST-7");
        assert_eq!(String::from_utf8_lossy(&reply.body).contains("ENV-19"), expected);
    }
    second.sign = certified(1, &KeyPair::generate_for(P256).unwrap(), Some(policy(3)));
    second.cast(&server, &mut session);
    server.stop();
}

/// A container as OpenSSL makes it: our own programs sign nothing with a broken key. Only the key is looked at before its layout is.
fn by_openssl(election: &Election, ballot: &[u8], chain_pem: &str, key: &KeyPair) -> Vec<u8> {
    let folder = election.dir.path();
    fs::write(folder.join("ballot"), ballot).unwrap();
    fs::write(folder.join("signer.pem"), chain_pem).unwrap();
    fs::write(folder.join("signer.key"), key.serialize_pem()).unwrap();
    let arguments = "cms -sign -cades -binary -in ballot -signer signer.pem -inkey signer.key -md sha512 -outform DER";
    let done = std::process::Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

#[test]
fn the_server_wants_to_know_where_the_party_is() {
    let election = Election::new(options(None, Some(600)));
    let done = collector().args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(election.data()).output().unwrap();
    assert!(!done.status.success() && String::from_utf8_lossy(&done.stderr).contains("--tsa"));
}
