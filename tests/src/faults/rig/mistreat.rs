//! What is done to the collector, its disk, its clock, its lines and its database.

use super::{Amount, Rig};
use crate::faults::database::Database;
use crate::faults::shim::{BROKEN, FULL, Failing, Shim};
use crate::load::client::Client;
use anyhow::{Context as _, Result, bail, ensure};
use rand_core::Rng;
use std::io::{Read, Write};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long something is waited for that comes by itself.
const PATIENCE: Duration = Duration::from_secs(120);

impl Rig {
    fn wait(&mut self, least: u64, most: u64) {
        sleep(Duration::from_millis(least + self.rng.next_u64() % (most - least)));
    }

    pub(super) fn mistreat(&mut self, amount: &Amount) -> Result<()> {
        if amount.lying_disk {
            self.shim.fail(Failing::Lie, 0, 0, 0)?;
        }
        for _ in 0..amount.kills {
            self.wait(20, 1300);
            self.kill()?;
            self.shim.killed()?;
            self.figures.kills += 1;
            self.start_again()?;
        }
        for n in 0..amount.primary_kills {
            self.wait(20, 1300);
            self.kill_primary(n)?;
        }
        for _ in 0..amount.power_cuts {
            self.wait(20, 1300);
            self.kill()?;
            self.figures.destroyed += self.shim.power_cut(&self.election.dir.join("collector"), &mut self.rng)?;
            self.figures.power_cuts += 1;
            self.election.start_collector()?;
        }
        for n in 0..amount.disk_errors {
            self.disk_error(n)?;
        }
        for n in 0..amount.clock_jumps {
            // Forward little, since a close cannot be dated before the last ballot; backward as far as one likes.
            self.shim.clock([5, -5, -50_000, 8, -3600, 0][n % 6])?;
            self.figures.clock_jumps += 1;
            self.wait(100, 700);
            if n % 3 == 2 {
                self.kill()?;
                self.shim.killed()?;
                self.start_again()?;
            }
        }
        self.shim.clock(0)
    }

    /// Starts the collector once more: as the system does that runs it, again and again while there is no database.
    fn start_again(&mut self) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(database) = &self.database {
                database.keep_up();
            }
            match self.election.start_collector() {
                Err(error) if self.database.is_none() || Instant::now() > until => return Err(error),
                Err(_) => sleep(Duration::from_millis(200)),
                Ok(()) => return Ok(()),
            }
        }
    }

    /// The primary is lost. A standby takes its place, or it comes back as it was.
    fn kill_primary(&mut self, n: usize) -> Result<()> {
        let database = self.database.as_mut().context("a primary without a cluster")?;
        database.lose();
        let ended = self.election.collector.as_mut().context("no collector")?.wait(PATIENCE);
        self.figures.primary_kills += 1;
        self.figures.failovers += usize::from(n.is_multiple_of(2) && database.take_over());
        match ended {
            Ok(70) => {}
            Ok(code) => self.trouble(format!("the collector ended with {code} without its database")),
            Err(_) => bail!("the collector goes on without its database"),
        }
        self.shim.killed()?;
        self.database.iter_mut().filter(|database| database.is_alone()).for_each(Database::rejoin);
        self.start_again()?;
        self.database.iter_mut().for_each(Database::rejoin);
        Ok(())
    }

    fn kill(&mut self) -> Result<()> {
        self.election.collector.as_mut().context("no collector")?.kill()
    }

    /// The disk fails for a while; a collector that ended itself is started again.
    fn disk_error(&mut self, n: usize) -> Result<()> {
        let (what, errno, times) = [
            (Failing::Sync, BROKEN, 1),
            (Failing::Write, FULL, 20),
            (Failing::Short, FULL, 30),
            (Failing::Write, BROKEN, 1),
            (Failing::Sync, FULL, 2),
        ][n % 5];
        let nth = 1 + (self.rng.next_u64() % 12) as i64;
        self.disk().fail(what, nth, times, errno)?;
        let until = Instant::now() + Duration::from_millis(600);
        let collector = self.election.collector.as_mut().context("no collector")?;
        while Instant::now() < until && collector.wait(Duration::ZERO).is_err() {
            sleep(Duration::from_millis(20));
        }
        let ended = collector.wait(Duration::ZERO).ok();
        self.figures.disk_errors += usize::from(self.disk().heal()? > 0);
        if let Some(database) = &self.database {
            database.keep_up();
        }
        if let Some(code) = ended {
            self.figures.ended += 1;
            if code != 70 {
                self.trouble(format!("the collector ended with {code} when {what:?} failed"));
            }
            self.shim.killed()?;
            self.start_again()?;
        }
        Ok(())
    }

    /// The one that fails.
    fn disk(&self) -> &Shim {
        self.database.as_ref().map_or(&self.shim, |database| &database.shim)
    }

    /// Nothing is done to anything any more; a collector that ended a moment ago is started again.
    pub(super) fn calm(&mut self) -> Result<()> {
        if self.database.is_some() && self.election.collector.as_mut().context("no collector")?.wait(Duration::from_secs(3)).is_ok() {
            self.shim.killed()?;
            self.start_again()?;
        }
        Ok(())
    }

    /// The line is cut at each kind of place: in the request after so many bytes, or in the reply.
    pub(super) fn cut_lines(&mut self) -> Result<()> {
        let (rules, mut client) = (&self.rules, Client::new(&self.target));
        let mut voter = self.voters.last().context("no voter")?.lock().expect("no panic");
        while voter.session().is_empty() || voter.is_waiting() {
            voter.step(&mut client, rules)?;
        }
        let ballot = rules.manifest.ballot_len(0);
        let mut before = mine(&mut client, voter.session())?;
        let mut cuts = 0;
        for place in 0..16 {
            let body = voter.request(rules)?;
            let head = format!(
                "POST /v1/cast HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
                voter.session(),
                body.len()
            );
            let (start, whole) = (head.len(), head.len() + body.len());
            let sent =
                [0, 10, 40, start - 2, start, start + 20, start + 64, start + 64 + ballot / 2, start + 64 + ballot, whole - 200, whole - 1]
                    .get(place)
                    .copied()
                    .unwrap_or(whole);
            let read = [0, 5, 30, 150, 400].get(place.wrapping_sub(11)).copied().unwrap_or(0);
            let mut line = self.target.connect(Duration::from_secs(10))?;
            line.write_all(&[head.as_bytes(), &body].concat()[..sent])?;
            line.flush()?;
            if read > 0 {
                let _ = line.read_exact(&mut vec![0; read]);
            }
            drop(line);
            cuts += 1;
            // Half a ballot is none; one of which something was answered is stored. Between, either may be: the server may see first that nobody
            // listens any more.
            sleep(Duration::from_millis(50));
            let stored = mine(&mut client, voter.session())? - before;
            ensure!(
                stored <= usize::from(sent == whole) && stored >= usize::from(read > 0),
                "cut after {sent} of {whole} and {read} bytes: {stored} stored"
            );
            let promised = voter.acknowledged.len();
            while voter.acknowledged.len() == promised {
                voter.step(&mut client, rules)?;
            }
            before += 1;
            ensure!(mine(&mut client, voter.session())? == before, "sent again after a cut, and not stored once");
        }
        drop(voter);
        self.figures.line_cuts = cuts;
        Ok(())
    }
}

/// How many ballots the collector has of somebody.
fn mine(client: &mut Client, session: &str) -> Result<usize> {
    Ok(client.call("GET", "/v1/mine", Some(session), b"")?.ok()?["ballots"].as_array().context("no list")?.len())
}
