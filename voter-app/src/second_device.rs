//! The code that a voter takes to another device: drawn with the ballot, shown once the ballot is on the board. Spec: 16-second-device.
//!
//! Whoever shows it (the terminal, the local page) needs [`draw`] on the way and [`print()`] or [`card`] at the end; nothing
//! of it is kept in the state folder (CHECK-17).

use crate::failure::Failure;
use crate::memory::{Memory, entropy};
use crate::qr;
use ballot::ballot::BallotStyle;
use ballot::second_device::{Code, Pad, SecondDevice};
use ballot::voter::PendingBallot;
use zeroize::Zeroizing;

/// Draws the pad of a ballot that is about to be cast (CHECK-3).
pub fn draw(pending: &PendingBallot, style: &BallotStyle, memory: &Memory) -> Result<SecondDevice, Failure> {
    entropy()?; // refuses a generator that does not work
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    Ok(pending.second_device(style, |ballot| Pad::new(&mut rng, memory.secret(), ballot)))
}

/// Token and pad that belong to no code: for a ballot that is sent again after a crash, whose seed is gone. The collector keeps those of
/// the first time (CHECK-5).
pub fn none() -> Result<Zeroizing<[u8; 64]>, Failure> {
    let mut bytes = Zeroizing::new([0; 64]);
    getrandom::fill(bytes.as_mut()).map_err(|_| Failure::new("The operating system gives no randomness"))?;
    Ok(bytes)
}

/// The code in lines of five groups, to be read aloud or typed.
pub fn text(code: &Code) -> String {
    let text = code.to_text();
    let groups: Vec<&str> = text.split('-').collect();
    groups.chunks(5).map(|line| line.join("-")).collect::<Vec<_>>().join("\n")
}

/// The code as a QR code of half blocks, for a terminal; nothing if it is too long for one.
pub fn blocks(code: &Code) -> Option<String> {
    qr::blocks(&code.to_text())
}

/// The code on the local page.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeCard {
    /// Lines of groups.
    pub text: String,
    /// A QR code as an SVG element.
    pub svg: String,
}

impl std::fmt::Debug for CodeCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CodeCard(<redacted>)")
    }
}

/// The code as text and picture for a page; nothing if it is too long for one.
pub fn card(code: &Code) -> Option<CodeCard> {
    Some(CodeCard { text: text(code), svg: qr::picture(&code.to_text())? })
}

/// Says why a ballot has no code (CHECK-17).
pub fn print_none(why: &str) {
    println!("This ballot has no code for a second device: {why}, and what a code is made from is never written to disk.");
    println!("To check with a second device, vote again and wait for the receipt; only your last ballot counts.");
}

/// Prints the code on the terminal, with what it is for.
pub fn print(code: &Code, minutes: u64, releases: u64) {
    println!(
        "\nTo see on another device what the board holds for you, open there the page of an organisation that you trust, or `verifier code`:\n"
    );
    if let Some(blocks) = blocks(code) {
        println!("{blocks}\n");
    }
    println!("{}\n", text(code));
    println!(
        "It works {releases} times within {minutes} minutes. Until then whoever sees this code can see your choice: show it to nobody."
    );
}
