//! The board as this program trusts it: every tile compared with a signed checkpoint, every entry replayed. Specs: 03, 08, 11.

use crate::failure::{Failure, Outcome};
use crate::{progress, random, refuse};
use ballot::encode::Record;
use ballot::{Hash, Manifest};
use board::source::{self, Source, SourceError};
use board::tile::{self, Tile};
use board::tree::{self, Tree};
use board::{Checkpoint, Entry, Replay};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use trustee::mix::Bases;
use trustee::view::View;

/// How long between two looks at a board.
const PAUSE: Duration = Duration::from_millis(300);

/// Blobs up to this size are kept in memory; mixes and openings of large units are read again.
const MOST_KEPT: usize = 1 << 20;

/// `--board` of every command that reads one.
#[derive(clap::Args, Clone, Debug)]
pub struct BoardArgs {
    /// Base URL of the collector, or a folder holding a copy of the election record
    #[arg(long, value_name = "URL|DIR")]
    pub board: String,
    /// Refuse any other election than the one with this id
    #[arg(long, value_name = "HEX", value_parser = parse_id)]
    pub election_id: Option<Hash>,
}

fn parse_id(text: &str) -> Result<Hash, String> {
    ballot::encode::parse_hash(text).ok_or_else(|| "expected 64 lower-case hex digits".to_owned())
}

/// A board whose every entry has been compared with its signed checkpoint. What the entries say is another matter: [`Board::replay`].
pub struct Board {
    source: Box<dyn Source + Send + Sync>,
    /// The election.
    pub manifest: Arc<Manifest>,
    /// All entries.
    pub entries: Vec<Vec<u8>>,
    /// The tree over them.
    pub tree: Tree,
    /// The last checkpoint, verified.
    pub checkpoint: Checkpoint,
    /// The same as a file.
    pub checkpoint_text: String,
    /// Small blobs that were read before: each is asked for by several checks, and the board may be far away.
    known: RefCell<HashMap<Hash, Vec<u8>>>,
}

impl BoardArgs {
    /// Reads the whole board.
    pub fn open(&self) -> Outcome<Board> {
        let mut board = self.connect()?;
        board.refresh()?;
        Ok(board)
    }

    /// Reads the manifest only.
    pub fn connect(&self) -> Outcome<Board> {
        let source = source::open(&self.board);
        let manifest = Arc::new(source::load_manifest(&*source, self.election_id.as_ref())?);
        let checkpoint = Checkpoint { size: 0, root: tree::empty_root(), witnesses: Vec::new() };
        let (entries, tree, checkpoint_text, known) = Default::default();
        Ok(Board { source, manifest, entries, tree, checkpoint, checkpoint_text, known })
    }

    /// The URL to post to.
    pub fn url(&self) -> Outcome<&str> {
        match self.board.starts_with("http://") || self.board.starts_with("https://") {
            true => Ok(&self.board),
            false => Err(Failure::Usage("--post needs the URL of a collector as --board; with a folder use --out".to_owned())),
        }
    }
}

impl Board {
    /// Reads what has been added since the last look; says whether anything was, new cosignatures among it.
    pub fn refresh(&mut self) -> Outcome<bool> {
        let mut tries = 0;
        let (text, checkpoint, tree, entries) = loop {
            match self.read_new() {
                Err(SourceError::Missing(_)) if tries < 5 => tries += 1, // the log grew under the reader
                other => break other?,
            }
        };
        if (checkpoint.size, checkpoint.root) != (tree.len(), tree.root()) {
            if checkpoint.size < self.checkpoint.size {
                refuse!("E-FORK: the board shows {} entries after it showed {}", checkpoint.size, self.checkpoint.size);
            }
            refuse!("REC-2: the entries of the board do not give the root of its checkpoint");
        }
        let changed = text != self.checkpoint_text;
        self.entries.extend(entries);
        (self.checkpoint_text, self.checkpoint, self.tree) = (text, checkpoint, tree);
        Ok(changed)
    }

    /// The present checkpoint, the tree over the old and the new entries, and the new entries.
    #[allow(clippy::type_complexity)]
    fn read_new(&self) -> Result<(String, Checkpoint, Tree, Vec<Vec<u8>>), SourceError> {
        let (text, checkpoint) = source::load_checkpoint(&*self.source, &self.manifest)?;
        let (mut tree, mut entries, before) = (self.tree.clone(), Vec::new(), self.checkpoint.size);
        let tiles: Vec<Tile> = Tile::new_since(before, checkpoint.size).into_iter().filter(|t| t.level.is_none()).collect();
        let bar = progress::bar("Reading the board", tiles.len() as u64);
        for tile in tiles {
            let path = tile.path();
            let bundle = source::must(&*self.source, &path)?;
            let first = tile.index * tile::WIDTH;
            let all = tile::unbundle(&bundle, tile.width).ok_or(SourceError::Tile(path))?;
            for (_, entry) in (first..).zip(all).filter(|(at, _)| *at >= before) {
                tree.push(tree::leaf_hash(&entry));
                entries.push(entry);
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok((text, checkpoint, tree, entries))
    }

    /// The collector's clock, if a collector it is (GATE-3).
    pub fn clock(&self) -> Outcome<Option<u64>> {
        self.source.clock().map_err(|e| Failure::Unreadable(e.into()))
    }

    /// A blob by its name.
    pub fn blob(&self, name: &Hash) -> Outcome<Vec<u8>> {
        if let Some(blob) = self.known.borrow().get(name) {
            return Ok(blob.clone());
        }
        let blob = source::load_blob(&*self.source, name)?;
        if blob.len() <= MOST_KEPT {
            self.known.borrow_mut().insert(*name, blob.clone());
        }
        Ok(blob)
    }

    /// What the entries say: every order, post and batch checked by its rules. Ballots, mixes and openings are not looked into.
    pub fn replay(&self) -> Outcome<Replay> {
        let bar = progress::bar("Replaying orders and posts", self.entries.len() as u64);
        let mut replay = Replay::new(self.manifest.clone());
        for (at, entry) in self.entries.iter().enumerate() {
            let blob = match Entry::from_bytes(entry).ok().and_then(|e| e.blob()) {
                Some(name) => Some(self.blob(&name)?),
                None => None,
            };
            let applied = replay.apply(entry, blob.as_deref());
            applied.map_err(|e| Failure::Refused(anyhow::Error::from(e).context(format!("the board, entry {at}"))))?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(replay)
    }

    /// Everything recomputed and every proof verified: what a mixer, a trustee and whoever counts must have done first (C05, C06, OPEN-1).
    ///
    /// Refused unless closed by order, sealed, and cosigned by the manifest's quorum (C07, E08).
    pub fn view(&self, bases: &Arc<Bases>) -> Outcome<View> {
        self.verify(format!("Verifying all {} entries of the record", self.entries.len()), |blob| {
            View::new(self.manifest.clone(), &self.checkpoint, &self.entries, blob, bases.clone(), &mut random::rng())
        })
    }

    /// A view that was made before, and what has been added since.
    pub fn extend(&self, view: View) -> Outcome<View> {
        let new = self.entries.len() as u64 - view.replay().size().min(self.entries.len() as u64);
        self.verify(format!("Verifying {new} new entries"), |blob| view.extend(&self.checkpoint, &self.entries, blob, &mut random::rng()))
    }

    fn verify(
        &self,
        what: String,
        verify: impl FnOnce(&mut dyn FnMut(&Hash) -> Option<Vec<u8>>) -> Result<View, trustee::view::ViewError>,
    ) -> Outcome<View> {
        let spinner = progress::waiting(what);
        let mut failed = None;
        let view = verify(&mut |name| self.blob(name).map_err(|e| failed = Some(e)).ok());
        spinner.finish_and_clear();
        match (view, failed) {
            (Ok(view), _) => Ok(view),
            (Err(_), Some(unread)) => Err(unread),
            (Err(e), None) => Err(Failure::Refused(anyhow::Error::from(e).context("the record"))),
        }
    }

    /// Looks again until `enough`, or until `seconds` have passed; says which. `enough` is asked once for every change.
    pub fn wait(&mut self, seconds: u64, what: String, mut enough: impl FnMut(&Self) -> Outcome<bool>) -> Outcome<bool> {
        let until = Instant::now() + Duration::from_secs(seconds);
        let spinner = progress::waiting(what);
        let mut changed = true;
        loop {
            if changed && enough(self)? {
                spinner.finish_and_clear();
                return Ok(true);
            }
            if Instant::now() >= until {
                spinner.finish_and_clear();
                return Ok(false);
            }
            std::thread::sleep(PAUSE);
            changed = self.refresh()?;
        }
    }

    /// LOG-4: the manifest's quorum of witnesses has cosigned what is shown here (C07, E08).
    pub fn require_quorum(&self) -> Outcome {
        self.checkpoint.require_quorum(&self.manifest).map_err(|e| {
            let words = "the board's checkpoint is not cosigned as the manifest demands; nothing may rest on it yet";
            Failure::Refused(anyhow::Error::from(e).context(words))
        })
    }

    /// True if the manifest's quorum has cosigned.
    pub fn has_quorum(&self) -> bool {
        self.checkpoint.require_quorum(&self.manifest).is_ok()
    }
}

/// Waits until a cosigned checkpoint shows entry `index`; says whether it did in time.
pub fn wait_until_shown(url: &str, manifest: &Manifest, index: u64, seconds: u64) -> bool {
    let source = source::open(url);
    let until = Instant::now() + Duration::from_secs(seconds);
    let spinner = progress::waiting(format!("Waiting for a cosigned checkpoint over entry {index}"));
    loop {
        let shown = source::load_checkpoint(&*source, manifest).is_ok_and(|(_, c)| c.size > index && c.require_quorum(manifest).is_ok());
        if shown || Instant::now() >= until {
            spinner.finish_and_clear();
            return shown;
        }
        std::thread::sleep(PAUSE);
    }
}
