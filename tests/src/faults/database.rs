//! The cluster under a collector that is ill-treated: which node is the primary, and a disk that fails under all of them.

use super::shim::Shim;
use crate::cluster::{Cluster, give};
use anyhow::Result;

/// A cluster whose nodes run on a failing disk, though not on a failing clock.
pub struct Database {
    cluster: Cluster,
    primary: usize,
    /// A primary whose place another has taken stays away until it is made anew: two of them would be two ballot boxes.
    lost: Option<usize>,
    /// Orders to the disk.
    pub shim: Shim,
}

impl Database {
    /// Starts its nodes again, each with the shim.
    pub fn new(mut cluster: Cluster) -> Result<Self> {
        let shim = Shim::new(cluster.folder())?; // where its user may read
        give(&cluster.folder().join("orders"));
        cluster.env = shim.env();
        (0..cluster.nodes()).for_each(|n| cluster.again(n));
        cluster.streams(0, cluster.nodes() - 1);
        Ok(Self { cluster, primary: 0, lost: None, shim })
    }

    /// For `--store`.
    pub fn url(&self) -> String {
        self.cluster.url()
    }

    /// The primary is gone at once.
    pub fn lose(&self) {
        self.keep_up(); // who lies dead already cannot be killed
        self.cluster.kill(self.primary);
    }

    /// The standby that has received most becomes the primary. Nothing, and `false`, without standbys.
    pub fn take_over(&mut self) -> bool {
        let standbys: Vec<usize> = (0..self.cluster.nodes()).filter(|n| *n != self.primary).collect();
        if standbys.is_empty() {
            return false;
        }
        let next = self.cluster.furthest(&standbys);
        let others: Vec<usize> = standbys.into_iter().filter(|n| *n != next).collect();
        self.cluster.promote(next, &others);
        self.lost = Some(std::mem::replace(&mut self.primary, next));
        true
    }

    /// No standby is left: nothing can be committed until one is there.
    pub fn is_alone(&self) -> bool {
        self.lost.is_some() && self.cluster.nodes() == 2
    }

    /// The one that was lost comes back, as a standby made anew; all receive again when this returns.
    pub fn rejoin(&mut self) {
        if let Some(lost) = self.lost.take() {
            self.cluster.follow(lost, self.primary);
        }
        self.cluster.streams(self.primary, self.cluster.nodes() - 1);
    }

    /// Starts every node that has ended, but one that is lost.
    pub fn keep_up(&self) {
        for n in (0..self.cluster.nodes()).filter(|n| self.lost != Some(*n) && self.cluster.processes(*n).is_empty()) {
            self.cluster.try_up(n); // if it cannot yet, it is asked again
        }
    }
}
