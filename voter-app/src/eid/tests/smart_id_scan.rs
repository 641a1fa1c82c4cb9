//! Smart-ID by a code that the phone scans: the phone checks the link as SK's service does, and waits until it has changed.

use super::answers;
use super::smart_id::{DOCUMENT, KEYS, PARTY, acsp_v2};
use super::stand_in::{Voter, arc, assert_works, log_in, names, serve, sign};
use crate::eid::fault::Fault;
use crate::eid::smart_id::MEANS;
use crate::eid::{Holder, Notice, Opened};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;

const SECRETS: [[u8; 32]; 2] = [[9; 32], [8; 32]];

/// The links that were shown for a session.
fn links(voter: &Voter, token: &str) -> Vec<String> {
    let shown = voter.shown.lock().unwrap();
    let links = shown.iter().filter_map(|notice| if let Notice::Scan(link) = notice { Some(link.clone()) } else { None });
    links.filter(|link| link.contains(&format!("&sessionToken={token}&"))).collect()
}

/// What SK's service says of a link: its code is over this session's request, and over this second.
fn is_own(link: &str, body: &Value, at_login: bool) -> bool {
    let (unprotected, code) = link.rsplit_once("&authCode=").unwrap();
    let (base, query) = unprotected.split_once('?').unwrap();
    let fields: Vec<&str> = query.split('&').map(|field| field.split_once('=').unwrap().0).collect();
    assert_eq!(fields, ["deviceLinkType", "elapsedSeconds", "sessionToken", "sessionType", "version", "lang"]);
    assert!(query.starts_with("deviceLinkType=QR&") && base == "https://smart-id.example/device-link", "{link}");
    let parameters = &body["signatureProtocolParameters"];
    let (kind, digest) = if at_login { ("auth", &parameters["rpChallenge"]) } else { ("sign", &parameters["digest"]) };
    let fields = [
        "smart-id",
        body["signatureProtocol"].as_str().unwrap(),
        digest.as_str().unwrap(),
        "REVNTw==",
        "",
        body["interactions"].as_str().unwrap(),
        "",
        unprotected,
    ];
    let key = hmac::Key::new(hmac::HMAC_SHA256, &SECRETS[usize::from(!at_login)]);
    query.contains(&format!("&sessionType={kind}&"))
        && hmac::verify(&key, fields.join("|").as_bytes(), &URL_SAFE_NO_PAD.decode(code).unwrap()).is_ok()
}

fn stand_in(voter: Arc<Voter>, twist: &'static str) -> String {
    let [login, signing, ..] = &*KEYS;
    let mut begun: Option<Value> = None;
    serve(move |request| {
        let body = &request.body;
        let mut begin = |session: &str, at_login: bool| {
            let all = [
                "certificateLevel",
                "interactions",
                "relyingPartyName",
                "relyingPartyUUID",
                "signatureProtocol",
                "signatureProtocolParameters",
            ];
            assert_eq!(names(body), all);
            let shown: Value = serde_json::from_slice(&STANDARD.decode(body["interactions"].as_str().unwrap()).unwrap()).unwrap();
            let kinds: Vec<&Value> = shown.as_array().unwrap().iter().map(|one| &one["type"]).collect();
            assert_eq!(kinds, ["confirmationMessage", "displayTextAndPIN"], "no codes to choose from");
            begun = Some(body.clone());
            let base = if twist == "other-base" { "http://smart-id.example" } else { "https://smart-id.example/device-link" };
            let secret = STANDARD.encode(SECRETS[usize::from(!at_login)]);
            (200, json!({ "sessionID": session, "sessionToken": format!("T-{session}"), "sessionSecret": secret, "deviceLinkBase": base }))
        };
        match (request.method.as_str(), request.path.split('?').next().unwrap()) {
            ("POST", "/authentication/device-link/etsi/PNOEE-60000000001") => begin("a1b2", true),
            ("POST", "/signature/device-link/document/PNOEE-60000000001-DEM0-Q") => begin("c3d4", false),
            ("POST", "/signature/certificate/PNOEE-60000000001-DEM0-Q") => {
                (200, json!({ "state": "OK", "cert": { "value": signing.certificate(), "certificateLevel": "QUALIFIED" } }))
            }
            ("GET", path @ ("/session/a1b2" | "/session/c3d4")) => {
                let at_login = path == "/session/a1b2";
                let links = links(&voter, if at_login { "T-a1b2" } else { "T-c3d4" });
                let [first, .., last] = links.as_slice() else { return (200, json!({ "state": "RUNNING" })) };
                let begun = begun.as_ref().unwrap();
                assert!(first.contains("elapsedSeconds=0&") && first != last, "each second has its own link");
                if !links.iter().all(|link| is_own(link, begun, at_login)) {
                    return (200, json!({ "state": "COMPLETE", "result": { "endResult": "PROTOCOL_FAILURE" } }));
                }
                if twist == "USER_REFUSED" {
                    return (200, json!({ "state": "COMPLETE", "result": { "endResult": twist } }));
                }
                let flow = if twist == "called-instead" { "Notification" } else { "QR" };
                let (held, hash) = match at_login {
                    true => (login, acsp_v2(begun, ["smart-id", "DEMO", "confirmationMessage", flow])),
                    false => (signing, STANDARD.decode(begun["signatureProtocolParameters"]["digest"].as_str().unwrap()).unwrap()),
                };
                let answer = json!({
                    "state": "COMPLETE", "result": { "endResult": "OK", "documentNumber": DOCUMENT },
                    "signatureProtocol": begun["signatureProtocol"],
                    "signature": {
                        "value": held.sign(&hash), "serverRandom": "2BRq6GXciED/sysSj7n6rxzA",
                        "userChallenge": "TTb4rM24GEIvtddfOqA-gOUwdJSXKrj5JeVnRtPv7tI", "flowType": flow, "signatureAlgorithm": "rsassa-pss",
                        "signatureAlgorithmParameters": { "hashAlgorithm": "SHA-512" },
                    },
                    "cert": { "value": held.certificate(), "certificateLevel": "QUALIFIED" }, "interactionTypeUsed": "confirmationMessage",
                });
                (200, answer)
            }
            _ => (404, json!({})),
        }
    })
}

fn open(url: &str, flow: &str, holder: Arc<dyn Holder>) -> Opened {
    let inputs = [("service", url), ("party", PARTY), ("party-name", "DEMO"), ("person", "PNOEE-60000000001"), ("flow", flow)];
    MEANS.open(&answers(&inputs), holder)
}

#[test]
fn logs_in_and_signs_with_links_that_change() {
    let (voter, holder) = arc();
    let eid = open(&stand_in(voter.clone(), ""), "qr", holder).unwrap();
    assert_works(eid.as_ref(), "PNOEE-60000000001");
    let shown = voter.take();
    let acts: Vec<&[Notice]> = shown.split(|notice| *notice == Notice::Over).collect();
    let [at_login, at_signing, []] = acts.as_slice() else { panic!("two acts, each of them over: {shown:?}") };
    for (links, secret) in [at_login, at_signing].into_iter().zip(SECRETS) {
        assert!(
            links.len() > 1 && links.iter().all(|notice| matches!(notice, Notice::Scan(link) if !link.contains(&STANDARD.encode(secret))))
        );
    }
}

#[test]
fn what_goes_wrong() {
    let fault = |twist| {
        let (voter, holder) = arc();
        let fault = log_in(open(&stand_in(voter.clone(), twist), "qr", holder).unwrap().as_ref()).err().unwrap().eid.unwrap();
        assert_eq!(voter.take().last(), Some(&Notice::Over), "{twist}");
        fault
    };
    assert_eq!(fault("USER_REFUSED"), Fault::Refused);
    assert_eq!(fault("called-instead"), Fault::BadSignature, "the phone signed that it was called");
    assert!(matches!(fault("other-base"), Fault::Service(_)));

    let (voter, holder) = arc();
    let eid = open(&stand_in(voter.clone(), ""), "qr", holder).unwrap();
    voter.gives_up.store(true, Ordering::Relaxed);
    assert_eq!(log_in(eid.as_ref()).err().unwrap().eid.unwrap(), Fault::Cancelled);
    assert!(sign(eid.as_ref()).is_err());
    assert!(open("http://127.0.0.1:9", "QR", arc().1).err().unwrap().eid.is_none(), "another flow");
}
