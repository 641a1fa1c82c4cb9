//! Which container an election has: CAdES-B (07a) or ASiC-E (07b).

use der::DateTime;
use std::time::Duration;

use crate::certificate::MAX_PATH;
use crate::{Certificate, EnvelopeError, Scheme, SignedBy, asic, cades};

/// The manifest's `eid.profile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// CMS beside the ballot.
    CadesB,
    /// A ZIP with the ballot in it.
    AsicE,
}

/// A container that only lacks its signature.
#[derive(Debug)]
pub enum Draft<'a> {
    /// 07a.
    CadesB(cades::Draft<'a>),
    /// 07b.
    AsicE(asic::Draft<'a>),
}

impl Profile {
    /// The longest container of a content of this length. ENV-1.
    pub fn longest(self, content: usize) -> usize {
        match self {
            Self::CadesB => cades::MAX_CONTAINER,
            Self::AsicE => content + asic::MAX_EXTRA,
        }
    }

    /// Verifies that `container` is a signature over `content` in this profile, and no other.
    pub fn verify(self, content: &[u8], container: &[u8]) -> Result<SignedBy, EnvelopeError> {
        match self {
            Self::CadesB => cades::verify(content, container),
            Self::AsicE => asic::verify(content, container),
        }
    }

    /// Prepares the container of `content` for the key of `leaf`.
    pub fn draft<'a>(
        self,
        content: &'a [u8],
        leaf: &'a Certificate,
        intermediates: &'a [Certificate],
        signing_time: u64,
    ) -> Result<Draft<'a>, EnvelopeError> {
        Ok(match self {
            Self::CadesB => Draft::CadesB(cades::Draft::new(content, leaf, intermediates, signing_time)?),
            Self::AsicE => Draft::AsicE(asic::Draft::new(content, leaf, intermediates, signing_time)?),
        })
    }
}

impl Draft<'_> {
    /// What the key has to sign; its [`Scheme`] hashes it.
    pub fn message(&self) -> &[u8] {
        match self {
            Self::CadesB(draft) => draft.message(),
            Self::AsicE(draft) => draft.message(),
        }
    }

    /// The container around a signature in its one encoding, once it verifies.
    pub fn finish(&self, signature: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
        match self {
            Self::CadesB(draft) => draft.finish(signature),
            Self::AsicE(draft) => draft.finish(signature),
        }
    }
}

/// The kind of the leaf's key and the signing time, if a container of any profile can hold these parts. ENV-7, ENV-9, ENV-45.
pub(crate) fn draftable(leaf: &Certificate, intermediates: &[Certificate], signing_time: u64) -> Result<(Scheme, DateTime), EnvelopeError> {
    let time = DateTime::from_unix_duration(Duration::from_secs(signing_time)).map_err(|_| EnvelopeError::SigningTime)?;
    if intermediates.len() >= MAX_PATH {
        return Err(EnvelopeError::CertificateCount);
    }
    Ok((leaf.scheme()?, time))
}
