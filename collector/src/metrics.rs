//! What an operator's monitoring reads: how many calls, how long, what was refused. Nothing of it tells one voter from another.

use crate::collector::Collector;
use crate::gate::Gate;
use crate::pulse;
use crate::refusal::Refusal;
use crate::store;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;
use board::Phase;
use prometheus::core::Collector as Family;
use prometheus::{CounterVec, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, Result, TextEncoder};
use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// Bounds in seconds: a group commit takes some milliseconds, a login with its certificates some more, a blob minutes.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Counters since the start of the process, and gauges that are set whenever they are read.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    calls: IntCounterVec,
    seconds: HistogramVec,
    steps: HistogramVec,
    steps_cpu: CounterVec,
    refusals: IntCounterVec,
    entries: IntGauge,
    cosigned: IntGauge,
    pending: IntGauge,
    cosignatures: IntGauge,
    waiting: IntGauge,
    stamps: IntGauge,
    room: IntGauge,
    phase: IntGaugeVec,
}

impl Metrics {
    /// Fails only if two of them have one name.
    pub fn new() -> Result<Self> {
        let registry = Registry::new();
        let seconds = HistogramOpts::new("haal_call_seconds", "Time until the reply begins, by call.").buckets(SECONDS.to_vec());
        let steps = HistogramOpts::new("haal_step_seconds", "Time of a step of the work on ballots.").buckets(SECONDS.to_vec());
        let steps_cpu = Opts::new("haal_step_cpu_seconds_total", "Processor time of a step of the work on ballots.");
        Ok(Self {
            calls: kept(&registry, IntCounterVec::new(Opts::new("haal_calls_total", "Calls by path and status."), &["call", "status"]))?,
            seconds: kept(&registry, HistogramVec::new(seconds, &["call"]))?,
            steps: kept(&registry, HistogramVec::new(steps, &["step"]))?,
            steps_cpu: kept(&registry, CounterVec::new(steps_cpu, &["step"]))?,
            refusals: kept(&registry, IntCounterVec::new(Opts::new("haal_refusals_total", "Refusals by their rule."), &["rule"]))?,
            entries: gauge(&registry, "haal_log_entries", "Entries of the log.")?,
            cosigned: gauge(&registry, "haal_log_cosigned_entries", "Entries under a checkpoint that a quorum of witnesses signed.")?,
            pending: gauge(&registry, "haal_ballots_pending", "Ballots promised and not yet in the log.")?,
            cosignatures: gauge(&registry, "haal_cosignatures", "Witnesses that signed the published checkpoint.")?,
            waiting: gauge(&registry, "haal_quorum_wait_seconds", "For how long entries have been waiting for a quorum of witnesses.")?,
            stamps: gauge(&registry, "haal_stamps_waiting", "Stored ballots that have no time stamp yet.")?,
            room: gauge(&registry, "haal_disk_free_bytes", "Room on the disk of the data folder.")?,
            phase: kept(&registry, IntGaugeVec::new(Opts::new("haal_phase", "1 for the phase of the election."), &["phase"]))?,
            registry,
        })
    }

    /// Does a step of the work on ballots, and adds up how long it took.
    pub fn step<T>(&self, name: &str, act: impl FnOnce() -> T) -> T {
        let (begun, cpu) = (Instant::now(), thread_cpu());
        let done = act();
        self.steps.with_label_values(&[name]).observe(begun.elapsed().as_secs_f64());
        self.steps_cpu.with_label_values(&[name]).inc_by(thread_cpu().saturating_sub(cpu).as_secs_f64());
        done
    }

    /// All of it in Prometheus' text form.
    pub fn text(&self, collector: &Collector) -> Result<String> {
        let (cosigned, entries) = pulse::sizes(collector);
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        self.entries.set(number(entries));
        self.cosigned.set(number(cosigned));
        self.cosignatures.set(number(collector.pulse.cosignatures()));
        self.waiting.set(number(collector.pulse.waiting()));
        self.stamps.set(number(collector.readers.read(store::waiting_for_stamps).map_or(0, |(waiting, _)| waiting)));
        self.room.set(number(pulse::room(collector).unwrap_or(0)));
        let state = collector.state();
        self.pending.set(number(state.pending));
        let now = state.replay.phases().phase();
        for phase in [Phase::Setup, Phase::Voting, Phase::Last, Phase::Closed, Phase::Sealed, Phase::Done] {
            self.phase.with_label_values(&[phase.name()]).set(i64::from(phase == now));
        }
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// Processor time of this thread so far.
fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap_or(0), time.tv_nsec.try_into().unwrap_or(0))
}

fn kept<F: Family + Clone + 'static>(registry: &Registry, family: Result<F>) -> Result<F> {
    let family = family?;
    registry.register(Box::new(family.clone()))?;
    Ok(family)
}

fn gauge(registry: &Registry, name: &str, help: &str) -> Result<IntGauge> {
    kept(registry, IntGauge::new(name, help))
}

/// Counts a call: its path as the table of 13-http names it, never as it was asked.
pub async fn count(request: ServiceRequest, next: Next<impl MessageBody>) -> std::result::Result<ServiceResponse<impl MessageBody>, Error> {
    let begun = Instant::now();
    let collector = request.app_data::<Data<Collector>>().cloned();
    let reply = next.call(request).await?;
    if let Some(collector) = collector {
        let metrics = &collector.metrics;
        let call = reply.request().match_pattern().unwrap_or_else(|| "other".to_owned());
        metrics.calls.with_label_values(&[call.as_str(), reply.status().as_str()]).inc();
        metrics.seconds.with_label_values(&[call.as_str()]).observe(begun.elapsed().as_secs_f64());
        if let Some(refusal) = reply.response().error().and_then(|error| error.as_error::<Refusal>()) {
            metrics.refusals.with_label_values(&[refusal.rule]).inc();
        }
        if let Some(gate) = reply.request().app_data::<Data<Gate>>() {
            gate.answered(reply.request(), reply.status());
        }
    }
    Ok(reply)
}
