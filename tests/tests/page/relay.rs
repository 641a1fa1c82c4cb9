//! The line between the voter's program and the collector: it notes what is sent, and can be cut.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Where the line is cut for requests of one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Nothing arrives.
    Before,
    /// The collector gets it, and its answer is lost.
    After,
}

#[derive(Default)]
struct State {
    cuts: Vec<(String, Cut, usize)>,
    sent: Vec<(String, usize)>,
}

/// A line to one collector.
pub struct Relay {
    /// What the voter's program takes for the collector.
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Relay {
    /// A line to the server at this URL.
    pub fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (server, state) = (server.trim_start_matches("http://").to_owned(), Arc::<Mutex<State>>::default());
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (server, state) = (server.clone(), shared.clone());
                std::thread::spawn(move || drop(pass(stream, &server, &state)));
            }
        });
        Self { url, state }
    }

    /// Cuts the next `times` requests of this path.
    pub fn cut(&self, path: &str, cut: Cut, times: usize) {
        self.state.lock().unwrap().cuts = vec![(path.to_owned(), cut, times)];
    }

    /// Path and length of the body of every request so far that had a body.
    pub fn sent(&self) -> Vec<(String, usize)> {
        self.state.lock().unwrap().sent.clone()
    }
}

fn pass(client: TcpStream, server: &str, state: &Mutex<State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut client = client;
    loop {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            if line.to_ascii_lowercase().starts_with("connection:") {
                continue;
            }
            if line == "\r\n" {
                break;
            }
            head += &line;
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let cut = {
            let mut state = state.lock().unwrap();
            if length > 0 {
                state.sent.push((path.clone(), length));
            }
            let cut = state.cuts.iter_mut().find(|(p, _, times)| path.starts_with(p.as_str()) && *times > 0);
            cut.map(|(_, cut, times)| {
                *times -= 1;
                *cut
            })
        };
        if cut == Some(Cut::Before) {
            return Ok(());
        }
        let mut upstream = TcpStream::connect(server)?;
        upstream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())?;
        upstream.write_all(&body)?;
        let mut answer = Vec::new();
        upstream.read_to_end(&mut answer)?;
        if cut == Some(Cut::After) {
            return Ok(());
        }
        client.write_all(&answer)?;
        if !answer.to_ascii_lowercase().windows(17).any(|w| w == b"connection: close") {
            continue;
        }
        return Ok(());
    }
}
