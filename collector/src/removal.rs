//! What `collector anonymise` and `collector destroy` have in common: when they may be run, and how they are confirmed. Spec: 11-record KEEP-4 to KEEP-6.

use crate::journal;
use crate::minutes::{Act, Gone, Minutes, now_text};
use crate::state::State;
use crate::store::{self, Database};
use anyhow::{Context, Result, bail, ensure};
use board::Phase;
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// Where, why, and whether it is meant.
#[derive(clap::Args)]
pub struct Common {
    /// The data folder; no server may run on it
    #[arg(long)]
    pub data: PathBuf,
    #[command(flatten)]
    pub place: store::Place,
    /// When the time for complaints ended, which must be past (RFC 3339)
    #[arg(long, value_name = "TIME")]
    complaints_ended: Timestamp,
    /// The decision that it is done by, for the minutes
    #[arg(long, value_name = "TEXT")]
    decision: String,
    /// Folder for the minutes, outside of all that goes; after an interruption the same one again
    #[arg(long, value_name = "DIR")]
    pub minutes: PathBuf,
    /// Although no result stands in the log: an election that was given up
    #[arg(long)]
    without_result: bool,
    /// Say what would go and what stays, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The election id: that it is meant, and this one
    #[arg(long, value_name = "HEX")]
    confirm: Option<String>,
}

impl Common {
    /// KEEP-4: not before voting is over, the result stands, and nobody can complain any more.
    pub fn require_over(&self, state: &State) -> Result<()> {
        let phases = state.replay.phases();
        let phase = phases.phase();
        ensure!(phase >= Phase::Closed, "KEEP-4: the election is in phase {}: voting is not over", phase.name());
        ensure!(
            phase == Phase::Done || self.without_result,
            "KEEP-4: no result stands in the log; --without-result is for an election that was given up"
        );
        let (ended, last) = (self.complaints_ended.as_second(), i64::try_from(phases.last_time())?);
        ensure!(ended <= Timestamp::now().as_second(), "KEEP-4: the time for complaints is not over: {}", self.complaints_ended);
        ensure!(
            ended >= last,
            "KEEP-4: the time for complaints cannot have ended before the last order, which is of {}",
            Timestamp::from_second(last)?
        );
        ensure!(state.pending == 0, "KEEP-4: ballots are waiting to be published");
        Ok(())
    }

    /// Minutes without what goes.
    pub fn minutes(&self, act: Act, state: &State, db: &dyn Database) -> Result<Minutes> {
        let manifest = state.replay.manifest();
        Ok(Minutes {
            act,
            election: hex::encode(manifest.id()),
            title: manifest.description().title.clone(),
            phase: state.replay.phases().phase().name().to_owned(),
            begun: now_text(),
            ended: None,
            by: journal::user(),
            program: concat!("collector ", env!("CARGO_PKG_VERSION")).to_owned(),
            decision: self.decision.clone(),
            complaints_ended: self.complaints_ended.to_string(),
            entries: state.tree.len(),
            root: hex::encode(state.tree.root()),
            journal: journal::check(db, &[], |_| ())?.to_string(),
            gone: Vec::new(),
            stays: Vec::new(),
            not_reached: Vec::new(),
            check: None,
        })
    }

    /// The personal tables with their digests.
    pub fn tables(&self, db: &dyn Database) -> Result<Vec<Gone>> {
        let table = |table: &&str| -> Result<Gone> {
            let (count, digest) = store::digest_of(db, table)?;
            let sha256 = (!store::GUESSABLE.contains(table)).then(|| hex::encode(digest));
            Ok(Gone { what: format!("table {table}"), count, unit: "rows".to_owned(), sha256 })
        };
        store::PERSONAL.iter().map(table).collect()
    }

    /// KEEP-4: it is meant, and this election; or it is only to be said what would go.
    pub fn require_meant(&self, election: &str) -> Result<()> {
        match &self.confirm {
            _ if self.dry_run => Ok(()),
            Some(id) if id == election => Ok(()),
            Some(_) => bail!("KEEP-4: --confirm names another election than {election}; nothing was changed"),
            None => bail!(
                "KEEP-4: this cannot be undone: look with --dry-run, and say --confirm {election} if it is meant; nothing was changed"
            ),
        }
    }

    /// Shows what goes and what stays; true if it is to be done.
    pub fn goes_on(&self, minutes: &Minutes) -> bool {
        print!("{}", minutes.statement());
        if self.dry_run {
            println!("Nothing was changed.");
        }
        !self.dry_run
    }
}

/// Refuses minutes within what goes.
pub fn require_apart(minutes: &Path, folders: &[&Path]) -> Result<()> {
    let minutes = std::path::absolute(minutes)?;
    let above = minutes.parent().context("minutes need a folder")?;
    let above = above.canonicalize().with_context(|| format!("there is no folder {}", above.display()))?;
    let minutes = above.join(minutes.file_name().context("minutes need a folder")?);
    for folder in folders.iter().filter(|folder| folder.exists()) {
        let whole = folder.canonicalize().with_context(|| format!("cannot find {}", folder.display()))?;
        ensure!(!minutes.starts_with(whole), "the minutes would go with {}", folder.display());
    }
    Ok(())
}

/// What no command on this machine reaches; `server` says that PostgreSQL has the ballots.
pub fn not_reached(server: bool) -> Vec<String> {
    let mut all = vec![
        "backups, evidence and exports that were handed out or lie elsewhere: whoever has them destroys them and says so",
        "what disk and file system keep of blocks that were given back (flash, snapshots, copy on write): destroy the disk's key, or the disk",
        "logs of the system, of servers before this one and of the network, if they were kept",
        "the trustees' shares of the key: each trustee destroys its own",
        "copies of the public board: they are meant to stay, and hold pseudonyms and encrypted ballots",
    ];
    if server {
        all.push(
            "PostgreSQL's journal (pg_wal), its archive, standbys, base backups and server log: they hold what was there until they are \
             removed by whoever runs the servers",
        );
    }
    all.into_iter().map(str::to_owned).collect()
}
