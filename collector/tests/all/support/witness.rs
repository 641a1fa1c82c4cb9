//! A witness in a thread of the test: C2SP tlog-witness over plain sockets.

use super::election::signing_key;
use super::now;
use ballot::manifest::Manifest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use board::checkpoint::{Checkpoint, Note, cosign};
use board::tree::{empty_root, verify_consistency};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Requests, refusals with 409, and whether it answers at all.
pub struct Witness {
    pub url: String,
    pub asked: Arc<AtomicU64>,
    pub conflicts: Arc<AtomicU64>,
    pub silent: Arc<AtomicBool>,
    pub seen: Arc<Mutex<(u64, [u8; 32])>>,
}

impl Witness {
    pub fn start(name: &str, manifest: Arc<Manifest>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, conflicts, silent) = (Arc::default(), Arc::default(), Arc::default());
        let seen = Arc::new(Mutex::new((0, empty_root())));
        let witness = Self { url, asked, conflicts, silent, seen };
        let (name, asked, conflicts, silent, seen) =
            (name.to_owned(), witness.asked.clone(), witness.conflicts.clone(), witness.silent.clone(), witness.seen.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                asked.fetch_add(1, Ordering::SeqCst);
                if silent.load(Ordering::SeqCst) {
                    continue; // closes the connection
                }
                let (status, body) = answer(&stream, &name, &manifest, &mut seen.lock().unwrap());
                conflicts.fetch_add(u64::from(status == 409), Ordering::SeqCst);
                let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                let _ = (&stream).write_all((head + &body).as_bytes());
            }
        });
        witness
    }
}

fn answer(stream: &TcpStream, name: &str, manifest: &Manifest, seen: &mut (u64, [u8; 32])) -> (u16, String) {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line).unwrap_or(0) > 2 {
        if let Some(n) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = n.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    let (head, file) = body.split_once("\n\n").unwrap();
    let mut lines = head.lines();
    let old: u64 = lines.next().unwrap().strip_prefix("old ").unwrap().parse().unwrap();
    let proof: Vec<[u8; 32]> = lines.map(|l| STANDARD.decode(l).unwrap().try_into().unwrap()).collect();
    let Ok(new) = Checkpoint::verify(file, manifest) else { return (403, String::new()) };
    if old != seen.0 {
        return (409, format!("{}\n", seen.0));
    }
    if verify_consistency(old, &seen.1, new.size, &new.root, &proof).is_err() {
        return (422, String::new());
    }
    *seen = (new.size, new.root);
    (200, cosign(Note::parse(file).unwrap().text, name, &signing_key(name), now()))
}
