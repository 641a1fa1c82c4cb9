//! Entries, blobs, signatures, tiles and the checkpoint. Spec: 08-board, 11-record.

use super::Cast;
use base64::Engine as _;
use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use verifier::bytes::Hash;
use verifier::hash::{labelled, sha256};
use verifier::{tiles, tree};

/// The signing key of a role's member.
pub fn signer(name: &str) -> SigningKey {
    SigningKey::from_bytes(&sha256(name.as_bytes()))
}

pub struct Board {
    manifest: Vec<u8>,
    election: Hash,
    pub entries: Vec<Vec<u8>>,
    pub blobs: BTreeMap<Hash, Vec<u8>>,
    pub orders: u32,
}

impl Board {
    pub fn new(manifest: Vec<u8>, election: Hash) -> Self {
        let mut board = Self { manifest, election, entries: Vec::new(), blobs: BTreeMap::new(), orders: 0 };
        let signature = board.sign("manifest", &[], "member1");
        board.entries.push([&[1, 1][..], &election, &[1, 1], &signature].concat());
        board
    }

    pub fn sign(&self, label: &str, body: &[u8], name: &str) -> [u8; 64] {
        signer(name).sign(&[b"haal/1/", label.as_bytes(), &[0], &self.election, body].concat()).to_bytes()
    }

    pub fn order(&mut self, kind: u8, time: u64, value: u64, argument: Hash, blob: Hash) {
        self.orders += 1;
        let mut entry =
            [&[2, 1][..], &self.orders.to_be_bytes(), &[kind], &time.to_be_bytes(), &value.to_be_bytes(), &argument, &blob].concat();
        let signature = self.sign("order", &entry, "member2");
        entry.extend([1, 2]);
        entry.extend(signature);
        self.entries.push(entry);
    }

    pub fn order_with_blob(&mut self, kind: u8, time: u64, value: u64, argument: Hash, blob: Vec<u8>) {
        let name = self.blob(blob);
        self.order(kind, time, value, argument, name);
    }

    fn blob(&mut self, blob: Vec<u8>) -> Hash {
        let name = sha256(&blob);
        self.blobs.insert(name, blob);
        name
    }

    /// A post of a trustee, or of a mixer if the kind is 7; gives the blob's name.
    pub fn post(&mut self, author: u16, kind: u8, message: Vec<u8>) -> Hash {
        let name = self.blob(message);
        let (role, who) = if kind == 7 { (2, "mixer") } else { (1, "trustee") };
        let mut entry = [&[3, 1, role][..], &author.to_be_bytes(), &[kind], &name].concat();
        let signature = self.sign("post", &entry, &format!("{who}{author}"));
        entry.extend(signature);
        self.entries.push(entry);
        name
    }

    pub fn batch(&mut self, time: u64, mut ballots: Vec<(Hash, Vec<u8>)>) {
        ballots.sort();
        self.entries.push([&[4, 1][..], &time.to_be_bytes(), &(ballots.len() as u32).to_be_bytes()].concat());
        self.entries.extend(ballots.into_iter().map(|(_, entry)| entry));
    }

    pub fn root(&self) -> Hash {
        tree::root(self.entries.iter().map(Vec::as_slice))
    }

    pub fn write(&self, folder: &Path) {
        put(folder, "manifest.json", &self.manifest);
        for (name, blob) in &self.blobs {
            put(folder, &format!("blob/{}", hex::encode(name)), blob);
        }
        write_log(folder, &self.election, &self.entries);
    }
}

fn put(folder: &Path, path: &str, bytes: &[u8]) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// Tiles and a checkpoint over these entries: what a collector may do at will.
pub fn write_log(folder: &Path, election: &Hash, entries: &[Vec<u8>]) {
    let size = entries.len() as u64;
    let root = tree::root(entries.iter().map(Vec::as_slice));
    put(folder, "checkpoint", checkpoint(election, size, &root).as_bytes());
    let mut level: Vec<Hash> = entries.iter().map(|entry| tree::leaf(entry)).collect();
    for (index, width) in tiles::of_level(size, 0) {
        let entries = &entries[(index * 256) as usize..][..width as usize];
        let bytes: Vec<u8> = entries.iter().flat_map(|entry| [&(entry.len() as u16).to_be_bytes(), entry.as_slice()].concat()).collect();
        put(folder, &tiles::bundle(index, width), &bytes);
    }
    for number in 0..tiles::levels(size) {
        for (index, width) in tiles::of_level(size, number) {
            put(folder, &tiles::tile(number, index, width), level[(index * 256) as usize..][..width as usize].as_flattened());
        }
        let full = level.chunks_exact(256).map(|hashes| {
            let mut tree = tree::Tree::default();
            hashes.iter().for_each(|hash| tree.push(*hash));
            tree.root()
        });
        level = full.collect();
    }
}

/// A checkpoint with the collector's signature and the witness's.
pub fn checkpoint(election: &Hash, size: u64, root: &Hash) -> String {
    checkpoint_by(election, size, root, &["witness1"])
}

/// The same with the signatures of these witnesses.
pub fn checkpoint_by(election: &Hash, size: u64, root: &Hash, witnesses: &[&str]) -> String {
    let base64 = base64::engine::general_purpose::STANDARD;
    let note = format!("haal/{}\n{size}\n{}\n", hex::encode(election), base64.encode(root));
    let line = |name: &str, kind: u8, time: Option<u64>| {
        let key = signer(name);
        let hash = Sha256::new().chain_update(name).chain_update([10, kind]).chain_update(key.verifying_key().to_bytes()).finalize();
        let head = time.map_or_else(String::new, |time| format!("cosignature/v1\ntime {time}\n"));
        let time = time.map(u64::to_be_bytes);
        let signature = key.sign(format!("{head}{note}").as_bytes()).to_bytes();
        let blob = [&hash[..4], time.as_ref().map_or(&[][..], |time| time), &signature].concat();
        format!("\u{2014} {name} {}\n", base64.encode(blob))
    };
    let cosigned: String = witnesses.iter().map(|name| line(name, 4, Some(1_795_002_000))).collect();
    format!("{note}\n{}{cosigned}", line("collector1", 1, None))
}

/// The entry of a ballot, with the hash it is sorted by.
pub fn cast(cast: &Cast) -> (Hash, Vec<u8>) {
    (cast.hash, [&[5, 1][..], &labelled("envelope", &cast.hash), &cast.bytes].concat())
}

/// The entry of a challenged ballot.
pub fn opened(cast: &Cast) -> (Hash, Vec<u8>) {
    let integers = cast.selections.iter().flatten().flat_map(|m| m.to_be_bytes()).collect::<Vec<u8>>();
    (cast.hash, [&[6, 1][..], &cast.bytes, &cast.seed, &integers].concat())
}
