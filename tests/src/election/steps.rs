//! The steps of an election, from the roll to the result.

use super::Election;
use crate::pki::{P256, Person};
use crate::plan::{Changes, Plan};
use crate::process::{must, program};
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

impl Election {
    /// Imports the roll, has the committee sign it, and publishes the programs.
    pub fn enrol(&self, plan: &Plan) -> Result<()> {
        let csv = self.dir.join("voters.csv");
        std::fs::write(&csv, plan.roll_file())?;
        self.office(args!["roll", "import", csv])?;
        self.order("roll", args!["--roll", self.dir.join("collector/roll.bin")])?;
        self.publish_programs()
    }

    /// One round of the ceremony by one trustee.
    pub fn round(&self, round: &str, trustee: usize) -> Result<String> {
        let state = self.dir.join(format!("trustee-{trustee}"));
        must("tally", args!["ceremony", round, "--board", self.url(), "--key", self.key("trustee", trustee), "--state", state, "--post"])
    }

    /// All rounds by all trustees, and a drill.
    pub fn ceremony(&self) -> Result<()> {
        let everyone: Vec<usize> = (1..=self.setup.trustees).collect();
        self.order("ceremony", args![])?;
        for round in ["commit", "reveal", "deal", "confirm"] {
            self.all(round, &everyone)?;
        }
        self.drill(&everyone)
    }

    /// A drill that these trustees answer.
    pub fn drill(&self, trustees: &[usize]) -> Result<()> {
        self.order("drill", args![])?;
        self.all("drill", trustees)
    }

    /// One round by several trustees, each at its own machine at the same time.
    fn all(&self, round: &str, trustees: &[usize]) -> Result<()> {
        at_once(trustees, |i| self.round(round, i))
    }

    /// Publishes the hashes of the programs that are used, and of the sources that lie around this one.
    fn publish_programs(&self) -> Result<()> {
        let folder = self.dir.join("published");
        std::fs::create_dir_all(&folder)?;
        for name in ["voter-app", "collector", "tally", "verifier"] {
            std::os::unix::fs::symlink(program(name), folder.join(name))?;
        }
        archive(&folder.join("source.tar"))?;
        self.order("programs", args!["--dir", folder]).map(drop)
    }

    /// Opens the voting.
    pub fn open(&self) -> Result<()> {
        self.order("open", args![]).map(drop)
    }

    /// Makes an eID for every voter who needs one.
    pub fn issue(&self, plan: &Plan) -> Result<PathBuf> {
        let folder = self.dir.join("eid");
        std::fs::create_dir_all(&folder)?;
        let codes: std::collections::BTreeSet<&str> = plan.lines.iter().map(|l| l.code.as_str()).collect();
        let people: Vec<_> =
            codes.iter().enumerate().map(|(n, code)| Person { code: (*code).to_owned(), ..Person::numbered(n as u32) }).collect();
        self.pki.write_voters(&people, P256, &folder)?;
        if let Some(services) = &self.services {
            for person in &people {
                let certificate = std::fs::read_to_string(folder.join(format!("{}.sign.pem", person.code)))?;
                services.services().know(&certificate, true)?;
            }
        }
        Ok(folder)
    }

    /// Casts the plan's ballots.
    pub fn cast(&self, plan: &Plan) -> Result<()> {
        let eid = self.issue(plan)?;
        let ballots = self.dir.join("ballots.tsv");
        std::fs::write(&ballots, plan.batch_file())?;
        let id = self.id();
        must(
            "voter-app",
            args![
                "batch",
                "--collector",
                self.url(),
                "--election-id",
                id,
                "--eid-dir",
                eid,
                "--ballots",
                ballots,
                "--receipts",
                self.dir.join("receipts.tsv"),
                "--state",
                self.dir.join("voter")
            ],
        )?;
        Ok(())
    }

    /// Changes the roll while voting runs; then those vote who vote because of it, under the roll that the order *amend* gives.
    pub fn amend(&self, changes: &Changes) -> Result<()> {
        let csv = self.dir.join("changes.csv");
        std::fs::write(&csv, changes.file())?;
        self.office(args!["roll", "change", csv])?;
        self.order("amend", args!["--changes", self.dir.join("collector/changes.bin")])?;
        self.cast(&Plan { lines: changes.lines.clone(), ..Plan::default() })
    }

    /// Takes annulments back.
    pub fn reinstate(&self, codes: &[String]) -> Result<()> {
        let (file, list) = (self.dir.join("back.txt"), self.dir.join("back.bin"));
        std::fs::write(&file, codes.iter().map(|c| format!("{c}\n")).collect::<String>())?;
        self.office(args!["roll", "pseudonyms", "--reinstate", file, "--out", &list])?;
        self.order("reinstate", args!["--list", list]).map(drop)
    }

    /// Annuls the ballots of those who voted on paper.
    pub fn annul(&self, codes: &[String]) -> Result<()> {
        let (file, list) = (self.dir.join("paper.txt"), self.dir.join("paper.bin"));
        std::fs::write(&file, codes.iter().map(|c| format!("{c}\n")).collect::<String>())?;
        self.office(args!["roll", "pseudonyms", file, "--out", &list])?;
        self.order("annul", args!["--list", list]).map(drop)
    }

    /// Closes, annuls, takes back what was a mistake, drills again with those who are present, seals.
    pub fn close(&self, plan: &Plan, present: &[usize]) -> Result<()> {
        self.order("close", args![])?;
        let annulled: Vec<String> = plan.paper.iter().chain(&plan.mistaken).cloned().collect();
        if !annulled.is_empty() {
            self.annul(&annulled)?;
        }
        if !plan.mistaken.is_empty() {
            self.reinstate(&plan.mistaken)?;
        }
        self.drill(present)?;
        self.order("seal", args![]).map(drop)
    }

    /// Every mixer in turn.
    pub fn mix(&self) -> Result<()> {
        (1..=self.setup.mixers).try_for_each(|i| self.mix_by(i).map(drop))
    }

    /// One mixer.
    pub fn mix_by(&self, mixer: usize) -> Result<String> {
        must("tally", args!["mix", "--board", self.url(), "--key", self.key("mixer", mixer), "--post"])
    }

    /// These trustees post intents, wait for each other, and open.
    pub fn open_result(&self, present: &[usize]) -> Result<()> {
        at_once(present, |i| {
            let state = self.dir.join(format!("trustee-{i}"));
            let wait = self.patience.as_secs().to_string();
            must("tally", args!["open", "--board", self.url(), "--key", self.key("trustee", i), "--state", state, "--post", "--wait", wait])
        })
    }

    /// Counts, and has the committee sign the result. Gives its bytes.
    pub fn result(&self) -> Result<Vec<u8>> {
        let file = self.dir.join("result.json");
        must("tally", args!["count", "--board", self.url(), "--out", &file])?;
        self.order("result", args!["--result", &file])?;
        Ok(std::fs::read(file)?)
    }
}

/// The sources, the same bytes whoever packs them.
fn archive(file: &Path) -> Result<()> {
    let plain = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--exclude=./target", "--exclude=./.git"];
    let mut tar = Command::new("tar");
    tar.args(plain).arg("-cf").arg(file).arg("-C").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).arg(".");
    ensure!(tar.status().context("cannot start tar")?.success(), "the sources cannot be packed");
    Ok(())
}

/// Does the same for several people at once.
fn at_once(people: &[usize], act: impl Fn(usize) -> Result<String> + Sync) -> Result<()> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = people
            .iter()
            .map(|&i| {
                scope.spawn({
                    let act = &act;
                    move || act(i)
                })
            })
            .collect();
        threads.into_iter().try_for_each(|t| t.join().map_err(|_| anyhow::anyhow!("a thread ended"))?.map(drop))
    })
}
