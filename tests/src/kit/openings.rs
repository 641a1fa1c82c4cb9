//! Trustees that open something else, too early, or wrongly. V18, V19.

use super::case::{Case, Row, entry, row};
use super::orders::plus_order;
use crate::insider::opening::Forge;
use crate::insider::{Insider, Item, town};
use crate::lab;
use ballot::encode::{Point, Record};
use ballot::{Ciphertext, RistrettoPoint, Scalar};
use board::PostKind;
use trustee::open::{Intent, Opening};

fn p(point: RistrettoPoint) -> Point {
    Point::from_point(point).unwrap()
}

/// Trustee 1 opens a unit in its own way, trustee 2 rightly, trustee 3 not at all.
fn opening(rule: &'static str, unit: usize, make: impl FnOnce(&mut Insider) -> Opening) -> Case {
    let mut i = town::declared();
    i.openings_of(&[2]);
    let made = make(&mut i);
    let post = i.post_opening(made);
    for other in (0..i.units.len()).filter(|u| *u != unit) {
        let right = i.opening(1, other);
        i.post_opening(right);
    }
    i.result();
    Case::of(i).fails("V19", "COMBINE-2", format!("unit {unit}")).finds("V19", rule, entry(post))
}

/// The same with bytes that need not be an opening.
fn bytes(rule: &'static str, change: impl FnOnce(&mut Vec<u8>)) -> Case {
    let mut i = town::declared();
    i.openings_of(&[2]);
    let mut bytes = i.opening(1, 0).to_bytes();
    change(&mut bytes);
    let post = i.post(PostKind::Opening, 1, &bytes);
    for other in 1..i.units.len() {
        let right = i.opening(1, other);
        i.post_opening(right);
    }
    i.result();
    Case::of(i).fails("V19", "COMBINE-2", "unit 0").finds("V19", rule, entry(post))
}

fn forge<'a>(i: &'a Insider, unit: usize) -> Forge<'a> {
    Forge { closed: i.closed.as_ref().unwrap(), unit: &i.units[unit], trustee: 1, x: &i.keys().secrets[0], weak: false }
}

/// Trustee 1's factors turned, the proof as for the right ones.
fn factors(unit: usize, change: impl FnOnce(&mut Vec<RistrettoPoint>)) -> Case {
    opening("OPEN-4", unit, |i| {
        let forge = forge(i, unit);
        let factors = forge.factors(change);
        forge.open(factors)
    })
}

pub fn rows() -> Vec<Row> {
    let mut rows = adaptive();
    rows.extend(proofs());
    rows.extend(sets());
    rows.extend(intents());
    rows.extend(encodings());
    rows
}

/// Does a verifier that absorbs neither rows nor factors accept it?
fn convinces_the_weak(i: &Insider, unit: usize, forged: &Opening) -> bool {
    let forge = Forge { weak: true, ..forge(i, unit) };
    let (mut t, rho, sigma) = forge.numbers(&[], &[]);
    t.append_point("T_1", &forged.t_1);
    t.append_point("T_2", &forged.t_2);
    let e = t.challenge("e");
    let rows = i.units[unit].opened_rows();
    let w = i.units[unit].width;
    let x_star: Scalar = sigma.iter().zip(forge.x).map(|(s, x)| s * x).sum();
    let a_star: RistrettoPoint = rho.iter().zip(rows.pads()).map(|(r, a)| r * a).sum();
    let inner = |f: &[Point]| sigma.iter().zip(f).map(|(s, f)| s * f.point()).sum::<RistrettoPoint>();
    let f_star: RistrettoPoint = forged.factors.chunks(w).zip(&rho).map(|(f, r)| r * inner(f)).sum();
    let g = RistrettoPoint::mul_base;
    g(&forged.z) == forged.t_1.point() + e * g(&x_star) && forged.z * a_star == forged.t_2.point() + e * f_star
}

/// What the attacker fixes before the last ciphertext exists: commitments, and the nonce that this ciphertext then needs.
struct Plan {
    a: Scalar,
    t_2: Point,
    nonce: Scalar,
}

/// `pads` are those of the rows without the nonce; row `at` is the one that the nonce goes into, and its factors are to be off by `shift`.
fn adapt(forge: &Forge<'_>, pads: &[RistrettoPoint], at: usize, shift: &[Scalar]) -> Plan {
    let (mut t, rho, sigma) = forge.numbers(&[], &[]);
    let (a, b) = (lab::scalar("a"), lab::scalar("b"));
    let g = RistrettoPoint::mul_base;
    let a_0: RistrettoPoint = rho.iter().zip(pads).map(|(r, p)| r * p).sum();
    let t_2 = p(a * a_0 + g(&b));
    t.append_point("T_1", &p(g(&a)));
    t.append_point("T_2", &t_2);
    let e = t.challenge("e");
    let s: Scalar = sigma.iter().zip(shift).map(|(s, d)| s * d).sum();
    // z·A* = T_2 + e·F* with F* = x*·A* - ρ·S·G and A* = A_0 + ρ·r·G  ⇔  a·ρ·r = b - e·ρ·S
    Plan { a, t_2, nonce: (b - e * rho[at] * s) * (a * rho[at]).invert() }
}

fn adaptive() -> Vec<Row> {
    vec![
        row("the last voter and a trustee shift a sum (weak Fiat-Shamir)", "A02 M49", || {
            // Unit 0 is the mayor in d0: voter 9 votes last, with the nonce that trustee 1's proof, made before, needs.
            let mut i = town::opened();
            i.cast(&[
                (0, town::vote(0, 0)),
                (1, town::vote(0, 1)),
                (2, town::vote(1, 3)),
                (4, town::vote(1, 1)),
                (5, town::vote(2, 0)),
                (6, town::vote(1, 0)),
            ]);
            let mut sketch = i.clone();
            sketch.cast(&[(9, town::vote(1, 2))]);
            sketch.end();
            sketch.fix();
            let shift = [Scalar::ONE, -Scalar::ONE, Scalar::ZERO, Scalar::ZERO];
            let pads: RistrettoPoint = i.casts.iter().filter(|c| c.facts.district == 0).map(|c| *c.parts[0].pad.point()).sum();
            let plan = adapt(&Forge { weak: true, ..forge(&sketch, 0) }, &[pads], 0, &shift);
            let ballot = i.ballot(9, &town::vote(1, 2));
            let bits = i.bits(0, 0, &town::vote(1, 2)[0]);
            let m: Vec<Scalar> = town::vote(1, 2)[0].iter().map(|m| Scalar::from(*m)).collect();
            let part = i.cunning_part(ballot.context(), (0, 0), (&m, &bits), Some(plan.nonce), |_| {});
            let parts = vec![part, ballot.parts()[1].clone()];
            let bytes = i.styles()[0].assemble(*ballot.context(), parts).bytes().to_vec();
            i.batch(vec![Item::Cast(bytes)]);
            i.end();
            i.fix();
            i.mixes();
            i.intents();
            i.openings_of(&[2]);
            let weak = Forge { weak: true, ..forge(&i, 0) };
            let g = RistrettoPoint::mul_base;
            let factors = weak.factors(|f| f.iter_mut().zip(&shift).for_each(|(f, s)| *f -= g(s)));
            let forged = weak.finish(factors, plan.a, plan.t_2);
            assert!(convinces_the_weak(&i, 0, &forged), "for a verifier that does not absorb the rows the forgery is perfect");
            let post = i.post_opening(forged);
            for unit in 1..i.units.len() {
                let right = i.opening(1, unit);
                i.post_opening(right);
            }
            i.result();
            Case::of(i).fails("V19", "COMBINE-2", "unit 0").finds("V19", "OPEN-4", entry(post))
        }),
        row("the last mixer and a trustee nullify a vote (weak Fiat-Shamir)", "A08 A02 F13 M49", || {
            // The freedom is the last mixer's own re-encryption of row 0.
            let mut i = town::sealed();
            for unit in [4, 5] {
                i.mix(unit, 1);
                i.mix(unit, 2);
            }
            i.mix(3, 1);
            let mut shuffler = i.shuffler(3, 2);
            shuffler.rho[0] = Scalar::ZERO;
            let pads: Vec<RistrettoPoint> = shuffler.outputs().iter().map(|r: &Ciphertext| *r.pad.point()).collect();
            let shift = [Scalar::from(77u8)];
            let plan = adapt(&Forge { weak: true, ..forge(&i, 3) }, &pads, 0, &shift);
            shuffler.rho[0] = plan.nonce;
            i.post_mix(shuffler.mix(), 2);
            i.intents();
            i.openings_of(&[2]);
            let weak = Forge { weak: true, ..forge(&i, 3) };
            let factors = weak.factors(|f| f[0] -= RistrettoPoint::mul_base(&shift[0]));
            let forged = weak.finish(factors, plan.a, plan.t_2);
            assert!(convinces_the_weak(&i, 3, &forged), "for a verifier that does not absorb the rows the forgery is perfect");
            let post = i.post_opening(forged);
            for unit in [0, 1, 2, 4, 5] {
                let right = i.opening(1, unit);
                i.post_opening(right);
            }
            i.result();
            Case::of(i).fails("V19", "COMBINE-2", "unit 3").finds("V19", "OPEN-4", entry(post))
        }),
        row("a shifted sum with t right openings beside it", "A02 F08 M50", || {
            // The forged one stands first, and the published result uses it.
            let mut i = town::mixed();
            i.intents_of(&[1, 2, 3]);
            let g = RistrettoPoint::mul_base;
            let made = {
                let forge = forge(&i, 0);
                // 2·F_1 - F_2 for quorum {1, 2}: off by one half of a vote from option 0 to 1
                let half = Scalar::from(2u8).invert();
                let factors = forge.factors(|f| {
                    f[0] += g(&half);
                    f[1] -= g(&half);
                });
                forge.open(factors)
            };
            let post = i.post_opening(made);
            for unit in 1..i.units.len() {
                let right = i.opening(1, unit);
                i.post_opening(right);
            }
            i.openings_of(&[2, 3]);
            let at = i.result();
            Case::of(i).fails("V20", "COUNT-4", entry(at)).finds("V19", "OPEN-4", entry(post))
        }),
    ]
}

fn proofs() -> Vec<Row> {
    let g = || RistrettoPoint::mul_base(&Scalar::ONE);
    vec![
        row("opening: a wrong factor", "M50 F08", move || factors(0, move |f| f[0] += g())),
        row("opening: votes moved between columns", "M50 M66 A15", move || {
            factors(0, move |f| {
                f[0] += g();
                f[1] -= g();
            })
        }),
        row("opening: votes moved between rows", "M50 A15", move || {
            factors(3, move |f| {
                f[0] += g();
                f[1] -= g();
            })
        }),
        row("opening: factors of two columns exchanged", "M50", || factors(0, |f| f.swap(0, 1))),
        row("opening: factors of two rows exchanged", "M50", || factors(3, |f| f.swap(0, 1))),
        row("opening: one row's factor is anything", "F13 M52", || factors(3, |f| f[1] = *lab::point("anything").point())),
        row("opening: one factor for all rows", "A09 F13", || factors(3, |f| (1..3).for_each(|k| f[k] = f[0]))),
        row("opening: a dead share", "M51 F08", || {
            opening("OPEN-4", 0, |i| {
                let mut x = i.keys().secrets[0].clone();
                x[2] += Scalar::ONE;
                let forge = Forge { x: &x, ..forge(i, 0) };
                forge.open(forge.factors(|_| {}))
            })
        }),
        row("opening: another trustee's share", "M51 F06", || {
            opening("OPEN-4", 0, |i| {
                let x = i.keys().secrets[2].clone();
                let forge = Forge { x: &x, ..forge(i, 0) };
                forge.open(forge.factors(|_| {}))
            })
        }),
        row("opening: another trustee's opening under one's own index", "M53 F06", || {
            opening("OPEN-4", 0, |i| {
                let mut made = i.opening(2, 0);
                made.head.trustee = 1;
                made
            })
        }),
        row("opening: another trustee's opening as it is", "M53 F06", || bytes("OPEN-5", |b| b[3] = 2)),
        row("opening: index 0", "M53 F06", || bytes("OPEN-5", |b| b[3] = 0)),
        row("opening: shares of another session", "F06 A13", || {
            opening("OPEN-4", 0, |i| {
                let keys = i.keys.clone();
                let mut other = i.clone();
                other.ceremony_with(crate::insider::Script::honest([3; 32]));
                let x = other.keys().secrets[0].clone();
                i.keys = keys;
                let forge = Forge { x: &x, ..forge(i, 0) };
                forge.open(forge.factors(|_| {}))
            })
        }),
        row("opening: a proof for another election", "A13 E13", || other_statement(|c| c.election = [1; 32])),
        row("opening: a proof for another key", "A13 E13", || other_statement(|c| c.key = [1; 32])),
        row("opening: a proof for another session", "A13 E13", || other_statement(|c| c.session = [1; 32])),
        row("opening: a proof for another counted set", "A13 F07 M54", || other_statement(|c| c.counted = [1; 32])),
        row("opening: a proof for another size of the log", "A13 C05", || other_statement(|c| c.size -= 1)),
        row("opening: a proof for another root", "A13 E13 M34", || other_statement(|c| c.root = [1; 32])),
        row("opening: a proof for another unit", "A13 G02", || {
            opening("OPEN-4", 0, |i| {
                let mut unit = i.units[0].clone();
                unit.unit.number = 1;
                let forge = Forge { unit: &unit, ..forge(i, 0) };
                let mut made = forge.open(forge.factors(|_| {}));
                made.head.unit = 0;
                made
            })
        }),
        row("opening: all of the proof is G and zero", "A09", || {
            bytes("OPEN-4", |b| {
                let at = b.len() - 96;
                let g = curve25519_dalek::constants::RISTRETTO_BASEPOINT_COMPRESSED;
                b[at..at + 32].copy_from_slice(g.as_bytes());
                b[at + 32..at + 64].copy_from_slice(g.as_bytes());
                b[at + 64..].fill(0);
            })
        }),
    ]
}

/// An opening whose proof speaks of another closed checkpoint, key, session or set.
fn other_statement(change: impl FnOnce(&mut trustee::open::Closed)) -> Case {
    opening("OPEN-4", 0, |i| {
        let mut closed = i.closed.unwrap();
        change(&mut closed);
        let forge = Forge { closed: &closed, ..forge(i, 0) };
        forge.open(forge.factors(|_| {}))
    })
}

/// Trustees declare and open the sum of another set of ballots in unit 0.
fn other_set(choose: impl Fn(&Insider) -> Vec<Ciphertext>, trustees: &[u16]) -> Case {
    let mut i = town::mixed();
    let rows = choose(&i);
    let right = i.units[0].clone();
    let mut other = right.clone();
    other.rows = rows;
    other.stage = Some(other.opened_rows().hash());
    let mut posts = Vec::new();
    for j in [1u16, 2] {
        i.units[0] = if trustees.contains(&j) { other.clone() } else { right.clone() };
        let intent = i.intent(j).to_bytes();
        posts.push(i.post(PostKind::Intent, j, &intent));
    }
    i.units[0] = other.clone();
    for j in [1u16, 2] {
        let kept = i.units[0].openings.clone();
        i.units[0] = if trustees.contains(&j) { other.clone() } else { right.clone() };
        i.units[0].openings = kept;
        i.openings_of(&[j]);
    }
    i.result();
    let mut case = Case::of(i).fails("V18", "OPEN-3", "unit 0").fails("V19", "COMBINE-2", "unit 0");
    for j in trustees {
        case = case.finds("V18", "OPEN-2", entry(posts[usize::from(*j) - 1]));
    }
    case
}

fn of_district(i: &Insider) -> impl Iterator<Item = &crate::insider::Cast> {
    i.casts.iter().filter(|c| c.facts.district == 0)
}

fn sets() -> Vec<Row> {
    vec![
        row("the sum of all but one ballot", "F07 M54 C06 C13", || other_set(|i| i.units[0].rows[1..].to_vec(), &[1, 2])),
        row("the sum with a superseded ballot", "F07 M54", || {
            other_set(
                |i| {
                    let old = of_district(i).find(|c| c.facts.voter == i.voter(0) && c.facts.number == 1).unwrap();
                    [i.units[0].rows.clone(), vec![old.parts[0].clone()]].concat()
                },
                &[1, 2],
            )
        }),
        row("the sum with an annulled ballot", "F07 E04 M54", || {
            other_set(
                |i| {
                    let annulled = of_district(i).find(|c| c.facts.voter == i.voter(3)).unwrap();
                    [i.units[0].rows.clone(), vec![annulled.parts[0].clone()]].concat()
                },
                &[1, 2],
            )
        }),
        row("the sum with one ballot twice", "F07 M29 F14", || {
            other_set(|i| [i.units[0].rows.clone(), vec![i.units[0].rows[0].clone()]].concat(), &[1, 2])
        }),
        row("one voter's ballot alone", "C05 C06 C13", || other_set(|i| vec![i.units[0].rows[0].clone()], &[1, 2])),
        row("one trustee opens one voter's ballot", "C05 C06 C13", || other_set(|i| vec![i.units[0].rows[0].clone()], &[1])),
        row("the ballots are opened without the mixes", "C05 C06 G03", || {
            let mut i = town::mixed();
            let mixed = i.units[3].clone();
            i.units[3].rows = town::sealed().units[3].rows.clone();
            i.intents();
            i.openings();
            i.result();
            // The intents name the stage, the openings are of other rows.
            let posts: Vec<usize> = i.posts_of(PostKind::Opening);
            let case = Case::of(i).fails("V19", "COMBINE-2", "unit 3").finds("V19", "OPEN-4", entry(posts[3]));
            assert_eq!(mixed.unit.number, 3);
            case
        }),
    ]
}

fn intents() -> Vec<Row> {
    // Trustees 1 and 2 declare with this turned; then both open rightly.
    let both = |rule: &'static str, change: fn(&mut Intent)| {
        let mut i = town::mixed();
        let mut posts = Vec::new();
        for j in [1, 2] {
            let mut intent = i.intent(j);
            change(&mut intent);
            posts.push(i.post(PostKind::Intent, j, &intent.to_bytes()));
        }
        i.openings();
        i.result();
        let mut case = Case::of(i);
        for unit in 0..6 {
            case = case.fails("V18", "OPEN-3", format!("unit {unit}")).fails("V19", "COMBINE-2", format!("unit {unit}"));
        }
        posts.iter().fold(case, |case, post| case.finds("V18", rule, entry(*post)))
    };
    vec![
        row("no intents", "C05 C07", || {
            let mut i = town::mixed();
            i.openings();
            i.result();
            let first = i.posts_of(PostKind::Opening)[0];
            let mut case = Case::of(i).finds("V19", "OPEN-6", entry(first));
            for unit in 0..6 {
                case = case.fails("V18", "OPEN-3", format!("unit {unit}")).fails("V19", "COMBINE-2", format!("unit {unit}"));
            }
            case
        }),
        row("openings stand before the intents", "C05 C12", || {
            let mut i = town::mixed();
            i.openings();
            i.intents();
            i.result();
            let first = i.posts_of(PostKind::Opening)[0];
            (0..6)
                .fold(Case::of(i).finds("V19", "OPEN-6", entry(first)), |case, unit| case.fails("V19", "COMBINE-2", format!("unit {unit}")))
        }),
        row("one trustee opens before the second intent", "C05 C12", || {
            let mut i = town::mixed();
            i.intents_of(&[1]);
            i.openings_of(&[1]);
            i.intents_of(&[2]);
            i.openings_of(&[2]);
            i.result();
            let first = i.posts_of(PostKind::Opening)[0];
            (0..6)
                .fold(Case::of(i).finds("V19", "OPEN-6", entry(first)), |case, unit| case.fails("V19", "COMBINE-2", format!("unit {unit}")))
        }),
        row("openings of one who has declared nothing", "C05", || {
            let mut i = town::mixed();
            i.intents_of(&[1, 2]);
            i.openings_of(&[1, 3]);
            i.result();
            let post = *i.posts_of(PostKind::Opening).last().unwrap();
            (0..6)
                .fold(Case::of(i).finds("V19", "OPEN-6", entry(post)), |case, unit| case.fails("V19", "COMBINE-2", format!("unit {unit}")))
        }),
        row("intents for another counted set", "C05 C06 M54", move || both("OPEN-2", |i| i.counted = [1; 32])),
        row("intents for another size", "C05 M35", move || both("OPEN-2", |i| i.size += 1)),
        row("intents for another root", "C05 E08 M34", move || both("OPEN-2", |i| i.root = [1; 32])),
        row("intents with other stage hashes", "C05 G02", move || both("OPEN-2", |i| i.units.iter_mut().for_each(|u| u.1 = [1; 32]))),
        row("intents with another trustee's index", "C05 F06", move || both("OPEN-2", |i| i.trustee = 3)),
        row("intents not sorted", "A12", || {
            let mut i = town::mixed();
            let mut posts = Vec::new();
            for j in [1, 2] {
                let mut intent = i.intent(j);
                intent.units.swap(0, 1);
                posts.push(i.post(PostKind::Intent, j, &intent.to_bytes()));
            }
            i.openings();
            i.result();
            let mut case = Case::of(i).finds("V18", "DEC-9", entry(posts[0]));
            for unit in 0..6 {
                case = case.fails("V18", "OPEN-3", format!("unit {unit}")).fails("V19", "COMBINE-2", format!("unit {unit}"));
            }
            case
        }),
        row("intents without one unit", "F08", || {
            let mut i = town::mixed();
            for j in [1, 2] {
                let mut intent = i.intent(j);
                intent.units.remove(2);
                i.post(PostKind::Intent, j, &intent.to_bytes());
            }
            i.openings();
            i.result();
            let post = i.posts_of(PostKind::Opening)[2];
            Case::of(i).fails("V18", "OPEN-3", "unit 2").fails("V19", "COMBINE-2", "unit 2").finds("V19", "OPEN-6", entry(post))
        }),
    ]
}

fn encodings() -> Vec<Row> {
    const FACTORS: usize = 46;
    vec![
        row("opening: a factor that is no point", "B01 M32", || bytes("DEC-1", |b| b[FACTORS] ^= 1)),
        row("opening: a factor that is the identity", "B02 M31", || bytes("DEC-2", |b| b[FACTORS..FACTORS + 32].fill(0))),
        row("opening: s + l in the proof", "B04 M30", || {
            bytes("DEC-3", |b| {
                let at = b.len() - 32;
                let s: [u8; 32] = b[at..].try_into().unwrap();
                b[at..].copy_from_slice(&plus_order(s));
            })
        }),
        row("opening: a byte more", "M33", || bytes("DEC-4", |b| b.push(0))),
        row("opening: without its proof", "F13 M52", || bytes("DEC-5", |b| b.truncate(b.len() - 96))),
        row("opening: without one column", "F13 M52", || bytes("OPEN-5", |b| b[45] = 3)),
        row("opening: four billion rows", "A09 B08", || bytes("OPEN-5", |b| b[40..44].fill(0xff))),
        row("opening: no rows", "A09 F13", || bytes("OPEN-5", |b| b[40..44].fill(0))),
        row("opening: another stage", "G02 M54", || bytes("OPEN-5", |b| b[9] ^= 1)),
        row("opening: a unit that does not exist", "C13", || bytes("OPEN-5", |b| b[7] = 9)),
        row("opening: half a head", "B08", || bytes("DEC-5", |b| b.truncate(20))),
        row("openings of one trustee too few", "F06 F08 M52", || {
            let mut i = town::declared();
            i.openings_of(&[1]);
            i.result();
            (0..6).fold(Case::of(i), |case, unit| case.fails("V19", "COMBINE-2", format!("unit {unit}")))
        }),
        row("one unit without a second opening", "F13 M52", || {
            let mut i = town::declared();
            i.openings_of(&[1]);
            for unit in 1..6 {
                let right = i.opening(2, unit);
                i.post_opening(right);
            }
            i.result();
            Case::of(i).fails("V19", "COMBINE-2", "unit 0")
        }),
        row("one trustee opens twice, another not at all", "F06 M53", || {
            let mut i = town::declared();
            i.openings_of(&[1, 1]);
            i.result();
            let post = i.posts_of(PostKind::Opening)[6];
            (0..6)
                .fold(Case::of(i).finds("V19", "OPEN-6", entry(post)), |case, unit| case.fails("V19", "COMBINE-2", format!("unit {unit}")))
        }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustee::open::Statement;

    /// The prover that may lie is believed when it does not.
    #[test]
    fn an_honest_opening_convinces_the_library() {
        let mut i = town::declared();
        let closed = i.closed.unwrap();
        let made = i.opening(1, 0);
        let rows = i.units[0].opened_rows();
        let stage = i.units[0].stage.unwrap();
        let statement = Statement { closed: &closed, unit: 0, stage, rows: &rows, trustee: 1, public: &i.keys().set.shares[0] };
        statement.verify(&made).unwrap();
        let forge = forge(&i, 0);
        statement.verify(&forge.open(forge.factors(|_| {}))).unwrap();
    }
}
