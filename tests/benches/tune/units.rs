//! A unit: its mix, its opening, and the numbers behind the points.

use ballot::Scalar;
use ballot::elgamal::SmallLog;
use ballot::encode::Record;
use ballot::manifest::Rule;
use ballot::rng::SeededRng;
use ballot::{Manifest, RistrettoPoint};
use criterion::{BatchSize, Criterion, Throughput};
use e2e::lab;
use trustee::mix::{Bases, KeyTables, Mix, Statement as MixStatement};
use trustee::open::{Closed, Decoder, Opening, Rows, Statement, combine};

/// Rows of a unit, and how many columns they have.
const SIZES: [(usize, usize); 2] = [(1000, 1), (200, 10)];

fn manifest(w: usize) -> Manifest {
    lab::manifest(&[lab::contest("contest", Rule::Rank { places: w as u64 }, w.max(5))], &["d"])
}

pub fn mixes(c: &mut Criterion) {
    let mut group = c.benchmark_group("mix");
    group.sample_size(10);
    for (n, w) in SIZES {
        let (manifest, mut rng) = (manifest(w), SeededRng::new(b"tune"));
        let (key, inputs, bases) = (lab::key(&manifest), lab::rows(&manifest, n, w), Bases::default());
        bases.first(n); // global constants, derived once for an election
        let (election, tables) = (manifest.id(), KeyTables::new(&key, w));
        let statement =
            MixStatement { election: &election, key: &key, counted: &[9; 32], unit: 0, stage: 1, mixer: 1, width: w, inputs: &inputs };
        let mix = statement.mix(&bases, &tables, &mut rng).unwrap();
        let wire = mix.to_bytes();
        group.throughput(Throughput::Elements(n as u64));
        group
            .bench_function(format!("shuffle and prove/{n} rows of {w}"), |b| b.iter(|| statement.mix(&bases, &tables, &mut rng).unwrap()));
        group.bench_function(format!("decode/{n} rows of {w}"), |b| b.iter(|| Mix::from_bytes(&wire).unwrap()));
        group.bench_function(format!("verify/{n} rows of {w}"), |b| b.iter(|| statement.verify(&mix, &bases, &mut rng).unwrap()));
    }
}

pub fn openings(c: &mut Criterion) {
    let mut group = c.benchmark_group("open");
    group.sample_size(10);
    for (n, w) in SIZES {
        let (manifest, mut rng) = (manifest(w), SeededRng::new(b"tune"));
        let key = lab::key(&manifest);
        let closed = Closed { election: manifest.id(), key: key.id(), session: [1; 32], counted: [9; 32], size: 1, root: [2; 32] };
        let secrets: Vec<Scalar> = (1..=w).map(|c| lab::scalar(&format!("column-{c}"))).collect();
        let (share, rows) = (lab::key_share(&closed, 1, &secrets), Rows::mixed(w, &lab::rows(&manifest, n, w)));
        let statement = Statement { closed: &closed, unit: 0, stage: [3; 32], rows: &rows, trustee: 1, public: key.first(w) };
        let opening = statement.open(&share, &mut rng).unwrap();
        let wire = opening.to_bytes();
        group.throughput(Throughput::Elements(n as u64));
        group.bench_function(format!("open/{n} rows of {w}"), |b| b.iter(|| statement.open(&share, &mut rng).unwrap()));
        group.bench_function(format!("decode/{n} rows of {w}"), |b| b.iter(|| Opening::from_bytes(&wire).unwrap()));
        group.bench_function(format!("verify/{n} rows of {w}"), |b| b.iter(|| statement.verify(&opening).unwrap()));
        group.bench_function(format!("combine one/{n} rows of {w}"), |b| b.iter(|| combine(&rows, &[&opening]).unwrap()));
    }
}

pub fn logarithms(c: &mut Criterion) {
    let point = RistrettoPoint::mul_base(&Scalar::from(876_543u64));
    let steps = SmallLog::new(1_000_000);
    c.bench_function("logarithm/table of a sum up to 1000000", |b| b.iter(|| SmallLog::new(1_000_000)));
    c.bench_function("logarithm/sum up to 1000000", |b| b.iter(|| steps.find(&point).unwrap()));
    let (decoder, points) = (Decoder::mixed(152), vec![RistrettoPoint::mul_base(&Scalar::from(77u64)); 1000]);
    let mut group = c.benchmark_group("logarithm");
    group.throughput(Throughput::Elements(1000));
    group.bench_function("1000 rows up to 152", |b| {
        b.iter_batched(|| points.clone(), |points| decoder.decode(1, &points).unwrap(), BatchSize::SmallInput);
    });
}
