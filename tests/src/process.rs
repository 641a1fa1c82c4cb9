//! Running the real programs.

use anyhow::{Context, Result, bail, ensure};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where a program of this workspace lies: beside the running one.
pub fn program(name: &str) -> PathBuf {
    let exe = std::env::current_exe().expect("a program knows where it is");
    let folder = exe.parent().expect("in a folder");
    let folder = if folder.ends_with("deps") { folder.parent().expect("above deps") } else { folder };
    folder.join(name)
}

/// Builds all programs into the folder of the running one, in its profile. Quick if nothing changed.
pub fn build() -> Result<()> {
    let mut command = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    command.args(["build", "--workspace", "--bins", "--quiet"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    if program("").ends_with("release") {
        command.arg("--release");
    }
    ensure!(command.status().context("cannot start cargo")?.success(), "the programs do not build");
    Ok(())
}

/// What a program said.
#[derive(Clone, Debug)]
pub struct Said {
    /// Exit code; -1 if a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs a program to its end.
pub fn run<A: AsRef<OsStr>>(name: &str, args: impl IntoIterator<Item = A>) -> Result<Said> {
    let mut command = Command::new(program(name));
    command.args(args).stdin(Stdio::null()).env("HAAL_INSECURE_FAST", "1").env("HAAL_PASSPHRASE", "rehearsal");
    command.env("VERIFIER_NO_CACHE", "1"); // every verdict of a test is its own
    let output = command.output().with_context(|| format!("cannot start {name}"))?;
    Ok(Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Runs a program that must succeed; gives its standard output.
pub fn must<A: AsRef<OsStr>>(name: &str, args: impl IntoIterator<Item = A>) -> Result<String> {
    let args: Vec<_> = args.into_iter().map(|a| a.as_ref().to_owned()).collect();
    let said = run(name, &args)?;
    if said.code != 0 {
        bail!("`{name} {}` ended with {}:\n{}{}", args.join(OsStr::new(" ")).to_string_lossy(), said.code, said.out, said.err);
    }
    Ok(said.out)
}

/// A port that nobody listens on now.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A server process; it ends with this value.
#[derive(Debug)]
pub struct Server {
    child: Child,
    url: String,
    /// Of the operator's address, if it has one.
    operator: Option<u16>,
}

impl Server {
    /// Starts a server that writes `address:port` or a port number into `port_file` once it listens.
    pub fn start<A: AsRef<OsStr>>(name: &str, args: impl IntoIterator<Item = A>, port_file: &Path, log: &Path) -> Result<Self> {
        Self::start_with(name, args, port_file, log, &[])
    }

    /// The same in a changed environment.
    pub fn start_with<A: AsRef<OsStr>>(
        name: &str,
        args: impl IntoIterator<Item = A>,
        port_file: &Path,
        log: &Path,
        env: &[(&str, &OsStr)],
    ) -> Result<Self> {
        let _ = std::fs::remove_file(port_file);
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log)?;
        let mut command = Command::new(program(name));
        command.args(args).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).env("HAAL_PASSPHRASE", "rehearsal");
        command.env("VERIFIER_NO_CACHE", "1").envs(env.iter().copied());
        let child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        let mut server = Self { child, url: String::new(), operator: None }; // which ends it if it does not listen
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let text = std::fs::read_to_string(port_file).unwrap_or_default();
            let mut ports = text.lines().filter_map(|line| line.trim().rsplit(':').next()?.parse::<u16>().ok());
            if let Some(port) = ports.next() {
                (server.url, server.operator) = (format!("http://127.0.0.1:{port}"), ports.next());
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("{name} ended at once with {status}; see its log");
            }
            ensure!(Instant::now() < until, "{name} does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts a program that is no server; what it says goes to the log.
    pub fn background<A: AsRef<OsStr>>(name: &str, args: impl IntoIterator<Item = A>, log: &Path) -> Result<Self> {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log)?;
        let mut command = Command::new(program(name));
        command.args(args).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).env("HAAL_PASSPHRASE", "rehearsal");
        Ok(Self { child: command.spawn().with_context(|| format!("cannot start {name}"))?, url: String::new(), operator: None })
    }

    /// Base URL of the operator's address.
    pub fn operator(&self) -> Option<String> {
        Some(format!("http://127.0.0.1:{}", self.operator?))
    }

    /// Waits for its end; gives the exit code.
    pub fn wait(&mut self, most: Duration) -> Result<i32> {
        let until = Instant::now() + most;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status.code().unwrap_or(-1));
            }
            ensure!(Instant::now() < until, "it goes on");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Its base URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end, and waits.
    pub fn stop(mut self) -> Result<()> {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let until = Instant::now() + Duration::from_secs(20);
        while self.child.try_wait()?.is_none() {
            if Instant::now() > until {
                return self.kill();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
