//! The code by which another device sees what a ballot on the board holds. Spec: 16-second-device.
//!
//! ```text
//!   voter's program:  PendingBallot --SecondDevice::new--> token and pad to the collector, Code (with the entry's index) to the voter
//!   second device:    Code --token--> pad --Code::open--> selections, if they give the ballot on the board byte for byte
//! ```

use crate::Hash;
use crate::ballot::{Ballot, BallotError, BallotStyle, OpenedBallot, Seed};
use crate::encode::hash;
use crate::manifest::Manifest;
use crate::shape::Selection;
use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Bytes before `masked`, and after it.
const HEAD: usize = 1 + 4 + 8;
const SUM: usize = 4;
/// The shortest and the longest code.
const LENGTHS: std::ops::RangeInclusive<usize> = 50..=60_000;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// 32 secret bytes that the collector holds for a while. They say nothing without the code, nor the code without them.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Pad(pub [u8; 32]);

impl core::fmt::Debug for Pad {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Pad(<redacted>)")
    }
}

impl Pad {
    /// Hashes fresh entropy with a secret of the installation and the ballot (CHECK-3).
    pub fn new(rng: &mut (impl CryptoRng + ?Sized), installation: &[u8; 32], ballot: &Hash) -> Self {
        let mut fresh = Zeroizing::new([0; 32]);
        rng.fill_bytes(fresh.as_mut());
        Self(hash("pad", &[fresh.as_ref(), installation, ballot]))
    }

    /// XOR with the mask of this pad and a ballot; twice gives the bytes back.
    fn mask(&self, ballot: &Hash, bytes: &mut [u8]) {
        for (i, block) in bytes.chunks_mut(32).enumerate() {
            let mask = Zeroizing::new(hash("check-mask", &[&self.0, ballot, &(i as u32).to_be_bytes()]));
            block.iter_mut().zip(mask.iter()).for_each(|(b, m)| *b ^= m);
        }
    }
}

/// Why a code, or what it is about, is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum CheckError {
    #[error("CHECK-1: the code holds a character that is none of A to Z and 2 to 7")]
    Character,
    #[error("CHECK-1: group {0} of the code is mistyped")]
    Group(usize),
    #[error("CHECK-1: the code is not whole")]
    Form,
    #[error("CHECK-2: the code belongs to another election")]
    Election,
    #[error("CHECK-11: the program said that this ballot was cast, but the board has it opened for checking: it does not count")]
    NotCast,
    #[error("CHECK-11: the program said that this ballot was opened for checking, but the board has it cast: it may count")]
    NotChallenged,
    #[error("CHECK-12: what the code and the pad give is no selection of this district")]
    Opening,
    #[error("CHECK-13: the ballot on the board holds something else than the code says")]
    Ballot,
    #[error("CHECK-13: the ballot on the board cannot be read: {0}")]
    Unreadable(BallotError),
    #[error("CHECK-14: the ballot stands under the pseudonym of somebody else")]
    Voter,
}

impl CheckError {
    /// The rule's ID.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Character | Self::Group(_) | Self::Form => "CHECK-1",
            Self::Election => "CHECK-2",
            Self::NotCast | Self::NotChallenged => "CHECK-11",
            Self::Opening => "CHECK-12",
            Self::Ballot | Self::Unreadable(_) => "CHECK-13",
            Self::Voter => "CHECK-14",
        }
    }
}

/// What the voter's program said that it did with the ballot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum CodeKind {
    Cast,
    Challenged,
}

/// What is shown to the voter. With the pad of its ballot it tells the choice.
#[derive(Clone, PartialEq, Eq)]
pub struct Code {
    /// Cast or challenged.
    pub kind: CodeKind,
    /// Position of the ballot's entry.
    pub index: u32,
    election: [u8; 8],
    masked: Vec<u8>,
}

impl core::fmt::Debug for Code {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Code(<redacted>)")
    }
}

/// A cast ballot's part for the second device: `token` and `pad` go to the collector with the ballot, the rest stays for the code.
#[derive(Debug)]
pub struct SecondDevice {
    /// Who shows it is given the pad.
    pub token: Hash,
    /// Wiped when this is dropped: drop it as soon as the ballot is handed in.
    pub pad: Pad,
    unplaced: UnplacedCode,
}

/// A code that waits for the place of its entry.
#[derive(Clone)]
pub struct UnplacedCode {
    kind: CodeKind,
    election: Hash,
    masked: Vec<u8>,
}

impl core::fmt::Debug for UnplacedCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("UnplacedCode(<redacted>)")
    }
}

impl SecondDevice {
    /// Masks what a ballot was made from.
    pub fn new(style: &BallotStyle, ballot: &Hash, seed: &Seed, selections: &[Selection], pad: Pad) -> Self {
        let mut masked = opening(style, seed, selections);
        pad.mask(ballot, &mut masked);
        let masked = masked.to_vec(); // what is wiped is the opening; masked it is no secret of its own
        let election = style.election();
        Self { token: token(&election, &masked), pad, unplaced: UnplacedCode { kind: CodeKind::Cast, election, masked } }
    }

    /// The 64 bytes that stand before the ballot in a cast (CAST-1).
    pub fn to_bytes(&self) -> Zeroizing<[u8; 64]> {
        let mut bytes = Zeroizing::new([0; 64]);
        let (token, pad) = bytes.split_at_mut(32);
        token.copy_from_slice(&self.token);
        pad.copy_from_slice(&self.pad.0);
        bytes
    }

    /// The pad is wiped, the code stays.
    pub fn into_code(self) -> UnplacedCode {
        self.unplaced.clone()
    }
}

impl UnplacedCode {
    /// The code of a challenged ballot, whose seed and selections are public: nothing is masked.
    pub fn challenged(style: &BallotStyle, opened: &OpenedBallot) -> Self {
        let masked = opening(style, &opened.seed, &opened.selections).to_vec();
        Self { kind: CodeKind::Challenged, election: style.election(), masked }
    }

    /// The code, once the place of the entry is known. Nothing if a log has grown beyond what a code can say.
    pub fn at(&self, index: u64) -> Option<Code> {
        let [a, b, c, d, e, f, g, h, ..] = self.election;
        let election = [a, b, c, d, e, f, g, h];
        Some(Code { kind: self.kind, index: u32::try_from(index).ok()?, election, masked: self.masked.clone() })
    }
}

fn token(election: &Hash, masked: &[u8]) -> Hash {
    hash("check-token", &[election, masked])
}

/// How many bits each integer of each contest has.
fn widths(style: &BallotStyle) -> Vec<Vec<usize>> {
    let of = |shape: &crate::Shape| {
        let mut widths = vec![0; shape.width()];
        for bit in shape.bits() {
            if let Some(width) = usize::from(bit.integer).checked_sub(1).and_then(|i| widths.get_mut(i)) {
                *width += 1;
            }
        }
        widths
    };
    style.shapes().map(of).collect()
}

/// Bytes of an opening: the whole code is a multiple of five.
fn opening_len(widths: &[Vec<usize>]) -> usize {
    let bits: usize = widths.iter().flatten().sum();
    (HEAD + 32 + bits.div_ceil(8) + SUM).next_multiple_of(5) - HEAD - SUM
}

/// Seed, then the integers bit by bit. Its time depends on the shapes alone.
fn opening(style: &BallotStyle, seed: &Seed, selections: &[Selection]) -> Zeroizing<Vec<u8>> {
    let widths = widths(style);
    let mut out = Zeroizing::new(vec![0; opening_len(&widths)]);
    out.iter_mut().zip(&seed.0).for_each(|(o, s)| *o = *s);
    let bits = widths.iter().flatten().zip(selections.iter().flat_map(|s| &s.0));
    let bits = bits.flat_map(|(width, m)| (0..*width).rev().map(move |i| (m >> i) as u8 & 1));
    for (at, bit) in bits.enumerate() {
        if let Some(byte) = out.get_mut(32 + at / 8) {
            *byte |= bit << (7 - at % 8);
        }
    }
    out
}

/// CHECK-12, but for the rules of the contests.
fn read_opening(style: &BallotStyle, bytes: &[u8]) -> Result<(Seed, Vec<Selection>), CheckError> {
    let widths = widths(style);
    let (seed, rest) = bytes.split_at_checked(32).filter(|_| bytes.len() == opening_len(&widths)).ok_or(CheckError::Opening)?;
    let mut bits = rest.iter().flat_map(|byte| (0..8).rev().map(move |i| u32::from(byte >> i & 1)));
    let mut integer = |width: &usize| bits.by_ref().take(*width).fold(0, |m, bit| m << 1 | bit);
    let selections = widths.iter().map(|part| Selection(part.iter().map(&mut integer).collect())).collect();
    if bits.any(|bit| bit != 0) {
        return Err(CheckError::Opening);
    }
    Ok((Seed(seed.try_into().map_err(|_| CheckError::Opening)?), selections))
}

/// What the log holds at the place of a code.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum OnBoard<'a> {
    Cast(&'a [u8]),
    Challenged(&'a [u8]),
}

/// What the second device may say: everything about this ballot has been checked but whose it is.
#[derive(Debug)]
pub struct Shown {
    /// The ballot as it stands on the board.
    pub ballot: Ballot,
    /// What it holds.
    pub selections: Vec<Selection>,
}

impl Shown {
    /// CHECK-14: the ballot stands under this person's pseudonym.
    pub fn require_voter(&self, election: &Hash, blinding: &[u8; 32], person_code: &str) -> Result<(), CheckError> {
        let pseudonym = hash("pseudonym", &[election, blinding, person_code.as_bytes()]);
        if pseudonym == self.ballot.context().voter { Ok(()) } else { Err(CheckError::Voter) }
    }
}

impl Code {
    /// The code's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![if self.kind == CodeKind::Cast { 1 } else { 2 }];
        out.extend(self.index.to_be_bytes());
        out.extend(self.election);
        out.extend(&self.masked);
        let sum = hash("check-code", &[&out]);
        out.extend(sum.iter().take(SUM));
        out
    }

    /// CHECK-1 on bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckError> {
        let mut input = crate::Reader::new(bytes);
        if !LENGTHS.contains(&bytes.len()) || !bytes.len().is_multiple_of(5) {
            return Err(CheckError::Form);
        }
        let [kind] = input.array().map_err(|_| CheckError::Form)?;
        let (index, election) = (input.u32(), input.array());
        let (all, sum) = bytes.split_at(bytes.len() - SUM);
        let masked = all.get(HEAD..).ok_or(CheckError::Form)?.to_vec();
        let kind = match kind {
            1 => CodeKind::Cast,
            2 => CodeKind::Challenged,
            _ => return Err(CheckError::Form),
        };
        if !hash("check-code", &[all]).starts_with(sum) {
            return Err(CheckError::Form);
        }
        let (Ok(index), Ok(election)) = (index, election) else { return Err(CheckError::Form) };
        Ok(Self { kind, index, election, masked })
    }

    /// As it is shown: groups of five, the fifth a check character.
    pub fn to_text(&self) -> String {
        let bits = self.to_bytes();
        let mut out = String::new();
        for (pair, five) in bits.chunks(5).enumerate() {
            let number = five.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
            for half in 0..2 {
                let place = 2 * pair + half;
                let group: [u8; 4] = core::array::from_fn(|i| (number >> (35 - 20 * half - 5 * i)) as u8 & 31);
                if place > 0 {
                    out.push('-');
                }
                let values = group.into_iter().chain([check_character(&group, place)]);
                out.extend(values.filter_map(|v| ALPHABET.get(usize::from(v))).map(|c| char::from(*c)));
            }
        }
        out
    }

    /// CHECK-1 on a text.
    pub fn from_text(text: &str) -> Result<Self, CheckError> {
        let value = |c: char| {
            let c = c.to_ascii_uppercase();
            ALPHABET.iter().position(|a| char::from(*a) == c).map(|v| v as u8).ok_or(CheckError::Character)
        };
        let letters = text.chars().filter(|c| !matches!(c, '-' | ' ')).map(value).collect::<Result<Vec<u8>, _>>()?;
        if !letters.len().is_multiple_of(10) {
            return Err(CheckError::Form);
        }
        let mut bytes = Vec::with_capacity(letters.len() / 2);
        let mut number = 0u64;
        for (place, group) in letters.chunks(5).enumerate() {
            let (data, check) = group.split_at(4);
            if check != [check_character(data, place)] {
                return Err(CheckError::Group(place + 1));
            }
            number = data.iter().fold(number, |n, v| n << 5 | u64::from(*v));
            if place % 2 == 1 {
                bytes.extend(number.to_be_bytes().iter().skip(3));
                number = 0;
            }
        }
        Self::from_bytes(&bytes)
    }

    /// CHECK-2, and the token that the collector asks for.
    pub fn token(&self, election: &Hash) -> Result<Hash, CheckError> {
        if !election.starts_with(&self.election) {
            return Err(CheckError::Election);
        }
        Ok(token(election, &self.masked))
    }

    /// CHECK-2, CHECK-11 to CHECK-13: opens the code with its pad (none for a challenged ballot) and compares with what the log holds.
    pub fn open(&self, manifest: &Manifest, styles: &[BallotStyle], pad: Option<&Pad>, found: OnBoard<'_>) -> Result<Shown, CheckError> {
        self.token(&manifest.id())?;
        let bytes = match (self.kind, found) {
            (CodeKind::Cast, OnBoard::Cast(bytes)) | (CodeKind::Challenged, OnBoard::Challenged(bytes)) => bytes,
            (CodeKind::Cast, _) => return Err(CheckError::NotCast),
            (CodeKind::Challenged, _) => return Err(CheckError::NotChallenged),
        };
        let district = bytes.get(66..68).and_then(|d| Some(usize::from(u16::from_be_bytes(d.try_into().ok()?))));
        let style = district.and_then(|d| styles.get(d)).ok_or(CheckError::Unreadable(BallotError::Election))?;
        let mut masked = Zeroizing::new(self.masked.clone());
        match self.kind {
            CodeKind::Challenged => {
                let opened = style.decode_opened(bytes).map_err(CheckError::Unreadable)?;
                let (seed, selections) = read_opening(style, &masked)?;
                if seed.0 != opened.seed.0 || selections != opened.selections {
                    return Err(CheckError::Ballot);
                }
                rebuild(style, opened.ballot, seed, selections)
            }
            CodeKind::Cast => {
                let ballot = style.decode(bytes).map_err(CheckError::Unreadable)?;
                pad.ok_or(CheckError::Opening)?.mask(&ballot.hash(), &mut masked);
                let (seed, selections) = read_opening(style, &masked)?;
                rebuild(style, ballot, seed, selections)
            }
        }
    }
}

/// CHECK-13: the whole ballot once more.
fn rebuild(style: &BallotStyle, ballot: Ballot, seed: Seed, selections: Vec<Selection>) -> Result<Shown, CheckError> {
    let again = style.encrypt(ballot.context(), &selections, &seed).map_err(|_| CheckError::Opening)?;
    if again.bytes() == ballot.bytes() { Ok(Shown { ballot, selections }) } else { Err(CheckError::Ballot) }
}

/// One wrong character or two exchanged neighbours change it, and so does another place.
fn check_character(group: &[u8], place: usize) -> u8 {
    let double = |c: u8| (c << 1) ^ if c & 16 == 0 { 0 } else { 0b10_0101 };
    group.iter().fold(0, |c, v| double(c ^ v)) ^ (place % 32) as u8
}
