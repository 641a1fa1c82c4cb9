//! The operating system's entropy; there is no other source, and no seed.

use getrandom::SysRng;
use rand_core::{Rng, UnwrapErr};

/// For libraries that take a generator. A machine without entropy stops here.
pub fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

/// Fresh bytes.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    rng().fill_bytes(&mut out);
    out
}
