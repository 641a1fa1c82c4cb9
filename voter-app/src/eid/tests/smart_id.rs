use super::answers;
use super::pki::Use;
use super::stand_in::{Held, arc, assert_works, log_in, names, serve, sign, test_pki};
use crate::eid::fault::Fault;
use crate::eid::smart_id::{MEANS, verification_code};
use crate::eid::{Holder, Notice, Opened};
use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

pub const PARTY: &str = "00000000-0000-4000-8000-000000000000";
pub const DOCUMENT: &str = "PNOEE-60000000001-DEM0-Q";

/// Two phones with RSA keys, and the first person's with EC keys. RSA keys are slow to make, so every test has the same.
pub static KEYS: LazyLock<[Held; 6]> = LazyLock::new(|| {
    let pki = test_pki();
    let rsa = |person, usage| Held::rsa(&pki, person, usage);
    let ec = |usage| Held::ec(&pki, 1, usage);
    [rsa(1, Use::Login), rsa(1, Use::Sign), rsa(2, Use::Login), rsa(2, Use::Sign), ec(Use::Sign), ec(Use::Login)]
});

/// What a phone does at a login: its own text around the challenge (RP API v3, signature protocols, ACSP_V2).
pub fn acsp_v2(body: &Value, [scheme, name, interaction, flow]: [&str; 4]) -> Vec<u8> {
    let challenge = body["signatureProtocolParameters"]["rpChallenge"].as_str().unwrap();
    let interactions = STANDARD.encode(digest(&SHA256, body["interactions"].as_str().unwrap().as_bytes()));
    let text = format!(
        "{scheme}|ACSP_V2|2BRq6GXciED/sysSj7n6rxzA|{challenge}|TTb4rM24GEIvtddfOqA-gOUwdJSXKrj5JeVnRtPv7tI|{}||{interactions}|{interaction}||{flow}",
        STANDARD.encode(name)
    );
    digest(&SHA512, text.as_bytes()).as_ref().to_vec()
}

/// A stand-in for Smart-ID; `twist` names the one thing that goes wrong.
fn stand_in(twist: &'static str) -> String {
    let [login, signing, other_login, other_sign, ec_sign, ec_login] = &*KEYS;
    let mut begun: Option<Value> = None;
    let mut asked = 0;
    serve(move |request| {
        let body = &request.body;
        let parameters = &body["signatureProtocolParameters"];
        let pss = parameters["signatureAlgorithm"] == "rsassa-pss"
            && parameters["signatureAlgorithmParameters"] == json!({ "hashAlgorithm": "SHA-512" });
        let shown = || -> Value { serde_json::from_slice(&STANDARD.decode(body["interactions"].as_str().unwrap()).unwrap()).unwrap() };
        match (request.method.as_str(), request.path.split('?').next().unwrap()) {
            ("POST", _) if body["relyingPartyUUID"] != PARTY || body["relyingPartyName"] != "DEMO" => (401, json!({})),
            ("POST", "/authentication/notification/etsi/PNOEE-60000000001") => {
                if let Some(status) = twist.strip_prefix("HTTP ") {
                    return (status.parse().unwrap(), json!({}));
                }
                let all = ["certificateLevel", "interactions", "relyingPartyName", "relyingPartyUUID", "signatureProtocol"];
                assert_eq!(names(body), [&all[..], &["signatureProtocolParameters", "vcType"]].concat());
                assert_eq!(
                    (&body["signatureProtocol"], &body["certificateLevel"], &body["vcType"]),
                    (&json!("ACSP_V2"), &json!("QUALIFIED"), &json!("numeric4"))
                );
                assert_eq!((parameters["rpChallenge"].as_str().unwrap().len(), pss), (88, true));
                assert!(
                    shown()[0]["displayText200"].as_str().unwrap().len() <= 200
                        && shown()[1]["displayText60"].as_str().unwrap().len() <= 60
                );
                (begun, asked) = (Some(body.clone()), 0);
                (200, json!({ "sessionID": "a1b2" }))
            }
            ("POST", "/signature/certificate/PNOEE-60000000001-DEM0-Q") => {
                assert_eq!(names(body), ["certificateLevel", "relyingPartyName", "relyingPartyUUID"]);
                let held = match twist {
                    "other-certificate" => other_sign,
                    "login-certificate" => login,
                    "ec-certificate" => ec_sign,
                    _ => signing,
                };
                let state = if twist == "unusable" { "DOCUMENT_UNUSABLE" } else { "OK" };
                (200, json!({ "state": state, "cert": { "value": held.certificate(), "certificateLevel": "QUALIFIED" } }))
            }
            ("POST", "/signature/notification/document/PNOEE-60000000001-DEM0-Q") => {
                let all = ["certificateLevel", "interactions", "relyingPartyName", "relyingPartyUUID", "signatureProtocol"];
                assert_eq!(names(body), [&all[..], &["signatureProtocolParameters"]].concat());
                assert_eq!(body["signatureProtocol"], "RAW_DIGEST_SIGNATURE");
                assert_eq!((STANDARD.decode(parameters["digest"].as_str().unwrap()).unwrap().len(), pss), (64, true));
                (begun, asked) = (Some(body.clone()), 0);
                let code = if twist == "strange-code" { "12345" } else { "4821" };
                (200, json!({ "sessionID": "c3d4", "vc": { "type": "numeric4", "value": code } }))
            }
            ("GET", path @ ("/session/a1b2" | "/session/c3d4")) => {
                asked += 1;
                if asked < 2 {
                    return (200, json!({ "state": "RUNNING" }));
                }
                let at_login = path == "/session/a1b2";
                let begun = begun.as_ref().unwrap();
                let hash = match (at_login, twist) {
                    (true, "other-scheme") => acsp_v2(begun, ["smart-id-demo", "DEMO", "displayTextAndPIN", "Notification"]),
                    (true, "other-name") => acsp_v2(begun, ["smart-id", "BANK", "displayTextAndPIN", "Notification"]),
                    (true, "other-flow") => acsp_v2(begun, ["smart-id", "DEMO", "displayTextAndPIN", "QR"]),
                    (true, _) => acsp_v2(begun, ["smart-id", "DEMO", "displayTextAndPIN", "Notification"]),
                    (false, "other-hash") => vec![7; 64],
                    (false, _) => STANDARD.decode(begun["signatureProtocolParameters"]["digest"].as_str().unwrap()).unwrap(),
                };
                let held = match (at_login, twist) {
                    (true, "other-person") => other_login,
                    (false, "other-person-signs") => other_sign,
                    (true, _) => login,
                    (false, _) => signing,
                };
                let mut answer = json!({
                    "state": "COMPLETE", "result": { "endResult": "OK", "documentNumber": DOCUMENT },
                    "signatureProtocol": if at_login { "ACSP_V2" } else { "RAW_DIGEST_SIGNATURE" },
                    "signature": {
                        "value": held.sign(&hash), "serverRandom": "2BRq6GXciED/sysSj7n6rxzA",
                        "userChallenge": "TTb4rM24GEIvtddfOqA-gOUwdJSXKrj5JeVnRtPv7tI", "flowType": "Notification", "signatureAlgorithm": "rsassa-pss",
                        "signatureAlgorithmParameters": { "hashAlgorithm": "SHA-512", "saltLength": 64, "trailerField": "0xbc",
                            "maskGenAlgorithm": { "algorithm": "id-mgf1", "parameters": { "hashAlgorithm": "SHA-512" } } },
                    },
                    "cert": { "value": held.certificate(), "certificateLevel": "QUALIFIED" }, "interactionTypeUsed": "displayTextAndPIN",
                });
                match twist {
                    "other-protocol" => answer["signatureProtocol"] = "ACSP_V1".into(),
                    "other-padding" => answer["signature"]["signatureAlgorithm"] = "sha512WithRSAEncryption".into(),
                    "other-document" => answer["result"]["documentNumber"] = "PNOEE-60000000002-DEM0-Q".into(),
                    "path-document" => answer["result"]["documentNumber"] = "PNOEE-60000000001-/../x".into(),
                    "moved-field" => answer["interactionTypeUsed"] = "displayTextAndPIN|".into(),
                    "ec-login" => answer["cert"]["value"] = ec_login.certificate().into(),
                    result if result.chars().all(|c| c.is_ascii_uppercase() || c == '_') && !result.is_empty() => {
                        answer = json!({ "state": "COMPLETE", "result": { "endResult": result } });
                    }
                    _ => {}
                }
                (200, answer)
            }
            _ => (404, json!({})),
        }
    })
}

fn open(url: &str, person: &str, holder: Arc<dyn Holder>) -> Opened {
    MEANS.open(&answers(&[("service", url), ("party", PARTY), ("party-name", "DEMO"), ("person", person)]), holder)
}

fn opened(twist: &'static str, holder: Arc<dyn Holder>) -> Opened {
    open(&stand_in(twist), "PNOEE-60000000001", holder)
}

/// The example of RP API v3, notification based flows.
#[test]
fn verification_code_of_a_login() {
    let challenge = "GYS+yoah6emAcVDNIajwSs6UB/M95XrDxMzXBUkwQJ9YFDipXXzGpPc7raWcuc2+TEoRc7WvIZ/7dU/iRXenYg==";
    assert_eq!(verification_code(&STANDARD.decode(challenge).unwrap()), "7180");
}

#[test]
fn logs_in_and_signs_with_the_codes_shown() {
    let (voter, holder) = arc();
    let eid = opened("", holder).unwrap();
    assert!(sign(eid.as_ref()).err().unwrap().to_string().contains("Log in"), "which account signs is known from the login");
    assert_works(eid.as_ref(), "PNOEE-60000000001");
    let message = envelope::login::login_message(&[1; 32], &[2; 32], &[3; 32]);
    let own = verification_code(&envelope::login::smart_id_challenge(&message));
    assert_eq!(voter.take(), [Notice::Choose(own), Notice::Over, Notice::Choose("4821".to_owned()), Notice::Over]);
}

#[test]
fn what_goes_wrong_at_a_login() {
    let fault = |twist| log_in(opened(twist, arc().1).unwrap().as_ref()).err().unwrap().eid.unwrap();
    for (twist, expected) in [
        ("USER_REFUSED", Fault::Refused),
        ("USER_REFUSED_INTERACTION", Fault::Refused),
        ("USER_REFUSED_CERT_CHOICE", Fault::Refused),
        ("WRONG_VC", Fault::WrongCode),
        ("TIMEOUT", Fault::TimedOut),
        ("DOCUMENT_UNUSABLE", Fault::Unknown),
        ("HTTP 404", Fault::Unknown),
        ("HTTP 471", Fault::Unknown),
        ("other-scheme", Fault::BadSignature),
        ("other-name", Fault::BadSignature),
        ("other-flow", Fault::BadSignature),
        ("moved-field", Fault::BadSignature),
        ("ec-login", Fault::BadSignature),
    ] {
        assert_eq!(fault(twist), expected, "{twist}");
    }
    for twist in ["other-person", "other-document", "path-document"] {
        assert!(matches!(fault(twist), Fault::OtherPerson { .. }), "{twist}");
    }
    for twist in ["other-protocol", "other-padding", "HTTP 472", "HTTP 480", "HTTP 580", "HTTP 500", "PROTOCOL_FAILURE", "SERVER_ERROR"] {
        assert!(matches!(fault(twist), Fault::Service(_)), "{twist}");
    }
}

#[test]
fn what_goes_wrong_at_signing() {
    let fault = |twist| {
        let (voter, holder) = arc();
        let eid = opened(twist, holder).unwrap();
        log_in(eid.as_ref()).map_err(|e| e.to_string()).unwrap();
        let fault = sign(eid.as_ref()).err().unwrap().eid.unwrap();
        assert_eq!(voter.take().last(), Some(&Notice::Over));
        fault
    };
    assert_eq!(fault("other-person-signs"), Fault::BadSignature);
    assert_eq!(fault("other-hash"), Fault::BadSignature);
    assert!(matches!(fault("other-certificate"), Fault::OtherPerson { .. }));
    assert!(matches!(fault("login-certificate"), Fault::NoCertificate(why) if why.contains("ENV-27")));
    assert!(matches!(fault("ec-certificate"), Fault::NoCertificate(_)));
    assert!(matches!(fault("strange-code"), Fault::Service(_)));
    assert_eq!(fault("unusable"), Fault::Unknown);
}

#[test]
fn a_person_code_cannot_be_a_path() {
    for person in ["PNOEE-1/../2", "38001085718", "PNOEE-1?x", ""] {
        assert!(open("http://127.0.0.1:9", person, arc().1).err().unwrap().eid.is_none(), "{person}");
    }
}
