//! What a proof file shows, if it shows anything. Spec: 14-questions, PROOF-1 to PROOF-6.

use crate::bytes::{Fault, Hash, Reader};
use crate::entry::{self, BallotHead, Entry};
use crate::head::Head;
use crate::manifest::{self, Manifest};
use crate::proof_file::{Included, Leaf, Proof, ProofFile, Side};
use crate::tree;

/// What a proof file has shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The election.
    pub election: Hash,
    /// Size and root of the checkpoint, of *a*, or of *new*.
    pub head: (u64, Hash),
    /// The ballot it is about.
    pub ballot: Option<Hash>,
    /// The voter.
    pub pseudonym: Option<Hash>,
    /// What became of the ballot.
    pub status: Option<&'static str>,
    /// The voter's last ballot, where `ballot` is an older one.
    pub last_ballot: Option<Hash>,
    /// Witnesses that are convicted with the collector.
    pub witnesses: Vec<String>,
}

/// A ballot or closing entry with its place in the log.
enum Kind {
    Closing(Hash),
    Cast(BallotHead),
    Challenged(BallotHead),
}

/// Judges a file. `election` is the id from outside; without it the file speaks of some election.
pub fn check(file: &ProofFile, election: Option<&Hash>) -> Result<Shown, Fault> {
    let manifest = file.manifest.as_bytes();
    if manifest.len() as u64 > manifest::LARGEST {
        return Err(Fault::new("PROOF-1", "the manifest is too long"));
    }
    let hash = crate::hash::sha256(manifest);
    if election.is_some_and(|election| *election != hash) {
        return Err(Fault::new("PROOF-1", format!("it is about the election {}", hex::encode(hash))));
    }
    let manifest = Manifest::read(manifest).map_err(|faults| {
        let text = faults.first().map(|fault| format!("{}: {}", fault.rule, fault.text)).unwrap_or_default();
        Fault::new("PROOF-1", format!("the manifest breaks {text}"))
    })?;
    match &file.proof {
        Proof::Status { checkpoint, closing, older, leaf } => status(&manifest, checkpoint, closing, older.as_ref(), leaf),
        Proof::Inclusion { checkpoint, entry } => inclusion(&manifest, checkpoint, entry),
        Proof::Fork { a, b, index } => fork(&manifest, a, b, *index),
        Proof::Rewritten { old, new, root, path } => rewritten(&manifest, old, new, root, path),
    }
}

/// PROOF-2.
fn head(text: &str, manifest: &Manifest, name: &str) -> Result<Head, Fault> {
    Head::read(text, manifest).map_err(|fault| Fault::new("PROOF-2", format!("{name}: {} ({})", fault.text, fault.rule)))
}

/// PROOF-2 with LOG-4.
fn quorum(text: &str, manifest: &Manifest) -> Result<Head, Fault> {
    Head::with_quorum(text, manifest).map_err(|fault| Fault::new("PROOF-2", format!("checkpoint: {} ({})", fault.text, fault.rule)))
}

/// PROOF-3 up to the type that the kind asks for.
fn included(manifest: &Manifest, head: &Head, entry: &Included) -> Result<Kind, Fault> {
    let wrong = |text: String| Fault::new("PROOF-3", format!("entry {}: {text}", entry.index));
    if !tree::included(&tree::leaf(&entry.bytes), entry.index, head.size, &entry.path, &head.root) {
        return Err(wrong("is not included under the checkpoint".to_owned()));
    }
    let length = |district| manifest.ballot_length(district);
    let decoded = entry::decode(&entry.bytes, &length).map_err(|fault| wrong(format!("{} ({})", fault.text, fault.rule)))?;
    match decoded {
        Entry::Closing { root, .. } => Ok(Kind::Closing(root)),
        Entry::Ballot(ballot) => {
            belongs(manifest, &ballot, &entry.bytes).map_err(|fault| wrong(format!("{} ({})", fault.text, fault.rule)))?;
            Ok(if ballot.challenged { Kind::Challenged(ballot) } else { Kind::Cast(ballot) })
        }
        _ => Err(wrong("is neither a ballot nor the closing entry".to_owned())),
    }
}

/// BAL-1 and BAL-2: the length of its district, and this election.
fn belongs(manifest: &Manifest, ballot: &BallotHead, entry: &[u8]) -> Result<(), Fault> {
    let mut reader = Reader::new(entry);
    reader.take(if ballot.challenged { 2 } else { 34 })?;
    let left = reader.left();
    reader.head(16)?;
    if reader.hash()? != manifest.election {
        return Err(Fault::new("BAL-2", "the ballot names another election"));
    }
    let lengths = manifest.ballot_length(ballot.district).zip(manifest.ballot_integers(ballot.district));
    let (length, integers) = lengths.ok_or_else(|| Fault::new("BAL-2", "there is no such district"))?;
    let opening = if ballot.challenged { integers.saturating_mul(4).saturating_add(32) } else { 0 };
    if left == length.saturating_add(opening) { Ok(()) } else { Err(Fault::new("BAL-1", "not the length of its district's ballots")) }
}

fn inclusion(manifest: &Manifest, checkpoint: &str, entry: &Included) -> Result<Shown, Fault> {
    let head = quorum(checkpoint, manifest)?;
    let (ballot, status) = match included(manifest, &head, entry)? {
        Kind::Cast(ballot) => (ballot, "in-the-log"),
        Kind::Challenged(ballot) => (ballot, "challenged"),
        Kind::Closing(_) => return Err(Fault::new("PROOF-3", format!("entry {}: is no ballot", entry.index))),
    };
    let shown = Shown { ballot: Some(ballot.hash), pseudonym: Some(ballot.voter), status: Some(status), ..Shown::default() };
    Ok(Shown { election: manifest.election, head: (head.size, head.root), ..shown })
}

/// PROOF-4.
fn status(manifest: &Manifest, checkpoint: &str, closing: &Included, older: Option<&Included>, leaf: &Leaf) -> Result<Shown, Fault> {
    let wrong = |text: &str| Fault::new("PROOF-4", text);
    let head = quorum(checkpoint, manifest)?;
    let Kind::Closing(root) = included(manifest, &head, closing)? else {
        return Err(Fault::new("PROOF-3", format!("entry {}: is not the closing entry", closing.index)));
    };
    let older = match older.map(|older| included(manifest, &head, older)).transpose()? {
        None => None,
        Some(Kind::Cast(ballot)) => Some(ballot),
        Some(_) => return Err(Fault::new("PROOF-3", "the second entry is no cast ballot")),
    };
    let nobody = leaf.ballot == [0; 32];
    let status = match (leaf.status, nobody) {
        (0, true) => "none",
        (1, false) => "counted",
        (2, false) => "annulled",
        _ => return Err(wrong("the leaf's status is none that a leaf may have")),
    };
    let last = u8::try_from(leaf.status).unwrap_or(u8::MAX);
    let hash = tree::leaf(&[leaf.pseudonym.as_slice(), &leaf.ballot, &[last]].concat());
    if !tree::included(&hash, leaf.position, leaf.lines, &leaf.path, &root) {
        return Err(wrong("the leaf is not included under the closing root"));
    }
    let shown = Shown { election: manifest.election, head: (head.size, head.root), pseudonym: Some(leaf.pseudonym), ..Shown::default() };
    match older {
        None => Ok(Shown { ballot: (!nobody).then_some(leaf.ballot), status: Some(status), ..shown }),
        Some(older) if older.voter != leaf.pseudonym => Err(wrong("the older ballot is another voter's")),
        Some(_) if nobody => Err(wrong("nobody voted under the pseudonym, so no ballot is superseded")),
        Some(older) if older.hash == leaf.ballot => Err(wrong("the older ballot is the last one")),
        Some(older) => Ok(Shown { ballot: Some(older.hash), last_ballot: Some(leaf.ballot), status: Some("superseded"), ..shown }),
    }
}

/// PROOF-5.
fn fork(manifest: &Manifest, a: &Side, b: &Side, index: Option<u64>) -> Result<Shown, Fault> {
    let wrong = |text: &str| Err(Fault::new("PROOF-5", text));
    let (first, second) = (head(&a.checkpoint, manifest, "a")?, head(&b.checkpoint, manifest, "b")?);
    match (index, &a.leaf, &b.leaf) {
        (Some(index), Some(left), Some(right)) => {
            if first.size == second.size {
                return wrong("two checkpoints of one size need no leaves");
            }
            for (head, (leaf, path)) in [(&first, left), (&second, right)] {
                if !tree::included(leaf, index, head.size, path, &head.root) {
                    return wrong("a leaf is not included under its checkpoint");
                }
            }
            if left.0 == right.0 {
                return wrong("the two leaves are the same");
            }
        }
        _ if first.size != second.size => return wrong("the sizes differ, and no leaf is named"),
        _ if first.root == second.root => return wrong("both checkpoints have one root"),
        _ => {}
    }
    let witnesses = first.witnesses_of_both(&second, manifest);
    Ok(Shown { election: manifest.election, head: (first.size, first.root), witnesses, ..Shown::default() })
}

/// PROOF-6.
fn rewritten(manifest: &Manifest, old: &str, new: &str, root: &Hash, path: &[Hash]) -> Result<Shown, Fault> {
    let wrong = |text: &str| Err(Fault::new("PROOF-6", text));
    let (old, new) = (head(old, manifest, "old")?, head(new, manifest, "new")?);
    if old.size == 0 || old.size >= new.size {
        return wrong("the old log is empty, or not smaller than the new one");
    }
    if old.root == *root {
        return wrong("the old log is the beginning of the new one");
    }
    if !tree::consistent(old.size, root, new.size, &new.root, path) {
        return wrong("the root is not that of the first entries of the new log");
    }
    let witnesses = old.witnesses_of_both(&new, manifest);
    Ok(Shown { election: manifest.election, head: (new.size, new.root), witnesses, ..Shown::default() })
}
