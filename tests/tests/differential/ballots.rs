//! Ballots, cast and challenged: each field turned, each part exchanged, and bits flipped at random.

use super::server::Both;
use ballot::Context;
use ballot::ballot::OpenedBallot;
use ballot::encode::sha256;
use e2e::insider::{Item, town};

/// Bytes of a ballot before its parts.
const HEAD: usize = 136;
/// Bytes of the first part: three options and a blank, added up.
const MAYOR: usize = 32 * (4 + 4 + 10);

/// ℓ, the order of the group, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0x10,
];
/// A point of Edwards25519 of order eight.
const TORSION: &str = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";

fn plus_order(block: &mut [u8]) {
    let mut carry = 0;
    for (b, o) in block.iter_mut().zip(ORDER) {
        let sum = u16::from(*b) + u16::from(o) + carry;
        (*b, carry) = (sum as u8, sum >> 8);
    }
}

/// Ways of turning 32 bytes, whether they are a point or a number.
const TURNS: [(&str, fn(&mut [u8])); 9] = [
    ("is nothing", |b| b.fill(0)),
    ("is one", |b| {
        b.fill(0);
        b[0] = 1;
    }),
    ("is negative, or another number", |b| b[0] ^= 1),
    ("has its last bit set", |b| b[31] |= 0x80),
    ("has its last bit but one set", |b| b[31] |= 0x40),
    ("is more by the group's order", plus_order),
    ("is all ones", |b| b.fill(0xff)),
    ("is the field's order", |b| {
        b.fill(0xff);
        (b[0], b[31]) = (0xed, 0x7f);
    }),
    ("has torsion", |b| b.copy_from_slice(&hex::decode(TORSION).unwrap())),
];

/// Everything that is done to a ballot, with a name.
fn turned(good: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut add = |name: String, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.to_vec();
        change(&mut bytes);
        if bytes != good {
            all.push((name, bytes));
        }
    };
    for (block, at) in (HEAD..good.len() - 31).step_by(32).enumerate() {
        for (name, turn) in TURNS {
            add(format!("block {block} {name}"), &|b| turn(&mut b[at..at + 32]));
        }
    }
    for at in [0, 1, 2, 33, 34, 65, 66, 67, 68, 99, 100, 101, 102, 103, 104, 135] {
        for bit in [0, 7] {
            add(format!("byte {at} of the head, bit {bit}"), &|b| b[at] ^= 1 << bit);
        }
    }
    add("a byte less".into(), &|b| _ = b.pop());
    add("a byte more".into(), &|b| b.push(0));
    add("32 bytes less".into(), &|b| b.truncate(b.len() - 32));
    add("32 bytes more".into(), &|b| b.extend([0; 32]));
    add("the head alone".into(), &|b| b.truncate(HEAD));
    add("the first part alone".into(), &|b| b.truncate(HEAD + MAYOR));
    add("the first part twice".into(), &|b| b.extend_from_within(HEAD..HEAD + MAYOR));
    add("the parts exchanged".into(), &|b| b[HEAD..].rotate_left(MAYOR));
    add("two encryptions exchanged".into(), &|b| {
        let (one, two) = b[HEAD + 32..HEAD + 96].split_at_mut(32);
        one.swap_with_slice(two);
    });
    add("two bits' points exchanged".into(), &|b| {
        let at = HEAD + 32 * 5;
        let (one, two) = b[at..at + 64].split_at_mut(32);
        one.swap_with_slice(two);
    });
    for n in 0u32..60 {
        let hash = sha256(&n.to_be_bytes());
        let at = u64::from_be_bytes(hash[..8].try_into().unwrap()) as usize % good.len();
        add(format!("bit {} of byte {at}", hash[8] % 8), &|b| b[at] ^= 1 << (hash[8] % 8));
    }
    all
}

/// Ballots of the vectors: right or wrong, they are of other elections.
fn of_vectors(field: &str) -> Vec<(String, Vec<u8>)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../specs/vectors/06-ballot.json");
    let vectors: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let name = |case: &serde_json::Value| format!("vector {}", case["name"].as_str().unwrap());
    let cases = vectors["cases"].as_array().unwrap().iter();
    let found: Vec<_> = cases.filter_map(|case| Some((name(case), hex::decode(case[field].as_str()?).unwrap()))).collect();
    assert!(!found.is_empty(), "{field}");
    found
}

/// The collector judges so many ballots of one voter without a pause (HTTP-6).
const EACH: usize = 45;
/// Enough for all of them.
pub const VOTERS: usize = 30;

/// Everything that is done to a voter's ballot, cast and challenged.
fn all(opened: &OpenedBallot) -> Vec<(String, Item)> {
    let (good, whole) = (opened.ballot.bytes().to_vec(), opened.to_bytes());
    let cut = good.len();
    let cast = turned(&good).into_iter().chain(of_vectors("ballot"));
    let mut all: Vec<(String, Item)> = cast.map(|(what, bytes)| (format!("cast, {what}"), Item::Cast(bytes))).collect();
    let mut challenge = |what: String, bytes: Vec<u8>| all.push((format!("challenged, {what}"), Item::Opened(bytes)));
    for (what, bytes) in turned(&good).into_iter().step_by(7) {
        challenge(what, [&bytes, &whole[cut..]].concat());
    }
    for at in cut..whole.len() {
        for bit in [0, 7] {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            challenge(format!("byte {} behind the ballot, bit {bit}", at - cut), bytes);
        }
    }
    challenge("a number less".into(), whole[..whole.len() - 4].to_vec());
    challenge("a number more".into(), [whole.as_slice(), &[0; 4]].concat());
    of_vectors("opened").into_iter().for_each(|(what, bytes)| challenge(what, bytes));
    all
}

pub fn run(both: &mut Both) {
    let contexts: Vec<Context> = both.voters.iter().map(|v| v.context).collect();
    let ballots: Vec<OpenedBallot> = contexts.iter().map(|c| both.record.opened_ballot(*c, &town::vote(0, 1))).collect();
    let count = all(&ballots[0]).len();
    for (voter, opened) in ballots.iter().enumerate().take(count.div_ceil(EACH)) {
        for (what, item) in all(opened).into_iter().skip(voter * EACH).take(EACH) {
            both.ballot(&what, voter, item);
        }
    }
    // And what is right: challenged, then the same cast, then others cast.
    let voter = VOTERS - 1;
    assert!(count.div_ceil(EACH) <= voter, "{count} ballots need more voters");
    both.ballot("challenged", voter, Item::Opened(ballots[voter].to_bytes()));
    both.ballot("cast after it was challenged", voter, Item::Cast(ballots[voter].ballot.bytes().to_vec()));
    let next = both.record.opened_ballot(contexts[voter], &town::vote(1, 2));
    both.ballot("cast", voter, Item::Cast(next.ballot.bytes().to_vec()));
    let context = Context { number: 2, previous: next.ballot.hash(), ..contexts[voter] };
    let second = both.record.opened_ballot(context, &town::vote(2, 3));
    both.ballot("cast again", voter, Item::Cast(second.ballot.bytes().to_vec()));
}
