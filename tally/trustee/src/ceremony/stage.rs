//! A ceremony's state as bytes, for a sealed file between two rounds. Never on the board.

use super::polynomial::Polynomials;
use super::{Committed, Complained, Confirmed, Dealt, Revealed, Setting};
use crate::key_share::KeyShare;
use ballot::encode::{DecodeError, Reader};
use zeroize::Zeroizing;

const TYPE: u8 = 65;
/// Bytes before the secrets.
const HEAD: usize = 3 + 32 + 32 + 8;

/// Where one trustee stands in one session.
///
/// | bytes | field | meaning |
/// | ---: | --- | --- |
/// | 1, 1, 1 | type, version, stage | 65, 1, and 1–5 in the order below |
/// | 32, 32 | | election, session |
/// | 2, 2, 2, 2 | | trustee, `n`, `t`, `W` |
/// | … | secrets | coefficients (stages 1, 2), key share (4) |
/// | 4 + … | message | the reveal (1, 2), the deal (3), the complaint (5) |
#[allow(missing_docs)]
pub enum Stage {
    Committed(Committed),
    Revealed(Revealed),
    Dealt(Dealt),
    Confirmed(Confirmed),
    Complained(Complained),
}

impl Stage {
    /// What all rounds share.
    pub fn setting(&self) -> &Setting {
        match self {
            Self::Committed(s) => &s.setting,
            Self::Revealed(s) => &s.setting,
            Self::Dealt(s) => &s.setting,
            Self::Confirmed(s) => &s.setting,
            Self::Complained(s) => &s.setting,
        }
    }

    /// The message that this stage has posted, or must post now. The same bytes every time.
    pub fn message(&self) -> Vec<u8> {
        match self {
            Self::Committed(s) => s.message(),
            Self::Revealed(s) => s.reveal.clone(),
            Self::Dealt(s) => s.deal.clone(),
            Self::Confirmed(s) => s.message(),
            Self::Complained(s) => s.complaint.clone(),
        }
    }

    /// The plain content of the file. Secret: only ever sealed.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let s = self.setting();
        let (stage, polynomials, message) = match self {
            Self::Committed(s) => (1, Some(&s.polynomials), Zeroizing::new(s.reveal.clone())),
            Self::Revealed(s) => (2, Some(&s.polynomials), Zeroizing::new(s.reveal.clone())),
            Self::Dealt(s) => (3, None, Zeroizing::new(s.deal.clone())),
            Self::Confirmed(s) => (4, None, s.share.to_bytes()),
            Self::Complained(s) => (5, None, Zeroizing::new(s.complaint.clone())),
        };
        let room = HEAD + polynomials.map_or(0, Polynomials::encoded_len) + 4 + message.len();
        let mut out = Zeroizing::new(Vec::with_capacity(room)); // no copies left behind by growing
        out.extend([TYPE, 1, stage]);
        out.extend(s.election);
        out.extend(s.session);
        [s.trustee, s.n, s.t, s.columns].iter().for_each(|x| out.extend(x.to_be_bytes()));
        polynomials.into_iter().for_each(|p| p.encode(&mut out));
        out.extend((message.len() as u32).to_be_bytes());
        out.extend(message.iter());
        out
    }

    /// Reads what [`to_bytes`](Self::to_bytes) gave.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes);
        input.head(TYPE)?;
        let stage = input.u8()?;
        let (election, session) = (input.array()?, input.array()?);
        let [trustee, n, t, columns] = [input.u16()?, input.u16()?, input.u16()?, input.u16()?];
        if !(1..=n).contains(&trustee) || t == 0 || t > n {
            return Err(DecodeError::Value);
        }
        let setting = Setting { election, session, trustee, n, t, columns };
        let polynomials = if stage <= 2 { Some(Polynomials::decode(t, &mut input)?) } else { None };
        let len = input.u32()? as usize;
        let message = input.bytes(len)?.to_vec();
        input.end()?;
        Ok(match (stage, polynomials) {
            (1, Some(polynomials)) => Self::Committed(Committed { setting, polynomials, reveal: message }),
            (2, Some(polynomials)) => Self::Revealed(Revealed { setting, polynomials, reveal: message }),
            (3, None) => Self::Dealt(Dealt { setting, deal: message }),
            (4, None) => Self::Confirmed(Confirmed { setting, share: KeyShare::from_bytes(&Zeroizing::new(message))? }),
            (5, None) => Self::Complained(Complained { setting, complaint: message }),
            _ => return Err(DecodeError::Value),
        })
    }
}

impl core::fmt::Debug for Stage {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let name = match self {
            Self::Committed(_) => "Committed",
            Self::Revealed(_) => "Revealed",
            Self::Dealt(_) => "Dealt",
            Self::Confirmed(_) => "Confirmed",
            Self::Complained(_) => "Complained",
        };
        write!(f, "Stage::{name}(<redacted>)")
    }
}
