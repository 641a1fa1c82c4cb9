//! A ceremony's state as bytes, for a sealed file between two rounds. Never on the board.

use super::polynomial::Polynomials;
use super::{Committed, Complained, Confirmed, Dealt, Revealed, Setting};
use crate::key_share::KeyShare;
use ballot::encode::{DecodeError, Reader};
use zeroize::Zeroizing;

const TYPE: u8 = 65;

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
        let message_len = self.message().len();
        let room = 128 + 33 * usize::from(s.t) * usize::from(s.columns) + 33 * usize::from(s.columns) + 2 * message_len;
        let mut out = Zeroizing::new(Vec::with_capacity(room)); // no copies left behind by growing
        let stage = match self {
            Self::Committed(_) => 1,
            Self::Revealed(_) => 2,
            Self::Dealt(_) => 3,
            Self::Confirmed(_) => 4,
            Self::Complained(_) => 5,
        };
        out.extend([TYPE, 1, stage]);
        out.extend(s.election);
        out.extend(s.session);
        [s.trustee, s.n, s.t, s.columns].iter().for_each(|x| out.extend(x.to_be_bytes()));
        match self {
            Self::Committed(s) => put(&mut out, Some(&s.polynomials), &s.reveal),
            Self::Revealed(s) => put(&mut out, Some(&s.polynomials), &s.reveal),
            Self::Dealt(s) => put(&mut out, None, &s.deal),
            Self::Confirmed(s) => put(&mut out, None, &s.share.to_bytes()),
            Self::Complained(s) => put(&mut out, None, &s.complaint),
        }
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

fn put(out: &mut Vec<u8>, polynomials: Option<&Polynomials>, message: &[u8]) {
    polynomials.into_iter().for_each(|p| p.encode(out));
    out.extend((message.len() as u32).to_be_bytes());
    out.extend(message);
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
