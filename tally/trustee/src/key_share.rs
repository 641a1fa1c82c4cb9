//! A trustee's secret. Spec: 05-key-ceremony.

use ballot::encode::{DecodeError, Reader};
use ballot::{Hash, RistrettoPoint, Scalar};
use board::ceremony::KeySet;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const TYPE: u8 = 64;

/// `x_{j,1} … x_{j,W}`: what trustee `j` keeps of the election key. Never printed, wiped on drop.
///
/// | bytes | field | meaning |
/// | ---: | --- | --- |
/// | 1, 1 | type, version | 64, 1; only in the sealed file |
/// | 32 | `key` | key id |
/// | 32 | `session` | of the ceremony |
/// | 2 | `trustee` | index from 1 |
/// | 4 + 32·W | `columns` | the secrets, as a list |
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct KeyShare {
    key: Hash,
    session: Hash,
    trustee: u16,
    columns: Vec<Scalar>,
}

/// The share is not the one that the record expects of this trustee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("KEY-7: the key share of trustee {trustee} is not that of the election's key")]
pub struct WrongShare {
    /// Whose share it is.
    pub trustee: u16,
}

impl KeyShare {
    pub(crate) fn new(key: Hash, session: Hash, trustee: u16, columns: Vec<Scalar>) -> Self {
        Self { key, session, trustee, columns }
    }

    /// Index of its trustee, from 1.
    pub fn trustee(&self) -> u16 {
        self.trustee
    }
    /// Key id of the election key that it belongs to.
    pub fn key(&self) -> Hash {
        self.key
    }
    /// The ceremony that made it.
    pub fn session(&self) -> Hash {
        self.session
    }
    /// `x_{j,1} … x_{j,W}`, from index 0.
    pub(crate) fn columns(&self) -> &[Scalar] {
        &self.columns
    }

    /// Checks `x_c·G = X_{j,c}` for every column: a damaged or mistaken share is found before it is used.
    pub fn check(&self, keys: &KeySet) -> Result<(), WrongShare> {
        let public = usize::from(self.trustee).checked_sub(1).and_then(|j| keys.shares.get(j));
        let fits = |public: &Vec<ballot::Point>| {
            public.len() == self.columns.len() && self.columns.iter().zip(public).all(|(x, p)| RistrettoPoint::mul_base(x) == *p.point())
        };
        let right = self.key == keys.key.id() && self.session == keys.session && public.is_some_and(fits);
        if right { Ok(()) } else { Err(WrongShare { trustee: self.trustee }) }
    }

    /// The plain content of a share file. Secret: only ever sealed.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(72 + 32 * self.columns.len())); // no copies left behind by growing
        out.extend([TYPE, 1]);
        out.extend(self.key);
        out.extend(self.session);
        out.extend(self.trustee.to_be_bytes());
        out.extend((self.columns.len() as u32).to_be_bytes());
        self.columns.iter().for_each(|x| out.extend(x.as_bytes()));
        out
    }

    /// Reads what [`to_bytes`](Self::to_bytes) gave.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes);
        input.head(TYPE)?;
        let (key, session, trustee) = (input.array()?, input.array()?, input.u16()?);
        let columns = input.list(32, Reader::scalar)?;
        input.end()?;
        Ok(Self { key, session, trustee, columns })
    }
}

impl core::fmt::Debug for KeyShare {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("KeyShare").field("trustee", &self.trustee).field("columns", &"<redacted>").finish()
    }
}
