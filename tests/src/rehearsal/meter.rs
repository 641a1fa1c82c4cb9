//! What each stage costs: elapsed time, processor time of every program that took part, and the most memory.
//!
//! All by Linux's own account of this process and its children, looked at ten times a second; sums of processor time are exact.

use crate::load::cpu::{kilobytes, ticks};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// This program itself, in the table.
const SELF: &str = "voters";

/// What was seen of a process.
#[derive(Clone, Default)]
struct Seen {
    /// Program and command, such as `tally mix`.
    name: String,
    cpu: Duration,
    /// The most memory in this stage, in KiB.
    peak: u64,
}

#[derive(Default)]
struct Watched {
    processes: BTreeMap<u32, Seen>,
    /// The most memory of all at one moment of this stage, in KiB.
    together: u64,
}

/// One line of the table.
#[derive(Clone, Default)]
#[allow(missing_docs)]
pub struct Stage {
    pub name: String,
    pub wall: Duration,
    pub cpu: Duration,
    /// Processor time by program.
    pub programs: BTreeMap<String, Duration>,
    /// The process with the most memory, and that in KiB.
    pub largest: (String, u64),
    /// The most memory of all processes at one moment, in KiB.
    pub together: u64,
}

/// Measures stages, one after the other. A name that comes again is added to.
pub struct Meter {
    stages: Vec<Stage>,
    watched: Arc<Mutex<Watched>>,
    end: Arc<AtomicBool>,
    watcher: Option<JoinHandle<()>>,
}

impl Meter {
    /// Begins to look.
    pub fn start() -> Self {
        let (watched, end) = (Arc::<Mutex<Watched>>::default(), Arc::<AtomicBool>::default());
        let (looks, ends) = (watched.clone(), end.clone());
        let watcher = std::thread::spawn(move || {
            while !ends.load(Ordering::Relaxed) {
                look(&mut lock(&looks));
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        Self { stages: Vec::new(), watched, end, watcher: Some(watcher) }
    }

    /// Does a stage, or a further part of one.
    pub fn stage<T>(&mut self, name: &str, act: impl FnOnce() -> Result<T>) -> Result<T> {
        let before = {
            let mut watched = lock(&self.watched);
            look(&mut watched);
            let living = family();
            watched.processes.retain(|pid, _| living.contains(pid));
            for (pid, seen) in &mut watched.processes {
                let _ = fs::write(format!("/proc/{pid}/clear_refs"), "5"); // its peak begins anew
                seen.peak = 0;
            }
            watched.together = 0;
            watched.processes.clone()
        };
        let (spent, begun) = (spent()?, Instant::now());
        let done = act();
        let (wall, cpu) = (begun.elapsed(), self::spent()?.saturating_sub(spent));
        let mut watched = lock(&self.watched);
        look(&mut watched);
        let at = self.stages.iter().position(|stage| stage.name == name).unwrap_or_else(|| {
            self.stages.push(Stage { name: name.to_owned(), ..Stage::default() });
            self.stages.len() - 1
        });
        let stage = &mut self.stages[at];
        stage.wall += wall;
        stage.cpu += cpu;
        stage.together = stage.together.max(watched.together);
        for (pid, seen) in &watched.processes {
            let earlier = before.get(pid).map_or(Duration::ZERO, |seen| seen.cpu);
            *stage.programs.entry(seen.name.clone()).or_default() += seen.cpu.saturating_sub(earlier);
            if seen.peak > stage.largest.1 {
                stage.largest = (seen.name.clone(), seen.peak);
            }
        }
        done
    }

    /// All stages so far.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// A line for each stage, and one for all: seconds, MiB, and milliseconds of processor time for each of `n` ballots.
    pub fn tsv(&self, n: usize) -> String {
        let mut out = "stage\twall_s\tcpu_s\tcpu_ms_per_ballot\tlargest_process\tlargest_mib\ttogether_mib\tcpu_s_by_program\n".to_owned();
        let mut all = Stage { name: "all".into(), ..Stage::default() };
        for stage in &self.stages {
            all.wall += stage.wall;
            all.cpu += stage.cpu;
            all.together = all.together.max(stage.together);
            if stage.largest.1 > all.largest.1 {
                all.largest.clone_from(&stage.largest);
            }
            stage.programs.iter().for_each(|(name, time)| *all.programs.entry(name.clone()).or_default() += *time);
        }
        for stage in self.stages.iter().chain([&all]) {
            let mut programs: Vec<_> = stage.programs.iter().filter(|(_, time)| time.as_millis() >= 100).collect();
            programs.sort_by_key(|(_, time)| std::cmp::Reverse(**time));
            let programs: Vec<String> = programs.iter().map(|(name, time)| format!("{name} {:.1}", time.as_secs_f64())).collect();
            let (wall, cpu, (largest, most)) = (stage.wall.as_secs_f64(), stage.cpu.as_secs_f64(), &stage.largest);
            let each = cpu * 1e3 / n.max(1) as f64;
            let (name, together, programs) = (&stage.name, stage.together >> 10, programs.join(", "));
            out += &format!("{name}\t{wall:.1}\t{cpu:.1}\t{each:.3}\t{largest}\t{}\t{together}\t{programs}\n", most >> 10);
        }
        out
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Relaxed);
        self.watcher.take().map(JoinHandle::join);
    }
}

fn lock(watched: &Mutex<Watched>) -> MutexGuard<'_, Watched> {
    watched.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This process and its living children.
fn family() -> Vec<u32> {
    let me = std::process::id();
    let parent = |pid: &u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse::<u32>().ok()
    };
    let all = fs::read_dir("/proc").into_iter().flatten().filter_map(|item| item.ok()?.file_name().to_str()?.parse().ok());
    all.filter(|pid| *pid == me || parent(pid) == Some(me)).collect()
}

/// Processor time of the family, with children that have ended.
fn spent() -> Result<Duration> {
    let me = std::process::id();
    let stat = |pid: u32| fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let children = family().into_iter().filter(|pid| *pid != me).filter_map(|pid| ticks(&stat(pid), 14)).sum::<Duration>();
    let own = stat(me);
    Ok(children + ticks(&own, 14).context("an odd stat")? + ticks(&own, 16).context("an odd stat")?)
}

/// One look at all of them.
fn look(watched: &mut Watched) {
    let (me, mut together) = (std::process::id(), 0);
    for pid in family() {
        let file = |name: &str| fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
        let (command, status) = (file("cmdline"), file("status"));
        let Some(cpu) = ticks(&file("stat"), 14) else { continue };
        together += kilobytes(&status, "VmRSS");
        let seen = watched.processes.entry(pid).or_default();
        let mut words = command.split('\0');
        if let Some(program) = words.next().filter(|word| !word.is_empty()) {
            // Looked at again each time: before a child is its program, it is a copy of this one.
            let command = words.next().filter(|word| !word.starts_with('-')).unwrap_or_default();
            let program = program.rsplit('/').next().unwrap_or_default();
            seen.name = if pid == me { SELF.to_owned() } else { format!("{program} {command}").trim().to_owned() };
        }
        seen.cpu = seen.cpu.max(cpu);
        seen.peak = seen.peak.max(kilobytes(&status, "VmHWM"));
    }
    watched.together = watched.together.max(together);
}
