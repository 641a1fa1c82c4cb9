//! `tally new`

use crate::config::{Config, EXAMPLE};
use crate::failure::{Failure, Outcome};
use crate::files::{self, Existing};
use crate::minutes::Minutes;
use crate::{vis3, when};
use ballot::Manifest;
use ballot::manifest::Kind;
use std::io::Write;
use std::path::PathBuf;

/// Make the manifest of an election
///
/// Reads a TOML file (`tally new --example` prints one in which every field is explained), looks up the public keys and certificates that it
/// names, checks every rule of specs/03-manifest.md, writes DIR/manifest.json, and prints the election id: the SHA-256 of that file, which
/// everything else in the election names. With the two VIS3 files, districts and candidates come from there.
#[derive(clap::Args, Debug)]
pub struct NewArgs {
    /// The election, as people write it
    #[arg(value_name = "ELECTION.toml", required_unless_present = "example")]
    config: Option<PathBuf>,
    /// Folder for manifest.json
    #[arg(long, value_name = "DIR", required_unless_present = "example")]
    out: Option<PathBuf>,
    /// VIS3-EHS list of districts
    #[arg(long, value_name = "X.districts.json", requires = "choices")]
    districts: Option<PathBuf>,
    /// VIS3-EHS list of candidates
    #[arg(long, value_name = "X.choices.json", requires = "districts")]
    choices: Option<PathBuf>,
    /// Print a commented example of the TOML file
    #[arg(long, exclusive = true)]
    example: bool,
}

/// Runs `tally new`.
pub fn run(args: &NewArgs, out: &mut dyn Write) -> Outcome {
    let (Some(path), Some(folder)) = (&args.config, &args.out) else {
        out.write_all(EXAMPLE.as_bytes())?;
        return Ok(());
    };
    let config = Config::read(path)?;
    let imported = match (&args.districts, &args.choices) {
        (Some(districts), Some(choices)) => Some(vis3::import(districts, choices, config.vis3(), &config.title)?),
        _ => None,
    };
    let manifest = Manifest::from_description(&config.describe(path, imported)?)
        .map_err(Failure::from)
        .map_err(|e| e.context(path.display().to_string()))?;
    let file = folder.join("manifest.json");
    files::write(&file, manifest.bytes(), Existing::Replace, false)?;
    let id = hex::encode(manifest.id());
    Minutes::of(Some(folder)).write(&format!("new: manifest of {:?} made, election id {id}", manifest.description().title))?;
    describe(&manifest, out)?;
    writeln!(out, "\nManifest:    {}\nElection id: {id}", file.display())?;
    Ok(())
}

/// Says in words what a manifest fixes, and what in it is unusual.
pub fn describe(manifest: &Manifest, out: &mut dyn Write) -> Outcome {
    let d = manifest.description();
    writeln!(out, "{}", d.title)?;
    if d.kind == Kind::Practice {
        writeln!(out, "PRACTICE: the ballots of this election count for nothing.")?;
    }
    writeln!(out, "Voting from {} until {}.", when::show(d.voting.from), when::show(d.voting.until))?;
    let (n, t) = manifest.trustees();
    writeln!(out, "{t} of {n} trustees open it; {} of {} members order it.", d.committee.quorum, d.committee.members.len())?;
    writeln!(out, "{} of {} witnesses; {} mixers.", d.witnesses.quorum, d.witnesses.members.len(), d.mixers.members.len())?;
    writeln!(out, "{} districts; units of fewer than {} ballots are not opened.", d.districts.len(), d.k_min)?;
    for contest in &d.contests {
        let options: usize = contest.lists.iter().map(|l| l.options.len()).sum();
        let mixed = if contest.rule.is_mixed() { "mixed" } else { "summed" };
        writeln!(out, "Contest {}: {} ({mixed}); {options} options in {} lists.", contest.id, contest.title, contest.lists.len())?;
    }
    if d.trustees.override_rules {
        writeln!(out, "WARNING: override: rules about thresholds and mixers are off (MAN-7, MAN-8); one lost key may end the election.")?;
    }
    if 2 * t <= n {
        writeln!(out, "WARNING: MAN-8: {t} of {n} trustees is no majority; two groups could each open the ballots.")?;
    }
    if d.witnesses.members.is_empty() {
        writeln!(out, "WARNING: there is no witness; the server could show different boards to different people.")?;
    }
    Ok(())
}
