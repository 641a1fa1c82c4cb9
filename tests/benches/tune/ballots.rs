//! Making and verifying one ballot.

use ballot::ballot::{BallotStyle, Context, Seed};
use ballot::manifest::Rule;
use ballot::rng::SeededRng;
use ballot::shape::Selection;
use criterion::Criterion;
use e2e::{lab, plan};

pub fn ballots(c: &mut Criterion) {
    let choose = Rule::Choose { min: 1, max: 1, blank: true };
    let rules = [
        ("1 of 5 and blank", choose.clone(), 5),
        ("1 of 20 and blank", choose, 20),
        ("one of 153", Rule::List {}, 153),
        ("rank 10 of 15", Rule::Rank { places: 10 }, 15),
    ];
    let mut rng = SeededRng::new(b"tune");
    for (name, rule, options) in rules {
        let contest = lab::contest("contest", rule, options);
        let manifest = lab::manifest(std::slice::from_ref(&contest), &["d"]);
        let style = BallotStyle::all(&manifest, &lab::key(&manifest)).unwrap().remove(0);
        let selections = [Selection(plan::draw(&contest, &mut rng).1)];
        let context = Context { voter: [7; 32], number: 1, previous: [0; 32] };
        let made = style.encrypt(&context, &selections, &Seed([7; 32])).unwrap();
        c.bench_function(&format!("ballot/make/{name}"), |b| b.iter(|| style.encrypt(&context, &selections, &Seed([7; 32])).unwrap()));
        c.bench_function(&format!("ballot/decode/{name}"), |b| b.iter(|| style.decode(made.bytes()).unwrap()));
        c.bench_function(&format!("ballot/verify/{name}"), |b| b.iter(|| style.verify(&made, &mut rng).unwrap()));
    }
}
