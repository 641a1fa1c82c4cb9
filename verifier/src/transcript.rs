//! Fiat-Shamir transcripts, with every label of the table LABEL typed once. Spec: 02-encoding, Transcripts.

use crate::group::Scalar;

/// A merlin transcript of this protocol.
#[derive(Clone)]
pub struct Transcript(merlin::Transcript);

impl Transcript {
    /// Begins the transcript of the proof `name`.
    pub fn new(name: &str) -> Self {
        let mut transcript = merlin::Transcript::new(b"haal/1");
        transcript.append_message(b"proof", name.as_bytes());
        Self(transcript)
    }

    /// `append(label, bytes)`.
    pub fn bytes(&mut self, label: &'static str, bytes: &[u8]) {
        self.0.append_message(label.as_bytes(), bytes);
    }

    /// `append_u64(label, number)`.
    pub fn number(&mut self, label: &'static str, number: u64) {
        self.0.append_u64(label.as_bytes(), number);
    }

    /// A list: its count, then item by item under the same label.
    pub fn list<'a, I>(&mut self, label: &'static str, items: I)
    where
        I: IntoIterator<Item = &'a [u8]>,
        I::IntoIter: ExactSizeIterator,
    {
        let items = items.into_iter();
        self.number(label, items.len() as u64);
        for item in items {
            self.bytes(label, item);
        }
    }

    /// A list of 32-byte items.
    pub fn blocks(&mut self, label: &'static str, items: &[[u8; 32]]) {
        self.list(label, items.iter().map(<[u8; 32]>::as_slice));
    }

    /// A challenge: 64 bytes, little-endian, modulo `ℓ`.
    pub fn challenge(&mut self, label: &'static str) -> Scalar {
        let mut bytes = [0; 64];
        self.0.challenge_bytes(label.as_bytes(), &mut bytes);
        Scalar::from_bytes_mod_order_wide(&bytes)
    }

    /// A short challenge: 16 bytes, little-endian.
    pub fn short(&mut self, label: &'static str) -> Scalar {
        let mut bytes = [0; 16];
        self.0.challenge_bytes(label.as_bytes(), &mut bytes);
        Scalar::from(u128::from_le_bytes(bytes))
    }
}
