//! What this installation remembers between runs: a secret, the last checkpoint, and the ballots that were cast. Never a seed, never
//! a choice. Spec: 07-casting, VOTER-6; 06-ballot, BAL-7.

use crate::complaint;
use crate::failure::Failure;
use crate::receipt::Kept;
use crate::view::{View, distrust};
use ballot::Hash;
use board::Source;
use board::checkpoint::{Note, origin};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The state of one installation for one election.
pub struct Memory {
    /// Nothing: remembered for this run only.
    folder: Option<PathBuf>,
    secret: Zeroizing<[u8; 32]>,
    /// Size, root and file of the last checkpoint.
    last: Option<(u64, Hash, String)>,
}

impl Memory {
    /// Opens the state folder, or makes it, readable by its owner only.
    pub fn open(state: &Path, election: &Hash) -> Result<Self, Failure> {
        let folder = state.join(hex::encode(election));
        let blame = |e: std::io::Error| Failure::unreadable(format!("The state folder {}: {e}", folder.display()));
        owner_only_folders().create(&folder).map_err(blame)?;
        let secret = installation_secret(state)?;
        let last = match fs::read_to_string(folder.join("checkpoint")) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
            read => Some(read.map_err(blame)?),
        };
        let last = last.map(|text| remembered(text, election)).transpose()?;
        Ok(Self { folder: Some(folder), secret, last })
    }

    /// Remembers nothing beyond this run.
    pub fn passing() -> Result<Self, Failure> {
        Ok(Self { folder: None, secret: entropy()?, last: None })
    }

    /// The default place: `$XDG_STATE_HOME/haal`, or `~/.local/state/haal`.
    pub fn default_place() -> Option<PathBuf> {
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
        let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
        Some(state.join("haal"))
    }

    /// The secret of this installation, which is hashed into every seed.
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// Accepts a view that continues the one remembered, and remembers it (VOTER-6).
    pub fn see(&mut self, view: &View, source: &impl Source) -> Result<(), Failure> {
        if let Some((size, root, text)) = &self.last {
            if (*size, *root) == (view.size(), view.checkpoint.root) {
                return Ok(());
            }
            match view.root_at(source, *size).map_err(distrust)? {
                Some(same) if same == *root => {}
                Some(_) => return Err(self.fork(text, &view.text, "says something else about the past than it did before")),
                None => return Err(self.fork(text, &view.text, "is shorter than it was before")),
            }
        }
        self.last = Some((view.size(), view.checkpoint.root, view.text.clone()));
        match &self.folder {
            Some(folder) => write_file(&folder.join("checkpoint"), view.text.as_bytes()),
            None => Ok(()),
        }
    }

    /// The log does not continue: both signed heads are kept, for they convict the collector, and a complaint about every promised ballot.
    fn fork(&self, before: &str, now: &str, what: &str) -> Failure {
        let failure = Failure::broken(format!("VOTER-6: the board {what}"));
        let Some(folder) = &self.folder else { return failure.next("Do not vote over this server; tell the election committee.") };
        let path = folder.join("fork.txt");
        let written = write_file(&path, format!("{before}\n\n{now}").as_bytes()).and_then(|()| self.complain_of_all());
        match written {
            Ok(complaints) => {
                let also = if complaints.is_empty() { String::new() } else { format!(" And give it {}.", complaints.join(", ")) };
                let next = format!(
                    "Do not vote over this server. Give the file {} to the election committee: it holds both signed checkpoints.{also}",
                    path.display()
                );
                failure.next(next).with_file(path)
            }
            Err(error) => error,
        }
    }

    /// A complaint about every ballot kept here that was promised; gives their places.
    fn complain_of_all(&self) -> Result<Vec<String>, Failure> {
        let mut places = Vec::new();
        for kept in self.kept()? {
            let Some(promised) = kept.to_promised() else { continue };
            places.extend(complaint::write(&promised.promise, kept.receipt.as_ref(), self)?.map(|path| path.display().to_string()));
        }
        Ok(places)
    }

    /// Keeps a ballot that was signed; written before it is sent, and again with each answer.
    pub fn keep(&self, kept: &Kept) -> Result<(), Failure> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let text = serde_json::to_vec_pretty(kept)?;
        write_file(&folder.join(format!("{}.ballot.json", hex::encode(kept.hash()))), &text)
    }

    /// Forgets a ballot that never counted.
    pub fn forget(&self, ballot: &Hash) {
        if let Some(folder) = &self.folder {
            // A file that stays behind does no harm: the ballot was refused, and would be again.
            let _ = fs::remove_file(folder.join(format!("{}.ballot.json", hex::encode(ballot))));
        }
    }

    /// All ballots that were signed here, by voter and running number.
    pub fn kept(&self) -> Result<Vec<Kept>, Failure> {
        let mut kept: Vec<Kept> = Vec::new();
        let Some(folder) = &self.folder else { return Ok(kept) };
        for item in fs::read_dir(folder)? {
            let path = item?.path();
            if path.to_str().is_some_and(|p| p.ends_with(".ballot.json")) {
                let bytes = fs::read(&path)?;
                kept.push(serde_json::from_slice(&bytes).map_err(|e| Failure::unreadable(format!("{}: {e}", path.display())))?);
            }
        }
        kept.sort_by_key(|k| (k.voter(), k.number()));
        Ok(kept)
    }

    /// Writes a complaint beside the other files; gives its place.
    pub fn complain(&self, ballot: &Hash, complaint: &[u8]) -> Result<Option<PathBuf>, Failure> {
        let Some(folder) = &self.folder else { return Ok(None) };
        let path = folder.join(format!("{}.complaint.json", hex::encode(ballot)));
        write_file(&path, complaint)?;
        Ok(Some(path))
    }

    /// The last checkpoint seen, as a file.
    pub fn last_checkpoint(&self) -> Option<&str> {
        self.last.as_ref().map(|(_, _, text)| text.as_str())
    }
}

fn remembered(text: String, election: &Hash) -> Result<(u64, Hash, String), Failure> {
    let broken = || {
        Failure::unreadable("The remembered checkpoint in the state folder is damaged.")
            .next("Move the state folder aside, keep it, and tell the election committee if you did not touch it.")
    };
    let note = Note::parse(&text).map_err(|_| broken())?;
    if note.origin != origin(election) {
        return Err(broken());
    }
    let (size, root) = (note.size, note.root);
    Ok((size, root, text))
}

/// Reads the installation's secret, or draws one.
fn installation_secret(state: &Path) -> Result<Zeroizing<[u8; 32]>, Failure> {
    let path = state.join("installation.secret");
    let blame = |e: &dyn std::fmt::Display| Failure::unreadable(format!("{}: {e}", path.display()));
    let fresh = entropy()?;
    match owner_only().create_new(true).open(&path) {
        Ok(mut file) => {
            file.write_all(fresh.as_ref()).map_err(|e| blame(&e))?;
            Ok(fresh)
        }
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            let bytes = Zeroizing::new(fs::read(&path).map_err(|e| blame(&e))?);
            let secret = bytes.as_slice().try_into().map_err(|_| blame(&"it does not hold 32 bytes; delete it, and a new one is made"))?;
            Ok(Zeroizing::new(secret))
        }
        Err(e) => Err(blame(&e)),
    }
}

/// 32 bytes from the operating system; refuses a generator that plainly does not work (D13).
pub fn entropy() -> Result<Zeroizing<[u8; 32]>, Failure> {
    let mut draws = Zeroizing::new([[0u8; 32]; 2]);
    for draw in draws.iter_mut() {
        getrandom::fill(draw).map_err(|e| Failure::new(format!("The operating system gives no entropy: {e}")))?;
    }
    let [first, second] = *draws;
    if first == second || [first, second].contains(&[0; 32]) {
        return Err(Failure::new("BAL-7: the operating system's random generator repeats itself")
            .next("Do not vote from this computer: your vote would not be secret."));
    }
    Ok(Zeroizing::new(first))
}

/// Files that only their owner can read, where the system knows such a thing.
fn owner_only() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn owner_only_folders() -> fs::DirBuilder {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// Writes a file readable by its owner, whole or not at all.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let blame = |e: std::io::Error| Failure::unreadable(format!("Cannot write {}: {e}", path.display()));
    let temporary = path.with_extension(format!("new{}", std::process::id()));
    let mut file = owner_only().create(true).truncate(true).open(&temporary).map_err(blame)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(blame)?;
    fs::rename(&temporary, path).map_err(blame)
}
