//! Proofs of openings whose parts are chosen after the challenge (A02, F12).

use super::*;

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

pub fn rows() -> Vec<Row> {
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
