//! PostgreSQL for tests: servers of their own in a temporary folder, run by a user without rights, gone with the value.
//!
//! Like `pki.rs`, this file is read by the tests of the collector too.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The first node is the primary at first; the others keep copies, of which one must have a commit before it returns.
pub struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    ports: Vec<u16>,
    /// What is added to the environment of a node when it starts.
    pub env: Vec<(String, OsString)>,
}

/// Where PostgreSQL's programs are: on the path, or where Debian puts them.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> =
        versions.filter_map(|v| Some((v.file_name().to_str()?.parse().ok()?, v.path().join("bin")))).collect();
    versions.sort();
    found.extend(versions.into_iter().rev().map(|(_, path)| path));
    found.into_iter().find(|path| ["initdb", "pg_ctl", "pg_basebackup"].iter().all(|program| path.join(program).is_file()))
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|said| said.stdout.starts_with(b"0\n"))
}

/// PostgreSQL refuses root; `postgres` comes with Debian's package.
fn user() -> &'static str {
    if Command::new("id").arg("postgres").output().is_ok_and(|said| said.status.success()) { "postgres" } else { "nobody" }
}

/// To the user who runs the servers.
pub fn give(path: &Path) {
    if is_root() {
        assert!(Command::new("chown").arg(user()).arg(path).status().unwrap().success());
    }
}

/// State and parent of a process.
fn stat(pid: u32) -> Option<(char, u32)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

fn is_alive(pid: u32) -> bool {
    stat(pid).is_some_and(|(state, _)| state != 'Z')
}

impl Cluster {
    /// Nothing, and a word about it, where there is no PostgreSQL.
    pub fn start(test: &str, nodes: usize) -> Option<Self> {
        let Some(programs) = programs() else {
            eprintln!("{test}: SKIPPED: there is no PostgreSQL here (Debian: postgresql)");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("pg").tempdir().unwrap();
        give(folder.path());
        let held: Vec<TcpListener> = (0..nodes).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let ports = held.iter().map(|l| l.local_addr().unwrap().port()).collect();
        drop(held);
        let cluster = Self { folder, programs, ports, env: Vec::new() };
        cluster.run("initdb", &["-D", &cluster.path(0), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        let names: Vec<String> = (0..nodes).map(|n| format!("n{n}")).collect();
        let quorum = if nodes > 1 { format!("ANY 1 ({})", names.join(",")) } else { String::new() };
        let settings = format!(
            "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nsynchronous_standby_names = '{quorum}'\nmax_wal_size = 256MB\nwal_receiver_timeout = 5s\nwal_retrieve_retry_interval = 200ms\n"
        );
        let mut file = OpenOptions::new().append(true).open(cluster.node(0).join("postgresql.conf")).unwrap();
        file.write_all(settings.as_bytes()).unwrap();
        let mut hba = OpenOptions::new().append(true).open(cluster.node(0).join("pg_hba.conf")).unwrap();
        hba.write_all(b"host replication all 127.0.0.1/32 trust\n").unwrap();
        cluster.up(0);
        (1..nodes).for_each(|n| cluster.follow(n, 0));
        cluster.streams(0, nodes - 1);
        Some(cluster)
    }

    /// Makes a node anew, as a standby of the primary.
    pub fn follow(&self, n: usize, primary: usize) {
        let _ = fs::remove_dir_all(self.node(n));
        let from = self.conninfo(n, primary);
        self.run("pg_basebackup", &["-D", &self.path(n), "-d", &from, "-R", "-X", "stream", "-c", "fast", "--no-sync"]);
        self.up(n);
    }

    /// Waits until so many standbys receive from a primary.
    pub fn streams(&self, primary: usize, standbys: usize) {
        self.until(primary, &format!("SELECT count(*) = {standbys} FROM pg_stat_replication WHERE state = 'streaming'"), "t");
    }

    fn conninfo(&self, n: usize, primary: usize) -> String {
        format!("host=127.0.0.1 port={} user=postgres application_name=n{n}", self.ports[primary])
    }

    /// Of the one who runs it, with all nodes in it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn node(&self, n: usize) -> PathBuf {
        self.folder.path().join(format!("n{n}"))
    }

    fn path(&self, n: usize) -> String {
        self.node(n).display().to_string()
    }

    fn command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        if !is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid", user(), "--regid", "nogroup", "--clear-groups"]).arg(program).current_dir(self.folder.path());
        command
    }

    fn run(&self, program: &str, words: &[&str]) -> Output {
        let said = self.command(program).args(words).output().unwrap();
        assert!(said.status.success(), "{program}: {}{}", text(&said.stdout), text(&said.stderr));
        said
    }

    /// Starts a node.
    pub fn up(&self, n: usize) {
        assert!(self.try_up(n), "{}", fs::read_to_string(self.log(n)).unwrap_or_default());
    }

    /// Starts a node, if it can start.
    pub fn try_up(&self, n: usize) -> bool {
        let (path, log, port) = (self.path(n), self.log(n).display().to_string(), format!("-p {}", self.ports[n]));
        let mut command = self.command("pg_ctl");
        command.args(["-D", &path, "-l", &log, "-o", &port, "-w", "-t", "30", "start"]);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        // The server must not inherit a pipe that somebody reads to its end.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
    }

    fn log(&self, n: usize) -> PathBuf {
        self.folder.path().join(format!("n{n}.log"))
    }

    /// Ends a node in good order, and starts it again.
    pub fn again(&self, n: usize) {
        self.run("pg_ctl", &["-D", &self.path(n), "-m", "fast", "-w", "stop"]);
        self.up(n);
    }

    /// How many nodes there are.
    pub fn nodes(&self) -> usize {
        self.ports.len()
    }

    /// For `--store`: all nodes, or the one.
    pub fn url(&self) -> String {
        let hosts: Vec<String> = self.ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        format!("postgres://postgres@{}/postgres", hosts.join(","))
    }

    fn try_sql(&self, n: usize, sql: &str) -> Option<String> {
        let mut config = postgres::Config::new();
        config.host("127.0.0.1").port(self.ports[n]).user("postgres").dbname("postgres").connect_timeout(Duration::from_secs(5));
        let mut client = config.connect(postgres::NoTls).ok()?;
        let answer = client.simple_query(sql).ok()?;
        answer.iter().find_map(|message| match message {
            postgres::SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or_default().to_owned()),
            _ => None,
        })
    }

    /// The first column of the first row; empty if there is none.
    pub fn sql(&self, n: usize, sql: &str) -> String {
        self.try_sql(n, sql).unwrap_or_default()
    }

    /// Waits until a query gives this.
    pub fn until(&self, n: usize, sql: &str, wanted: &str) {
        let end = Instant::now() + Duration::from_secs(20);
        while self.try_sql(n, sql).as_deref() != Some(wanted) {
            assert!(Instant::now() < end, "still waiting: {sql}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The server of a node and what it has started; nothing if it does not run.
    pub fn processes(&self, n: usize) -> Vec<u32> {
        let file = fs::read_to_string(self.node(n).join("postmaster.pid")).unwrap_or_default();
        let Some(server) = file.lines().next().and_then(|pid| pid.parse::<u32>().ok()).filter(|pid| is_alive(*pid)) else {
            return Vec::new();
        };
        let all = fs::read_dir("/proc").unwrap().filter_map(|item| item.ok()?.file_name().to_str()?.parse::<u32>().ok());
        std::iter::once(server).chain(all.filter(|pid| stat(*pid).is_some_and(|(_, parent)| parent == server))).collect()
    }

    /// kill -9 of all of it, as when the machine is lost. It is gone when this returns.
    pub fn kill(&self, n: usize) {
        let all = self.processes(n);
        assert!(!all.is_empty(), "node {n} does not run");
        let _ = Command::new("kill").arg("-9").args(all.iter().map(u32::to_string)).stderr(Stdio::null()).status().unwrap();
        let end = Instant::now() + Duration::from_secs(20);
        while all.iter().any(|pid| is_alive(*pid)) {
            assert!(Instant::now() < end, "node {n} lives on");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What a node's database holds, as SQL.
    pub fn dump(&self, n: usize) -> Vec<u8> {
        self.run("pg_dump", &["-h", "127.0.0.1", "-p", &self.ports[n].to_string(), "-U", "postgres", "--no-owner", "postgres"]).stdout
    }

    /// Puts that into its place, on the primary.
    pub fn restore(&self, n: usize, dump: &[u8]) {
        let mut command = self.command("psql");
        command.args(["-h", "127.0.0.1", "-p", &self.ports[n].to_string(), "-U", "postgres", "-q", "-v", "ON_ERROR_STOP=1", "postgres"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let words = [b"SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n".as_slice(), dump].concat();
        child.stdin.take().unwrap().write_all(&words).unwrap();
        assert!(child.wait().unwrap().success(), "the dump cannot be read back");
    }

    /// Which files of a node hold these words.
    pub fn files_with(&self, n: usize, words: &str) -> String {
        text(&Command::new("grep").args(["-rlaF", words]).arg(self.node(n)).output().unwrap().stdout)
    }

    /// Lets the first node speak TLS too.
    pub fn encrypt(&self, certificate: &str, key: &str) {
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let file = self.node(0).join(name);
            fs::write(&file, text).unwrap();
            fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            give(&file);
        }
        self.sql(0, "ALTER SYSTEM SET ssl = on");
        self.sql(0, "SELECT pg_reload_conf()");
        self.until(0, "SELECT setting FROM pg_settings WHERE name = 'ssl'", "on");
    }

    /// Of the nodes, that which has received most.
    pub fn furthest(&self, nodes: &[usize]) -> usize {
        let received = |n: usize| {
            let bytes = self.sql(n, "SELECT pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0')::bigint");
            bytes.parse::<u64>().unwrap()
        };
        nodes.iter().copied().max_by_key(|n| received(*n)).unwrap()
    }

    /// Makes a node the primary, and lets others follow it.
    pub fn promote(&self, n: usize, others: &[usize]) {
        self.run("pg_ctl", &["-D", &self.path(n), "-w", "promote"]);
        for other in others {
            let from = self.conninfo(*other, n);
            self.sql(*other, &format!("ALTER SYSTEM SET primary_conninfo = '{from}'"));
            self.sql(*other, "SELECT pg_reload_conf()");
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for n in 0..self.ports.len() {
            let path = self.path(n);
            let _ = self.command("pg_ctl").args(["-D", &path, "-m", "immediate", "-W", "stop"]).output();
        }
    }
}
