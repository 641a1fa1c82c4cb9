//! Who may speak to the page: the browser that was opened, at this address, from this page. Everything else is refused before it is read.
//!
//! - The server listens on 127.0.0.1 alone, and `Host` must be exactly its address and port: a name that is rebound to the loopback
//!   address does not reach it.
//! - The address that opens the page carries a token of 128 bits that works once; in return the browser gets a cookie (HttpOnly,
//!   SameSite=Strict, gone with the browser). Cookies know no ports, so the cookie's name is drawn too, and every form has a key of its
//!   own beside it.
//! - A form must come from this origin (`Origin`), and a browser that says where a request comes from (`Sec-Fetch-Site`) must say: here.

use crate::failure::Failure;
use crate::memory::entropy;

/// What a request shows of itself.
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs)]
pub struct Asked<'a> {
    pub post: bool,
    pub path: &'a str,
    pub host: Option<&'a str>,
    pub origin: Option<&'a str>,
    pub fetch_site: Option<&'a str>,
    pub cookies: Option<&'a str>,
}

/// Why a request is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not this address, not this origin, or from another site.
    Stranger,
    /// No cookie, or another one's: another browser, or the page of another run.
    Unknown,
    /// The opening address was used before.
    Spent,
}

/// The keys of one run.
#[derive(Debug)]
pub struct Guard {
    address: String,
    token: Option<String>,
    cookie: (String, String),
    form: String,
}

impl Guard {
    /// Draws the keys; `port` is where the server listens.
    pub fn new(port: u16) -> Result<Self, Failure> {
        let draw = || entropy().map(|bytes| hex::encode(bytes.first_chunk::<16>().unwrap_or(&[0; 16])));
        let name = format!("haal-{}", draw()?.get(..8).unwrap_or_default());
        Ok(Self { address: format!("127.0.0.1:{port}"), token: Some(draw()?), cookie: (name, draw()?), form: draw()? })
    }

    /// The address that opens the page, once.
    pub fn opening(&self) -> String {
        format!("http://{}/open/{}", self.address, self.token.as_deref().unwrap_or_default())
    }

    /// The key that every form carries.
    pub fn form(&self) -> &str {
        &self.form
    }

    /// The cookie of the browser that came with the token; the token is spent.
    pub fn open(&mut self, asked: &Asked<'_>) -> Result<String, Refusal> {
        self.place(asked)?;
        let given = asked.path.strip_prefix("/open/").unwrap_or_default();
        match self.token.take() {
            Some(token) if same(&token, given) => Ok(format!("{}={}; Path=/; HttpOnly; SameSite=Strict", self.cookie.0, self.cookie.1)),
            kept => {
                self.token = kept;
                Err(if self.token.is_none() { Refusal::Spent } else { Refusal::Unknown })
            }
        }
    }

    /// Accepts a request of the browser that was let in.
    pub fn admit(&self, asked: &Asked<'_>) -> Result<(), Refusal> {
        self.place(asked)?;
        let here = format!("http://{}", self.address);
        if asked.post && asked.origin != Some(here.as_str()) || asked.origin.is_some_and(|origin| origin != here) {
            return Err(Refusal::Stranger);
        }
        if asked.fetch_site.is_some_and(|site| site != "same-origin" && (asked.post || site != "none")) {
            return Err(Refusal::Stranger);
        }
        let mut cookies = asked.cookies.unwrap_or_default().split(';').filter_map(|c| c.trim().split_once('='));
        match cookies.find(|(name, _)| *name == self.cookie.0) {
            Some((_, value)) if same(value, &self.cookie.1) => Ok(()),
            _ => Err(Refusal::Unknown),
        }
    }

    /// Accepts the key of a form.
    pub fn admit_form(&self, key: Option<&str>) -> Result<(), Refusal> {
        if key.is_some_and(|key| same(key, &self.form)) { Ok(()) } else { Err(Refusal::Stranger) }
    }

    fn place(&self, asked: &Asked<'_>) -> Result<(), Refusal> {
        if asked.host == Some(self.address.as_str()) { Ok(()) } else { Err(Refusal::Stranger) }
    }
}

/// Compares without telling by the time where they differ.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |differ, (x, y)| differ | (x ^ y)) == 0
}

/// What every answer carries: nothing is kept, nothing comes from elsewhere, nobody may frame it or read it.
pub const HEADERS: [(&str, &str); 8] = [
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
    ),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"), // none at all would turn the Origin of forms into `null`
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), clipboard-read=()"),
];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const HERE: &str = "127.0.0.1:4000";

    fn opened() -> (Guard, String) {
        let mut guard = Guard::new(4000).unwrap();
        let path = guard.opening().replace("http://127.0.0.1:4000", "");
        let cookie = guard.open(&Asked { path: &path, host: Some(HERE), ..Asked::default() }).unwrap();
        (guard, cookie.split(';').next().unwrap().to_owned())
    }

    #[test]
    fn the_opening_address_works_once() {
        let mut guard = Guard::new(4000).unwrap();
        let path = guard.opening().replace("http://127.0.0.1:4000", "");
        let asked = Asked { path: &path, host: Some(HERE), ..Asked::default() };
        let wrong = format!("/open/{}", "0".repeat(32));
        assert_eq!(guard.open(&Asked { path: &wrong, ..asked }), Err(Refusal::Unknown), "another token");
        assert_eq!(guard.open(&Asked { path: "/open/", ..asked }), Err(Refusal::Unknown), "no token");
        assert_eq!(guard.open(&Asked { host: Some("evil.example:4000"), ..asked }), Err(Refusal::Stranger), "a rebound name");
        let cookie = guard.open(&asked).unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
        assert_eq!(guard.open(&asked), Err(Refusal::Spent), "a second time");
        assert_eq!(guard.open(&Asked { path: "/open/", ..asked }), Err(Refusal::Spent), "an empty token when it is spent");
    }

    #[test]
    fn only_the_opened_browser_at_this_address_is_heard() {
        let (guard, cookie) = opened();
        let get = Asked { path: "/", host: Some(HERE), cookies: Some(&cookie), ..Asked::default() };
        assert_eq!(guard.admit(&get), Ok(()));
        for host in [None, Some("localhost:4000"), Some("127.0.0.1"), Some("127.0.0.1:4001"), Some("evil.example:4000")] {
            assert_eq!(guard.admit(&Asked { host, ..get }), Err(Refusal::Stranger), "{host:?}");
        }
        let other = opened().1;
        let renamed = format!("other={}", cookie.split_once('=').unwrap().1);
        for cookies in [None, Some(""), Some(other.as_str()), Some(renamed.as_str())] {
            assert_eq!(guard.admit(&Asked { cookies, ..get }), Err(Refusal::Unknown), "{cookies:?}");
        }
        assert_eq!(guard.admit(&Asked { origin: Some("http://127.0.0.1:5000"), ..get }), Err(Refusal::Stranger), "another port reads");
        assert_eq!(guard.admit(&Asked { fetch_site: Some("cross-site"), ..get }), Err(Refusal::Stranger));
        assert_eq!(guard.admit(&Asked { fetch_site: Some("same-site"), ..get }), Err(Refusal::Stranger), "another port links");
        assert_eq!(guard.admit(&Asked { fetch_site: Some("none"), ..get }), Ok(()), "typed by the voter");
    }

    #[test]
    fn forms_come_from_this_page() {
        let (guard, cookie) = opened();
        let origin = Some("http://127.0.0.1:4000");
        let post = Asked { post: true, path: "/sign", host: Some(HERE), origin, cookies: Some(&cookie), ..Asked::default() };
        assert_eq!(guard.admit(&post), Ok(()));
        for origin in [None, Some("null"), Some("https://127.0.0.1:4000"), Some("http://127.0.0.1:4001"), Some("http://evil.example")] {
            assert_eq!(guard.admit(&Asked { origin, ..post }), Err(Refusal::Stranger), "{origin:?}");
        }
        assert_eq!(guard.admit(&Asked { fetch_site: Some("none"), ..post }), Err(Refusal::Stranger));
        assert_eq!(guard.admit_form(Some(guard.form())), Ok(()));
        assert_eq!(guard.admit_form(Some("")), Err(Refusal::Stranger));
        assert_eq!(guard.admit_form(None), Err(Refusal::Stranger));
    }
}
