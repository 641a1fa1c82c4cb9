//! A record in a folder, and the verifier asked about it. Every answer is held against the schema.

use super::schema;
use ballot::Hash;
use e2e::insider::Insider;
use e2e::process;
use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A record as a folder.
pub struct Record {
    folder: TempDir,
    pub id: String,
}

/// What the verifier said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub json: Value,
}

impl Said {
    pub fn verdict(&self) -> &str {
        self.json["verdict"].as_str().unwrap()
    }
}

pub fn run(args: &[&str]) -> Said {
    let said = process::run("verifier", args.iter().chain(&["--json"])).unwrap();
    let json: Value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{args:?}: {e}: {} {}", said.out, said.err));
    schema::check(&json);
    Said { code: said.code, json }
}

impl Record {
    pub fn of(insider: &Insider) -> Self {
        let folder = tempfile::tempdir().unwrap();
        insider.write(&folder.path().join("record")).unwrap();
        Self { folder, id: hex::encode(insider.election_id()) }
    }

    pub fn path(&self) -> String {
        self.folder.path().join("record").to_str().unwrap().to_owned()
    }

    /// A place beside the record.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `verifier <command> RECORD …`, with the election id.
    pub fn ask(&self, command: &str, args: &[&str]) -> Said {
        self.ask_at(&self.path(), command, args)
    }

    /// The same at another place, such as a URL.
    pub fn ask_at(&self, place: &str, command: &str, args: &[&str]) -> Said {
        let mut all = vec![command, place];
        all.extend(args);
        all.extend(["--election-id", &self.id]);
        run(&all)
    }

    /// As a person reads it.
    pub fn text(&self, command: &str, args: &[&str]) -> String {
        let mut all = vec![command.to_owned(), self.path()];
        all.extend(args.iter().map(|a| (*a).to_owned()));
        all.extend(["--election-id".to_owned(), self.id.clone()]);
        process::run("verifier", all).unwrap().out
    }

    /// Asks for a proof file too: the answer, and what `verifier proof` says of the file.
    pub fn ask_proof(&self, command: &str, args: &[&str]) -> (Said, PathBuf, Said) {
        let path = self.beside("proof.json");
        let _ = std::fs::remove_file(&path);
        let mut all = args.to_vec();
        all.extend(["--proof", path.to_str().unwrap()]);
        let said = self.ask(command, &all);
        assert_eq!(said.json["proof"], path.to_str().unwrap(), "{said:?}");
        let proof = self.proof(&path);
        assert_eq!((proof.code, proof.verdict()), (0, "holds"), "{said:?}\n{proof:?}");
        (said, path, proof)
    }

    /// `verifier proof`, with the election id.
    pub fn proof(&self, path: &Path) -> Said {
        run(&["proof", path.to_str().unwrap(), "--election-id", &self.id])
    }
}

/// Ballots of a voter, by number.
pub fn chain(insider: &Insider, voter: usize) -> Vec<Hash> {
    let name = insider.voter(voter);
    let mut found: Vec<_> = insider.casts.iter().filter(|c| c.facts.voter == name).map(|c| (c.facts.number, c.facts.hash)).collect();
    found.sort();
    found.into_iter().map(|(_, hash)| hash).collect()
}

/// The tracker by its definition in 06: 15 bytes in base32, written as a number in base 32.
pub fn tracker(hash: &Hash) -> String {
    let bits: String = hash[..15].iter().map(|b| format!("{b:08b}")).collect();
    let letters: Vec<char> = "abcdefghijklmnopqrstuvwxyz234567".chars().collect();
    let text: Vec<char> = (0..24).map(|i| letters[usize::from_str_radix(&bits[5 * i..5 * i + 5], 2).unwrap()]).collect();
    text.chunks(4).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}
