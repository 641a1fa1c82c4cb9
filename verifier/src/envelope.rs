//! The container of one ballot, in either profile. Spec: 07a-envelope, 07b-asic-e.
//!
//! Both are read in the same way: what is free in a container is taken out of it, the container is written anew from that and
//! the content, and the two are compared (ENV-16).

pub mod asic;
pub mod cades;
mod layout;
mod roca;
pub mod suite;
mod xades;
mod zip;

use crate::bytes::Fault;
use crate::certificate::{Anchors, Certificate};
pub use cades::accept;

/// ENV-1.
pub const LONGEST: u64 = 16_384;

/// Which container an election has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// 07a's.
    CadesB,
    /// 07b's.
    AsicE,
}

impl Profile {
    /// By its name in the manifest.
    pub fn named(name: &str) -> Option<Self> {
        [("cades-b", Self::CadesB), ("asic-e", Self::AsicE)].into_iter().find(|(known, _)| *known == name).map(|(_, profile)| profile)
    }

    /// The longest container of a content of this length.
    pub fn longest(self, content: u64) -> u64 {
        match self {
            Self::CadesB => LONGEST,
            Self::AsicE => content.saturating_add(LONGEST),
        }
    }

    /// The certificates of a container, the leaf first. Nothing is said of whether they or it hold.
    pub fn certificates(self, container: &[u8], content: &[u8]) -> Result<Vec<Certificate>, Fault> {
        match self {
            Self::CadesB => cades::certificates(container),
            Self::AsicE => asic::certificates(container, content),
        }
    }

    /// Accepts a container over a content at a time; gives the person code.
    pub fn accept(self, container: &[u8], content: &[u8], anchors: &Anchors, time: u64) -> Result<String, Fault> {
        match self {
            Self::CadesB => cades::accept(container, content, anchors, time),
            Self::AsicE => asic::accept(container, content, anchors, time),
        }
    }
}
