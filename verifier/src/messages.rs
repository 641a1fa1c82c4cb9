//! The messages of the key ceremony and of drills. Spec: 05-key-ceremony, Messages.

use crate::bytes::{Fault, Hash, Reader};
use crate::logs::{Encoded, Equality, Knowledge};
use crate::manifest::Manifest;

/// What every message begins with.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// The session it belongs to.
    pub session: Hash,
    /// Its author.
    pub trustee: u16,
}

/// A commitment to a coefficient, with its proof.
pub struct Coefficient {
    /// `C_{c,d}`.
    pub point: Encoded,
    /// POK of its logarithm.
    pub proof: Knowledge,
}

/// What an author sent to one recipient.
#[derive(Clone, Copy, Debug)]
pub struct Sealed<'a> {
    /// `R`, as sent.
    pub r: Encoded,
    /// Ciphertext and tag.
    pub ciphertext: &'a [u8],
}

/// A complaint about a dealer.
pub struct Complaint {
    /// The dealer.
    pub dealer: u16,
    /// `S`.
    pub s: Encoded,
    /// EQ of `(R, E, S)`.
    pub proof: Equality,
}

/// An answer to a drill: for each column `Y` and its EQ.
pub struct DrillAnswer {
    /// Which drill.
    pub number: u32,
    /// Column by column.
    pub columns: Vec<(Encoded, Equality)>,
}

fn head(reader: &mut Reader<'_>, kind: u8) -> Result<Head, Fault> {
    reader.head(kind)?;
    Ok(Head { session: reader.hash()?, trustee: reader.u16()? })
}

/// The head of any message, to learn its session before the rest is judged.
pub fn peek(bytes: &[u8]) -> Option<Head> {
    let mut reader = Reader::new(bytes);
    reader.take(2).ok()?;
    Some(Head { session: reader.hash().ok()?, trustee: reader.u16().ok()? })
}

/// `u16 n ‖ u16 t ‖ u16 W ‖ hash`. KEY-2.
pub fn commit(bytes: &[u8], manifest: &Manifest) -> Result<Hash, Fault> {
    let mut reader = Reader::new(bytes);
    head(&mut reader, 32)?;
    let sizes = [reader.u16()?, reader.u16()?, reader.u16()?].map(usize::from);
    let hash = reader.hash()?;
    reader.finish()?;
    if sizes == [manifest.trustees.len(), manifest.threshold, manifest.columns] {
        Ok(hash)
    } else {
        Err(Fault::new("KEY-2", format!("states n, t, W = {sizes:?}, which are not the manifest's")))
    }
}

/// `salt ‖ W·t × (C ‖ POK)`. KEY-4.
pub fn reveal(bytes: &[u8], manifest: &Manifest) -> Result<Vec<Vec<Coefficient>>, Fault> {
    let mut reader = Reader::new(bytes);
    head(&mut reader, 33)?;
    reader.take(32)?;
    let count = manifest.columns.saturating_mul(manifest.threshold);
    if reader.left() != count.saturating_mul(96) {
        return Err(Fault::new("KEY-4", format!("not exactly {count} commitments")).at(reader.at()));
    }
    let mut columns = Vec::new();
    for _ in 0..manifest.columns {
        let mut column = Vec::new();
        for _ in 0..manifest.threshold {
            column.push(Coefficient { point: Encoded::read(&mut reader)?, proof: Knowledge::read(&mut reader)? });
        }
        columns.push(column);
    }
    reader.finish()?;
    Ok(columns)
}

/// `n × (R ‖ W·32 + 16 bytes)`.
pub fn deal<'a>(bytes: &'a [u8], manifest: &Manifest) -> Result<Vec<Sealed<'a>>, Fault> {
    let mut reader = Reader::new(bytes);
    head(&mut reader, 34)?;
    let length = manifest.columns.saturating_mul(32).saturating_add(16);
    let mut shares = Vec::new();
    for _ in &manifest.trustees {
        shares.push(Sealed { r: Encoded::read(&mut reader)?, ciphertext: reader.take(length)? });
    }
    reader.finish()?;
    Ok(shares)
}

/// `key id`.
pub fn confirm(bytes: &[u8]) -> Result<Hash, Fault> {
    let mut reader = Reader::new(bytes);
    head(&mut reader, 35)?;
    let key = reader.hash()?;
    reader.finish()?;
    Ok(key)
}

/// `u16 dealer ‖ S ‖ EQ`.
pub fn complaint(bytes: &[u8]) -> Result<Complaint, Fault> {
    let mut reader = Reader::new(bytes);
    head(&mut reader, 36)?;
    let complaint = Complaint { dealer: reader.u16()?, s: Encoded::read(&mut reader)?, proof: Equality::read(&mut reader)? };
    reader.finish()?;
    Ok(complaint)
}

/// `u32 drill number ‖ W × (Y ‖ EQ)`.
pub fn drill(bytes: &[u8], manifest: &Manifest) -> Result<DrillAnswer, Fault> {
    let mut reader = Reader::new(bytes);
    head(&mut reader, 37)?;
    let number = reader.u32()?;
    let mut columns = Vec::new();
    for _ in 0..manifest.columns {
        columns.push((Encoded::read(&mut reader)?, Equality::read(&mut reader)?));
    }
    reader.finish()?;
    Ok(DrillAnswer { number, columns })
}
