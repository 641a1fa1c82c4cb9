//! `verifier code`: what does the ballot behind a code hold? Spec: 16-second-device.

use super::{election_id, hex32, print, refuse};
use std::process::ExitCode;
use verifier::asked::Asked;
use verifier::code::Code;
use verifier::net::Web;
use verifier::progress::Progress;
use verifier::questions::code::{self, Pad};
use verifier::report::printable;

/// See on this device what the ballot holds that another device cast
///
/// You need the code that your voting program showed you when your ballot was on the board. The collector gives the pad
/// that opens it, a few times and for a short while. The ballot on the board is then made again, byte for byte: only if
/// it is the same, you are told what it holds. Give your own person code, so that you see whether the ballot is yours.
///
///   verifier code https://vote.example/board AEAAF-… --collector https://vote.example --person PNOEE-38001085718 --election-id 5d0f…c1
///
/// Ask somebody's copy of the board instead of the collector's own, if you can: the pad alone must come from the
/// collector. Whether the ballot is still the one that counts is not told here, but by `voter-app status`, to your eID.
///
/// Exit status: 0 the ballot is what the code says, and its content is printed; 1 it is not, or the record is wrong;
/// 2 the record or the pad cannot be had; 64 wrong usage.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Folder or http(s) URL of the election record
    record: String,
    /// The code: groups of five letters and digits. Capital letters, hyphens and spaces make no difference
    #[arg(required = true)]
    code: Vec<String>,
    /// The election id: 64 hex digits, from a source other than this record, such as the printed announcement
    #[arg(long, value_name = "HEX", value_parser = election_id)]
    election_id: [u8; 32],
    /// Base URL of the collector, which has the pad. A challenged ballot needs none
    #[arg(long, value_name = "URL", conflicts_with_all = ["pad", "blinding"])]
    collector: Option<String>,
    /// The pad, if the collector has been asked before
    #[arg(long, value_name = "HEX", value_parser = hex32, requires = "blinding")]
    pad: Option<[u8; 32]>,
    /// The blinding that came with it
    #[arg(long, value_name = "HEX", value_parser = hex32, requires = "pad")]
    blinding: Option<[u8; 32]>,
    /// Your person code, such as PNOEE-38001085718
    #[arg(long, value_name = "CODE")]
    person: Option<String>,
    /// Show no progress on the error output
    #[arg(long)]
    quiet: bool,
}

/// Reads the board first and asks for the pad last, so that none is used up on a board that cannot be read.
pub fn run(args: Args) -> ExitCode {
    let code = match Code::read(&args.code.join(" ")).and_then(|code| code.belongs(&args.election_id).map(|()| code)) {
        Ok(code) => code,
        Err(fault) => return refuse(1, &format!("{}: {}", fault.rule, fault.text)),
    };
    let asked = match Asked::read(&args.record, Some(&args.election_id), Progress::new(!args.quiet)) {
        Ok(asked) => asked,
        Err(error) => return refuse(2, &error),
    };
    let Some(record) = &asked.sound else {
        let failed: Vec<&str> = asked.failed.iter().map(|check| check.id).collect();
        return refuse(1, &format!("CHECK-10: the record is not in order: {}", failed.join(", ")));
    };
    let pad = match pad(&args, &code) {
        Ok(pad) => pad,
        Err(error) => return refuse(2, &error),
    };
    match code::ask(record, &code, pad.as_ref(), args.person.as_deref()) {
        Ok(Ok(text)) => {
            text.lines().for_each(|line| print(&(printable(line) + "\n")));
            ExitCode::SUCCESS
        }
        Ok(Err(fault)) => {
            refuse(1, &format!("{}: {}\nDo not rely on this ballot: vote again with another program, or on paper.", fault.rule, fault.text))
        }
        Err(error) => refuse(2, &error),
    }
}

fn pad(args: &Args, code: &Code) -> Result<Option<Pad>, String> {
    if let (Some(pad), Some(blinding)) = (args.pad, args.blinding) {
        return Ok(Some(Pad { pad, blinding }));
    }
    if code.challenged {
        return Ok(None);
    }
    let url = args.collector.as_deref().ok_or("the collector has the pad: say --collector URL")?;
    let web = Web::parse(url).ok_or("the address of a collector begins with https://")?;
    let (status, body) = web.post("v1/check", &code.token(&args.election_id), 10_000)?;
    if status == 404 {
        return Err("CHECK-9: the collector has no pad for this code: the ballot is not on the board yet, or its time is over, or it was asked too often".to_owned());
    }
    let reply: serde_json::Value = serde_json::from_slice(&body).map_err(|_| format!("the collector answers with status {status}"))?;
    let field = |name: &str| reply.get(name).and_then(|value| value.as_str()).and_then(verifier::text::hex32);
    let (pad, blinding) = field("pad").zip(field("blinding")).ok_or_else(|| format!("the collector answers with status {status}"))?;
    Ok(Some(Pad { pad, blinding }))
}
