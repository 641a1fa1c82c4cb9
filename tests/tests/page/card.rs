//! The whole way with an eID card: two PINs, two certificates, two contests; a second device looks; the voter votes again, it looks again;
//! the votes are counted, and the verifier passes the record.

use super::look::look;
use super::scene::{Town, Voter84, browser_is_there};
use ballot::manifest::Rule;
use e2e::browser::Browser;
use e2e::card::{PIN1, PIN2, Reader};
use e2e::check_page;
use e2e::election::{Election, Setup};
use e2e::oracle;
use e2e::pki::{P384, Person};
use e2e::plan::{Action, ContestPlan, Line, Plan};
use e2e::process::{self, program, run};
use e2e::web::Static;
use serde_json::{Value, json};

/// Of the roll, in front of the page. Others vote on the command line.
const PERSON: u32 = 0;

fn contests() -> Vec<ContestPlan> {
    let options = |names: &[&str]| names.iter().map(|n| (n.to_lowercase(), (*n).to_owned(), String::new())).collect();
    let choose = |max| Rule::Choose { min: 1, max, blank: true };
    vec![
        ContestPlan { id: "mayor".into(), title: "Linnapea".into(), rule: choose(1), options: options(&["Aino", "Bruno", "Clara"]) },
        ContestPlan {
            id: "board".into(),
            title: "Koolikogu".into(),
            rule: choose(2),
            options: options(&["Finn", "Greta", "Hugo", "Iris"]),
        },
    ]
}

/// What a voter means: options by position.
fn line(person: u32, mayor: usize, board: &[usize]) -> Line {
    let choice = |contest: &ContestPlan, chosen: &[usize]| {
        let marks = (0..=contest.options.len()).map(|at| u32::from(chosen.contains(&at))).collect();
        let text: Vec<&str> = chosen.iter().map(|&at| contest.options[at].0.as_str()).collect();
        (contest.id.clone(), text.join(","), marks)
    };
    let contests = contests();
    let choices = vec![choice(&contests[0], &[mayor]), choice(&contests[1], board)];
    Line { code: Person::numbered(person).code, action: Action::Cast, choices }
}

fn open_election() -> Town {
    process::build().unwrap();
    let dir = program("page-test-card");
    let _ = std::fs::remove_dir_all(&dir);
    let districts = vec![("north".to_owned(), "Põhjaranna ringkond".to_owned())];
    let setup = Setup { title: "Kaardiga valimised".into(), practice: false, contests: contests(), districts, ..Setup::small() };
    let people: Vec<String> = (0..5).map(|n| Person::numbered(n).code).collect();
    let voters = people.iter().map(|code| e2e::plan::Voter { code: code.clone(), district: "north".into() }).collect();
    let election = Election::new(&dir, setup).unwrap();
    election.enrol(&Plan { voters, ..Plan::default() }).unwrap();
    election.ceremony().unwrap();
    election.open().unwrap();
    Town { election, eid: dir.join("eid"), people }
}

/// Types a PIN where the page asks for it.
fn pin(voter: &mut Voter84, label: &str, pin: &str) {
    voter.browser.until(&format!("document.querySelector('label[for=secret]')?.innerText === {}", json!(label))).unwrap();
    // On a busy machine what is typed may come before the field has the focus.
    let typed = format!("document.querySelector('#secret').value === {}", json!(pin));
    for _ in 0..10 {
        voter.browser.eval("document.querySelector('#secret').value = ''").unwrap();
        voter.browser.click("#secret").unwrap();
        voter.browser.write(pin).unwrap();
        if voter.browser.eval(&typed).unwrap() == json!(true) {
            break;
        }
    }
    voter.go_on();
}

fn choose(voter: &mut Voter84, mayor: usize, board: &[usize]) {
    voter.browser.click("form[action='/begin'] button").unwrap();
    voter.at("/contest/1");
    voter.tick(&mayor.to_string());
    voter.go_on();
    voter.at("/contest/2");
    board.iter().for_each(|option| voter.tick(&option.to_string()));
    voter.go_on();
    voter.at("/review");
}

/// Waits for the receipt; gives tracker and code.
fn receipt(voter: &mut Voter84) -> (String, String) {
    voter.at("/receipt");
    voter.browser.until("!document.querySelector('[data-wait]') && document.querySelector('#second-code')").unwrap();
    voter.browser.eval("document.querySelectorAll('main details').forEach(d => d.open = true)").unwrap();
    (voter.browser.text(".tracker").unwrap(), voter.browser.text("#second-code").unwrap())
}

/// The second device: a browser profile of its own, the page from a server of its own.
struct Device {
    browser: Browser,
    /// Ends with this value.
    server: Static,
    person: String,
}

impl Device {
    fn new(town: &Town) -> Option<Self> {
        let (site, url) = (town.election.dir.join("site"), town.election.url());
        check_page::build(url, &town.election.board(), &town.election.id(), &site).unwrap().then(|| {
            let mut browser = Browser::open(&town.election.dir.join("second-device")).unwrap().unwrap();
            browser.size(480, 900).unwrap();
            Self { browser, server: Static::serve(&site), person: Person::numbered(PERSON).code }
        })
    }

    fn sees(&mut self, code: &str, words: &[&str], picture: &str) {
        let said = check_page::ask(&mut self.browser, &self.server.url, code, &self.person).unwrap();
        assert!(said.starts_with("good ") && said.contains("under your pseudonym"), "{said}");
        assert!(words.iter().all(|word| said.contains(word)), "{words:?}: {said}");
        let others = ["Aino", "Bruno", "Clara", "Finn", "Greta", "Hugo", "Iris"].into_iter().filter(|name| !words.contains(name));
        assert!(others.into_iter().all(|name| !said.contains(name)), "nothing else is said to be chosen: {said}");
        let folder = program("").parent().unwrap().join("page-pictures");
        self.browser.picture(&folder.join(format!("{picture}.png"))).unwrap();
    }
}

#[test]
fn a_vote_with_a_card_seen_on_a_second_device_and_again() {
    if !browser_is_there() {
        return;
    }
    let hands = tempfile::tempdir().unwrap();
    let Some(reader) = Reader::new(hands.path()).unwrap() else { return };
    let mut town = open_election();
    let Some(mut device) = Device::new(&town) else { return };
    reader.estonian(PERSON, &town.election.pki().voter(&Person::numbered(PERSON), P384).unwrap()).unwrap();
    let mut voter = Voter84::with_card(&town, "card", &reader);

    // Login: PIN1, wrong once.
    let ask = |voter: &mut Voter84| {
        voter.at("/identify");
        voter.browser.click("form.means:has(input[value=card]) button").unwrap();
        voter.browser.until("document.querySelector('#secret')").unwrap();
    };
    voter.browser.click("form[action='/identify'] button").unwrap();
    voter.at("/identify");
    let offered = "[...document.querySelectorAll('form.means input[name=means]')].map(e => e.value).join()";
    assert_eq!(voter.browser.eval(offered).unwrap(), "card,pkcs12", "what is not set up, and bare key files, are not offered");
    let others = voter.browser.text("#others").unwrap();
    assert!(others.contains("Not set up on this computer: Mobile-ID, Smart-ID, Web eID") && others.contains("vote on paper"), "{others}");
    look(&mut voter, "29-card-identify");
    ask(&mut voter);
    look(&mut voter, "30-card-pin1");
    pin(&mut voter, "PIN1", "0000");
    voter.at("/trouble");
    voter.told("The PIN was wrong");
    look(&mut voter, "31-card-wrong-pin");
    voter.browser.click("a.primary[href='/identify']").unwrap();
    ask(&mut voter);
    pin(&mut voter, "PIN1", PIN1);
    voter.at("/overview");
    assert!(voter.browser.text("main").unwrap().contains(&town.people[PERSON as usize]));

    // The signature: PIN1 is no PIN2; the card is pulled out while PIN2 is asked for; then it is there again.
    choose(&mut voter, 1, &[0, 3]);
    let sign = |voter: &mut Voter84| {
        voter.browser.click("form[action='/sign'] button").unwrap();
        voter.browser.until("document.querySelector('#secret')").unwrap();
    };
    sign(&mut voter);
    look(&mut voter, "32-card-pin2");
    reader.pull().unwrap();
    pin(&mut voter, "PIN2", PIN2);
    voter.at("/trouble");
    voter.told("Take the card out, put it back, and try again."); // SoftHSM says a device error where a reader says that the card is gone
    look(&mut voter, "33-card-removed");
    reader.put_back().unwrap();
    voter.browser.click("a.primary[href='/review']").unwrap();
    voter.at("/review");
    sign(&mut voter);
    pin(&mut voter, "PIN2", PIN1);
    voter.at("/trouble");
    voter.told("The PIN was wrong");
    voter.browser.click("a.primary[href='/review']").unwrap();
    voter.at("/review");
    sign(&mut voter);
    pin(&mut voter, "PIN2", PIN2);
    let (first, code) = receipt(&mut voter);
    look(&mut voter, "34-card-receipt");
    device.sees(&code, &["Bruno", "Finn", "Iris", "number 1"], "35-second-device");

    // Once more, with other choices. The code of the first ballot still shows the first ballot.
    choose(&mut voter, 2, &[2]);
    sign(&mut voter);
    pin(&mut voter, "PIN2", PIN2);
    let (second, again) = receipt(&mut voter);
    assert!(first != second && code != again);
    device.sees(&again, &["Clara", "Hugo", "number 2"], "36-second-device-again");
    device.sees(&code, &["Bruno", "Finn", "Iris", "number 1"], "37-second-device-first");
    voter.browser.click("form[action='/look'] button").unwrap();
    voter.at("/overview");
    look(&mut voter, "38-card-in-the-box");
    let counts = voter.browser.text("ol.ballots li.counts").unwrap();
    assert!(counts.contains(&second) && voter.browser.text("#box").unwrap().contains(&first), "{counts}");
    assert_eq!(voter.browser.complaints, Vec::<String>::new());
    voter.browser.click("form[action='/quit'] button").unwrap();
    assert_eq!(voter.page.ended(), Some(0));
    let log = std::fs::read_to_string(voter.dir.join("voter-app.log")).unwrap();
    assert!(!log.contains(PIN1) && !log.contains(PIN2), "a PIN in what the program printed");

    counted(&mut town);
}

/// Others vote, the votes are counted as they were meant, and the verifier passes.
fn counted(town: &mut Town) {
    let lines = vec![line(1, 0, &[0]), line(2, 0, &[1, 2]), line(3, 1, &[3])];
    let voters = town.people.iter().map(|code| e2e::plan::Voter { code: code.clone(), district: "north".into() }).collect();
    let mut plan = Plan { voters, lines, ..Plan::default() };
    let election = &mut town.election;
    election.cast(&plan).unwrap();
    election.close(&plan, &[1, 2]).unwrap();
    election.mix().unwrap();
    election.open_result(&[1, 2]).unwrap();
    let result = election.result().unwrap();
    election.finish().unwrap();
    plan.lines.extend([line(PERSON, 1, &[0, 3]), line(PERSON, 2, &[2])]); // the last one counts
    oracle::compare(&election.manifest, &plan, &result).unwrap();
    let (record, evidence) = (election.dir.join("record"), election.dir.join("evidence"));
    let args = ["check".as_ref(), record.as_os_str(), "--election-id".as_ref(), election.id().as_ref(), "--json".as_ref()]
        .map(std::ffi::OsStr::to_owned);
    let said = run("verifier", args.into_iter().chain(["--evidence".into(), evidence.into()])).unwrap();
    assert_eq!(said.code, 0, "{said:?}");
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["verdict"], "passed");
    assert_eq!((&report["summary"]["ballots"], &report["summary"]["counted"]), (&json!(5), &json!(4)));
}
