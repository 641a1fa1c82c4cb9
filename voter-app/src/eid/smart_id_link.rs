//! What a phone with Smart-ID scans, anew each second. Interface: RP API v3, "Device link flows" and "authCode calculation".
//!
//! Only a phone near this screen can scan it, which a call from the service cannot say (phishing). The code at the end of a link binds it to
//! session, request and second; the secret of that code never leaves this program.

use super::fault::Fault;
use super::service::{bytes, text};
use super::{Holder, Notice};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// What a session was begun with, as it was sent; both sides must have the same.
#[derive(Clone, Copy, Debug)]
pub struct Begun<'a> {
    /// `auth` or `sign`.
    pub kind: &'a str,
    pub scheme: &'a str,
    pub protocol: &'a str,
    /// Challenge or hash, in base64.
    pub digest: &'a str,
    /// The relying party's name.
    pub name: &'a str,
    /// In base64.
    pub interactions: &'a str,
}

/// The links of one session.
pub struct Link {
    /// All of a link but second and code: before the second, and after it.
    around: (String, String),
    /// What the code covers before the link.
    covered: String,
    secret: Zeroizing<Vec<u8>>,
    since: Instant,
}

impl Link {
    /// From the service's answer to the beginning of a session.
    pub fn new(answer: &Value, begun: &Begun<'_>) -> Result<Self, Fault> {
        let (base, token) = (text(answer, "/deviceLinkBase")?, text(answer, "/sessionToken")?);
        let plain = |c: u8| c.is_ascii_alphanumeric() || b"-_".contains(&c);
        let is_address = base.strip_prefix("https://").is_some_and(|rest| rest.bytes().all(|c| plain(c) || b".:/".contains(&c)));
        if !is_address || base.len() > 200 || token.is_empty() || token.len() > 200 || !token.bytes().all(plain) {
            return Err(Fault::Service("its link cannot be shown".to_owned()));
        }
        let Begun { kind, scheme, protocol, digest, name, interactions } = begun;
        Ok(Self {
            around: (
                format!("{base}?deviceLinkType=QR&elapsedSeconds="),
                format!("&sessionToken={token}&sessionType={kind}&version=1.0&lang=eng"),
            ),
            // Without a broker and without an address to come back to.
            covered: format!("{scheme}|{protocol}|{digest}|{}||{interactions}||", STANDARD.encode(name)),
            secret: Zeroizing::new(bytes(answer, "/sessionSecret")?),
            since: Instant::now(),
        })
    }

    /// The link of a second since the answer came.
    fn at(&self, second: u64) -> String {
        let (before, after) = &self.around;
        let link = format!("{before}{second}{after}");
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.secret);
        let code = hmac::sign(&key, format!("{}{link}", self.covered).as_bytes());
        format!("{link}&authCode={}", URL_SAFE_NO_PAD.encode(code))
    }

    /// Shows the link of each second until `wait` returns.
    pub fn shown_while<T>(&self, holder: &dyn Holder, wait: impl FnOnce() -> T) -> T {
        let (over, changed) = (Mutex::new(false), Condvar::new());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut is_over = over.lock().unwrap_or_else(PoisonError::into_inner);
                while !*is_over {
                    let elapsed = self.since.elapsed();
                    holder.show(&Notice::Scan(self.at(elapsed.as_secs())));
                    let rest = Duration::from_secs(elapsed.as_secs() + 1).saturating_sub(self.since.elapsed());
                    is_over = changed.wait_timeout(is_over, rest).unwrap_or_else(PoisonError::into_inner).0;
                }
            });
            let done = wait();
            *over.lock().unwrap_or_else(PoisonError::into_inner) = true;
            changed.notify_all();
            done
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SECRET: &str = "B98ODiVCebRedSwdTk51zFSaGYyHtY1H2A0ocAi3/Ps=";
    const INTERACTIONS: &str = "W3sidHlwZSI6ImNvbmZpcm1hdGlvbk1lc3NhZ2UiLCJkaXNwbGF5VGV4dDIwMCI6IkxvbmdlciBkZXNjcmlwdGlvbiBvZiB0aGUgdHJhbnNhY3Rpb24gY29udGV4dCJ9LHsidHlwZSI6ImRpc3BsYXlUZXh0QW5kUElOIiwiZGlzcGxheVRleHQ2MCI6IlNob3J0IGRlc2NyaXB0aW9uIG9mIHRoZSB0cmFuc2FjdGlvbiBjb250ZXh0In1d";

    fn answer() -> Value {
        json!({ "sessionID": "a", "sessionToken": "wGIrqveE6AuGDATZKmR1mtAZ", "sessionSecret": SECRET, "deviceLinkBase": "https://smart-id.com/device-link" })
    }

    /// The links of SK's example, whose relying party has a broker: its name goes where ours leaves nothing.
    #[test]
    fn links_of_the_published_example() {
        for (kind, protocol, digest, code) in [
            (
                "auth",
                "ACSP_V2",
                "GYS+yoah6emAcVDNIajwSs6UB/M95XrDxMzXBUkwQJ9YFDipXXzGpPc7raWcuc2+TEoRc7WvIZ/7dU/iRXenYg==",
                "OY1eHaD4UYedrBwtqUbSkpa0w7ttm4FllPkCD_3wlE0",
            ),
            (
                "sign",
                "RAW_DIGEST_SIGNATURE",
                "FNZFFya5wGLv9b27fZngaWrOBqle4tGwxZuDFRBdPl1RQvxJsfoqvTbjafd+8BcehMOQGvak6zlP+F8tga4bfQ==",
                "5PZVhiNDTnt1MjLz8_YCjnNtR7p0iGevaL2G1ajfMco",
            ),
        ] {
            let begun = Begun { kind, scheme: "smart-id", protocol, digest, name: "DEMO", interactions: INTERACTIONS };
            let mut link = Link::new(&answer(), &begun).unwrap();
            let own = link.at(22);
            link.covered = link.covered.replace("|REVNTw==||", "|REVNTw==|RXhhbXBsZSBSUA==|");
            let shown = link.at(22);
            let expected = format!(
                "https://smart-id.com/device-link?deviceLinkType=QR&elapsedSeconds=22&sessionToken=wGIrqveE6AuGDATZKmR1mtAZ&sessionType={kind}\
                 &version=1.0&lang=eng&authCode={code}"
            );
            assert_eq!(shown, expected);
            assert_ne!(own, expected);
            assert_ne!(link.at(23).rsplit('=').next(), Some(code), "each second has its code");
        }
    }

    #[test]
    fn what_cannot_be_shown() {
        let begun = Begun { kind: "auth", scheme: "smart-id", protocol: "ACSP_V2", digest: "AA==", name: "DEMO", interactions: "W10=" };
        assert!(Link::new(&answer(), &begun).is_ok());
        let long = format!("https://{}", "a".repeat(200));
        for (name, value) in [
            ("deviceLinkBase", "http://smart-id.com/device-link"),
            ("deviceLinkBase", "https://smart-id.com/?a=b"),
            ("deviceLinkBase", "https://smart-id.com/|"),
            ("deviceLinkBase", "https://smart-id.com/\u{1b}[2J"),
            ("deviceLinkBase", &long),
            ("sessionToken", ""),
            ("sessionToken", "a&sessionType=sign"),
            ("sessionSecret", "!"),
        ] {
            let mut changed = answer();
            changed[name] = value.into();
            assert!(matches!(Link::new(&changed, &begun), Err(Fault::Service(_))), "{name} {value}");
        }
        for name in ["deviceLinkBase", "sessionToken", "sessionSecret"] {
            let mut less = answer();
            less.as_object_mut().unwrap().remove(name);
            assert!(matches!(Link::new(&less, &begun), Err(Fault::Service(_))), "{name}");
        }
    }
}
