//! Collector, witnesses and observer of an election, from their start to the record that they leave.

use super::{Election, now};
use crate::pki::TestPki;
use crate::process::{Server, must};
use crate::services::{Running, Services};
use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::time::{Duration, Instant};

impl Election {
    pub(super) fn start_witness(&self, i: usize) -> Result<Server> {
        let at = |suffix: &str| self.dir.join("keys").join(format!("witness-{i}.{suffix}"));
        let port = at("port");
        let args = args![
            "witness",
            self.board(),
            "--election-id",
            self.id(),
            "--key",
            at("key"),
            "--name",
            format!("witness-{i}"),
            "--listen",
            "127.0.0.1:0",
            "--port-file",
            &port,
            "--out",
            self.dir.join(format!("witness-{i}"))
        ];
        Server::start("verifier", args, &port, &self.dir.join("witness.log"))
    }

    /// Starts the collector, or starts it again.
    pub fn start_collector(&mut self) -> Result<()> {
        let port = self.dir.join("collector.port");
        let mut args =
            args!["serve", "--data", self.dir.join("collector"), "--listen", format!("127.0.0.1:{}", self.port), "--port-file", &port];
        args.extend(self.setup.place());
        for witness in &self.witnesses {
            args.extend(args!["--witness", witness.url()]);
        }
        if let Some(services) = &self.services {
            args.extend(args!["--ocsp", format!("{}/ocsp", services.base), "--tsa", format!("{}/tsa", services.base)]);
        }
        let env: Vec<_> = self.env.iter().map(|(name, value)| (name.as_str(), value.as_os_str())).collect();
        self.collector = Some(Server::start_with("collector", args, &port, &self.dir.join("collector.log"), &env)?);
        Ok(())
    }

    /// Starts an observer, who follows until the record is finished.
    pub fn observe(&mut self) -> Result<()> {
        let args = args!["follow", self.board(), "--election-id", self.id(), "--out", self.dir.join("observer"), "--json"];
        self.observer = Some(Server::background("verifier", args, &self.dir.join("observer.log"))?);
        Ok(())
    }

    /// The processes of its servers.
    pub fn pids(&self) -> Vec<u32> {
        self.collector.iter().chain(&self.witnesses).map(Server::pid).collect()
    }

    /// URL of the board, whether the collector runs or not.
    pub fn board(&self) -> String {
        format!("http://127.0.0.1:{}/board", self.port)
    }

    /// The collector's base URL.
    pub fn url(&self) -> &str {
        self.collector.as_ref().map_or("", Server::url)
    }

    /// Waits until all witnesses have signed the whole log, stops the servers, and copies record and evidence to `dir`.
    pub fn finish(&mut self) -> Result<()> {
        self.settle()?;
        if let Some(mut observer) = self.observer.take() {
            let code = observer.wait(self.patience).context("the observer does not see the end")?;
            ensure!(code == 0, "the observer ended with {code}; see observer.log");
        }
        if let Some(server) = self.collector.take() {
            server.stop()?;
        }
        self.witnesses.clear();
        let record = self.dir.join("record");
        let _ = std::fs::remove_dir_all(&record);
        copy(&self.dir.join("collector/record"), &record)?;
        let evidence = self.dir.join("evidence");
        let _ = std::fs::remove_dir_all(&evidence);
        self.office(args!["evidence", "--out", evidence])?;
        if let Some(services) = &self.services {
            let register = self.dir.join("register");
            let _ = std::fs::remove_dir_all(&register);
            std::fs::create_dir(&register)?;
            for (n, stamp) in services.register().iter().enumerate() {
                std::fs::write(register.join(format!("{n}.tsr")), stamp)?;
            }
        }
        std::fs::write(self.dir.join("election-id"), self.id() + "\n")?;
        Ok(())
    }

    /// Waits until the published checkpoint covers everything accepted so far, with every witness.
    pub fn settle(&self) -> Result<()> {
        let until = Instant::now() + self.patience;
        let web = board::http::Web::new(self.url());
        loop {
            let status: serde_json::Value = serde_json::from_slice(&web.get("/v1/status", None)?.body)?;
            let text = String::from_utf8(web.get("/board/checkpoint", None)?.body)?;
            if let Ok(checkpoint) = board::Checkpoint::verify(&text, &self.manifest)
                && Some(checkpoint.size) == status["size"].as_u64()
                && status["pending"] == 0
                && checkpoint.witnesses.len() == self.setup.witnesses
            {
                return Ok(());
            }
            ensure!(Instant::now() < until, "the witnesses do not sign the last checkpoint: {status}\n{text}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for item in std::fs::read_dir(from).with_context(|| format!("{}", from.display()))? {
        let item = item?;
        let target = to.join(item.file_name());
        if item.file_type()?.is_dir() { copy(&item.path(), &target)? } else { std::fs::copy(item.path(), target).map(drop)? }
    }
    Ok(())
}

/// An OCSP responder and a time-stamping party, whose anchor the committee takes into the manifest.
pub(super) fn services(dir: &Path, pki: &TestPki) -> Result<Running> {
    let folder = dir.join("services");
    std::fs::create_dir_all(&folder)?;
    let services = Services::new(pki, &std::path::absolute(folder)?, (now() - 86_400, now() + 30 * 86_400))?;
    std::fs::write(dir.join("stamp-root.pem"), services.stamp_root.pem())?;
    Ok(Running::start(services)?)
}

pub(super) fn witness_key(keys: &Path, i: usize) -> Result<()> {
    let (key, name) = (keys.join(format!("witness-{i}.key")), format!("witness-{i}"));
    let public = must("verifier", args!["witness", "--new-key", key, "--name", &name])?;
    Ok(std::fs::write(keys.join(format!("{name}.public.json")), public)?)
}
