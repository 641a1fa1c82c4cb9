//! `voter-app eid`: the means of this program, and what each must be told.

use crate::eid::{InputKind, MEANS};
use crate::failure::Failure;

/// List the kinds of eID and what each must be told
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_: &Args) -> Result<(), Failure> {
    for means in MEANS {
        println!("--eid {}: {}", means.name, means.title);
        for input in means.inputs {
            let (may, who) =
                (if input.optional { " (may be left out)" } else { "" }, if input.kind == InputKind::Setting { " [setting]" } else { "" });
            println!("    --eid-with {}=…  {}{may}{who}", input.name, input.title);
        }
    }
    Ok(())
}
