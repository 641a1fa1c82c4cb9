//! The page in the voter's browser: what the program does when it is started without a command.
//!
//! Served by the program itself on the loopback address, to the browser that it opens. All cryptography, the eID and the choices stay in
//! this process; the browser gets plain pages, which work without JavaScript.

mod clerk;
mod contest;
mod form;
mod frame;
mod guard;
mod journey;
mod ranking;
mod server;
mod steps;
mod texts;
mod trouble;
mod views;
mod when;

use crate::commands::{Place, State, parse_id, parse_url};
use crate::failure::Failure;
use ballot::Hash;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// The page, without a command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Base URL of the collector; the page asks for it if it is not said
    #[arg(long, value_name = "URL", value_parser = parse_url, requires = "election_id")]
    collector: Option<String>,
    /// Election id from paper or the gazette; the page asks for it if it is not said
    #[arg(long, value_name = "HEX", value_parser = parse_id, requires = "collector")]
    election_id: Option<Hash>,
    /// Language of the page: et, en, ru, uk or lv [default: the browser's]
    #[arg(long, value_name = "CODE", value_parser = parse_lang)]
    language: Option<texts::Lang>,
    /// Time zone of the election
    #[arg(long, value_name = "ZONE", default_value = "Europe/Tallinn", value_parser = when::Zone::new)]
    zone: when::Zone,
    /// Do not open a browser: print the address, which works once
    #[arg(long)]
    no_browser: bool,
    /// Something that a means of the eID must be told once, such as `card.module=PATH`; `voter-app eid` lists them
    #[arg(long, value_name = "MEANS.NAME=VALUE")]
    eid_with: Vec<String>,
    /// Offer bare key files too, which only tests have, in an election that counts (a practice election always offers them)
    #[arg(long)]
    key_files: bool,
    /// Minutes without a step after which the voter is forgotten
    #[arg(long, value_name = "N", default_value_t = server::IDLE.as_secs() / 60, value_parser = clap::value_parser!(u64).range(1..=240))]
    idle: u64,
    #[command(flatten)]
    state: State,
}

fn parse_lang(code: &str) -> Result<texts::Lang, String> {
    texts::Lang::find(code).ok_or_else(|| "one of et, en, ru, uk, lv".to_owned())
}

/// Serves the page until the voter ends it.
pub fn run(args: Args) -> Result<(), Failure> {
    leave_no_core();
    // What crashes says where, and nothing of what was in memory.
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        eprintln!("voter-app has failed{place}. Start it again; it finds out what became of a ballot that was sent.");
        std::process::exit(70);
    }));
    let settings = form::Settings::read(&args.eid_with, args.key_files)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let guard = guard::Guard::new(listener.local_addr()?.port())?;
    let opening = guard.opening();
    let desk: Arc<clerk::Desk> = Arc::default();
    let (jobs, queue) = mpsc::channel();
    let (at_work, state) = (desk.clone(), args.state);
    std::thread::spawn(move || clerk::work(&at_work, &queue, &state));
    let idle = Duration::from_secs(args.idle * 60);
    let site = server::Site::new(guard, desk, jobs, args.language, args.zone, settings, idle);
    if let (Some(collector), Some(election_id)) = (args.collector, args.election_id) {
        site.step(|journey| journey.enter(Some(Place { collector, election_id })));
    }
    if args.no_browser {
        println!("{opening}");
    } else if browse(&opening).is_err() {
        println!("No browser could be started. Open this address in one; it works once:\n{opening}");
    }
    server::serve(actix_web::web::Data::new(site), listener)
}

/// A crash writes no memory to disk, where the system has such a thing.
fn leave_no_core() {
    #[cfg(unix)]
    {
        let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
        let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none); // lowering a limit is always allowed
    }
}

/// Opens the system's browser.
fn browse(address: &str) -> std::io::Result<()> {
    let (program, first): (&str, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("rundll32", &["url.dll,FileProtocolHandler"]),
        _ => ("xdg-open", &[]),
    };
    Command::new(program).args(first).arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map(drop)
}
