//! `bits_of` takes exactly the selections that the rule allows. Spec: 04-proofs, shapes and SHAPE-1.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use ballot::manifest::Rule;
use ballot::shape::{Selection, Shape};
use proptest::prelude::*;

/// The table of 04-proofs, read as a person would.
fn allowed(rule: &Rule, n: usize, m: &[u32]) -> bool {
    let sum: u64 = m.iter().map(|m| u64::from(*m)).sum();
    match *rule {
        Rule::Choose { min, max, blank } => {
            if m.len() != n + usize::from(blank) || m.iter().any(|m| *m > 1) {
                return false;
            }
            let chosen: u64 = m[..n].iter().map(|m| u64::from(*m)).sum();
            if blank && m[n] == 1 { chosen == 0 } else { (min..=max).contains(&chosen) }
        }
        Rule::Approve {} => m.len() == n && m.iter().all(|m| *m <= 1),
        Rule::Score { most } => m.len() == n && m.iter().all(|m| u64::from(*m) <= most),
        Rule::Budget { total } => m.len() == n && sum == total,
        Rule::List {} => m.len() == 1 && (m[0] as usize) < n,
        Rule::Rank { places } => m.len() == places as usize && m.iter().all(|m| *m as usize <= n),
    }
}

/// What the bits mean: `m = M·b` and `L·b = c`.
fn agree(shape: &Shape, bits: &[u8], m: &[u32]) {
    assert_eq!(bits.len(), shape.bits().len());
    assert!(bits.iter().all(|b| *b <= 1));
    let mut sums = vec![0u32; shape.width()];
    for (bit, b) in shape.bits().iter().zip(bits) {
        if bit.integer > 0 {
            sums[usize::from(bit.integer) - 1] += bit.coefficient * u32::from(*b);
        }
    }
    assert_eq!(sums, m);
    if let Some(l) = shape.constraint() {
        assert_eq!(l.coefficients[0], 1, "the first nonce is solved for without a division");
        assert_eq!(l.coefficients.iter().zip(bits).map(|(c, b)| c * u32::from(*b)).sum::<u32>(), l.total);
    }
}

fn judge(rule: &Rule, n: usize, m: &[u32]) {
    let shape = Shape::new(rule, n).unwrap();
    match shape.bits_of(&Selection(m.to_vec())) {
        Ok(bits) => {
            assert!(allowed(rule, n, m), "{rule:?} of {n} takes {m:?}");
            agree(&shape, &bits, m);
        }
        Err(_) => assert!(!allowed(rule, n, m), "{rule:?} of {n} refuses {m:?}"),
    }
}

/// All vectors of `width` numbers up to `top`.
fn all(width: usize, top: u32) -> Vec<Vec<u32>> {
    (0..width).fold(vec![Vec::new()], |short, _| {
        short.iter().flat_map(|m| (0..=top).map(move |x| m.iter().copied().chain([x]).collect())).collect()
    })
}

/// Every selection of every small rule, and those just outside.
#[test]
fn small_rules_whole() {
    for n in 1..=4usize {
        let mut rules = vec![Rule::Approve {}, Rule::Score { most: 2 }, Rule::Score { most: 3 }, Rule::Budget { total: 3 }];
        for max in 1..=n as u64 {
            rules.extend((0..=max).map(|min| Rule::Choose { min, max, blank: false }));
            rules.extend((1..=max).map(|min| Rule::Choose { min, max, blank: true }));
            rules.push(Rule::Rank { places: max });
        }
        if n >= 2 {
            rules.push(Rule::List {});
        }
        for rule in rules {
            for width in 0..=n + 2 {
                all(width, 4).iter().for_each(|m| judge(&rule, n, m));
            }
        }
    }
}

/// Every value of one integer, for many ranges: each is a sum of digits, and nothing above is.
#[test]
fn digits_reach_every_value_and_no_other() {
    for most in (1..=130).chain([255, 256, 257, 511, 999, 1000]) {
        let rule = Rule::Score { most };
        (0..=most as u32 + 3).for_each(|m| judge(&rule, 1, &[m]));
        let shape = Shape::new(&rule, 1).unwrap();
        let coefficients: Vec<u32> = shape.bits().iter().map(|b| b.coefficient).collect();
        assert_eq!(coefficients.iter().sum::<u32>(), most as u32);
        assert!(coefficients.is_sorted() && coefficients[0] == 1);
        assert_eq!(coefficients.len() as u32, 64 - most.leading_zeros());
    }
    for n in [2, 3, 153, 1000, 9999, 10_000] {
        for m in [0, 1, n / 2, n - 1, n, n + 1, u32::MAX as usize] {
            judge(&Rule::List {}, n, &[m as u32]);
        }
    }
}

/// MAN-11: rules without a shape.
#[test]
fn impossible_rules_have_no_shape() {
    let choose = |min, max, blank| Rule::Choose { min, max, blank };
    let none = [
        (choose(0, 0, false), 3),
        (choose(0, 4, false), 3),
        (choose(3, 2, false), 3),
        (choose(0, 1, true), 3),
        (choose(1, 1, true), 0),
        (Rule::Approve {}, 0),
        (Rule::Approve {}, 501),
        (Rule::Score { most: 0 }, 3),
        (Rule::Score { most: 1001 }, 3),
        (Rule::Budget { total: 0 }, 3),
        (Rule::Budget { total: 1001 }, 3),
        (Rule::List {}, 1),
        (Rule::List {}, 10_001),
        (Rule::Rank { places: 0 }, 3),
        (Rule::Rank { places: 4 }, 3),
        (choose(1, u64::MAX, false), 3),
        (Rule::Score { most: u64::MAX }, 3),
    ];
    for (rule, n) in none {
        assert!(Shape::new(&rule, n).is_none(), "{rule:?} of {n}");
    }
}

fn any_rule() -> impl Strategy<Value = (Rule, usize)> {
    (1usize..=12).prop_flat_map(|n| {
        let choose = (1..=n as u64, any::<bool>())
            .prop_flat_map(move |(max, blank)| (u64::from(blank)..=max).prop_map(move |min| (Rule::Choose { min, max, blank }, n)));
        prop_oneof![
            choose,
            Just((Rule::Approve {}, n)),
            (1u64..=1000).prop_map(move |most| (Rule::Score { most }, n)),
            (1u64..=1000).prop_map(move |total| (Rule::Budget { total }, n)),
            Just((Rule::List {}, n + 1)),
            (1..=n as u64).prop_map(move |places| (Rule::Rank { places }, n)),
        ]
    })
}

/// A vector that is often allowed, often nearly so, and sometimes wild.
fn near(rule: &Rule, n: usize) -> BoxedStrategy<Vec<u32>> {
    let shape = Shape::new(rule, n).unwrap();
    let top = shape.largest() as u32;
    let integer = prop_oneof![8 => 0..=top, 1 => Just(top.saturating_add(1)), 1 => Just(0u32), 1 => any::<u32>()];
    let width = prop_oneof![20 => Just(shape.width()), 1 => 0..=shape.width() + 1];
    let any = width.prop_flat_map(move |w| prop::collection::vec(integer.clone(), w));
    match *rule {
        // A random vector hardly ever has the right sum: cut the total at random places.
        Rule::Budget { total } => {
            let cuts = prop::collection::vec(0..=total as u32, n - 1).prop_map(move |mut cuts| {
                cuts.extend([0, total as u32]);
                cuts.sort_unstable();
                cuts.windows(2).map(|w| w[1] - w[0]).collect()
            });
            prop_oneof![3 => cuts, 1 => any].boxed()
        }
        _ => any.boxed(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bits_of_takes_exactly_what_the_rule_allows((rule, n, m) in any_rule().prop_flat_map(|(rule, n)| {
        let near = near(&rule, n);
        (Just(rule), Just(n), near)
    })) {
        judge(&rule, n, &m);
    }
}
