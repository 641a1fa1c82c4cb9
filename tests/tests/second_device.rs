//! The page for a second device in a real browser, and `verifier code`, against voters' programs, collectors and boards that cheat.
//! Attacks D01 to D14; spec 16-second-device. Skipped, and said so, where Chromium or Rust's target for browsers is not installed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use ballot::Selection;
use ballot::ballot::{BallotStyle, Seed};
use ballot::encode::hash;
use ballot::manifest::Rule;
use ballot::second_device::{Code, Pad, SecondDevice};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use board::http::Web;
use e2e::browser::Browser;
use e2e::check_page;
use e2e::election::{Election, Setup, copy};
use e2e::own_client::{self, Client};
use e2e::pki::{P256, Person};
use e2e::plan::{ContestPlan, Plan, Voter};
use e2e::process::{self, must, program, run};
use e2e::web::{Manner, Static};
use envelope::Identity;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// D12: a name that would be a picture, if somebody let it.
const NAME: &str = "Dag <b>Bold</b> & Sons";

struct Town {
    election: Election,
    eid: PathBuf,
    people: Vec<String>,
    styles: Vec<BallotStyle>,
    web: Web,
}

impl Town {
    fn new() -> Self {
        process::build().unwrap();
        let dir = program("second-device-test");
        let _ = std::fs::remove_dir_all(&dir);
        let names = ["Ann", "Ben", NAME];
        let options = names.iter().enumerate().map(|(i, n)| (format!("o{i}"), (*n).to_owned(), String::new())).collect();
        let rule = Rule::Choose { min: 1, max: 1, blank: true };
        let contests = vec![ContestPlan { id: "mayor".into(), title: "Mayor".into(), rule, options }];
        let setup = Setup { contests, districts: vec![("north".into(), "North".into())], ..Setup::small() };
        let people: Vec<Person> = (0..24).map(Person::numbered).collect();
        let voters = people.iter().map(|p| Voter { code: p.code.clone(), district: "north".into() }).collect();
        let election = Election::new(&dir, setup).unwrap();
        election.enrol(&Plan { voters, ..Plan::default() }).unwrap();
        election.ceremony().unwrap();
        election.open().unwrap();
        let eid = dir.join("eid");
        std::fs::create_dir_all(&eid).unwrap();
        election.pki().write_voters(&people, P256, &eid).unwrap();
        election.settle().unwrap();
        let styles = own_client::styles(&election).unwrap();
        let web = Web::new(election.url());
        Self { election, eid, people: people.into_iter().map(|p| p.code).collect(), styles, web }
    }

    /// Runs voter-app for a person; gives what it printed.
    fn voter_app(&self, command: &str, person: usize, more: &[&str]) -> String {
        let state = self.election.dir.join(format!("state-{person}"));
        let (eid, id) = (self.eid.to_str().unwrap(), self.election.id());
        let mut args = vec![command, "--collector", self.election.url(), "--election-id", &id, "--eid-dir", eid];
        args.extend(["--person", &self.people[person], "--state", state.to_str().unwrap()]);
        args.extend(more);
        must("voter-app", args).unwrap()
    }

    /// A voter's program that lies: encrypts `truth` from one seed, and says in its code that it was `claim` from another.
    fn rogue(&self, person: usize, truth: u32, claim: u32, seeds: [u8; 2]) -> Code {
        let file = |name: &str| std::fs::read_to_string(self.eid.join(format!("{}.{name}.pem", self.people[person]))).unwrap();
        let identity = |usage: &str| Identity::from_pem(&file(&format!("{usage}.key")), &file(usage)).unwrap();
        let client = Client::log_in(&self.web, &self.election.manifest, &identity("login")).unwrap();
        let select = |option: u32| vec![Selection((0..4).map(|i| u32::from(i == option)).collect())];
        let style = &self.styles[0];
        let ballot = style.encrypt(&client.context, &select(truth), &Seed([seeds[0]; 32])).unwrap();
        let claimed = SecondDevice::new(style, &ballot.hash(), &Seed([seeds[1]; 32]), &select(claim), Pad([person as u8 + 1; 32]));
        let container = envelope::cades::sign(ballot.bytes(), &identity("sign"), e2e::election::now()).unwrap();
        let reply = client.cast(&[&claimed.to_bytes()[..], ballot.bytes(), &container]).unwrap();
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        self.election.settle().unwrap();
        let path = format!("/v1/receipt/{}", hex::encode(ballot.hash()));
        let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
        loop {
            let receipt: Value = serde_json::from_slice(&self.web.get(&path, None).unwrap().body).unwrap();
            if let Some(index) = receipt["index"].as_u64() {
                return claimed.into_code().at(index).unwrap();
            }
            assert!(std::time::Instant::now() < end, "no receipt");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
}

/// The code that voter-app printed.
fn code_in(out: &str) -> String {
    let code = codes(out);
    assert!(!code.is_empty(), "{out}");
    code.join("-")
}

/// Every file below a folder, one after the other.
fn everything(folder: &Path) -> Vec<u8> {
    let read = |file: std::fs::DirEntry| if file.path().is_dir() { everything(&file.path()) } else { std::fs::read(file.path()).unwrap() };
    std::fs::read_dir(folder).unwrap().flat_map(|file| read(file.unwrap())).collect()
}

/// Lines of groups.
fn codes(out: &str) -> Vec<&str> {
    let groups = |line: &&str| {
        line.len() > 11 && line.split('-').all(|g| g.len() == 5 && g.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
    };
    out.lines().filter(groups).collect()
}

/// The page on its own server, in several configurations.
struct Site {
    server: Static,
    root: PathBuf,
    browser: Browser,
}

impl Site {
    fn configure(&self, name: &str, election: &str, collector: &str, board: &str) {
        let to = self.root.join(name);
        copy(&self.root.join("honest"), &to).unwrap();
        std::fs::write(to.join("election.json"), json!({ "election": election, "collector": collector, "board": board }).to_string())
            .unwrap();
    }

    /// Types code and person code into a page, and gives what it says.
    fn ask(&mut self, name: &str, code: &str, person: &str) -> String {
        check_page::ask(&mut self.browser, &format!("{}/{name}", self.server.url), code, person).unwrap()
    }

    /// The page must refuse by this rule, and must not name any choice.
    fn refuses(&mut self, what: &str, name: &str, code: &str, person: &str, rule: &str) {
        let said = self.ask(name, code, person);
        assert!(said.starts_with("bad ") && said.contains(rule), "{what}: {said}");
        assert!(!["Ann", "Ben", "Dag"].iter().any(|option| said.contains(option)), "{what}: it names a choice: {said}");
    }
}

#[test]
fn a_second_device_sees_what_the_board_holds() {
    if e2e::browser::chromium().is_none() {
        println!("SKIPPED: chromium is not installed");
        return;
    }
    let town = Town::new();
    let (id, url, board) = (town.election.id(), town.election.url().to_owned(), town.election.board());
    let root = town.election.dir.join("site");
    std::fs::create_dir_all(&root).unwrap();
    let server = Static::serve(&root);
    // The page may speak to the collector and to its own server, where forged boards lie.
    if !check_page::build(&url, &format!("{}/board", server.url), &id, &root.join("honest")).unwrap() {
        return;
    }
    let browser = Browser::open(&town.election.dir.join("browser")).unwrap().unwrap();
    let mut site = Site { server, root, browser };
    site.configure("page", &id, &url, &board);
    let person = |n: usize| town.people[n].clone();

    // An honest program: the right choice, by the page and by the other program (D08).
    let honest = code_in(&town.voter_app("cast", 0, &["--yes", "--choose", "mayor=o2"]));
    let said = site.ask("page", &honest, &person(0));
    assert!(said.starts_with("good ") && said.contains(NAME) && said.contains("Mayor") && said.contains("number 1"), "{said}");
    assert!(said.contains("under your pseudonym"), "{said}");
    let other = ["code", &board, &honest, "--collector", &url, "--election-id", &id, "--person", &person(0), "--quiet"];
    let other = run("verifier", other).unwrap();
    assert!(other.code == 0 && other.out.contains(NAME), "{}{}", other.out, other.err);
    // CHECK-17: nothing that a code is made from is on the disk of who cast the ballot.
    let bytes = Code::from_text(&honest).unwrap().to_bytes();
    let masked = &bytes[13..bytes.len() - 4];
    let spellings = [masked.to_vec(), hex::encode(masked).into_bytes(), BASE64_STANDARD.encode(masked).into_bytes(), honest[..29].into()];
    let kept = everything(&town.election.dir.join("state-0"));
    assert!(kept.len() > 1000 && spellings.iter().all(|s| !kept.windows(s.len()).any(|w| w == s)), "a code on the disk");
    // Who does not wait for the receipt is told that there is no code, and how to get one.
    let hasty = town.voter_app("cast", 10, &["--yes", "--no-wait", "--choose", "mayor=o0"]);
    assert!(hasty.contains("has no code for a second device: it tells the ballot's place on the board"), "{hasty}");
    assert!(hasty.contains("vote again and wait for the receipt") && codes(&hasty).is_empty(), "{hasty}");
    // The page speaks the languages of the voter's program.
    let mut titles = vec![site.browser.text("h1").unwrap()];
    for (language, word) in [("et", "sedel"), ("ru", "бюллетен"), ("uk", "бюлетен"), ("lv", "biļeten")] {
        site.browser.eval(&format!("(() => {{ const s = document.querySelector('#language'); s.value = '{language}'; s.dispatchEvent(new Event('change')) }})()")).unwrap();
        site.browser.until(&format!("document.documentElement.lang === '{language}'")).unwrap();
        let said = site.browser.text("body").unwrap();
        assert!(said.contains(word) && !said.contains("ballot") && !said.contains("undefined"), "{language}: {said}");
        titles.push(site.browser.text("h1").unwrap());
        site.browser.picture(&program("").parent().unwrap().join(format!("page-pictures/39-second-device-{language}.png"))).unwrap();
    }
    titles.dedup();
    assert_eq!(titles.len(), 5);
    // D03, D07: it votes again behind the voter's back. The code shows what it showed, and does not say that it is superseded; a login does.
    town.voter_app("cast", 0, &["--yes", "--choose", "mayor=o0"]);
    let said = site.ask("page", &honest.to_lowercase().replace('-', ""), "");
    assert!(said.starts_with("good ") && said.contains(NAME) && said.contains("Not checked whose"), "{said}");
    assert!(!said.to_lowercase().contains("supersed") && said.contains("voter-app status"), "{said}");
    let status = town.voter_app("status", 0, &[]);
    assert!(status.contains("number 1") && status.contains("number 2"), "{status}");
    // D07: three times are over.
    site.refuses("asked too often", "page", &honest, &person(0), "CHECK-9");
    let mistyped = format!("{}A{}", &honest[..1], &honest[2..]);
    site.refuses("mistyped", "page", &mistyped, "", "CHECK-1");

    // The program encrypts another choice; the same choice with randomness of its own (D14); and honestly, for comparison.
    let lie = town.rogue(1, 0, 1, [1, 1]).to_text();
    site.refuses("another choice", "page", &lie, &person(1), "CHECK-13");
    let seed = town.rogue(2, 1, 1, [2, 3]).to_text();
    site.refuses("D14 another seed", "page", &seed, &person(2), "CHECK-13");
    let mine = town.rogue(3, 1, 1, [4, 4]).to_text();
    assert!(site.ask("page", &mine, &person(3)).contains("Ben"));
    // D01: the code of somebody who chose alike.
    site.refuses("D01 a clash", "page", &mine, &person(4), "CHECK-14");
    // D02: it shows one ballot and casts another: the code's place is moved to the other ballot.
    let moved = town.rogue(5, 0, 1, [5, 5]);
    let first = town.rogue(6, 1, 1, [6, 6]);
    let mut placed = first.clone();
    placed.index = moved.index;
    let said = site.ask("page", &placed.to_text(), &person(6));
    assert!(said.starts_with("bad ") && said.contains("CHECK-1"), "D02: {said}");
    // D09: a challenged ballot is shown as one that never counts; a cast one that is called challenged is refused.
    let opened = code_in(&town.voter_app("challenge", 7, &["--yes", "--choose", "mayor=o1", "--out", town.election.dir.to_str().unwrap()]));
    let said = site.ask("page", &opened, "");
    assert!(said.contains("does not count") && said.contains("Ben"), "{said}");
    // What it costs here, for the README: the key from the ceremony with the place in the log, and on top of it the ballot made again. A
    // code of a challenged ballot with other selections than the log's is refused just before the ballot would be made (CHECK-13).
    let mut bytes = Code::from_text(&opened).unwrap().to_bytes();
    let (sum, selections) = (bytes.len() - 4, 1 + 4 + 8 + 32);
    bytes[selections] ^= 0xc0;
    let check = hash("check-code", &[&bytes[..sum]]);
    bytes[sum..].copy_from_slice(&check[..4]);
    let other_selections = Code::from_bytes(&bytes).unwrap().to_text();
    site.refuses("other selections than the log has", "page", &other_selections, "", "CHECK-13");
    let time = |code: &str| {
        format!(
            "(() => {{ const all = []; for (let i = 0; i < 9; i++) {{ const t = performance.now(); \
             ask({{ election: config.election, code: '{code}', person: '' }}); all.push(performance.now() - t); }} \
             return all.sort((a, b) => a - b)[4]; }})()"
        )
    };
    assert!(site.ask("page", &opened, "").contains("Ben"), "the page has read what it needs");
    let [without, all] = [&other_selections, &opened].map(|code| site.browser.eval(&time(code)).unwrap().as_f64().unwrap());
    println!("in Chromium: {:.1} ms to make a ballot of one contest and compare it (medians of 9)", all - without);
    println!("in Chromium: {without:.1} ms to verify the key ceremony and find the entry (median of 9)");

    // A collector that gives another pad, a board with a forged entry, another log, no board at all.
    let fresh = town.rogue(8, 1, 1, [8, 8]).to_text();
    site.server
        .behave("fake/v1/check", Manner::Lie(json!({ "pad": "11".repeat(32), "blinding": "22".repeat(32) }).to_string().into_bytes()));
    site.configure("wrong-pad", &id, &format!("{}/fake", site.server.url), &board);
    site.refuses("a wrong pad", "wrong-pad", &fresh, &person(8), "CHECK-1");
    let record = town.election.dir.join("collector/record");
    let record = if record.is_dir() { record } else { town.election.dir.join("data/record") };
    copy(&record, &site.root.join("forged")).unwrap();
    forge(&site.root.join("forged"), town.election.manifest.ballot_len(0));
    site.configure("forged-page", &id, &url, &format!("{}/forged", site.server.url));
    site.refuses("D04 a forged entry", "forged-page", &fresh, &person(8), "CHECK-10");
    site.configure("other-election", &"ab".repeat(32), &url, &board);
    site.refuses("D06 another election", "other-election", &fresh, &person(8), "CHECK-2");
    site.configure("other-log", &format!("{}{}", &id[..16], "ab".repeat(24)), &url, &board);
    site.refuses("D06 another log", "other-log", &fresh, &person(8), "CHECK-10");
    // None of these used up a release but the wrong pad of the fake collector, which is not ours.
    assert!(site.ask("page", &fresh, &person(8)).contains("Ben"));

    // D10: nothing was asked of anybody else, and nothing was refused by the page's own policy.
    let complaints: Vec<&String> = site.browser.complaints.iter().filter(|c| !c.contains("404") && !c.contains("favicon")).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
}

/// Changes a bit in the last bundle of entries.
fn forge(record: &Path, back: usize) {
    let mut bundles: Vec<PathBuf> = Vec::new();
    let mut folders = vec![record.join("tile/entries")];
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() { folders.push(path) } else { bundles.push(path) }
        }
    }
    for bundle in bundles {
        let mut bytes = std::fs::read(&bundle).unwrap();
        let at = bytes.len().saturating_sub(back / 2);
        bytes[at] ^= 1;
        std::fs::write(&bundle, bytes).unwrap();
    }
}
