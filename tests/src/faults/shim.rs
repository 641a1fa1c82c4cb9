//! The harness' side of `shim.c`: orders to a failing disk and a jumping clock, and the power cut.

use anyhow::{Context, Result, ensure};
use rand_core::Rng;
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const CLOCK: u64 = 0;
const CALL: u64 = 8;
const LOCK: u64 = 48;
const COUNT: u64 = 56;
const REGIONS: u64 = 64;
const SIZE: u64 = REGIONS + 24 * 8192;

/// What fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failing {
    /// `fsync`, `fdatasync`.
    Sync = 1,
    /// A write.
    Write = 2,
    /// A write stops halfway, and goes on when it is asked again.
    Short = 3,
    /// Syncs succeed and do nothing: a disk that lies. Always, whatever the numbers.
    Lie = 4,
}

/// EIO.
pub const BROKEN: i64 = 5;
/// ENOSPC.
pub const FULL: i64 = 28;

/// A library that was compiled, and its file of orders.
pub struct Shim {
    library: PathBuf,
    path: PathBuf,
    orders: File,
}

impl Shim {
    /// Compiles it with `cc` into a folder.
    pub fn new(folder: &Path) -> Result<Self> {
        let library = folder.join("shim.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src/faults/shim.c");
        let said = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl").output();
        let said = said.context("cannot start cc")?;
        ensure!(said.status.success(), "cc: {}", String::from_utf8_lossy(&said.stderr));
        let path = folder.join("orders");
        let orders = File::options().create(true).truncate(true).read(true).write(true).open(&path)?;
        orders.set_len(SIZE)?;
        Ok(Self { library, path, orders })
    }

    /// What the collector's environment needs.
    pub fn env(&self) -> Vec<(String, OsString)> {
        vec![("LD_PRELOAD".into(), self.library.clone().into()), ("HAAL_SHIM".into(), self.path.clone().into())]
    }

    fn get(&self, at: u64) -> Result<i64> {
        let mut bytes = [0; 8];
        self.orders.read_exact_at(&mut bytes, at)?;
        Ok(i64::from_le_bytes(bytes))
    }

    fn set(&self, at: u64, values: &[i64]) -> Result<()> {
        Ok(self.orders.write_all_at(&values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>(), at)?)
    }

    /// Seconds that the clock is ahead.
    pub fn clock(&self, ahead: i64) -> Result<()> {
        self.set(CLOCK, &[ahead])
    }

    /// The `nth` call from now fails with this errno, and so do those after it, `times` in all.
    pub fn fail(&self, what: Failing, nth: i64, times: i64, errno: i64) -> Result<()> {
        self.set(CALL, &[what as i64, nth, times, errno, 0])
    }

    /// Nothing fails any more. Gives how often something did.
    pub fn heal(&self) -> Result<i64> {
        let failed = self.get(CALL + 32)?;
        self.set(CALL, &[0, 0, 0, 0, 0])?;
        Ok(failed)
    }

    /// The process is gone. What it had written and not synced is kept, zeroed or garbled, write by write as chance has it. Gives how many writes
    /// were destroyed.
    pub fn power_cut(&self, data: &Path, rng: &mut impl Rng) -> Result<usize> {
        self.set(LOCK, &[0])?;
        let (count, mut destroyed) = (self.get(COUNT)?, 0);
        for n in 0..count.max(0) as u64 {
            let at = REGIONS + 24 * n;
            let (file, from, length) = (self.get(at)?, self.get(at + 8)? as u64, self.get(at + 16)? as usize);
            let name = if file == 1 { "collector.db" } else { "collector.db-wal" };
            let Ok(file) = File::options().write(true).open(data.join(name)) else { continue };
            let length = length.min(file.metadata()?.len().saturating_sub(from) as usize);
            let mut bytes = vec![0; length];
            match rng.next_u32() % 3 {
                0 => continue,
                1 => {}
                _ => rng.fill_bytes(&mut bytes),
            }
            // Disks write sectors: part of it may have got there.
            let kept = if rng.next_u32().is_multiple_of(2) { 0 } else { (rng.next_u32() as usize % (length / 512 + 1)) * 512 };
            file.write_all_at(&bytes[kept.min(length)..], from + kept.min(length) as u64)?;
            destroyed += 1;
        }
        self.set(COUNT, &[0])?;
        Ok(destroyed)
    }

    /// A plain kill: the machine goes on, and with it what it will still write. Only a lock may be left.
    pub fn killed(&self) -> Result<()> {
        self.set(LOCK, &[0])
    }
}
