//! Manifests and keys for experiments that need no ceremony: measurements, and attacks on one proof at a time.

use crate::plan::ContestPlan;
use ballot::elgamal::ElectionKey;
use ballot::encode::{Point, hash};
use ballot::manifest::{
    Board, CheckWindow, Committee, Contest, ContestOption, Count, Description, District, Eid, Hex32, Kind, Manifest, Member, Mixers,
    OptionList, Profile, Rule, Span, TrusteeMember, Trustees, Witnesses,
};
use ballot::{Ciphertext, RistrettoPoint, Scalar};
use ed25519_dalek::SigningKey;
use rayon::prelude::*;

/// A signing key that follows from its name.
pub fn signing_key(name: &str) -> SigningKey {
    SigningKey::from_bytes(&hash("lab", &[name.as_bytes()]))
}

fn member(name: &str) -> Member {
    Member { key: Hex32(signing_key(name).verifying_key().to_bytes()), name: name.to_owned() }
}

/// A scalar that follows from its name.
pub fn scalar(name: &str) -> Scalar {
    let (a, b) = (hash("lab", &[name.as_bytes(), b"1"]), hash("lab", &[name.as_bytes(), b"2"]));
    let mut wide = [0; 64];
    wide[..32].copy_from_slice(&a);
    wide[32..].copy_from_slice(&b);
    Scalar::from_bytes_mod_order_wide(&wide)
}

/// A point that follows from its name; its logarithm is [`scalar`] of the same name.
pub fn point(name: &str) -> Point {
    Point::from_point(RistrettoPoint::mul_base(&scalar(name))).expect("not the identity")
}

/// A description with these contests in these districts: 3 trustees (2 open), 2 mixers, 1 witness.
pub fn description(contests: &[ContestPlan], districts: &[&str]) -> Description {
    let members = |role: &str, n: usize| (1..=n).map(|i| member(&format!("{role}-{i}"))).collect::<Vec<_>>();
    let trustee = |i: usize| {
        let Member { key, name } = member(&format!("trustee-{i}"));
        TrusteeMember { key, share_key: Hex32(*point(&format!("share-{i}")).bytes()), name }
    };
    let count = |rule: &Rule| match rule {
        Rule::List {} => Count::Plurality,
        Rule::Rank { .. } => Count::InstantRunoff,
        _ => Count::Sum,
    };
    let contest = |c: &ContestPlan| Contest {
        count: count(&c.rule),
        id: c.id.clone(),
        lists: vec![OptionList {
            districts: districts.iter().map(|d| (*d).to_owned()).collect(),
            options: c
                .options
                .iter()
                .map(|(id, title, group)| ContestOption { group: group.clone(), id: id.clone(), title: title.clone() })
                .collect(),
        }],
        rule: c.rule.clone(),
        title: c.title.clone(),
    };
    Description {
        board: Board { batch_seconds: 1, batch_smallest: 1 },
        check: CheckWindow { minutes: 30, releases: 3 },
        collector: member("collector"),
        committee: Committee { members: members("committee", 2), quorum: 2 },
        contests: contests.iter().map(contest).collect(),
        districts: districts.iter().map(|d| District { id: (*d).to_owned(), title: (*d).to_owned() }).collect(),
        eid: Eid::new(vec!["MAA=".into()], Profile::CadesB),
        haal: 1,
        k_min: 1,
        kind: Kind::Practice,
        mixers: Mixers { members: members("mixer", 2), required: 2 },
        title: "Lab".into(),
        trustees: Trustees { members: (1..=3).map(trustee).collect(), override_rules: false, threshold: 2 },
        voting: Span { from: 1, until: 2 },
        witnesses: Witnesses { faulty: 0, members: members("witness", 1), quorum: 1 },
    }
}

/// The manifest of [`description`].
pub fn manifest(contests: &[ContestPlan], districts: &[&str]) -> Manifest {
    Manifest::from_description(&description(contests, districts)).expect("a good description")
}

/// An election key whose secrets are [`scalar`] of `column-1`, ….
pub fn key(manifest: &Manifest) -> ElectionKey {
    ElectionKey::new(hash("lab", &[b"key"]), (1..=manifest.columns()).map(|c| point(&format!("column-{c}"))).collect())
}

/// A contest with `n` numbered options.
pub fn contest(id: &str, rule: Rule, n: usize) -> ContestPlan {
    let option = |i: usize| (format!("o{i}"), format!("Option {i}"), String::new());
    ContestPlan { id: id.to_owned(), title: id.to_owned(), rule, options: (1..=n).map(option).collect() }
}

/// A key share with these secrets.
pub fn key_share(closed: &trustee::open::Closed, index: u16, secrets: &[Scalar]) -> trustee::key_share::KeyShare {
    let mut bytes = vec![64, 1];
    bytes.extend(closed.key);
    bytes.extend(closed.session);
    bytes.extend(index.to_be_bytes());
    bytes.extend((secrets.len() as u32).to_be_bytes());
    secrets.iter().for_each(|s| bytes.extend(s.as_bytes()));
    trustee::key_share::KeyShare::from_bytes(&bytes).expect("the layout of a share")
}

/// `n` encrypted rows of small numbers in `w` columns.
pub fn rows(manifest: &Manifest, n: usize, w: usize) -> Vec<Ciphertext> {
    let key = key(manifest);
    let one = |i: usize| {
        let r = scalar(&format!("row-{i}"));
        let column = |h: &Point| Point::from_point(Scalar::from(i as u64 % 5) * RistrettoPoint::mul_base(&Scalar::ONE) + r * h.point());
        let pad = Point::from_point(RistrettoPoint::mul_base(&r)).expect("not the identity");
        Ciphertext { pad, columns: key.first(w).iter().map(|h| column(h).expect("not the identity")).collect() }
    };
    (0..n).into_par_iter().map(one).collect()
}
