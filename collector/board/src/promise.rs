//! The collector's word that a ballot is stored. Spec: 07-casting, promise.

use crate::Hash;
use ballot::encode::{DecodeError, Reader, Record};
use ballot::signature::{self, Purpose, SignatureError};
use ed25519_dalek::SigningKey;

/// 138 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Promise {
    pub election: Hash,
    pub ballot: Hash,
    pub deadline: u64,
    pub signature: [u8; 64],
}

/// The deadline of a ballot accepted at `time`: two batch intervals, and a minute for the witnesses.
pub fn deadline(time: u64, batch_seconds: u64) -> u64 {
    time + 2 * batch_seconds + 60
}

impl Promise {
    /// Signs a promise.
    pub fn new(election: Hash, ballot: Hash, deadline: u64, key: &SigningKey) -> Self {
        let mut promise = Self { election, ballot, deadline, signature: [0; 64] };
        promise.signature = signature::sign(key, Purpose::Promise, &election, &promise.body());
        promise
    }

    fn body(&self) -> Vec<u8> {
        let mut out = vec![50, 1];
        out.extend(self.election);
        out.extend(self.ballot);
        out.extend(self.deadline.to_be_bytes());
        out
    }

    /// Verifies it under the collector's key.
    pub fn verify(&self, key: &[u8; 32]) -> Result<(), SignatureError> {
        signature::verify(key, Purpose::Promise, &self.election, &self.body(), &self.signature)
    }
}

impl Record for Promise {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.body());
        out.extend(self.signature);
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        input.head(50)?;
        Ok(Self { election: input.array()?, ballot: input.array()?, deadline: input.u64()?, signature: input.array()? })
    }
}
