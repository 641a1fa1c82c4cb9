//! Envelopes from the outside: files of an eID, a container, and what a collector accepts. Attacks B04, E11, E13.
//!
//! The rules one by one are tested beside the library; here they meet as the programs use them.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::time::{Duration, Instant};

use e2e::pki::{Credential, Flaw, P256, P384, Person, TestPki, Use};
use envelope::certificate::verify_chain;
use envelope::login::{sign_login, verify_login};
use envelope::{Certificate, EnvelopeError, Identity, Purpose, cades};

/// A year from 2026-06-14.
const VALID: (u64, u64) = (1_781_395_200, 1_812_931_200);
/// When ballots are cast.
const CAST: u64 = 1_790_000_000;

fn eid() -> (TestPki, Vec<Certificate>) {
    let pki = TestPki::new("TEST eID", VALID).unwrap();
    let anchors = vec![Certificate::from_der(pki.root_der()).unwrap()];
    (pki, anchors)
}

fn from_files(folder: &Path, person: &Person, usage: &str) -> Identity {
    let path = |end: &str| folder.join(format!("{}.{usage}.{end}", person.code));
    Identity::from_files(&path("key.pem"), &path("pem")).unwrap()
}

fn identity(credential: &Credential) -> Identity {
    Identity::from_pem(&credential.key_pem, &credential.chain_pem).unwrap()
}

/// What the collector does with a container.
fn accept(ballot: &[u8], container: &[u8], anchors: &[Certificate], at: u64) -> Result<String, EnvelopeError> {
    cades::verify(ballot, container)?.accept(anchors, at).map(str::to_owned)
}

/// What the collector does with a login.
fn log_in(identity: &Identity, anchors: &[Certificate], at: u64) -> Result<String, EnvelopeError> {
    let (election, log, nonce) = ([1; 32], [2; 32], [3; 32]);
    let signature = sign_login(identity, &election, &log, &nonce)?;
    verify_chain(identity.certificate(), identity.intermediates(), anchors, at, Purpose::Login)?;
    verify_login(identity.certificate(), &election, &log, &nonce, &signature)?;
    identity.certificate().person_code().map(str::to_owned)
}

#[test]
fn from_files_to_acceptance() {
    let (pki, anchors) = eid();
    let folder = tempfile::tempdir().unwrap();
    for (first, algorithm) in [(1, P256), (101, P384)] {
        let people: Vec<_> = (first..first + 5).map(Person::numbered).collect();
        pki.write_voters(&people, algorithm, folder.path()).unwrap();
        for person in &people {
            let code = Ok(person.code.clone());
            assert_eq!(log_in(&from_files(folder.path(), person, "login"), &anchors, CAST), code);
            let container = cades::sign(b"ballot", &from_files(folder.path(), person, "sign"), CAST).unwrap();
            assert_eq!(accept(b"ballot", &container, &anchors, CAST), code);
        }
    }
}

/// E11: every wrong certificate is refused at casting and at login, each for its own reason.
#[test]
fn wrong_certificates() {
    let (pki, anchors) = eid();
    for (flaw, expected) in [
        (Flaw::Expired, EnvelopeError::Expired),
        (Flaw::NotYetValid, EnvelopeError::NotYetValid),
        (Flaw::WrongUse, EnvelopeError::NotForSigning),
        (Flaw::OtherIssuer, EnvelopeError::NoPath),
        (Flaw::ImpostorIssuer, EnvelopeError::IssuerSignature),
        (Flaw::Authority, EnvelopeError::LeafIsAuthority),
    ] {
        let voter = Person::numbered(1);
        let sign = pki.flawed(&voter, Use::Sign, P256, flaw).unwrap();
        let container = cades::sign(b"ballot", &identity(&sign), CAST).unwrap();
        assert_eq!(accept(b"ballot", &container, &anchors, CAST), Err(expected.clone()), "{flaw:?}");

        let expected = if flaw == Flaw::WrongUse { EnvelopeError::SigningCertificateAtLogin } else { expected };
        let login = pki.flawed(&voter, Use::Login, P256, flaw).unwrap();
        assert_eq!(log_in(&identity(&login), &anchors, CAST), Err(expected), "{flaw:?}");
    }
}

/// E11: what was valid at casting is valid for ever, and what the signer says about the time decides nothing.
#[test]
fn the_time_of_casting_decides() {
    let (pki, anchors) = eid();
    let voter = identity(&pki.voter(&Person::numbered(1), P256).unwrap().sign);
    let backdated = cades::sign(b"ballot", &voter, VALID.0).unwrap();
    assert!(accept(b"ballot", &backdated, &anchors, CAST).is_ok());
    assert_eq!(accept(b"ballot", &backdated, &anchors, VALID.1 + 1), Err(EnvelopeError::Expired));
    let postdated = cades::sign(b"ballot", &voter, VALID.1 + 1).unwrap();
    assert!(accept(b"ballot", &postdated, &anchors, CAST).is_ok());
}

/// E13: a signature over one ballot is none over another.
#[test]
fn moved_signature() {
    let (pki, anchors) = eid();
    let voter = identity(&pki.voter(&Person::numbered(1), P256).unwrap().sign);
    let container = cades::sign(b"ballot of one election", &voter, CAST).unwrap();
    let moved = accept(b"ballot of another election", &container, &anchors, CAST);
    assert_eq!(moved, Err(EnvelopeError::ContentDigest));
}

/// B04: nobody can make a second container out of a first, byte by byte at least.
#[test]
fn one_container_per_signature() {
    let (pki, _) = eid();
    let voter = identity(&pki.voter(&Person::numbered(1), P256).unwrap().sign);
    let container = cades::sign(b"ballot", &voter, CAST).unwrap();
    for at in 0..container.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut other = container.clone();
            *other.get_mut(at).unwrap() ^= flip;
            assert!(cades::verify(b"ballot", &other).is_err(), "byte {at} ^ {flip:#04x}");
        }
    }
    assert!(cades::verify(b"ballot", &[container, vec![0]].concat()).is_err());
}

/// Every kind of key in both profiles: the verifier, written from the specification, accepts and refuses the same bytes.
#[test]
fn the_verifier_agrees_about_every_container() {
    use envelope::Profile;
    use verifier::certificate::Anchors;
    use verifier::envelope::Profile as Judge;
    let (pki, anchors) = eid();
    let judges = Anchors::new(&[pki.root_der().to_vec()]);
    for algorithm in [P256, P384, &rcgen::PKCS_ECDSA_P521_SHA512] {
        let voter = identity(&pki.voter(&Person::numbered(1), algorithm).unwrap().sign);
        for (profile, judge) in [(Profile::CadesB, Judge::CadesB), (Profile::AsicE, Judge::AsicE)] {
            let draft = profile.draft(b"ballot", voter.certificate(), voter.intermediates(), CAST).unwrap();
            let container = draft.finish(&voter.sign(draft.message()).unwrap()).unwrap();
            let ours = |container: &[u8], content: &[u8]| {
                let signed = profile.verify(content, container).ok()?;
                signed.accept(&anchors, CAST).ok().map(str::to_owned)
            };
            let theirs = |container: &[u8], content: &[u8]| judge.accept(container, content, &judges, CAST).ok();
            let both = [ours(&container, b"ballot"), theirs(&container, b"ballot")];
            assert_eq!(both, [Some("PNOEE-60000000001".to_owned()), Some("PNOEE-60000000001".to_owned())]);
            assert_eq!([ours(&container, b"ballox"), theirs(&container, b"ballox")], [None, None]);
            assert_eq!(judge.longest(6), profile.longest(6) as u64);
            for at in (0..container.len()).step_by(5) {
                let mut other = container.clone();
                *other.get_mut(at).unwrap() ^= 0x01;
                assert_eq!([ours(&other, b"ballot"), theirs(&other, b"ballot")], [None, None], "{profile:?}, byte {at}");
            }
        }
    }
}

/// Prints what one envelope costs the collector; the bound is loose and only catches blunders.
#[test]
fn cost_of_an_envelope() {
    let (pki, anchors) = eid();
    for (name, algorithm) in [("P-256", P256), ("P-384", P384)] {
        let voter = identity(&pki.voter(&Person::numbered(1), algorithm).unwrap().sign);
        let container = cades::sign(b"ballot", &voter, CAST).unwrap();
        let mean = |work: &dyn Fn()| {
            let start = Instant::now();
            (0..50).for_each(|_| work());
            start.elapsed() / 50
        };
        let verify = mean(&|| drop(cades::verify(b"ballot", &container).unwrap()));
        let both = mean(&|| drop(accept(b"ballot", &container, &anchors, CAST).unwrap()));
        println!("{name}: container {verify:?}, with its chain {both:?}, {} bytes", container.len());
        assert!(both < Duration::from_millis(50));
    }
}
