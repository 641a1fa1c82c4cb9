//! What goes to the collector: an order or a post with its blob, over HTTP or as a file. Spec: 13-http.
//!
//! The file is exactly the body of the request, `u32 length ‖ entry ‖ blob`; the entry's type byte says which request.

use crate::board::{BoardArgs, wait_until_shown};
use crate::failure::{Failure, Outcome};
use crate::files::{self, Existing};
use ballot::Manifest;
use ballot::encode::{Record, sha256};
use board::http::Web;
use board::{Entry, Order, OrderKind};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What a command does with what it made, for commands that make one submission.
#[derive(clap::Args, Clone, Debug)]
pub struct DestinationArgs {
    /// Write it into a file, to be posted with `tally post`
    #[arg(long, value_name = "FILE", required_unless_present_any = ["post", "dry_run"], conflicts_with = "post")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub posting: PostingArgs,
}

/// `--post` and `--dry-run`.
#[derive(clap::Args, Clone, Debug)]
pub struct PostingArgs {
    /// Post it to the collector, and wait until a cosigned checkpoint shows it
    #[arg(long)]
    pub post: bool,
    /// Do everything but sign, write and post
    #[arg(long)]
    pub dry_run: bool,
    /// Do not wait for the checkpoint after posting
    #[arg(long, conflicts_with = "out")]
    pub no_wait: bool,
}

/// An entry with its blob (empty if it has none).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Order or post.
    pub entry: Vec<u8>,
    /// What it names.
    pub blob: Vec<u8>,
}

impl Submission {
    /// The body of the request.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&(self.entry.len() as u32).to_be_bytes(), self.entry.as_slice(), &self.blob].concat()
    }

    /// Reads a file made with `--out`.
    pub fn read(path: &Path) -> Outcome<Self> {
        let bytes = files::read(path)?;
        let wrong = || Failure::file(path, "not a file made with --out");
        let (len, rest) = bytes.split_first_chunk::<4>().ok_or_else(wrong)?;
        let (entry, blob) = rest.split_at_checked(u32::from_be_bytes(*len) as usize).ok_or_else(wrong)?;
        let submission = Self { entry: entry.to_vec(), blob: blob.to_vec() };
        let decoded = Entry::from_bytes(entry).map_err(|_| wrong())?;
        let named = decoded.blob();
        let fits = match named {
            Some(name) => sha256(blob) == name,
            None => blob.is_empty(),
        };
        if fits && submission.path().is_some() { Ok(submission) } else { Err(wrong()) }
    }

    /// Writes such a file.
    pub fn write(&self, path: &Path) -> Outcome {
        files::write(path, &self.to_bytes(), Existing::Replace, false)
    }

    fn path(&self) -> Option<&'static str> {
        match self.entry.first()? {
            2 => Some("/v1/order"),
            3 => Some("/v1/post"),
            _ => None,
        }
    }

    /// Posts it; gives its position in the log. A repeated one gets its first position again (HTTP-2).
    pub fn post(&self, url: &str) -> Outcome<u64> {
        let path = self.path().ok_or_else(|| Failure::Usage("neither an order nor a post".to_owned()))?;
        Ok(Web::board(url).submit(path, &self.entry, &self.blob)?)
    }

    /// Posts it and waits until a cosigned checkpoint shows it; says what happened.
    pub fn post_and_wait(&self, board: &BoardArgs, manifest: &Manifest, posting: &PostingArgs, out: &mut dyn Write) -> Outcome<u64> {
        let url = board.url()?;
        let index = self.post(url)?;
        if posting.no_wait {
            writeln!(out, "Posted as entry {index}.")?;
            return Ok(index);
        }
        let patience = 30 + 2 * manifest.description().board.batch_seconds;
        // HTTP-5: the closing entry follows the order seal at once, and whoever mixes or opens next must see it.
        let seal = Order::from_bytes(&self.entry).is_ok_and(|o| o.kind == OrderKind::Seal);
        if wait_until_shown(url, manifest, index + u64::from(seal), patience) {
            writeln!(out, "Posted as entry {index}; a cosigned checkpoint shows it.")?;
        } else {
            writeln!(out, "Posted as entry {index}; no cosigned checkpoint has shown it within {patience} seconds.")?;
        }
        Ok(index)
    }

    /// Writes or posts it, as asked.
    pub fn deliver(&self, to: &DestinationArgs, board: &BoardArgs, manifest: &Manifest, out: &mut dyn Write) -> Outcome<String> {
        if let Some(path) = &to.out {
            self.write(path)?;
            writeln!(out, "Written to {}; post it with: tally post --board URL {0}", path.display())?;
            return Ok(format!("written to {}", path.display()));
        }
        let index = self.post_and_wait(board, manifest, &to.posting, out)?;
        Ok(format!("posted as entry {index}"))
    }
}
