use super::answers;
use super::pki::Use;
use super::stand_in::{Held, arc, assert_works, log_in, names, serve, sign, test_pki};
use crate::eid::fault::Fault;
use crate::eid::mobile_id::{MEANS, verification_code};
use crate::eid::{Holder, Notice, Opened};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;

const PARTY: &str = "00000000-0000-0000-0000-000000000000";

/// A stand-in for the Mobile-ID service; `twist` names the one thing that goes wrong.
fn stand_in(twist: &'static str) -> String {
    let pki = test_pki();
    let (login, signing) = (Held::ec(&pki, 1, Use::Login), Held::ec(&pki, 1, Use::Sign));
    let (other_login, other_sign) = (Held::ec(&pki, 2, Use::Login), Held::ec(&pki, 2, Use::Sign));
    let mut asked = 0;
    let mut begun: Option<(String, Vec<u8>)> = None;
    serve(move |request| {
        let body = &request.body;
        let party = body["relyingPartyUUID"] == PARTY && body["relyingPartyName"] == "DEMO";
        match (request.method.as_str(), request.path.split('?').next().unwrap()) {
            ("POST", _) if !party || twist == "stranger" => (401, json!({ "error": "Failed to authorize user" })),
            ("POST", "/certificate") => {
                assert_eq!(names(body), ["nationalIdentityNumber", "phoneNumber", "relyingPartyName", "relyingPartyUUID"]);
                assert_eq!((&body["phoneNumber"], &body["nationalIdentityNumber"]), (&json!("+37200000766"), &json!("60000000001")));
                match twist {
                    "NOT_FOUND" | "NOT_ACTIVE" => (200, json!({ "result": twist })),
                    "other-certificate" => (200, json!({ "result": "OK", "cert": other_sign.certificate() })),
                    "login-certificate" => (200, json!({ "result": "OK", "cert": login.certificate() })),
                    "no-certificate" => (200, json!({ "result": "OK" })),
                    "down" => (500, json!({})),
                    _ => (200, json!({ "result": "OK", "cert": signing.certificate(), "time": "2026-11-22T02:00:00", "traceId": "5ffc" })),
                }
            }
            ("POST", call @ ("/authentication" | "/signature")) => {
                let all = ["displayText", "displayTextFormat", "hash", "hashType", "language", "nationalIdentityNumber", "phoneNumber"];
                assert_eq!(names(body), [&all[..], &["relyingPartyName", "relyingPartyUUID"]].concat());
                assert_eq!(
                    (&body["hashType"], &body["language"], &body["displayTextFormat"]),
                    (&json!("SHA256"), &json!("EST"), &json!("GSM-7"))
                );
                assert!(body["displayText"].as_str().unwrap().len() <= 40);
                let hash = STANDARD.decode(body["hash"].as_str().unwrap()).unwrap();
                assert_eq!(hash.len(), 32);
                begun = Some((call.to_owned(), hash));
                asked = 0;
                let id = if twist == "strange-session" { "../x" } else { "de305d54-75b4-431b-adb2-eb6b9e546015" };
                (200, json!({ "sessionID": id }))
            }
            ("GET", path) => {
                let (call, hash) = begun.as_ref().unwrap();
                assert_eq!(path, format!("{call}/session/de305d54-75b4-431b-adb2-eb6b9e546015"));
                assert_eq!(request.path.split_once('?').unwrap().1, "timeoutMs=5000");
                asked += 1;
                if asked < 3 || twist == "waiting" {
                    return (200, json!({ "state": "RUNNING" }));
                }
                let (own, other) = if call == "/authentication" { (&login, &other_login) } else { (&signing, &other_sign) };
                let complete = |held: &Held, hash: &[u8]| {
                    let mut answer = json!({ "state": "COMPLETE", "result": "OK", "traceId": "abc",
                        "signature": { "value": held.sign(hash), "algorithm": "SHA256WithECEncryption" } });
                    if call == "/authentication" {
                        answer["cert"] = held.certificate().into();
                    }
                    answer
                };
                let answer = match twist {
                    "other-person" => complete(other, hash),
                    "other-hash" => complete(own, &[7; 32]),
                    "strange-state" => json!({ "state": "DONE" }),
                    "no-signature" => json!({ "state": "COMPLETE", "result": "OK" }),
                    "" => complete(own, hash),
                    result => json!({ "state": "COMPLETE", "result": result }),
                };
                (200, answer)
            }
            _ => (404, Value::Null),
        }
    })
}

fn open(url: &str, phone: &str, code: &str, holder: Arc<dyn Holder>) -> Opened {
    let given = [("service", url), ("party", PARTY), ("party-name", "DEMO"), ("phone", phone), ("code", code), ("language", "EST")];
    MEANS.open(&answers(&given), holder)
}

fn opened(twist: &'static str, holder: Arc<dyn Holder>) -> Opened {
    open(&stand_in(twist), "+37200000766", "60000000001", holder)
}

/// The example of the interface, 2.4.1, and the ends of the range.
#[test]
fn verification_codes() {
    let hash = [0x2f, 0x66, 0x5f, 0x6a, 0x69, 0x99, 0xe0, 0xef, 0x07, 0x52, 0xe0, 0x0e, 0xc9, 0xf4, 0x53, 0xad, 0xf5, 0x9d, 0x8c, 0xb6];
    assert_eq!(verification_code(&hash), "1462");
    assert_eq!([verification_code(&[0; 32]), verification_code(&[0xff; 32])], ["0000", "8191"]);
    assert_eq!(verification_code(&[0x03, 0x80]), "0000");
}

#[test]
fn logs_in_and_signs_with_the_code_shown() {
    let (voter, holder) = arc();
    let eid = opened("", holder).unwrap();
    assert_eq!(voter.take(), [], "opening asks the voter nothing");
    assert_works(eid.as_ref(), "PNOEE-60000000001");
    let shown = voter.take();
    let message = envelope::login::login_message(&[1; 32], &[2; 32], &[3; 32]);
    let code = verification_code(&envelope::Scheme::P256.digest(&message));
    assert_eq!(shown.first(), Some(&Notice::Code(code)));
    assert!(matches!(shown.as_slice(), [Notice::Code(_), Notice::Over, Notice::Code(_), Notice::Over]), "{shown:?}");
}

#[test]
fn what_goes_wrong_on_the_phone() {
    for (twist, expected) in [
        ("USER_CANCELLED", Fault::Refused),
        ("TIMEOUT", Fault::TimedOut),
        ("NOT_MID_CLIENT", Fault::Unknown),
        ("PHONE_ABSENT", Fault::PhoneAway),
        ("DELIVERY_ERROR", Fault::PhoneAway),
        ("SIM_ERROR", Fault::PhoneAway),
        ("SIGNATURE_HASH_MISMATCH", Fault::BadSignature),
        ("other-hash", Fault::BadSignature),
    ] {
        let (voter, holder) = arc();
        let eid = opened(twist, holder).unwrap();
        assert_eq!(log_in(eid.as_ref()).err().unwrap().eid, Some(expected.clone()), "{twist}");
        assert_eq!(sign(eid.as_ref()).err().unwrap().eid, Some(expected), "{twist}");
        assert_eq!(voter.take().last(), Some(&Notice::Over), "no code is left standing");
    }
    let eid = opened("other-person", arc().1).unwrap();
    let (expected, found) = ("PNOEE-60000000001".to_owned(), "PNOEE-60000000002".to_owned());
    assert_eq!(log_in(eid.as_ref()).err().unwrap().eid, Some(Fault::OtherPerson { expected, found }));
    assert_eq!(sign(eid.as_ref()).err().unwrap().eid, Some(Fault::BadSignature), "signed by another person");
    for twist in ["strange-state", "no-signature", "strange-session", "FOO"] {
        let failure = log_in(opened(twist, arc().1).unwrap().as_ref()).err().unwrap();
        assert!(matches!(failure.eid, Some(Fault::Service(_))), "{twist}: {failure}");
    }
}

#[test]
fn the_voter_gives_up() {
    let (voter, holder) = arc();
    let eid = opened("waiting", holder).unwrap();
    voter.gives_up.store(true, Ordering::Relaxed);
    assert_eq!(log_in(eid.as_ref()).err().unwrap().eid, Some(Fault::Cancelled));
}

#[test]
fn what_goes_wrong_before() {
    let fault = |twist| opened(twist, arc().1).err().unwrap().eid.unwrap();
    assert_eq!([fault("NOT_FOUND"), fault("NOT_ACTIVE")], [Fault::Unknown, Fault::Unknown]);
    assert!(matches!(fault("other-certificate"), Fault::OtherPerson { .. }));
    assert!(matches!(fault("login-certificate"), Fault::NoCertificate(why) if why.contains("ENV-27")));
    assert!(["no-certificate", "down", "stranger"].into_iter().all(|twist| matches!(fault(twist), Fault::Service(_))));
    let url = stand_in("");
    for (phone, code) in
        [("37200000766", "60000000001"), ("+372 00000766", "60000000001"), ("+37200000766", "6000000000"), ("+37200000766", "6000000000x")]
    {
        assert!(open(&url, phone, code, arc().1).err().unwrap().eid.is_none(), "{phone} {code} never leaves this machine");
    }
    let failure = open("http://mid.example", "+37200000766", "60000000001", arc().1).err().unwrap();
    assert!(failure.to_string().contains("https://"), "{failure}");
    let nobody = open("http://127.0.0.1:9", "+37200000766", "60000000001", arc().1).err().unwrap();
    assert!(matches!(nobody.eid, Some(Fault::Service(_))));
}
