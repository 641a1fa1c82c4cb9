//! `collector evidence`: what accredited auditors may see beside the record. Spec: 11-record, EVID.

use super::{new_folder, open_log, record_use};
use crate::store::{self, EnvelopeRow, Place, Use};
use anyhow::{Context, Result};
use ballot::Hash;
use std::fmt::Write;
use std::fs;
use std::path::Path;

pub fn run(data: &Path, place: &Place, out: &Path) -> Result<()> {
    let (dir, db, state) = open_log(data, place)?;
    // Who stood on any version of the roll, with the last district.
    let whole = state.replay.rolls().context("no roll has been ordered yet")?.whole();
    new_folder(out)?;
    record_use(&*place.open(&dir)?, &Use::of_all("E-hääletamise tõendid koostati audiitorile", "", "audiitor"))?;
    let envelopes = out.join("envelopes");
    fs::create_dir(&envelopes)?;
    let districts = &state.replay.manifest().description().districts;
    let mut csv = "person_code,pseudonym,blinding,district\n".to_owned();
    for line in whole.lines() {
        let v = store::voter(&*db, &line.pseudonym)?.context("ROLL-3: a pseudonym of the roll has no opening here")?;
        let district = districts.get(usize::from(line.district)).context("a voter of an unknown district")?;
        writeln!(csv, "{},{},{},{}", v.person_code, hex::encode(v.pseudonym), hex::encode(v.blinding), district.id)?;
    }
    fs::write(out.join("roll.csv"), csv)?;
    let mut count = 0u64;
    store::for_envelopes(&*db, |hash: Hash, row: EnvelopeRow| -> Result<()> {
        let name = envelopes.join(hex::encode(hash));
        fs::write(name.with_extension("p7s"), row.container)?;
        fs::write(name.with_extension("salt"), row.salt)?;
        fs::write(name.with_extension("time"), format!("{}\n", row.accepted))?;
        for (ending, answer) in [("ocsp", store::status(&*db, &hash)?), ("tsr", store::stamp(&*db, &hash)?)] {
            answer.map(|answer| fs::write(name.with_extension(ending), answer)).transpose()?;
        }
        count += 1;
        Ok(())
    })?;
    let (waiting, _) = store::waiting_for_stamps(&*db)?;
    if waiting > 0 {
        eprintln!("{waiting} ballots wait for their time stamp: the evidence is not complete; run the server and write it again");
    }
    println!("voters {}\nenvelopes {count}\nfolder {}", whole.lines().len(), out.display());
    Ok(())
}
