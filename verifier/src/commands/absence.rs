//! `verifier absence`: did anyone vote under this pseudonym? Spec: 14-questions.

use super::question::{Asking, run_question};
use std::process::ExitCode;
use verifier::bytes::Hash;
use verifier::questions::absence::{self, Who};

/// Show that nobody voted under a pseudonym, or that somebody did
///
/// For a voter who did not vote, or voted on paper only, and wants to see that nobody voted in their name. The pseudonym
/// stands in what the voting program keeps; it can also be computed from the person code and the blinding that the
/// collector gives at login, which nobody but the voter has.
///
///   verifier absence record --pseudonym 09ab…77 --election-id 5d0f…c1
///   verifier absence record --person-code PNOEE-38001085718 --blinding 77c0…1e --election-id 5d0f…c1 --proof not-me.json
///
/// Exit status: 0 nobody voted under it; 1 a check of the record failed, so nothing can be said; 2 the record cannot be
/// read; 3 nobody so far (voting is not closed), or no election id was given; 4 somebody did, or it is not on the roll;
/// 64 wrong usage.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    asking: Asking,
    /// The pseudonym: 64 hex digits
    #[arg(long, value_name = "HEX", value_parser = super::hex32, required_unless_present = "person_code", conflicts_with = "person_code")]
    pseudonym: Option<Hash>,
    /// Serial number of the certificate's subject, such as PNOEE-38001085718
    #[arg(long, value_name = "CODE", value_parser = code, requires = "blinding")]
    person_code: Option<String>,
    /// The blinding: 64 hex digits
    #[arg(long, value_name = "HEX", value_parser = super::hex32, requires = "person_code", conflicts_with = "pseudonym")]
    blinding: Option<Hash>,
}

fn code(text: &str) -> Result<String, String> {
    if absence::is_code(text) { Ok(text.to_owned()) } else { Err("not 1 to 64 printable ASCII letters without a space".to_owned()) }
}

/// Asks the record.
pub fn run(args: Args) -> ExitCode {
    let who = match (args.pseudonym, args.person_code, args.blinding) {
        (_, Some(code), Some(blinding)) => Who::Person { code, blinding },
        (pseudonym, _, _) => Who::Pseudonym(pseudonym.unwrap_or_default()),
    };
    run_question("absence", &args.asking, |record| absence::ask(record, &who, args.asking.wants_file()))
}
