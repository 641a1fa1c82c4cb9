//! Promises of the collector that an observer was given to watch. Spec: 07-casting, promise; 15-watching, FOLLOW-6.

use crate::bytes::{Fault, Hash, Reader};
use crate::manifest::Manifest;
use crate::sign;

/// The collector's word that a ballot is published by a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The ballot.
    pub ballot: Hash,
    /// Unix seconds.
    pub deadline: u64,
}

/// Reads a promise as 138 bytes or as their base64, and verifies it.
pub fn read(file: &[u8], manifest: &Manifest) -> Result<Promise, Fault> {
    let decoded = std::str::from_utf8(file).ok().and_then(|text| crate::text::base64(text.trim()));
    let bytes = decoded.as_deref().unwrap_or(file);
    let mut reader = Reader::new(bytes);
    reader.head(50)?;
    let (election, ballot, deadline) = (reader.hash()?, reader.hash()?, reader.u64()?);
    let body = Reader::new(bytes).take(reader.at())?;
    let signature = reader.array()?;
    reader.finish()?;
    if election != manifest.election {
        return Err(Fault::new("VOTER-4", "a promise in another election"));
    }
    sign::verify(&manifest.collector.key, "promise", &election, body, &signature)?;
    Ok(Promise { ballot, deadline })
}
