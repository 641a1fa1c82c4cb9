//! Who is not let in, and what every answer carries: over plain HTTP, as another program or another site would try.

use super::scene::{Page, practice};
use std::io::{Read, Write};
use std::net::TcpStream;

struct Answer {
    status: u16,
    head: String,
    body: String,
}

fn ask(page: &Page, request: &str) -> Answer {
    let mut stream = TcpStream::connect(page.origin.trim_start_matches("http://")).unwrap();
    stream.write_all(request.replace('\n', "\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_lowercase(), body: body.to_owned() }
}

#[test]
fn strangers_are_refused_and_nothing_is_kept() {
    let town = practice();
    let mut page = Page::start(&town.election.dir.join("voter-doors"), &town.election.id(), town.election.url(), &["--language", "en"]);
    let host = page.origin.trim_start_matches("http://").to_owned();
    let token = page.opening.strip_prefix(&page.origin).unwrap().to_owned();
    let get = |path: &str, host: &str, more: &str| ask(&page, &format!("GET {path} HTTP/1.1\nHost: {host}\nConnection: close\n{more}\n"));

    assert_eq!(get("/", &host, "").status, 403, "without the cookie");
    assert_eq!(get(&token, "evil.example", "").status, 403, "a name that was rebound");
    let port = host.split(':').next_back().unwrap();
    assert_eq!(get(&token, &format!("localhost:{port}"), "").status, 403);
    let opened = get(&token, &host, "");
    assert_eq!(opened.status, 303);
    let cookie = opened.head.lines().find_map(|l| l.strip_prefix("set-cookie: ")).unwrap().split(';').next().unwrap().to_owned();
    assert!(opened.head.contains("httponly") && opened.head.contains("samesite=strict"));
    let spent = get(&token, &host, "");
    assert!(spent.status == 403 && spent.body.contains("works only once"), "{}", spent.body);

    let cookie = format!("Cookie: {cookie}\n");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let home = loop {
        let home = get("/", &host, &cookie);
        if home.status == 200 {
            break home;
        }
        assert!(home.status == 303 && std::time::Instant::now() < until, "{}", home.head); // the election is being loaded
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    for path in ["/", "/style.css", "/page.js", "/state", "/nowhere", "/contest/1"] {
        let answer = get(path, &host, &cookie);
        for header in [
            "cache-control: no-store",
            "content-security-policy: default-src 'none'",
            "x-content-type-options: nosniff",
            "cross-origin-resource-policy: same-origin",
        ] {
            assert!(answer.head.contains(header), "{path}: {header} in {}", answer.head);
        }
        assert!(!answer.head.contains("access-control"), "{path}");
    }
    assert!(
        !home.body.contains("http://") && !home.body.contains("https://") || home.body.contains("value=\"http://127.0.0.1"),
        "no address of others"
    );
    assert!(!home.body.contains("style=") && !home.body.contains("<script>") && !home.body.contains("onclick"), "nothing inline");
    assert_eq!(get("/", "evil.example", &cookie).status, 403);
    assert_eq!(get("/", &host, &format!("{cookie}Origin: http://127.0.0.1:1\n")).status, 403);
    assert_eq!(get("/", &host, &format!("{cookie}Sec-Fetch-Site: cross-site\n")).status, 403, "a link on another site");

    let key = home.body.split("name=\"key\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let post = |origin: &str, cookie: &str, key: &str| {
        let body = format!("key={key}");
        let request = format!(
            "POST /quit HTTP/1.1\nHost: {host}\nConnection: close\nContent-Type: application/x-www-form-urlencoded\nContent-Length: {}\n{origin}{cookie}\n{body}",
            body.len()
        );
        ask(&page, &request).status
    };
    let here = format!("Origin: http://{host}\n");
    for (what, origin, cookie, key) in [
        ("no origin", "", cookie.as_str(), key.as_str()),
        ("another origin", "Origin: http://evil.example\n", &cookie, &key),
        ("no origin to speak of", "Origin: null\n", &cookie, &key),
        ("no cookie", &here, "", &key),
        ("no key", &here, &cookie, ""),
        ("another key", &here, &cookie, "00000000000000000000000000000000"),
    ] {
        assert_eq!(post(origin, cookie, key), 403, "{what}");
    }
    let long = format!("POST /quit HTTP/1.1\nHost: {host}\nConnection: close\nContent-Length: 9999999\n{here}{cookie}\n");
    assert_eq!(ask(&page, &long).status, 413);
    assert_eq!(ask(&page, &format!("PUT / HTTP/1.1\nHost: {host}\nConnection: close\n{cookie}\n")).status, 405);
    assert_eq!(post(&here, &cookie, &key), 303, "the page's own form");
    assert_eq!(page.ended(), Some(0));
    assert!(TcpStream::connect(&host).is_err(), "nothing listens any more");
}
