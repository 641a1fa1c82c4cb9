//! Mixes, intents, openings and the result. Spec: 09-mixing, 10-tally.

use super::board::Board;
use super::{CLOSE, Cast, secret, trustees};
use verifier::bytes::Hash;
use verifier::count::{self, Tally};
use verifier::counted::{State, Unit};
use verifier::group::{self, Point, Scalar};
use verifier::hash;
use verifier::manifest::Manifest;
use verifier::session::Key;
use verifier::transcript::Transcript;

type Row = Vec<Point>;

fn encoded(row: &Row) -> Vec<u8> {
    row.iter().flat_map(group::encode).collect()
}

/// `A B_1 … B_w` of one contest of a ballot, and its selection.
fn part(manifest: &Manifest, cast: &Cast, contest: u8) -> Option<(Row, Vec<u32>)> {
    let mut at = 136;
    for (part, selection) in manifest.parts[usize::from(cast.district)].iter().zip(&cast.selections) {
        let (_, list) = manifest.part(*part).unwrap();
        if part.contest == contest {
            let blocks = cast.bytes[at..].as_chunks::<32>().0;
            return Some((blocks[..=list.shape.w].iter().map(|point| group::point(point).unwrap()).collect(), selection.clone()));
        }
        at += list.shape.part_length();
    }
    None
}

pub fn tally(board: &mut Board, manifest: &Manifest, key: &Key, counted: &Hash, units: &[Unit], cast: &[Cast]) {
    let closed = (board.entries.len() as u64, board.root());
    let mut opened: Vec<(u32, Vec<Row>, Hash)> = Vec::new();
    let mut tallies = Vec::new();
    for (unit, number) in units.iter().zip(0u32..) {
        let its = cast.iter().filter(|cast| unit.districts.contains(&cast.district));
        let (mut rows, selections): (Vec<Row>, Vec<Vec<u32>>) = its.filter_map(|cast| part(manifest, cast, unit.contest)).unzip();
        if unit.state != State::Opened {
            tallies.push((unit.clone(), None));
            continue;
        }
        let rule = manifest.contests[usize::from(unit.contest)].rule;
        let options = manifest.contests[usize::from(unit.contest)].lists[unit.list as usize].options.len();
        let mut stage_hash = [0; 32];
        let opens: Vec<Vec<u64>> = if rule.is_mixed() {
            rows.sort_by_key(encoded);
            for stage in 1..=2 {
                (rows, stage_hash) = mix(board, manifest, key, counted, number, stage, &rows);
            }
            selections.iter().map(|row| row.iter().map(|m| u64::from(*m)).collect()).collect()
        } else {
            let width = rows[0].len();
            rows = vec![(0..width).map(|c| rows.iter().map(|row| row[c]).sum()).collect()];
            stage_hash = hash::rows(1, width as u16 - 1, &encoded(&rows[0]));
            vec![(0..width - 1).map(|c| selections.iter().map(|row| u64::from(row[c])).sum()).collect()]
        };
        tallies.push((unit.clone(), Some(count::count(rule, options, &opens))));
        opened.push((number, rows, stage_hash));
    }
    for trustee in [1u16, 3] {
        let list = opened.iter().flat_map(|(unit, _, hash)| [unit.to_be_bytes().as_slice(), hash].concat());
        let head =
            [&[39, 1][..], &trustee.to_be_bytes(), &closed.0.to_be_bytes(), &closed.1, counted, &(opened.len() as u32).to_be_bytes()]
                .concat();
        board.post(trustee, 8, head.into_iter().chain(list).collect());
    }
    for trustee in [3u16, 1] {
        for (unit, rows, stage_hash) in &opened {
            let message = open(manifest, key, counted, closed, trustee, *unit, rows, stage_hash);
            board.post(trustee, 9, message);
        }
    }
    let result: Vec<u8> = count::result(manifest, counted, &tallies as &[(Unit, Option<Tally>)]);
    board.order_with_blob(13, CLOSE + 10, 0, *counted, result);
}

/// One stage by the mixer of its number: the rows turned round and re-encrypted. MIX-1 to MIX-5.
fn mix(board: &mut Board, manifest: &Manifest, key: &Key, counted: &Hash, unit: u32, stage: u16, input: &[Row]) -> (Vec<Row>, Hash) {
    let (n, w) = (input.len(), input[0].len() - 1);
    let random = |name: &str, i: usize| secret(&format!("mix {unit} {stage} {name} {i}"));
    let all = |name: &str| -> Vec<Scalar> { (0..n).map(|i| random(name, i)).collect() };
    let psi: Vec<usize> = (0..n).map(|i| (i + usize::from(stage)) % n).rev().collect();
    let h: Vec<Point> = group::shuffle_bases(0, n + 1);
    let (rho, r, big_r, omega_prime, tau) = (all("rho"), all("r"), all("R"), all("omega'"), all("tau"));
    let columns: Vec<Point> = std::iter::once(group::G).chain(key.columns.iter().map(|h| h.point)).take(w + 1).collect();
    let out: Vec<Row> = (0..n).map(|i| (0..=w).map(|c| input[psi[i]][c] + rho[i] * columns[c]).collect()).collect();
    let mut c = vec![group::G; n];
    (0..n).for_each(|i| c[psi[i]] = group::times_g(&r[psi[i]]) + h[i + 1]);
    let blocks = |points: &[Point]| -> Vec<Hash> { points.iter().map(group::encode).collect() };
    let flat = |rows: &[Row]| -> Vec<Vec<u8>> { rows.iter().map(encoded).collect() };

    let mut transcript = Transcript::new("shuffle");
    transcript.bytes("election", &manifest.election);
    transcript.bytes("key", &key.id);
    transcript.blocks("H", &blocks(&columns[1..]));
    transcript.bytes("counted", counted);
    for (label, number) in [("unit", u64::from(unit)), ("stage", stage.into()), ("mixer", stage.into()), ("N", n as u64), ("w", w as u64)] {
        transcript.number(label, number);
    }
    transcript.list("in", flat(input).iter().map(Vec::as_slice));
    transcript.list("out", flat(&out).iter().map(Vec::as_slice));
    transcript.blocks("c", &blocks(&c));
    let u: Vec<Scalar> = (0..n).map(|_| transcript.challenge("u")).collect();
    let u_prime: Vec<Scalar> = psi.iter().map(|j| u[*j]).collect();

    let (mut before_r, mut before_u) = (Scalar::ZERO, Scalar::ONE);
    let (mut c_hat, mut t_hat, mut r_hat, mut omega_hat) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for i in 0..n {
        t_hat.push(group::times_g(&tau[i]) + (omega_prime[i] * before_u) * h[0]);
        r_hat.push(big_r[i] - u_prime[i] * before_r);
        omega_hat.push(tau[i] - omega_prime[i] * before_r);
        (before_r, before_u) = (big_r[i], before_u * u_prime[i]);
        c_hat.push(group::times_g(&big_r[i]) + before_u * h[0]);
    }
    let omega: Vec<Scalar> = (1..=4).map(|i| random("omega", i)).collect();
    let bases: Point = (0..n).map(|i| omega_prime[i] * h[i + 1]).sum();
    let t = [group::times_g(&omega[0]), group::times_g(&omega[1]), group::times_g(&omega[2]) + bases];
    let t_4: Vec<Point> = (0..=w).map(|c| (0..n).map(|i| omega_prime[i] * out[i][c]).sum::<Point>() - omega[3] * columns[c]).collect();
    transcript.blocks("c_hat", &blocks(&c_hat));
    for (label, t) in ["t_1", "t_2", "t_3"].into_iter().zip(&t) {
        transcript.bytes(label, &group::encode(t));
    }
    transcript.blocks("t_4", &blocks(&t_4));
    transcript.blocks("t_hat", &blocks(&t_hat));
    let x = transcript.challenge("x");
    let sums = [
        r.iter().sum(),
        big_r[n - 1],
        u.iter().zip(&r).map(|(u, r)| u * r).sum(),
        u_prime.iter().zip(&rho).map(|(u, rho)| u * rho).sum::<Scalar>(),
    ];
    let s = omega.iter().zip(sums).map(|(omega, sum)| omega + x * sum);
    let s_hat = omega_hat.iter().zip(&r_hat).map(|(omega, r)| omega + x * r);
    let s_prime = omega_prime.iter().zip(&u_prime).map(|(omega, u)| omega + x * u);
    let scalars: Vec<u8> = s.chain(s_hat).chain(s_prime).flat_map(|scalar: Scalar| scalar.to_bytes()).collect();

    let rows = flat(input).concat();
    let input_hash = hash::rows(n as u32, w as u16, &rows);
    let head = [
        &[38, 1][..],
        &unit.to_be_bytes(),
        &stage.to_be_bytes(),
        &stage.to_be_bytes(),
        &input_hash,
        &(n as u32).to_be_bytes(),
        &(w as u16).to_be_bytes(),
    ]
    .concat();
    let points = [c, c_hat, t.to_vec(), t_4, t_hat].concat();
    let name = board.post(stage, 7, [head, flat(&out).concat(), blocks(&points).as_flattened().to_vec(), scalars].concat());
    (out, name)
}

/// A trustee's factors and their proof.
#[allow(clippy::too_many_arguments)]
fn open(
    manifest: &Manifest,
    key: &Key,
    counted: &Hash,
    closed: (u64, Hash),
    trustee: u16,
    unit: u32,
    rows: &[Row],
    stage_hash: &Hash,
) -> Vec<u8> {
    let (n, w) = (rows.len(), rows[0].len() - 1);
    let x: Vec<Scalar> = (1..=w).map(|c| trustees::share(trustee, c)).collect();
    let factors: Vec<Vec<u8>> = rows.iter().map(|row| x.iter().flat_map(|x| group::encode(&(x * row[0]))).collect()).collect();
    let mut transcript = Transcript::new("opening");
    transcript.bytes("election", &manifest.election);
    transcript.bytes("key", &key.id);
    transcript.bytes("session", &key.session);
    transcript.bytes("counted", counted);
    transcript.number("size", closed.0);
    transcript.bytes("root", &closed.1);
    transcript.number("unit", unit.into());
    transcript.bytes("stage_hash", stage_hash);
    transcript.number("trustee", trustee.into());
    transcript.number("N", n as u64);
    transcript.number("w", w as u64);
    transcript.blocks("X", &x.iter().map(|x| group::encode(&group::times_g(x))).collect::<Vec<Hash>>());
    transcript.list("row", rows.iter().map(encoded).collect::<Vec<_>>().iter().map(Vec::as_slice));
    transcript.list("F", factors.iter().map(Vec::as_slice));
    let rho: Vec<Scalar> = (0..n).map(|_| transcript.short("rho")).collect();
    let sigma: Vec<Scalar> = (0..w).map(|_| transcript.short("sigma")).collect();
    let pad: Point = rho.iter().zip(rows).map(|(rho, row)| rho * row[0]).sum();
    let k = secret(&format!("opening {trustee} {unit}"));
    let (t_1, t_2) = (group::encode(&group::times_g(&k)), group::encode(&(k * pad)));
    transcript.bytes("T_1", &t_1);
    transcript.bytes("T_2", &t_2);
    let z = k + transcript.challenge("e") * sigma.iter().zip(&x).map(|(sigma, x)| sigma * x).sum::<Scalar>();
    let head =
        [&[40, 1][..], &trustee.to_be_bytes(), &unit.to_be_bytes(), stage_hash, &(n as u32).to_be_bytes(), &(w as u16).to_be_bytes()]
            .concat();
    [head, factors.concat(), t_1.to_vec(), t_2.to_vec(), z.to_bytes().to_vec()].concat()
}
