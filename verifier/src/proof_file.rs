//! The form of proof files: JSON that convinces somebody who has only the election id. Spec: 14-questions, PROOF-1.
//!
//! [`crate::proof_check`] judges what is in them, [`crate::prove`] makes them.

use crate::bytes::{Fault, Hash};
use crate::json::{self, Object};
use crate::text;
use serde_json::{Value, json};

/// The longest file.
pub const LARGEST: u64 = 64 << 20;

/// A proof file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofFile {
    /// The text of `manifest.json`.
    pub manifest: String,
    /// What is proved.
    pub proof: Proof,
}

/// The kinds of proof files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// What became of a voter's last ballot, or that there is none.
    Status {
        /// Checkpoint of a log with a closing entry.
        checkpoint: String,
        /// The closing entry.
        closing: Included,
        /// A ballot that is shown to be superseded.
        older: Option<Included>,
        /// The voter's leaf of the closing tree.
        leaf: Leaf,
    },
    /// A ballot or challenged ballot is in the log.
    Inclusion {
        /// Checkpoint of the log.
        checkpoint: String,
        /// The entry.
        entry: Included,
    },
    /// Two checkpoints that no one log has: of one size, or with two entries at one index.
    Fork {
        /// One of the two.
        a: Side,
        /// The other.
        b: Side,
        /// Where they differ; nothing if the sizes are equal.
        index: Option<u64>,
    },
    /// Two checkpoints of which the older is not the beginning of the newer.
    Rewritten {
        /// The smaller checkpoint.
        old: String,
        /// The larger one.
        new: String,
        /// Root of the first entries of the larger log, as many as the smaller one has.
        root: Hash,
        /// Consistency proof from that root to the larger checkpoint.
        path: Vec<Hash>,
    },
}

/// An entry with its inclusion proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Included {
    /// Index in the log.
    pub index: u64,
    /// The entry.
    pub bytes: Vec<u8>,
    /// Audit path.
    pub path: Vec<Hash>,
}

/// A leaf of the closing tree. SET-5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Position on the roll.
    pub position: u64,
    /// Lines of the roll.
    pub lines: u64,
    /// The pseudonym.
    pub pseudonym: Hash,
    /// Hash of its last ballot, or zeros.
    pub ballot: Hash,
    /// 0 none, 1 counted, 2 annulled.
    pub status: u64,
    /// Audit path under the closing root.
    pub path: Vec<Hash>,
}

/// One side of a fork.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// Its checkpoint.
    pub checkpoint: String,
    /// Hash of the leaf, and its audit path; nothing if the sizes are equal.
    pub leaf: Option<(Hash, Vec<Hash>)>,
}

impl ProofFile {
    /// Reads a file. PROOF-1.
    pub fn read(bytes: &[u8]) -> Result<Self, Fault> {
        file(bytes).map_err(|fault| Fault::new("PROOF-1", fault.text))
    }

    /// The word for what it is.
    pub fn kind(&self) -> &'static str {
        match self.proof {
            Proof::Status { .. } => "status",
            Proof::Inclusion { .. } => "inclusion",
            Proof::Fork { .. } => "fork",
            Proof::Rewritten { .. } => "rewritten",
        }
    }

    /// The file's text.
    pub fn write(&self) -> String {
        format!("{:#}\n", self.value())
    }

    /// The file as JSON.
    pub fn value(&self) -> Value {
        let mut value = match &self.proof {
            Proof::Status { checkpoint, closing, older, leaf } => {
                let entries: Vec<Value> = std::iter::once(closing).chain(older).map(Included::value).collect();
                json!({"checkpoint": checkpoint, "entries": entries, "leaf": leaf.value()})
            }
            Proof::Inclusion { checkpoint, entry } => json!({"checkpoint": checkpoint, "entries": [entry.value()]}),
            Proof::Fork { a, b, index } => json!({"a": a.value(), "b": b.value(), "index": index}),
            Proof::Rewritten { old, new, root, path } => json!({"new": new, "old": old, "path": hexes(path), "root": hex::encode(root)}),
        };
        if let Value::Object(fields) = &mut value {
            fields.insert("haal".to_owned(), json!(1));
            fields.insert("kind".to_owned(), json!(self.kind()));
            fields.insert("manifest".to_owned(), json!(self.manifest));
        }
        value
    }
}

fn file(bytes: &[u8]) -> Result<ProofFile, Fault> {
    if bytes.len() as u64 > LARGEST {
        return Err(wrong(format!("more than {LARGEST} bytes")));
    }
    let mut top = Object::new(json::strict(bytes).map_err(wrong)?, "the file")?;
    top.number("haal", 1, 1)?;
    let kind = top.string("kind")?;
    let manifest = top.string("manifest")?;
    let proof = match kind.as_str() {
        "status" => {
            let checkpoint = top.string("checkpoint")?;
            let mut entries = entries(&mut top)?.into_iter();
            let (Some(closing), older, None) = (entries.next(), entries.next(), entries.next()) else {
                return Err(wrong("entries are not one or two"));
            };
            Proof::Status { checkpoint, closing, older, leaf: leaf(top.take("leaf")?)? }
        }
        "inclusion" => {
            let checkpoint = top.string("checkpoint")?;
            let mut entries = entries(&mut top)?.into_iter();
            let (Some(entry), None) = (entries.next(), entries.next()) else { return Err(wrong("entries are not one")) };
            Proof::Inclusion { checkpoint, entry }
        }
        "fork" => {
            let (a, b) = (side(top.take("a")?, "a")?, side(top.take("b")?, "b")?);
            let index = top.optional("index", |top| top.number("index", 0, u64::MAX))?;
            if a.leaf.is_some() != index.is_some() || b.leaf.is_some() != index.is_some() {
                return Err(wrong("leaf, path and index are null in part"));
            }
            Proof::Fork { a, b, index }
        }
        "rewritten" => {
            let (old, new) = (top.string("old")?, top.string("new")?);
            Proof::Rewritten { old, new, root: top.hash("root")?, path: top.hashes("path")? }
        }
        _ => return Err(wrong(format!("no proof has the kind {kind:?}"))),
    };
    top.finish()?;
    Ok(ProofFile { manifest, proof })
}

fn wrong(text: impl Into<String>) -> Fault {
    Fault::new("PROOF-1", text)
}

fn entries(top: &mut Object<'_>) -> Result<Vec<Included>, Fault> {
    top.array("entries")?.into_iter().map(included).collect()
}

fn included(value: Value) -> Result<Included, Fault> {
    let mut fields = Object::new(value, "entries[]")?;
    let bytes = text::hex_bytes(&fields.string("bytes")?).ok_or_else(|| wrong("entries[].bytes is not lower-case hex"))?;
    let included = Included { index: fields.number("index", 0, u64::MAX)?, bytes, path: fields.hashes("path")? };
    fields.finish()?;
    Ok(included)
}

fn leaf(value: Value) -> Result<Leaf, Fault> {
    let mut fields = Object::new(value, "leaf")?;
    let leaf = Leaf {
        position: fields.number("position", 0, u64::MAX)?,
        lines: fields.number("lines", 0, u64::MAX)?,
        pseudonym: fields.hash("pseudonym")?,
        ballot: fields.hash("ballot")?,
        status: fields.number("status", 0, u64::MAX)?,
        path: fields.hashes("path")?,
    };
    fields.finish()?;
    Ok(leaf)
}

fn side(value: Value, name: &str) -> Result<Side, Fault> {
    let mut fields = Object::new(value, name)?;
    let checkpoint = fields.string("checkpoint")?;
    let leaf = fields.optional("leaf", |fields| fields.hash("leaf"))?;
    let path = fields.optional("path", |fields| fields.hashes("path"))?;
    fields.finish()?;
    if leaf.is_some() != path.is_some() {
        return Err(wrong("leaf, path and index are null in part"));
    }
    Ok(Side { checkpoint, leaf: leaf.zip(path) })
}

fn hexes(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(hex::encode).collect()
}

impl Included {
    fn value(&self) -> Value {
        json!({"bytes": hex::encode(&self.bytes), "index": self.index, "path": hexes(&self.path)})
    }
}

impl Leaf {
    fn value(&self) -> Value {
        json!({
            "ballot": hex::encode(self.ballot),
            "lines": self.lines,
            "path": hexes(&self.path),
            "position": self.position,
            "pseudonym": hex::encode(self.pseudonym),
            "status": self.status,
        })
    }
}

impl Side {
    fn value(&self) -> Value {
        let (leaf, path) = (self.leaf.as_ref().map(|leaf| hex::encode(leaf.0)), self.leaf.as_ref().map(|leaf| hexes(&leaf.1)));
        json!({"checkpoint": self.checkpoint, "leaf": leaf, "path": path})
    }
}
