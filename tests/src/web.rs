//! A plain static file server that can misbehave, and the plainest client.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How the server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manner {
    /// With the files.
    Honest,
    /// Not at all: it closes the line.
    Silent,
    /// With this status.
    Status(u16),
    /// By sending the reader to another address.
    Redirect(String),
    /// With a body without end.
    Endless,
    /// With half of the file.
    Cut,
    /// With the file, byte after byte, and pauses between them.
    Slow,
    /// With the file, after a pause.
    Late(Duration),
    /// With these bytes.
    Lie(Vec<u8>),
}

#[derive(Default)]
struct State {
    folder: PathBuf,
    /// How paths that begin so are answered.
    manners: Vec<(String, Manner)>,
    /// What changes once a path that begins so was asked for.
    turns: Vec<(String, String, Manner)>,
    asked: Vec<String>,
}

/// A server in a thread of the test.
pub struct Static {
    /// Its base URL.
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Static {
    /// Serves a folder.
    pub fn serve(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State { folder: folder.to_owned(), ..State::default() }));
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = shared.clone();
                std::thread::spawn(move || answer(stream, &state));
            }
        });
        Self { url, state }
    }

    /// Serves another folder from now on.
    pub fn turn_to(&self, folder: &Path) {
        self.state.lock().expect("no panic").folder = folder.to_owned();
    }

    /// Answers requests for paths that begin so in this manner; the last one said counts.
    pub fn behave(&self, path: &str, manner: Manner) {
        self.state.lock().expect("no panic").manners.insert(0, (path.to_owned(), manner));
    }

    /// The same, from the first request for a path that begins with `asked`.
    pub fn behave_after(&self, asked: &str, path: &str, manner: Manner) {
        self.state.lock().expect("no panic").turns.push((asked.to_owned(), path.to_owned(), manner));
    }

    /// Paths that were asked for since the last call.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().expect("no panic").asked)
    }
}

fn answer(mut stream: TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    let (folder, manner) = {
        let mut state = state.lock().ok()?;
        state.asked.push(path.clone());
        let (turned, turns) = std::mem::take(&mut state.turns).into_iter().partition(|(asked, ..)| path.starts_with(asked));
        state.turns = turns;
        let turned: Vec<_> = turned;
        turned.into_iter().for_each(|(_, path, manner)| state.manners.insert(0, (path, manner)));
        let manner = state.manners.iter().find(|(start, _)| path.starts_with(start)).map_or(Manner::Honest, |(_, manner)| manner.clone());
        (state.folder.clone(), manner)
    };
    let file = std::fs::read(folder.join(&path));
    let mut send = |status: u16, more: &str, length: usize, body: &[u8]| {
        let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n{more}Connection: close\r\n\r\n");
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        stream.try_clone().ok()
    };
    match (manner, file) {
        (Manner::Silent, _) => {}
        (Manner::Status(status), _) => drop(send(status, "", 0, b"")),
        (Manner::Redirect(to), _) => drop(send(302, &format!("Location: {to}\r\n"), 0, b"")),
        (Manner::Lie(bytes), _) => drop(send(200, "", bytes.len(), &bytes)),
        (Manner::Endless, _) => {
            let mut line = send(200, "", usize::MAX >> 1, b"")?;
            while line.write_all(&[b'x'; 1 << 16]).is_ok() {}
        }
        (_, Err(_)) => drop(send(404, "", 0, b"")),
        (Manner::Cut, Ok(bytes)) => drop(send(200, "", bytes.len(), &bytes[..bytes.len() / 2])),
        (Manner::Slow, Ok(bytes)) => {
            let mut line = send(200, "", bytes.len(), b"")?;
            for byte in bytes {
                std::thread::sleep(Duration::from_millis(2));
                line.write_all(&[byte]).ok()?;
            }
        }
        (Manner::Late(pause), Ok(bytes)) => {
            std::thread::sleep(pause);
            drop(send(200, "", bytes.len(), &bytes));
        }
        (Manner::Honest, Ok(bytes)) => drop(send(200, "", bytes.len(), &bytes)),
    }
    Some(())
}

/// Sends a request as it is; gives status, head and body.
pub fn request(url: &str, method: &str, path: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("the server listens");
    let head = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).expect("the server reads");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let at = answer.windows(4).position(|four| four == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
    let (head, body) = answer.split_at(at);
    let head = String::from_utf8_lossy(head).to_lowercase();
    (head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0), head, body.to_vec())
}
