//! The holder at a terminal: PINs are typed unseen, notices are printed.

use super::fault::Fault;
use super::{Holder, Notice, Secret};
use crate::failure::Failure;
use crate::qr;
use std::io::IsTerminal;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Asks on the terminal, or reads secrets from a file.
#[derive(Debug, Default)]
pub struct Terminal {
    /// A file with PIN1, or the password, in its first line and PIN2 in its second; also a descriptor, such as `/dev/fd/3`.
    pub pin_file: Option<PathBuf>,
}

impl Terminal {
    fn from_file(path: &std::path::Path, line: usize) -> Result<Zeroizing<String>, Failure> {
        let text =
            std::fs::read_to_string(path).map(Zeroizing::new).map_err(|e| Failure::unreadable(format!("{}: {e}", path.display())))?;
        let found = text.lines().nth(line).filter(|pin| !pin.is_empty());
        let found = found.ok_or_else(|| Failure::unreadable(format!("{}: there is no PIN in line {}", path.display(), line + 1)))?;
        Ok(Zeroizing::new(found.to_owned()))
    }
}

impl Secret {
    /// For people, in English.
    pub fn title(&self) -> String {
        match self {
            Self::Pin1 => "PIN1 (for logging in)".to_owned(),
            Self::Pin2 => "PIN2 (for signing)".to_owned(),
            Self::Password(file) => format!("Password of {file}"),
        }
    }
}

impl Holder for Terminal {
    fn secret(&self, which: &Secret, tries: Option<u8>) -> Result<Zeroizing<String>, Failure> {
        if let Some(path) = &self.pin_file {
            return Self::from_file(path, usize::from(*which == Secret::Pin2));
        }
        let left = tries.map_or(String::new(), |n| format!(" [tries left: {n}]"));
        let typed = rpassword::prompt_password(format!("{}{left}: ", which.title()));
        let typed = typed.map(Zeroizing::new).map_err(|_| {
            Failure::new(format!("{} is needed, and there is no terminal to ask on", which.title()))
                .next("Nothing was signed. Run the command on a terminal, or say --pin-file FILE.")
        })?;
        if typed.is_empty() { Err(Fault::Cancelled.into()) } else { Ok(typed) }
    }

    fn show(&self, notice: &Notice) {
        match notice {
            Notice::Code(code) => {
                eprintln!("Verification code: {code}");
                eprintln!("Enter the PIN on your phone only if it shows the same code.");
            }
            Notice::Choose(code) => eprintln!("Verification code: {code}\nChoose this code on your phone, then enter the PIN there."),
            Notice::Scan(link) => match qr::blocks(link) {
                // Where pictures can be drawn over one another, the new one takes the place of the old one.
                Some(blocks) if std::io::stderr().is_terminal() => {
                    eprintln!("\x1b[2J\x1b[HScan this code with the Smart-ID app on your phone, then enter the PIN there.\n\n{blocks}");
                }
                _ => eprintln!("Scan with the Smart-ID app on your phone: {link}"),
            },
            Notice::Elsewhere(which) => eprintln!("{}: enter it on the reader, or in the window that has opened.", which.title()),
            Notice::Over => {}
        }
    }
}
