//! The form of complaint files: what a voter's program writes when a promise is overdue. Spec: 14-questions, ASK-5; 07-casting.

use crate::bytes::{Fault, Hash, Reader};
use crate::json::{self, Object};
use crate::manifest::Manifest;
use crate::{hash, sign, text};
use serde_json::Value;

/// The longest file.
pub const LARGEST: u64 = 4 << 20;

/// A complaint file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Complaint {
    pub election: Hash,
    pub ballot_hash: Hash,
    pub deadline: u64,
    pub promise: Vec<u8>,
    pub ballot: Option<Vec<u8>>,
    pub container: Option<Vec<u8>>,
    pub salt: Option<Hash>,
    /// The last checkpoint that the program saw.
    pub checkpoint: Option<String>,
    pub receipt: Option<Receipt>,
}

/// A receipt that the log is said not to honour.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Receipt {
    pub index: u64,
    pub path: Vec<Hash>,
    pub checkpoint: String,
}

impl Complaint {
    /// Reads a file. ASK-5 up to its form.
    pub fn read(bytes: &[u8]) -> Result<Self, Fault> {
        file(bytes).map_err(|fault| Fault::new("ASK-5", fault.text))
    }

    /// The promise is the collector's, and about this ballot. ASK-5.
    pub fn check(&self, manifest: &Manifest) -> Result<(), Fault> {
        let wrong = |text: &str| Fault::new("ASK-5", text);
        if self.election != manifest.election {
            return Err(wrong("the complaint is about another election"));
        }
        let mut reader = Reader::new(&self.promise);
        let promise = promise(&mut reader).map_err(|fault| wrong(&format!("the promise does not decode: {}", fault.text)))?;
        if promise.0 != self.election {
            return Err(wrong("the promise was given in another election"));
        }
        if promise.1 != self.ballot_hash {
            return Err(wrong("the promise was given for another ballot"));
        }
        if promise.2 != self.deadline {
            return Err(wrong("the promise has another deadline"));
        }
        let body = self.promise.split_last_chunk::<64>().map_or(&[][..], |(body, _)| body);
        sign::verify(&manifest.collector.key, "promise", &manifest.election, body, &promise.3)
            .map_err(|_| wrong("the promise does not have the collector's signature"))?;
        match &self.ballot {
            Some(ballot) if hash::labelled("ballot", ballot) != self.ballot_hash => {
                Err(wrong("the ballot in the file is not the one that was promised"))
            }
            _ => Ok(()),
        }
    }

    /// The entry of the ballot, where the file has all it is made of. Spec: 08-board.
    pub fn entry(&self) -> Option<Vec<u8>> {
        let (ballot, container, salt) = (self.ballot.as_ref()?, self.container.as_ref()?, self.salt.as_ref()?);
        let envelope = hash::Labelled::new("envelope").with(salt).with(container).done();
        Some([&[5, 1], envelope.as_slice(), ballot].concat())
    }
}

/// Election, ballot hash, deadline, signature. Spec: 07-casting.
fn promise(reader: &mut Reader<'_>) -> Result<(Hash, Hash, u64, [u8; 64]), Fault> {
    reader.head(50)?;
    let promise = (reader.hash()?, reader.hash()?, reader.u64()?, reader.array()?);
    reader.clone().finish()?;
    Ok(promise)
}

fn wrong(text: impl Into<String>) -> Fault {
    Fault::new("ASK-5", text)
}

fn file(bytes: &[u8]) -> Result<Complaint, Fault> {
    if bytes.len() as u64 > LARGEST {
        return Err(wrong(format!("more than {LARGEST} bytes")));
    }
    let mut top = Object::new(json::strict(bytes).map_err(wrong)?, "the file")?;
    top.number("haal", 1, 1)?;
    if top.string("kind")? != "complaint" {
        return Err(wrong("it is no complaint"));
    }
    let complaint = Complaint {
        election: top.hash("election")?,
        ballot_hash: top.hash("ballot_hash")?,
        deadline: top.number("deadline", 0, u64::MAX)?,
        promise: base64(&mut top, "promise")?,
        ballot: top.optional("ballot", |top| base64(top, "ballot"))?,
        container: top.optional("container", |top| base64(top, "container"))?,
        salt: top.optional("salt", |top| top.hash("salt"))?,
        checkpoint: top.optional("checkpoint", |top| top.string("checkpoint"))?,
        receipt: top.optional("receipt", |top| receipt(top.take("receipt")?))?,
    };
    top.finish()?;
    Ok(complaint)
}

fn base64(top: &mut Object<'_>, name: &str) -> Result<Vec<u8>, Fault> {
    text::base64(&top.string(name)?).ok_or_else(|| wrong(format!("{name} is not canonical base64")))
}

fn receipt(value: Value) -> Result<Receipt, Fault> {
    let mut fields = Object::new(value, "receipt")?;
    let receipt =
        Receipt { index: fields.number("index", 0, u64::MAX)?, path: fields.hashes("path")?, checkpoint: fields.string("checkpoint")? };
    fields.finish()?;
    Ok(receipt)
}
