//! Two running elections, one that counts and one for practice, and a voter in front of the page.

use ballot::manifest::Rule;
use e2e::browser::{Browser, chromium};
use e2e::card::Reader;
use e2e::election::{Election, Setup, now};
use e2e::pki::{P256, Person, TestPki};
use e2e::plan::{ContestPlan, Plan, Voter};
use e2e::process::{self, program};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};

/// Names that stand nowhere else in the world: where one turns up, a choice or a page was kept.
pub const CANARIES: [&str; 3] = ["Kanaarilind Õnnela", "Zyxwvut Qwortzel", "Мальва Кропивницька"];

/// A running election and its voters.
pub struct Town {
    pub election: Election,
    pub eid: PathBuf,
    pub people: Vec<String>,
}

fn options(names: &[&str], group: &str) -> Vec<(String, String, String)> {
    names.iter().enumerate().map(|(i, n)| (format!("o{i}"), (*n).to_owned(), group.to_owned())).collect()
}

fn contest(id: &str, title: &str, rule: Rule, options: Vec<(String, String, String)>) -> ContestPlan {
    ContestPlan { id: id.into(), title: title.into(), rule, options }
}

/// One contest of every kind that looks different, and a list of 153.
pub fn contests() -> Vec<ContestPlan> {
    let parties = ["Õunapuu Erakond", "Rahva Sadam", "Vaba Mets", "Linna Liit", "Meie Saared"];
    let mut list: Vec<(String, String, String)> = (0..153)
        .map(|i| {
            let (first, last) =
                (["Ülle", "Žanna", "Jüri", "Aino", "Šarūnas"][i % 5], ["Tamm", "Kask", "Pärn", "Saar", "Õispuu"][i / 5 % 5]);
            (format!("c{}", 101 + i), format!("{first} {last} {}", 101 + i), parties[i * 5 / 153].to_owned())
        })
        .collect();
    list[77].1 = CANARIES[0].to_owned();
    let short = |i: usize| contests_short(i);
    vec![short(0), short(1), contest("council", "Linnavolikogu", Rule::List {}, list), short(2), short(3)]
}

fn contests_short(i: usize) -> ContestPlan {
    let five = ["Aino Mets", CANARIES[1], "Clara Lind", "Dag <b>Bold</b> & Sons", "مريم שרה Eva"];
    match i {
        0 => contest("mayor", "Mayor", Rule::Choose { min: 1, max: 1, blank: true }, options(&five, "")),
        1 => contest(
            "board",
            "School board",
            Rule::Choose { min: 1, max: 3, blank: true },
            options(&["Finn", "Greta", "Hugo", "Iris", CANARIES[2], "Kaja"], ""),
        ),
        2 => contest("harbour", "Name of the harbour", Rule::Rank { places: 3 }, options(&["Amber", "Birch", "Cod", "Dune", "Eider"], "")),
        _ => contest("money", "Town money", Rule::Budget { total: 10 }, options(&["Park", "Pool", "Stage"], "")),
    }
}

/// Both elections accept the same eID and have the same voters: only the election tells them apart.
fn eid() -> (Arc<TestPki>, PathBuf) {
    static EID: OnceLock<(Arc<TestPki>, PathBuf)> = OnceLock::new();
    let made = EID.get_or_init(|| {
        process::build().unwrap();
        let folder = program("page-test-eid");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let pki = TestPki::new("Test eID", (now() - 86_400, now() + 30 * 86_400)).unwrap();
        pki.write_voters(&people(), P256, &folder).unwrap();
        (Arc::new(pki), folder)
    });
    made.clone()
}

fn people() -> Vec<Person> {
    (0..24).map(Person::numbered).collect()
}

fn town(name: &str, setup: Setup) -> Town {
    let (pki, eid) = eid();
    let dir = program(&format!("page-test-{name}"));
    let _ = std::fs::remove_dir_all(&dir);
    let people = people();
    let voters = people.iter().map(|p| Voter { code: p.code.clone(), district: setup.districts[0].0.clone() }).collect();
    let election = Election::with_eid(&dir, setup, pki).unwrap();
    election.enrol(&Plan { voters, ..Plan::default() }).unwrap();
    election.ceremony().unwrap();
    election.open().unwrap();
    // Statics are never dropped: the servers end when this process has ended.
    let watch = "while kill -0 $1 2>/dev/null; do sleep 1; done; shift; kill \"$@\"";
    let pids = std::iter::once(std::process::id()).chain(election.pids()).map(|pid| pid.to_string());
    Command::new("sh")
        .args(["-c", watch, "sh"])
        .args(pids)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Town { election, eid, people: people.into_iter().map(|p| p.code).collect() }
}

fn setup(title: &str, practice: bool, contests: Vec<ContestPlan>) -> Setup {
    let districts = vec![("north".to_owned(), "Põhjaranna ringkond".to_owned())];
    Setup { title: title.into(), practice, contests, districts, ..Setup::small() }
}

/// An election that counts.
pub fn real() -> &'static Town {
    static TOWN: OnceLock<Town> = OnceLock::new();
    TOWN.get_or_init(|| town("real", setup("Linnavalimised 2027", false, contests())))
}

/// A rehearsal.
pub fn practice() -> &'static Town {
    static TOWN: OnceLock<Town> = OnceLock::new();
    TOWN.get_or_init(|| town("practice", setup("Proovivalimised", true, vec![contests_short(0)])))
}

/// True if there is a browser; says so if there is none.
pub fn browser_is_there() -> bool {
    let there = chromium().is_some();
    if !there {
        println!("SKIPPED: chromium is not installed");
    }
    there
}

/// The program, its page, and a browser in front of it.
pub struct Voter84 {
    pub browser: Browser,
    pub page: Page,
    /// Everything that program and browser write lies below.
    pub dir: PathBuf,
}

/// The program with its page.
pub struct Page {
    child: Child,
    /// Works once.
    pub opening: String,
    /// Address without a path.
    pub origin: String,
}

impl Page {
    /// Starts the program. `url` is the collector's, or something between.
    pub fn start(dir: &Path, id: &str, url: &str, more: &[&str]) -> Self {
        let more = [&["--key-files"], more].concat(); // an election that counts has no key files else
        Self::run(Command::new(program("voter-app")), dir, id, url, &more)
    }

    /// The same with a card reader in front of it.
    pub fn with_reader(dir: &Path, id: &str, url: &str, reader: &Reader) -> Self {
        let mut command = Command::new(program("voter-app"));
        command.env("SOFTHSM2_CONF", reader.conf());
        Self::run(command, dir, id, url, &["--eid-with", &format!("card.module={}", reader.module.display())])
    }

    fn run(mut command: Command, dir: &Path, id: &str, url: &str, more: &[&str]) -> Self {
        std::fs::create_dir_all(dir).unwrap();
        let log = std::fs::File::create(dir.join("voter-app.log")).unwrap();
        let mut child = command
            .args(["--no-browser", "--collector", url, "--election-id", id, "--state"])
            .arg(dir.join("state"))
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut opening = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut opening).unwrap();
        let opening = opening.trim().to_owned();
        let origin = opening.split("/open/").next().unwrap().to_owned();
        Self { child, opening, origin }
    }

    /// Whether the program is still there.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end; gives the exit code.
    pub fn ended(&mut self) -> Option<i32> {
        let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while std::time::Instant::now() < until && self.runs() {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        self.child.try_wait().unwrap().and_then(|status| status.code())
    }

    /// The largest core file that a crash may leave, by the kernel's word.
    pub fn core_limit(&self) -> String {
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", self.child.id())).unwrap_or_default();
        limits.lines().find(|line| line.starts_with("Max core file size")).unwrap_or_default().to_owned()
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Voter84 {
    /// A voter with a browser of their own; the page is open.
    pub fn arrive(town: &Town, name: &str) -> Self {
        Self::arrive_over(town, name, town.election.url(), &[])
    }

    /// The same over another address.
    pub fn arrive_over(town: &Town, name: &str, url: &str, more: &[&str]) -> Self {
        let dir = town.election.dir.join(format!("voter-{name}"));
        let _ = std::fs::remove_dir_all(&dir);
        Self::before(Page::start(&dir, &town.election.id(), url, more), dir)
    }

    /// A voter with a card.
    pub fn with_card(town: &Town, name: &str, reader: &Reader) -> Self {
        let dir = town.election.dir.join(format!("voter-{name}"));
        Self::before(Page::with_reader(&dir, &town.election.id(), town.election.url(), reader), dir)
    }

    /// A browser before a page.
    fn before(page: Page, dir: PathBuf) -> Self {
        let mut browser = Browser::open(&dir.join("browser")).unwrap().unwrap();
        browser.size(1000, 1100).unwrap();
        browser.call("Emulation.setTimezoneOverride", serde_json::json!({ "timezoneId": "Europe/Tallinn" })).unwrap();
        browser.goto(&page.opening).unwrap();
        browser.until("document.querySelector('h1') && !document.querySelector('[data-wait]')").unwrap();
        Self { browser, page, dir }
    }

    /// Logs in with the test eID of a person.
    pub fn log_in(&mut self, town: &Town, person: usize) {
        let b = &mut self.browser;
        b.click("form[action='/identify'] button").unwrap();
        b.until("location.pathname === '/identify'").unwrap();
        b.click("#folder-folder").unwrap();
        b.write(town.eid.to_str().unwrap()).unwrap();
        b.click("#folder-person").unwrap();
        b.write(&town.people[person]).unwrap();
        b.click("form.means:has(#folder-folder) button").unwrap();
        b.until("location.pathname === '/overview'").unwrap();
    }

    /// Goes to a path of the page.
    pub fn visit(&mut self, path: &str) {
        let url = format!("{}{path}", self.page.origin);
        self.browser.goto(&url).unwrap();
    }

    /// Waits for a path.
    pub fn at(&mut self, path: &str) {
        self.browser.until(&format!("location.pathname === '{path}' && document.readyState === 'complete'")).unwrap();
    }

    /// Waits until the page says this.
    pub fn told(&mut self, words: &str) {
        self.browser.until(&format!("document.querySelector('main')?.innerText.includes({})", serde_json::json!(words))).unwrap();
    }

    /// Ticks an option by its value.
    pub fn tick(&mut self, value: &str) {
        self.browser.click(&format!("input[name=o][value='{value}']")).unwrap();
    }

    /// The main button of the page.
    pub fn go_on(&mut self) {
        self.browser.click("main button.primary").unwrap();
    }

    /// Fills in all contests of [`contests`], to the review.
    pub fn choose_all(&mut self) {
        self.browser.click("form[action='/begin'] button").unwrap();
        self.at("/contest/1");
        self.tick("1");
        self.go_on();
        self.at("/contest/2");
        self.tick("0");
        self.tick("4");
        self.go_on();
        self.at("/contest/3");
        self.tick("77");
        self.go_on();
        self.at("/contest/4");
        self.browser.click("button[name=add][value='2']").unwrap();
        self.browser.until("document.querySelectorAll('ol.ranking li').length === 1").unwrap();
        self.browser.click("button[name=add][value='0']").unwrap();
        self.browser.until("document.querySelectorAll('ol.ranking li').length === 2").unwrap();
        self.browser.click("button[name=next]").unwrap();
        self.at("/contest/5");
        for (field, amount) in [("#p0", "7"), ("#p1", "3")] {
            self.browser.click(field).unwrap();
            self.browser.eval(&format!("document.querySelector('{field}').select()")).unwrap();
            self.browser.write(amount).unwrap();
        }
        self.go_on();
        self.at("/review");
    }

    /// Signs, and waits for the proof.
    pub fn sign(&mut self) {
        self.browser.click("form[action='/sign'] button").unwrap();
        self.at("/receipt");
        self.browser.until("!document.querySelector('[data-wait]') && document.querySelector('form[action=\"/look\"]')").unwrap();
    }

    /// A picture of the page for people to look at.
    pub fn picture(&mut self, name: &str) {
        let folder = program("").parent().unwrap().join("page-pictures");
        self.browser.picture(&folder.join(format!("{name}.png"))).unwrap();
    }
}
