//! What a run showed, in lines that a person reads and a script can cut.

use super::cpu::Usage;
use super::run::Outcome;
use std::collections::BTreeMap;
use std::time::Duration;

fn ms(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1e3)
}

/// One line on calls of a kind.
pub fn calls(name: &str, outcome: &Outcome) {
    println!(
        "{name}: {} in {:.2} s, {:.1}/s; ms p50 {} p90 {} p99 {} max {}; failed {}",
        outcome.times.len(),
        outcome.took.as_secs_f64(),
        outcome.rate(),
        ms(outcome.within(0.5)),
        ms(outcome.within(0.9)),
        ms(outcome.within(0.99)),
        ms(outcome.within(1.0)),
        outcome.failed
    );
    outcome.refused.iter().for_each(|(rule, n)| println!("  {rule}: {n}"));
}

/// Processor time for each of `n`, whole and by thread.
pub fn cost(name: &str, used: &Usage, n: usize) {
    let each = |time: Duration| format!("{:.3}", time.as_secs_f64() * 1e3 / n.max(1) as f64);
    let memory = if used.most_memory > 0 { format!("; most memory {} MiB", used.most_memory) } else { String::new() };
    println!("{name}: CPU {} ms each{memory}", each(used.total));
    let mut threads: Vec<_> = used.threads.iter().filter(|(_, time)| time.as_secs_f64() * 1e5 > n as f64).collect(); // above 10 us each
    threads.sort_by_key(|(_, time)| std::cmp::Reverse(**time));
    threads.iter().for_each(|(thread, time)| println!("  thread {thread}: {}", each(**time)));
}

/// Where the collector's time went, by its own metrics: elapsed and processor time for each call of a step.
pub fn steps(before: &BTreeMap<String, f64>, after: &BTreeMap<String, f64>, n: usize) {
    let added = |name: &str| after.get(name).unwrap_or(&0.0) - before.get(name).unwrap_or(&0.0);
    println!("steps of the collector: CPU ms for each ballot, elapsed ms for each step, how often");
    let mut lines: Vec<(f64, String)> = Vec::new();
    for name in after.keys().filter_map(|key| key.strip_prefix("haal_step_seconds_count{step=\"")?.strip_suffix("\"}")) {
        let of = |kind: &str| added(&format!("haal_step_{kind}{{step=\"{name}\"}}"));
        let (count, elapsed, cpu) = (of("seconds_count"), of("seconds_sum"), of("cpu_seconds_total"));
        if count > 0.0 {
            lines.push((cpu, format!("  {name}: {:.3} CPU, {:.3} elapsed, {count}", cpu * 1e3 / n.max(1) as f64, elapsed * 1e3 / count)));
        }
    }
    lines.sort_by(|a, b| b.0.total_cmp(&a.0));
    lines.iter().for_each(|(_, line)| println!("{line}"));
}
