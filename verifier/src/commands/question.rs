//! What the commands that ask something of a record have in common. Spec: 14-questions.

use super::election_id;
use serde::Serialize;
use std::io::Read;
use std::process::ExitCode;
use verifier::asked::{Asked, Sound};
use verifier::progress::Progress;
use verifier::questions::{Answer, Found};

/// Arguments of all of them.
#[derive(clap::Args, Debug)]
pub struct Asking {
    /// Folder or http(s) URL of the election record
    record: String,
    /// The election id: 64 hex digits, from a source other than this record, such as the printed announcement
    #[arg(long, value_name = "HEX", value_parser = election_id)]
    election_id: Option<[u8; 32]>,
    /// Write the answer's proof to a file that can be checked without the record (`verifier proof`)
    #[arg(long, value_name = "FILE")]
    proof: Option<String>,
    /// Print the answer as one JSON object (specs/14-questions.md)
    #[arg(long)]
    json: bool,
    /// Show no progress on the error output
    #[arg(long)]
    quiet: bool,
}

impl Asking {
    /// Is a proof file asked for?
    pub fn wants_file(&self) -> bool {
        self.proof.is_some()
    }
}

/// Reads the record, asks it, writes the proof file if one is wanted and can be had, and prints the answer.
pub fn run_question<F: Serialize + Default>(
    command: &'static str,
    asking: &Asking,
    question: impl FnOnce(&Sound) -> Result<Found<F>, String>,
) -> ExitCode {
    let progress = Progress::new(!asking.quiet);
    let mut answer = match Asked::read(&asking.record, asking.election_id.as_ref(), progress) {
        Ok(asked) => Answer::draw(command, &asked, question),
        Err(error) => Answer::unreadable(command, error),
    };
    if let (Some(path), Some(file)) = (&asking.proof, &answer.file) {
        match std::fs::write(path, file.write()) {
            Ok(()) => answer.proof = Some(path.clone()),
            Err(error) => answer = Answer::unreadable(command, format!("the proof file cannot be written: {path}: {error}")),
        }
    }
    say(asking, &answer)
}

/// Prints an answer.
pub fn say<F: Serialize + Default>(asking: &Asking, answer: &Answer<F>) -> ExitCode {
    super::print(&if asking.json { answer.json() } else { answer.text() });
    ExitCode::from(answer.code())
}

/// The bytes of a file, at most so many.
pub fn read_file(path: &str, most: u64) -> Result<Vec<u8>, String> {
    let file = std::fs::File::open(path).map_err(|error| format!("{path}: {error}"))?;
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| format!("{path}: {error}"))?;
    if bytes.len() as u64 > most { Err(format!("{path} has more than {most} bytes")) } else { Ok(bytes) }
}
