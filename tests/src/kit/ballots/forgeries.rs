//! Proofs for what no voter may choose.

use super::*;

pub fn rows() -> Vec<Row> {
    let g = RistrettoPoint::mul_base;
    vec![
        row("a re-randomised copy with the old proof", "C03", || {
            with("V12", "BAL-5", |i| {
                let theirs = i.ballot(8, &town::vote(0, 0));
                let mut parts = theirs.parts().to_vec();
                let rho = lab::scalar("rho");
                let h = i.keys().set.key.columns().to_vec();
                for part in &mut parts {
                    part.ciphertext.pad = p(part.ciphertext.pad.point() + RistrettoPoint::mul_base(&rho));
                    for (b, h) in part.ciphertext.columns.iter_mut().zip(&h) {
                        *b = p(b.point() + rho * h.point());
                    }
                }
                let own = i.ballot(5, &town::vote(0, 0));
                again(i, &own, parts).bytes().to_vec()
            })
        }),
        row("a copy that adds one", "C03 C08", move || part(move |c, _| c.columns[1] = p(c.columns[1].point() + g(&Scalar::ONE)))),
        row("a copy times seven", "C08", || {
            part(|c, _| {
                let k = Scalar::from(7u8);
                c.pad = p(k * c.pad.point());
                c.columns.iter_mut().for_each(|b| *b = p(k * b.point()));
            })
        }),
        row("the sum of three voters' ballots", "C04 C05", || {
            part(|c, i| {
                let mut sum = ballot::elgamal::CipherSum::zero(4);
                i.casts.iter().take(3).for_each(|cast| sum.add(&cast.parts[0]));
                *c = Ciphertext { pad: p(sum.pad), columns: sum.columns.into_iter().map(p).collect() };
            })
        }),
        row("voters' ballots packed into one with powers", "C04", || {
            part(|c, i| {
                let mut sum = ballot::elgamal::CipherSum::zero(4);
                for (n, cast) in i.casts.iter().take(3).enumerate() {
                    for _ in 0..10u32.pow(n as u32) {
                        sum.add(&cast.parts[0]);
                    }
                }
                *c = Ciphertext { pad: p(sum.pad), columns: sum.columns.into_iter().map(p).collect() };
            })
        }),
        row("a random group element", "C04 H02", || part(|c, _| c.columns[0] = lab::point("anything"))),
        row("five votes for one", "M29 A09 H02 H03 F14", || with("V12", "BAL-5", cunning([5, 0, 0, 0], [1, 0, 0, 0]))),
        row("minus one vote", "M29 F14 H02", || with("V12", "BAL-5", cunning([-1, 1, 1, 0], [1, 0, 0, 0]))),
        row("a vote that sums to two", "M28 H03", || with("V12", "BAL-5", cunning([1, 1, 0, 0], [1, 1, 0, 0]))),
        row("a vote that sums to nothing", "M27 H03", || with("V12", "BAL-5", cunning([0, 0, 0, 0], [0, 0, 0, 0]))),
        row("a vote and the blank", "M28 H03", || with("V12", "BAL-5", cunning([1, 0, 0, 1], [1, 0, 0, 1]))),
        row("the proof is about another vote", "A09 C04", || with("V12", "BAL-5", cunning([0, 1, 0, 0], [1, 0, 0, 0]))),
        row("an option beyond the list", "C04 H02 H03", || {
            with("V12", "BAL-5", |i| {
                let ballot = i.ballot(5, &town::vote(0, 0));
                let bits = i.bits(ballot.district(), 1, &[3]);
                let one = i.cunning_part(ballot.context(), (ballot.district(), 1), (&[Scalar::from(4u8)], &bits), None, |_| {});
                let parts = vec![ballot.parts()[0].clone(), one];
                again(i, &ballot, parts).bytes().to_vec()
            })
        }),
        row("a proof of zeros", "A09", || changed("V11", "BAL-4", |_, b| b[HEAD + 160..HEAD + MAYOR].fill(0))),
        row("a proof of G and zeros", "A09", || {
            changed("V12", "BAL-5", |_, b| {
                let g = curve25519_dalek::constants::RISTRETTO_BASEPOINT_COMPRESSED;
                for at in 0..6 {
                    b[HEAD + 160 + 32 * at..HEAD + 192 + 32 * at].copy_from_slice(g.as_bytes());
                }
                b[HEAD + 32 * 11..HEAD + MAYOR].fill(0);
            })
        }),
        row("all responses minus one", "A09", || {
            changed("V12", "BAL-5", |_, b| {
                for at in 11..18 {
                    b[HEAD + 32 * at..HEAD + 32 * at + 32].copy_from_slice((-Scalar::ONE).as_bytes());
                }
            })
        }),
        row("commitments exchanged", "A09", || {
            changed("V12", "BAL-5", |_, b| {
                let (one, two) = (b[HEAD + 160..HEAD + 192].to_vec(), b[HEAD + 192..HEAD + 224].to_vec());
                b[HEAD + 160..HEAD + 192].copy_from_slice(&two);
                b[HEAD + 192..HEAD + 224].copy_from_slice(&one);
            })
        }),
        row("two wrong ballots whose errors cancel in counts", "M63 H03", || {
            let mut i = town::opened();
            i.cast(&[(0, town::vote(0, 0)), (2, town::vote(1, 3))]);
            let one = cunning([2, 0, 0, 0], [1, 0, 0, 0])(&mut i);
            let first = i.batch(vec![Item::Cast(one)]) + 1;
            let ballot = i.ballot(7, &town::vote(0, 0));
            let m = [Scalar::ZERO; 4];
            let two = i.cunning_part(ballot.context(), (ballot.district(), 0), (&m, &[1, 0, 0, 0]), None, |_| {});
            let parts = vec![two, ballot.parts()[1].clone()];
            let bytes = again(&i, &ballot, parts).bytes().to_vec();
            let second = i.batch(vec![Item::Cast(bytes)]) + 1;
            i.finish();
            Case::of(i).fails("V12", "BAL-5", entry(first)).fails("V12", "BAL-5", entry(second))
        }),
    ]
}
