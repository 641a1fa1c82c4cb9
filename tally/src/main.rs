//! The program, which is its library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(tally::run(std::env::args_os(), &mut std::io::stdout(), &mut std::io::stderr()))
}
