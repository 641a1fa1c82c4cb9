//! Names that stand nowhere else are chosen, and looked for everywhere a program or a browser could have left them.

use super::relay::Relay;
use super::scene::{CANARIES, Voter84, browser_is_there, real};
use std::path::{Path, PathBuf};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for item in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let kind = item.file_type().unwrap();
        if kind.is_dir() {
            files(&item.path(), found);
        } else if kind.is_file() {
            found.push(item.path());
        }
    }
}

/// Every way in which a name could stand in a file.
fn spellings(name: &str) -> Vec<Vec<u8>> {
    let percent: String =
        name.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect();
    let wide = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let escaped: String = name.chars().map(|c| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) }).collect();
    let plus = percent.replace("%20", "+");
    vec![name.as_bytes().to_vec(), wide, percent.into_bytes(), plus.into_bytes(), escaped.into_bytes()]
}

#[test]
fn nothing_of_a_choice_is_left_anywhere_and_every_vote_looks_the_same_on_the_line() {
    if !browser_is_there() {
        return;
    }
    let town = real();
    let relay = Relay::to(town.election.url());
    let mut voter = Voter84::arrive_over(town, "canary", &relay.url, &[]);
    assert!(voter.page.core_limit().contains(" 0 "), "a crash leaves no core file: {}", voter.page.core_limit());
    voter.log_in(town, 12);
    voter.choose_all();
    voter.sign();
    let first = relay.sent();
    // Once more, with other choices: blank, three, the first of the list, no order, all for one.
    voter.browser.click("form[action='/begin'] button").unwrap();
    voter.at("/contest/1");
    voter.tick("blank");
    voter.go_on();
    ["1", "2", "3"].iter().for_each(|option| voter.tick(option));
    voter.go_on();
    voter.at("/contest/3");
    voter.tick("0");
    voter.go_on();
    voter.at("/contest/4");
    voter.browser.click("button[name=next]").unwrap();
    voter.at("/contest/5");
    voter.browser.eval("document.querySelector('#p2').value = 10").unwrap();
    voter.go_on();
    voter.at("/review");
    voter.sign();
    let second = &relay.sent()[first.len()..];
    let casts =
        |sent: &[(String, usize)]| sent.iter().filter(|(path, _)| path == "/v1/cast").map(|(_, length)| *length).collect::<Vec<_>>();
    let (a, b) = (casts(&first), casts(second));
    assert_eq!((a.len(), b.len()), (1, 1), "one request each");
    // The ballot has one length (06); a container has an ECDSA signature, whose two integers may be shorter, whatever is signed.
    assert!(a[0].abs_diff(b[0]) <= 8, "{a:?} {b:?}");
    let mut kept = Vec::new();
    files(&voter.dir.join("state"), &mut kept);
    let ballots: Vec<usize> = kept
        .iter()
        .filter(|path| path.to_string_lossy().ends_with(".ballot.json"))
        .map(|path| serde_json::from_slice::<serde_json::Value>(&std::fs::read(path).unwrap()).unwrap()["ballot"].as_str().unwrap().len())
        .collect();
    assert_eq!(ballots.len(), 2);
    assert_eq!(ballots[0], ballots[1], "ballots of one district have one length");

    let history = voter.browser.call("Page.getNavigationHistory", serde_json::json!({})).unwrap().to_string();
    voter.visit("/overview");
    voter.page.kill(); // as a crash would
    voter.browser.close().unwrap();
    let mut left = vec![(PathBuf::from("history"), history.into_bytes())];
    let mut found = Vec::new();
    files(&voter.dir, &mut found);
    assert!(found.iter().any(|path| path.ends_with("History")), "the browser has written its profile: {found:?}");
    found.push(town.election.dir.join("collector.log"));
    left.extend(found.into_iter().filter_map(|path| std::fs::read(&path).ok().map(|bytes| (path, bytes))));
    for name in CANARIES {
        for spelling in spellings(name) {
            for (path, bytes) in &left {
                assert!(!bytes.windows(spelling.len()).any(|w| w == spelling.as_slice()), "{name} is left in {}", path.display());
            }
        }
    }
}
