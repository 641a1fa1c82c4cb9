//! `collector anonymise`: takes out of the box what names persons or links them with ballots. Spec: 11-record KEEP-4, KEEP-6.

use super::open_alone;
use crate::crash;
use crate::data::empty_folder;
use crate::minutes::{Act, Minutes, now_text};
use crate::removal::{Common, not_reached, require_apart};
use crate::scan::Codes;
use crate::store::{self, Database};
use crate::writer::commit;
use anyhow::{Result, ensure};

pub fn run(common: &Common) -> Result<()> {
    let (_lock, dir, db, state) = open_alone(&common.data, &common.place)?;
    common.require_over(&state)?;
    require_apart(&common.minutes, &[dir.root()])?;
    let election = hex::encode(state.replay.manifest().id());
    common.require_meant(&election)?;
    let mut minutes = match Minutes::begun(&common.minutes, Act::Anonymise, &election)? {
        Some(begun) => begun,
        None => Minutes {
            gone: common.tables(&*db)?,
            stays: stays(),
            not_reached: not_reached(common.place.is_server()),
            ..common.minutes(Act::Anonymise, &state, &*db)?
        },
    };
    if !common.goes_on(&minutes) {
        return Ok(());
    }
    minutes.write(&common.minutes)?;
    let codes = codes(&*db)?;
    let tx = store::begin(&*db)?;
    store::empty_personal(&tx)?;
    crash::around("anonymise-commit", || commit(tx))?;
    crash::around("anonymise-compact", || db.compact())?;
    empty_folder(&dir.scratch())?;
    db.close()?;

    let found = codes.search(dir.root())?;
    let files: Vec<String> = found.naming.iter().map(|path| path.display().to_string()).collect();
    ensure!(
        files.is_empty(),
        "KEEP-4: these files still name somebody: {}; remove what does not belong there, and run this again",
        files.join(", ")
    );
    let known = match codes.len() {
        0 => "anything with the form of a person code".to_owned(),
        n => format!("{n} person codes, and anything with the form of one"),
    };
    minutes.check = Some(format!("{known}, in {} files of {} bytes: none", found.files, found.bytes));
    minutes.ended = Some(now_text());
    minutes.write(&common.minutes)?;
    println!("done\nminutes {}", common.minutes.display());
    Ok(())
}

/// Everybody that the box knows by code.
fn codes(db: &dyn Database) -> Result<Codes> {
    let voters = store::voters(db)?.into_iter().map(|voter| voter.person_code);
    let listed = store::register(db)?.0.into_keys();
    Ok(Codes::new(voters.chain(listed)))
}

fn stays() -> Vec<String> {
    let all = [
        "the public log with its encrypted ballots, pseudonyms and checkpoints, in the database and in record/",
        "which ballot stands under which pseudonym, and the promises",
        "the hash chain over the state's voter lists, with the officers who handed them in",
        "the journal of refused orders and of the operator's commands",
        "the log key",
    ];
    all.map(str::to_owned).to_vec()
}
