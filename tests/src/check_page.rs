//! The page for a second device (specs/16) in a browser: built as whoever hosts it builds it, and used as a voter uses it.

use crate::browser::Browser;
use anyhow::{Result, ensure};
use serde_json::json;
use std::path::Path;
use std::process::Command;

/// Builds the page into a folder; false, said visibly, if there is no Rust target for browsers.
pub fn build(collector: &str, board: &str, election: &str, out: &Path) -> Result<bool> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../voter-app/check/build");
    let mut command = Command::new(script);
    command.args(["--election", election, "--collector", collector, "--board", board, "--out"]).arg(out);
    let done = command.output()?;
    ensure!(matches!(done.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&done.stderr));
    let there = done.status.code() == Some(0);
    if !there {
        println!("SKIPPED: Rust's target wasm32-unknown-unknown is not installed");
    }
    Ok(there)
}

/// Types code and person code into a page; gives `good` or `bad`, and what it says.
pub fn ask(browser: &mut Browser, folder: &str, code: &str, person: &str) -> Result<String> {
    browser.goto(&format!("{folder}/index.html"))?;
    browser.until("document.body.dataset.ready === 'yes'")?;
    browser.click("#code")?;
    browser.write(code)?;
    browser.click("#person")?;
    browser.write(person)?;
    browser.click("#check")?;
    browser.until("document.querySelector('#result').className !== ''")?;
    let markup = browser.eval("document.querySelectorAll('#result b').length")?;
    ensure!(markup == json!(0), "D12: a name became markup");
    let class = browser.eval("document.querySelector('#result').className")?;
    Ok(format!("{} {}", class.as_str().unwrap_or_default(), browser.text("#result")?))
}
