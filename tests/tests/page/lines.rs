//! Lines that are cut, programs that end, pages that wait, eIDs that do not open: each ends in a plain sentence and a safe next step, and
//! never in a second ballot.

use super::look::look;
use super::relay::{Cut, Relay};
use super::scene::{Page, Town, Voter84, browser_is_there, practice};
use e2e::process::program;
use std::process::Command;

fn to_the_review(voter: &mut Voter84, town: &Town, person: usize) {
    voter.log_in(town, person);
    voter.browser.click("form[action='/begin'] button").unwrap();
    voter.tick("1");
    voter.go_on();
    voter.at("/review");
}

fn ballots(voter: &mut Voter84) -> u64 {
    voter.browser.until("document.querySelector('form[action=\"/look\"]')").unwrap();
    voter.browser.click("form[action='/look'] button").unwrap();
    voter.at("/overview");
    voter.browser.eval("document.querySelectorAll('ol.ballots li').length").unwrap().as_u64().unwrap()
}

#[test]
fn a_line_cut_once_after_the_ballot_is_stored_is_not_even_noticed() {
    if !browser_is_there() {
        return;
    }
    let town = practice();
    let relay = Relay::to(town.election.url());
    let mut voter = Voter84::arrive_over(town, "cut-once", &relay.url, &[]);
    to_the_review(&mut voter, town, 8);
    relay.cut("/v1/cast", Cut::After, 1);
    voter.sign();
    assert_eq!(ballots(&mut voter), 1);
    assert_eq!(relay.sent().iter().filter(|(path, _)| path == "/v1/cast").count(), 2, "the same bytes were sent twice");
}

#[test]
fn a_line_that_stays_cut_leads_to_the_same_ballot_again() {
    if !browser_is_there() {
        return;
    }
    let town = practice();
    let relay = Relay::to(town.election.url());
    let mut voter = Voter84::arrive_over(town, "cut-long", &relay.url, &[]);
    to_the_review(&mut voter, town, 9);
    relay.cut("/v1/cast", Cut::After, usize::MAX);
    voter.browser.click("form[action='/sign'] button").unwrap();
    voter.at("/wait");
    look(&mut voter, "16-wait");
    voter.browser.until("location.pathname === '/trouble'").unwrap();
    let said = voter.browser.text("main").unwrap();
    assert!(said.contains("not known yet whether it arrived") && said.contains("there will never be two"), "{said}");
    look(&mut voter, "17-line-cut");
    relay.cut("/v1/cast", Cut::After, 0);
    voter.browser.click("form[action='/resend'] button").unwrap();
    voter.at("/receipt");
    assert_eq!(ballots(&mut voter), 1);
    let lengths: Vec<usize> = relay.sent().into_iter().filter(|(path, _)| path == "/v1/cast").map(|(_, length)| length).collect();
    assert!(lengths.len() > 2 && lengths.iter().all(|length| *length == lengths[0]), "{lengths:?}");
}

#[test]
fn a_program_that_was_killed_finds_out_that_its_ballot_arrived() {
    if !browser_is_there() {
        return;
    }
    let town = practice();
    let relay = Relay::to(town.election.url());
    let mut voter = Voter84::arrive_over(town, "killed", &relay.url, &[]);
    to_the_review(&mut voter, town, 10);
    relay.cut("/v1/cast", Cut::After, usize::MAX);
    voter.browser.click("form[action='/sign'] button").unwrap();
    voter.at("/wait");
    let arrived = || relay.sent().iter().any(|(path, _)| path == "/v1/cast");
    while !arrived() {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    std::thread::sleep(std::time::Duration::from_millis(500)); // the collector has stored it
    voter.page.kill();
    voter.browser.until("!document.querySelector('#gone').hidden").unwrap();
    voter.picture("18-program-gone");
    relay.cut("/v1/cast", Cut::After, 0);
    voter.page = Page::start(&voter.dir, &town.election.id(), &relay.url, &[]);
    voter.browser.goto(&voter.page.opening).unwrap();
    voter.browser.until("document.querySelector('form[action=\"/identify\"]')").unwrap();
    voter.browser.click("form[action='/identify'] button").unwrap();
    voter.browser.click("#folder-folder").unwrap();
    voter.browser.write(town.eid.to_str().unwrap()).unwrap();
    voter.browser.click("#folder-person").unwrap();
    voter.browser.write(&town.people[10]).unwrap();
    voter.browser.click("form.means:has(#folder-folder) button").unwrap();
    voter.at("/receipt");
    assert!(voter.browser.text("main").unwrap().contains("that ballot did arrive"), "{}", voter.browser.text("main").unwrap());
    voter.browser.until("!document.querySelector('[data-wait]')").unwrap();
    // CHECK-17: what a code is made from was never kept.
    let said = voter.browser.text("#no-code").unwrap();
    assert!(said.contains("has no code for a second device") && said.contains("vote again"), "{said}");
    assert_eq!(voter.browser.eval("document.querySelector('#second-code')").unwrap(), serde_json::Value::Null);
    look(&mut voter, "19-arrived-before");
    assert_eq!(ballots(&mut voter), 1);
}

/// The same in the terminal.
#[test]
fn a_command_that_is_run_again_finds_out_that_its_ballot_arrived() {
    if !browser_is_there() {
        return;
    }
    let town = practice();
    let relay = Relay::to(town.election.url());
    relay.cut("/v1/cast", Cut::After, usize::MAX);
    let state = town.election.dir.join("voter-cut-command");
    let _ = std::fs::remove_dir_all(&state);
    let id = town.election.id();
    let mut args = vec!["cast", "--collector", &relay.url, "--election-id", &id, "--eid-dir", town.eid.to_str().unwrap()];
    args.extend(["--person", &town.people[14], "--state", state.to_str().unwrap(), "--yes", "--choose", "mayor=o1"]);
    let cut = e2e::process::run("voter-app", &args).unwrap();
    assert!(cut.code != 0 && cut.err.contains("it is not known whether it arrived"), "{cut:?}");
    relay.cut("/v1/cast", Cut::After, 0);
    let again = e2e::process::run("voter-app", &args).unwrap();
    assert!(again.code == 0 && again.out.contains("from before did arrive") && again.out.contains("Recorded: entry"), "{again:?}");
    assert!(again.out.contains("has no code for a second device: it was made by a run of the program that has ended"), "{again:?}");
    assert!(!again.out.contains("open there the page"), "CHECK-17: {again:?}");
}

#[test]
fn a_line_cut_before_anything_is_stored() {
    if !browser_is_there() {
        return;
    }
    let town = practice();
    let relay = Relay::to(town.election.url());
    relay.cut("/", Cut::Before, usize::MAX);
    let dir = town.election.dir.join("voter-offline");
    let _ = std::fs::remove_dir_all(&dir);
    let page = Page::start(&dir, &town.election.id(), &relay.url, &[]);
    let browser = e2e::browser::Browser::open(&dir.join("browser")).unwrap().unwrap();
    let mut voter = Voter84 { browser, page, dir };
    voter.browser.goto(&voter.page.opening).unwrap();
    voter.browser.until("location.pathname === '/trouble'").unwrap();
    voter.told("nothing was sent");
    look(&mut voter, "20-offline");
    relay.cut("/", Cut::Before, 0);
    voter.browser.click("a.primary").unwrap();
    look(&mut voter, "21-which-election");
    voter.go_on();
    voter.browser.until("document.querySelector('form[action=\"/identify\"]')").unwrap();
}

#[test]
fn key_files_passwords_and_mistakes() {
    if !browser_is_there() {
        return;
    }
    let town = practice();
    let mut voter = Voter84::arrive(town, "password");
    voter.browser.click("form[action='/identify'] button").unwrap();
    voter.browser.click("#folder-folder").unwrap();
    voter.browser.write("/nowhere").unwrap();
    voter.browser.click("#folder-person").unwrap();
    voter.browser.write(&town.people[11]).unwrap();
    voter.browser.click("form.means:has(#folder-folder) button").unwrap();
    voter.at("/trouble");
    look(&mut voter, "22-unreadable");
    voter.browser.click("a.primary").unwrap();
    voter.at("/identify");

    let made = ["login", "sign"].map(|what| {
        let file = program(&format!("page-test-{what}.p12"));
        let key = town.eid.join(format!("{}.{what}.key.pem", town.people[11]));
        let chain = town.eid.join(format!("{}.{what}.pem", town.people[11]));
        let mut export = Command::new("openssl");
        export.args(["pkcs12", "-export", "-passout", "pass:geheim", "-out"]).arg(&file).arg("-inkey").arg(key).arg("-in").arg(chain);
        export.output().is_ok_and(|out| out.status.success()).then_some(file)
    });
    let [Some(login), Some(sign)] = made else { return println!("SKIPPED: openssl cannot make PKCS#12 files") };
    let name = |voter: &mut Voter84| {
        voter.browser.click("#pkcs12-file").unwrap();
        voter.browser.write(login.to_str().unwrap()).unwrap();
        voter.browser.click("#pkcs12-sign-file").unwrap();
        voter.browser.write(sign.to_str().unwrap()).unwrap();
        voter.browser.click("form.means:has(#pkcs12-file) button").unwrap();
        voter.at("/wait");
    };
    name(&mut voter);
    look(&mut voter, "23-password");
    assert_eq!(voter.browser.eval("document.activeElement.id").unwrap(), "secret", "the keyboard is where the password goes");
    voter.browser.write("falsch").unwrap();
    voter.browser.key("Enter").unwrap();
    voter.browser.until("location.pathname === '/trouble'").unwrap();
    assert!(voter.browser.text("main").unwrap().contains("The password was wrong"));
    voter.browser.click("a.primary").unwrap();
    name(&mut voter);
    voter.browser.click("button[name=stop]").unwrap();
    voter.browser.until("location.pathname === '/trouble'").unwrap();
    assert!(voter.browser.text("main").unwrap().contains("You stopped it"));
    voter.browser.click("a.primary").unwrap();
    name(&mut voter);
    for _ in 0..2 {
        voter.browser.until("document.activeElement?.id === 'secret' && document.activeElement.value === ''").unwrap();
        voter.browser.write("geheim").unwrap();
        voter.browser.key("Enter").unwrap();
        voter.browser.settle().unwrap();
    }
    voter.told(&town.people[11]);
    voter.at("/overview");
}
