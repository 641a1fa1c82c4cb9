//! A collector for tests: a folder, and over HTTP as much of page 13 as this program uses.

use ballot::ballot::{BallotStyle, Seed};
use ballot::encode::{Record, sha256};
use ballot::rng::SeededRng;
use ballot::{Context, Hash, Manifest, Selection};
use board::roll::{Roll, RollLine};
use board::tile::{self, Tile};
use board::tree::{Tree, leaf_hash};
use board::{Entry, Replay, checkpoint};
use ed25519_dalek::SigningKey;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use trustee::counted::{BallotFacts, CountedSet};

fn signer(name: &str) -> SigningKey {
    SigningKey::from_bytes(&sha256(name.as_bytes()))
}

/// The public key files of the collector and the witness.
pub fn write_public(keys: &Path) {
    for name in ["collector", "w1"] {
        let key = hex::encode(signer(name).verifying_key().to_bytes());
        std::fs::write(keys.join(format!("{name}.public.json")), format!("{{\"name\":\"{name}\",\"key\":\"{key}\"}}\n")).unwrap();
    }
}

pub fn voter(at: u8) -> Hash {
    sha256(&[at])
}

/// Voters of two districts.
pub fn roll(north: u8, south: u8) -> Vec<u8> {
    let line = |i: u8| RollLine { pseudonym: voter(i), district: u16::from(i >= north) };
    Roll::new((0..north + south).map(line).collect()).unwrap().to_bytes()
}

#[derive(Clone)]
pub struct Collector {
    pub folder: PathBuf,
    pub manifest: Arc<Manifest>,
    pub replay: Replay,
    pub entries: Vec<Vec<u8>>,
    pub ballots: Vec<BallotFacts>,
    pub witnessed: bool,
    /// This voter's ballot is accepted one second after the date of the next close, just before it arrives.
    pub race: Option<u8>,
}

impl Collector {
    pub fn new(folder: &Path, manifest: &[u8], signatures: &[u8]) -> Self {
        std::fs::create_dir_all(folder.join("blob")).unwrap();
        std::fs::write(folder.join("manifest.json"), manifest).unwrap();
        let manifest = Arc::new(Manifest::from_bytes(manifest).unwrap());
        let replay = Replay::new(manifest.clone());
        let mut new = Self { folder: folder.to_owned(), manifest, replay, entries: vec![], ballots: vec![], witnessed: true, race: None };
        new.push(signatures, &[]).unwrap();
        new
    }

    /// Appends an entry and publishes; gives its index.
    pub fn push(&mut self, entry: &[u8], blob: &[u8]) -> Result<usize, String> {
        if let Some(at) = self.entries.iter().position(|e| e == entry) {
            return Ok(at);
        }
        let named = Entry::from_bytes(entry).map_err(|e| e.to_string())?.blob();
        self.replay.apply(entry, named.map(|_| blob)).map_err(|e| e.to_string())?;
        if let Some(name) = named {
            std::fs::write(self.folder.join("blob").join(hex::encode(name)), blob).unwrap();
        }
        self.entries.push(entry.to_vec());
        self.publish();
        Ok(self.entries.len() - 1)
    }

    /// The body of a request, or a file made with --out.
    pub fn take(&mut self, body: &[u8]) -> Result<usize, String> {
        let (len, rest) = body.split_first_chunk::<4>().unwrap();
        let (entry, blob) = rest.split_at(u32::from_be_bytes(*len) as usize);
        if let (Ok(Entry::Order(order)), Some(voter)) = (Entry::from_bytes(entry), self.race.take()) {
            self.cast_at(order.time + 1, voter, &[&[1, 0, 0], &[0]]);
        }
        self.push(entry, blob)
    }

    pub fn take_file(&mut self, path: &Path) -> Result<usize, String> {
        self.take(&std::fs::read(path).unwrap())
    }

    /// Writes tiles and a checkpoint over everything.
    pub fn publish(&self) {
        let tree = Tree::from_leaves(self.entries.iter().map(|e| leaf_hash(e)));
        for tile in Tile::all(tree.len()) {
            let first = (tile.index * tile::WIDTH) as usize;
            let bytes = match tile.level {
                Some(_) => tile.hashes(&tree).unwrap(),
                None => tile::bundle(&self.entries[first..first + tile.width as usize]).unwrap(),
            };
            let path = self.folder.join(tile.path());
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let text = checkpoint::note_text(&self.manifest.id(), tree.len(), &tree.root());
        let mut file = format!("{text}\n{}", checkpoint::sign(&text, "collector", &signer("collector")));
        if self.witnessed {
            file += &checkpoint::cosign(&text, "w1", &signer("w1"), 5000);
        }
        let new = self.folder.join("checkpoint.new");
        std::fs::write(&new, file).unwrap();
        std::fs::rename(new, self.folder.join("checkpoint")).unwrap();
    }

    pub fn cast(&mut self, at: u8, selections: &[&[u32]]) {
        self.cast_at(self.replay.phases().last_time(), at, selections);
    }

    fn cast_at(&mut self, time: u64, at: u8, selections: &[&[u32]]) {
        let keys = self.replay.ceremony().confirmed().unwrap();
        let styles = BallotStyle::all(&self.manifest, &keys.key).unwrap();
        let district = usize::from(self.replay.roll().unwrap().find(&voter(at)).unwrap().1.district);
        let before = self.ballots.iter().rev().find(|b| b.voter == voter(at));
        let (number, previous) = before.map_or((1, [0; 32]), |b| (b.number + 1, b.hash));
        let context = Context { voter: voter(at), number, previous };
        let seed = Seed::new(&mut SeededRng::new(&[at]), &[1; 32], &self.manifest.id(), &context);
        let selections: Vec<Selection> = selections.iter().map(|m| Selection(m.to_vec())).collect();
        let ballot = styles[district].encrypt(&context, &selections, &seed).unwrap();
        self.entries.push(Entry::Batch { time, count: 1 }.to_bytes());
        self.replay.apply(self.entries.last().unwrap(), None).unwrap();
        self.push(&Entry::Ballot { envelope: [9; 32], ballot: ballot.bytes().to_vec() }.to_bytes(), &[]).unwrap();
        self.ballots.push(BallotFacts::new(self.entries.len() as u64 - 1, &ballot));
    }

    /// The closing entry.
    pub fn close(&mut self) {
        let annulled = self.replay.annulled().clone();
        let rolls = self.replay.rolls().unwrap().clone();
        let set = CountedSet::new(&self.manifest.id(), &self.ballots, &rolls, |v| annulled.contains_key(v)).unwrap();
        self.push(&Entry::Closing { counted: set.hash, root: set.root }.to_bytes(), &[]).unwrap();
    }
}

/// Serves a collector until the process ends; gives its URL.
pub fn serve(collector: Arc<Mutex<Collector>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let collector = collector.clone();
            std::thread::spawn(move || answer(&mut stream.unwrap(), &collector));
        }
    });
    url
}

fn answer(stream: &mut std::net::TcpStream, collector: &Mutex<Collector>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut line, mut length) = (String::new(), 0);
    reader.read_line(&mut line).ok()?;
    let request: Vec<String> = line.split(' ').map(str::to_owned).collect();
    loop {
        line.clear();
        if reader.read_line(&mut line).ok()? <= 2 {
            break;
        }
        if let Some(n) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = n.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut collector = collector.lock().unwrap();
    let (status, reply) = match request.first()?.as_str() {
        "POST" => {
            let sealed = collector.replay.phases().phase();
            let taken = collector.take(&body);
            if taken.is_ok() && sealed != collector.replay.phases().phase() && collector.replay.phases().phase() == board::Phase::Sealed {
                collector.close();
            }
            match taken {
                Ok(index) => (200, format!("{{\"index\":{index}}}").into_bytes()),
                Err(message) => (
                    409,
                    format!("{{\"rule\":\"{}\",\"message\":\"{}\"}}", message.split(':').next().unwrap(), message.replace('"', "'"))
                        .into_bytes(),
                ),
            }
        }
        _ => match std::fs::read(collector.folder.join(request.get(1)?.trim_start_matches("/board/"))) {
            Ok(bytes) => (200, bytes),
            Err(_) => (404, vec![]),
        },
    };
    drop(collector);
    write!(stream, "HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", reply.len()).ok()?;
    stream.write_all(&reply).ok()
}
