//! A mirror serves what it has verified, and nothing else: MIRROR-1.

use super::scene::{Scene, done, forked, more, voted};
use e2e::process::{self, Server};
use e2e::web::{Manner, request};
use std::time::{Duration, Instant};

fn start(scene: &Scene) -> Server {
    let (out, port) = (scene.path("copy"), scene.path("port"));
    let args = ["mirror", &scene.board.url, "--out", out.to_str().unwrap(), "--listen", "127.0.0.1:0", "--interval", "1", "--port-file"];
    let args = args.iter().map(|arg| (*arg).to_owned()).chain([port.to_string_lossy().into_owned()]);
    Server::start("verifier", args, &port, &scene.path("log")).unwrap()
}

fn shows(server: &Server, checkpoint: &str) {
    let until = Instant::now() + Duration::from_secs(180);
    while request(server.url(), "GET", "/checkpoint", b"").2 != checkpoint.as_bytes() {
        assert!(Instant::now() < until);
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_mirrored_record_verifies_like_the_original() {
    let log = done(voted());
    let scene = Scene::new(&log);
    let server = start(&scene);
    shows(&server, &log.checkpoint());
    let said = process::run("verifier", ["check", server.url(), "--election-id", &scene.id]).unwrap();
    assert_eq!(said.code, 0, "{}", said.out);
    assert_eq!(request(server.url(), "HEAD", "/checkpoint", b"").0, 200);
    for path in ["/", "/lock", "/../lock", "/%2e%2e/lock", "/tile/0/0", "/blob/x", "/seen", "/record/checkpoint", "//etc/passwd"] {
        assert_eq!(request(server.url(), "GET", path, b"").0, 404, "{path}");
    }
}

/// Before it has looked through its folder it does not know what lies there.
#[test]
fn it_serves_nothing_before_its_copy_was_opened() {
    let scene = Scene::new(&voted());
    assert_eq!(scene.once(&[]).code, 3);
    let path = scene.path("copy/record/manifest.json");
    let manifest = std::fs::read(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    // It waits for the manifest, and until then the folder is anybody's.
    scene.board.behave("manifest.json", Manner::Status(404));
    let server = start(&scene);
    let (status, head, _) = request(server.url(), "GET", "/checkpoint", b"");
    assert!(status == 503 && head.contains("retry-after: "), "{status} {head}");
    scene.board.behave("manifest.json", Manner::Lie(manifest));
    shows(&server, &voted().checkpoint());
}

#[test]
fn it_stays_with_what_it_verified() {
    let scene = Scene::new(&voted());
    let server = start(&scene);
    shows(&server, &voted().checkpoint());
    scene.show(&more(&forked(), 5), "forked");
    let until = Instant::now() + Duration::from_secs(180);
    while scene.kinds() != ["fork"] {
        assert!(Instant::now() < until);
        std::thread::sleep(Duration::from_millis(50));
    }
    shows(&server, &voted().checkpoint());
    let next = more(&voted(), 4);
    scene.show(&next, "next");
    shows(&server, &next.checkpoint());
    assert_eq!(process::run("verifier", ["check", server.url(), "--election-id", &scene.id]).unwrap().code, 3);
}
