//! `voter-app eid`: the means of this program, and a trial of one.

use super::EidArgs;
use crate::eid::{Eid, InputKind, MEANS};
use crate::failure::Failure;
use envelope::login::{login_message, verify_login_as};
use envelope::{Certificate, Profile, Purpose, cades};
use std::time::{SystemTime, UNIX_EPOCH};

/// Signed by a trial in place of a ballot: no election takes it.
const TRIAL: &[u8] = b"haal/1/trial of an eID: this is no ballot";

/// List the kinds of eID and what each must be told; with --eid, try one out
///
/// A trial signs with both keys, checks the signatures and sends nothing to a collector. It shows whether card, reader, module and PINs work.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    eid: EidArgs,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    match args.eid.open()? {
        Some(eid) => try_out(eid.as_ref()),
        None => {
            list();
            Ok(())
        }
    }
}

fn list() {
    for means in MEANS {
        println!("--eid {}: {}", means.name, means.title);
        for input in means.inputs {
            let may = if input.optional { " (may be left out)" } else { "" };
            let who = if input.kind == InputKind::Setting { " [setting]" } else { "" };
            println!("    --eid-with {}=…  {}{may}{who}", input.name, input.title);
        }
    }
}

fn try_out(eid: &dyn Eid) -> Result<(), Failure> {
    println!("You are {}.", eid.person_code());
    let nonce = ballot::encode::hash("trial", &[TRIAL]);
    let answer = eid.login(&[0; 32], &[0; 32], &nonce)?;
    let leaf = answer.certificates.first().map(|der| Certificate::from_der(der)).transpose()?;
    let leaf = leaf.ok_or_else(|| Failure::new("The eID gave no certificate"))?;
    leaf.accept_for(Purpose::Login)?;
    verify_login_as(&answer.form, &leaf, &login_message(&[0; 32], &[0; 32], &nonce), &answer.signature)?;
    println!("Logging in works.");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let signed = cades::verify(TRIAL, &eid.sign(TRIAL, (Profile::CadesB, now))?)?;
    signed.certificate().accept_for(Purpose::Signing)?;
    println!("Signing works.");
    Ok(())
}
