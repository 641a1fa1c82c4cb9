//! A bar with the time left, on the error output, if a person watches.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;

/// Shows bars, or nothing at all.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    shown: bool,
}

impl Progress {
    /// Bars if wanted and if the error output is a terminal.
    pub fn new(wanted: bool) -> Self {
        Self { shown: wanted && std::io::stderr().is_terminal() }
    }

    /// A bar of `total` steps; it vanishes when dropped.
    pub fn bar(&self, what: &'static str, total: u64) -> Bar {
        let target = if self.shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total), target).with_message(what);
        if let Ok(style) = ProgressStyle::with_template("{msg:<20} {bar:30} {human_pos}/{human_len} {eta} left") {
            bar.set_style(style);
        }
        Bar(bar)
    }
}

/// One bar.
pub struct Bar(ProgressBar);

impl Bar {
    /// Some steps are done.
    pub fn step(&self, n: u64) {
        self.0.inc(n);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
