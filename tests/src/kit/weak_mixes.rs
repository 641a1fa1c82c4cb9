//! Forged shuffles for verifiers that draw the challenges `u` carelessly (G04): each convinces the careless one, and nobody else.

use super::case::{Row, row};
use super::mixes::shuffler;
use crate::insider::shuffler::{Shuffler, Weak};
use crate::lab;
use ballot::encode::Point;
use ballot::{Ciphertext, RistrettoPoint, Scalar};
use trustee::mix::Mix;

fn shifted(point: &Point, by: RistrettoPoint) -> Point {
    Point::from_point(point.point() + by).expect("not the identity")
}

/// Honest outputs, but for something that is added to the first row and taken from the second, `one` and `two` times. It stays hidden
/// while `u'_1·one = u'_2·two`.
fn moved(s: &Shuffler, one: Scalar, two: Scalar) -> Vec<Ciphertext> {
    let (d, e) = (lab::point("D"), lab::point("E"));
    let mut rows = s.outputs();
    rows[0].pad = shifted(&rows[0].pad, one * d.point());
    rows[1].pad = shifted(&rows[1].pad, -two * d.point());
    rows[0].columns[0] = shifted(&rows[0].columns[0], one * e.point());
    rows[1].columns[0] = shifted(&rows[1].columns[0], -two * e.point());
    rows
}

fn forged(name: &str, rule: &'static str, weak: Weak, forge: impl Fn(&mut Shuffler) -> Vec<Ciphertext> + Send + Sync + 'static) -> Row {
    row(format!("mix: {name}"), "G04 A09", move || {
        shuffler(rule, |s| {
            s.weak = Some(weak);
            let outputs = forge(s);
            let mix: Mix = s.prove(outputs);
            assert!(s.convinces(&mix), "for the weak verifier the forgery is perfect");
            mix
        })
    })
}

pub fn rows() -> Vec<Row> {
    vec![
        forged("outputs chosen after u", "MIX-6", Weak::BeforeOutputs, |s| {
            let u = s.known_u(&[]);
            moved(s, u[s.psi[1]], u[s.psi[0]])
        }),
        forged("u follows from the number of rows alone", "MIX-6", Weak::OfCount, |s| {
            let u = s.known_u(&[]);
            moved(s, u[s.psi[1]], u[s.psi[0]])
        }),
        forged("all u are powers of one small number, which is guessed", "MIX-6", Weak::Powers(8), |s| {
            let guess: Vec<Scalar> = [7u32, 49, 343].map(Scalar::from).into();
            let outputs = moved(s, guess[s.psi[1]], guess[s.psi[0]]);
            s.grind(&outputs, |u| u == guess);
            outputs
        }),
        // 32 bits fall to 2^32 attempts in the same way.
        forged("u of eight bits, tried until two are alike", "MIX-7", Weak::Short(8), |s| {
            let outputs = moved(s, Scalar::ONE, Scalar::ONE);
            let (one, two) = (s.psi[0], s.psi[1]);
            s.grind(&outputs, |u| u[one] == u[two]);
            outputs
        }),
        forged("commitments chosen after u", "MIX-6", Weak::BeforeCommitments, |s| {
            // One vote is doubled and another one halved: the products of u and u' are the same.
            let two = Scalar::from(2u8);
            (s.tilt[0], s.tilt[1]) = (two, two.invert());
            s.outputs()
        }),
    ]
}
