//! The status of a follower: one line on a terminal, redrawn, or one JSON object a line. Spec: 15-watching, Status.

use crate::report::printable;
use crate::utc;
use serde::Serialize;
use std::io::{IsTerminal, Write};

/// The fields of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Status {
    pub time: u64,
    pub size: u64,
    pub root: String,
    pub ballots: u64,
    pub challenged: u64,
    pub voters: u64,
    pub phase: &'static str,
    pub cosigned: u64,
    pub behind: u64,
    pub alarms: u64,
    pub trouble: String,
}

/// Where the lines go.
pub struct Display {
    json: bool,
    terminal: bool,
    last: Option<Status>,
    drawn: bool,
}

impl Display {
    /// The standard output.
    pub fn new(json: bool) -> Self {
        Self { json, terminal: std::io::stdout().is_terminal(), last: None, drawn: false }
    }

    /// Shows the status: on a terminal always, elsewhere when it says something new.
    pub fn status(&mut self, status: &Status) {
        let same = self.last.as_ref().is_some_and(|last| Status { time: status.time, ..last.clone() } == *status);
        if same && !self.terminal {
            return;
        }
        self.last = Some(status.clone());
        if self.json {
            return self.line(&serde_json::to_string(status).unwrap_or_default());
        }
        let s = status;
        let mut text = format!(
            "{}  {}: {} entries, {} ballots of {} voters, {} challenged; {} cosigned",
            utc::show(s.time),
            s.phase,
            s.size,
            s.ballots,
            s.voters,
            s.challenged,
            s.cosigned
        );
        if s.behind > 0 {
            text += &format!("; {} to check", s.behind);
        }
        if s.alarms > 0 {
            text += &format!("; {} ALARMS", s.alarms);
        }
        if !s.trouble.is_empty() {
            text += &format!("; {}", printable(&s.trouble));
        }
        if self.terminal {
            // A line that is too long is cut at the edge, or it could not be drawn over.
            self.write(&format!("\r\x1b[K\x1b[?7l{text}\x1b[?7h"));
            self.drawn = true;
        } else {
            self.line(&text);
        }
    }

    /// A line that stays.
    pub fn line(&mut self, text: &str) {
        let start = if std::mem::take(&mut self.drawn) { "\r\x1b[K" } else { "" };
        self.write(&format!("{start}{text}\n"));
    }

    /// A line for people, which is left out of JSON.
    pub fn say(&mut self, text: &str) {
        if self.json {
            eprintln!("{}", printable(text));
        } else {
            self.line(&printable(text));
        }
    }

    /// Leaves the last status where it is.
    pub fn end(&mut self) {
        if self.drawn {
            self.write("\n");
        }
    }

    fn write(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}
