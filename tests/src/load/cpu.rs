//! What a process costs, by Linux's own account.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::time::Duration;

/// Processor time and memory of a process so far.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    /// All threads, those that have ended too; a clock tick is 10 ms.
    pub total: Duration,
    /// Living threads by name.
    pub threads: BTreeMap<String, Duration>,
    /// The most memory that it had, in MiB.
    pub most_memory: u64,
}

/// Clock ticks a second: what Linux tells programs on every machine that we know.
const TICKS: u64 = 100;

/// Two neighbouring fields of `/proc/PID/stat`, counted from 1 as its manual does, added up: 14 has the process, 16 its children that have ended.
pub fn ticks(stat: &str, field: usize) -> Option<Duration> {
    let after_name = stat.rsplit_once(')')?.1; // field 3 follows
    let mut fields = after_name.split_whitespace().skip(field.checked_sub(3)?);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(Duration::from_millis((user + system) * 1000 / TICKS))
}

/// A line of `/proc/PID/status` that states kB.
pub fn kilobytes(status: &str, name: &str) -> u64 {
    let value = |line: &str| line.strip_prefix(name)?.strip_prefix(':')?.trim().split(' ').next()?.parse().ok();
    status.lines().find_map(value).unwrap_or(0)
}

/// Of this process: a number, or `self`.
pub fn usage(pid: &str) -> Result<Usage> {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}")).with_context(|| format!("/proc/{pid}/{name}"));
    let mut threads: BTreeMap<String, Duration> = BTreeMap::new();
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))?.flatten() {
        let file = |name: &str| std::fs::read_to_string(task.path().join(name)).unwrap_or_default();
        let nanoseconds = file("schedstat").split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0);
        *threads.entry(file("comm").trim().to_owned()).or_default() += Duration::from_nanos(nanoseconds);
    }
    let most_memory = kilobytes(&read("status")?, "VmHWM") >> 10;
    Ok(Usage { total: ticks(&read("stat")?, 14).context("an odd stat")?, threads, most_memory })
}

/// Processor time of several processes so far, and of their children that have ended.
pub fn spent_by(pids: impl IntoIterator<Item = u32>) -> Duration {
    let one = |pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        ticks(&stat, 14).unwrap_or_default() + ticks(&stat, 16).unwrap_or_default()
    };
    pids.into_iter().map(one).sum()
}

impl Usage {
    /// What was added since.
    pub fn since(&self, before: &Self) -> Self {
        let gone = |name: &String| before.threads.get(name).copied().unwrap_or_default();
        let threads = self.threads.iter().map(|(name, time)| (name.clone(), time.saturating_sub(gone(name)))).collect();
        Self { total: self.total.saturating_sub(before.total), threads, most_memory: self.most_memory }
    }
}
