//! A small election, made from the pages alone, with every key in the test's hands: 4 districts, a summed contest and a
//! mixed one, an empty unit and a withheld one, 3 trustees of whom 2 open, 2 mixers, 1 witness.

#![allow(dead_code)] // Not every test program needs all of it.

pub mod board;
mod tally;
pub mod trustees;

use board::Board;
use std::path::Path;
use std::sync::OnceLock;
use tempfile::TempDir;
use verifier::ballot::{Head, Prefixes};
use verifier::bytes::Hash;
use verifier::counted::{self, Line};
use verifier::group::{self, Scalar};
use verifier::hash::{self, Labelled};
use verifier::manifest::Manifest;
use verifier::opened;
use verifier::proof::Bases;
use verifier::tree;

/// Voters of each district; nobody votes in the third one, and one voter is left over in the fourth.
const VOTERS: [usize; 4] = [200, 6, 0, 1];
const OPEN: u64 = 1_795_000_100;
const CLOSE: u64 = 1_795_000_900;

/// The finished record, made once for all tests of a program.
pub fn record() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            let folder = TempDir::new().unwrap();
            make().write(folder.path());
            folder
        })
        .path()
}

/// A scalar that only depends on its name.
pub fn secret(name: &str) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&hash::wide("secret", name.as_bytes()))
}

/// A voter: blinding, person code, line of the roll.
pub struct Voter {
    pub blinding: Hash,
    pub code: String,
    pub line: Line,
}

fn voter(election: &Hash, number: usize, district: u16) -> Voter {
    let (blinding, code) = (hash::sha256(format!("blinding {number}").as_bytes()), format!("PNOEE-{number:011}"));
    let pseudonym = Labelled::new("pseudonym").with(election).with(&blinding).with(code.as_bytes()).done();
    Voter { blinding, code, line: Line { pseudonym, district } }
}

/// All voters of the order *roll*, sorted by pseudonym.
pub fn voters(election: &Hash) -> Vec<Voter> {
    let districts = VOTERS.iter().zip(0u16..).flat_map(|(count, district)| std::iter::repeat_n(district, count + 1));
    let mut voters: Vec<Voter> = districts.enumerate().map(|(number, district)| voter(election, number, district)).collect();
    voters.sort_by_key(|voter| voter.line.pseudonym);
    voters
}

/// Who comes, goes and moves while voting is open.
pub struct Changes {
    /// Comes in the south, votes, and is removed again.
    pub newcomer: Voter,
    /// Of the north: has voted, and is removed.
    pub removed: Line,
    /// Of the north: has voted, is moved to the south, and votes again.
    pub moved: Line,
}

pub fn changes(election: &Hash, voters: &[Voter]) -> Changes {
    let mut north = voters.iter().map(|voter| voter.line).filter(|line| line.district == 0).skip(20);
    Changes { newcomer: voter(election, 9999, 1), removed: north.next().unwrap(), moved: north.next().unwrap() }
}

/// Everybody who ever stood on the roll, with the last district.
pub fn whole(election: &Hash) -> Vec<Voter> {
    let mut voters = voters(election);
    let changes = changes(election, &voters);
    voters.iter_mut().filter(|voter| voter.line == changes.moved).for_each(|voter| voter.line.district = 1);
    voters.push(changes.newcomer);
    voters.sort_by_key(|voter| voter.line.pseudonym);
    voters
}

/// `roll.csv` of the evidence.
pub fn roll_csv(manifest: &Manifest) -> String {
    let line = |voter: &Voter| {
        let district = &manifest.districts[usize::from(voter.line.district)];
        format!("{},{},{},{district}\n", voter.code, hex::encode(voter.line.pseudonym), hex::encode(voter.blinding))
    };
    let lines: String = whole(&manifest.election).iter().map(line).collect();
    format!("person_code,pseudonym,blinding,district\n{lines}")
}

pub fn manifest() -> Vec<u8> {
    use base64::Engine as _;
    let member = |role: &str, n: usize| serde_json::json!({"name": format!("{role}{n}"), "key": hex::encode(board::signer(&format!("{role}{n}")).verifying_key().to_bytes())});
    let trustee = |n: usize| {
        let mut member = member("trustee", n);
        member["share_key"] = hex::encode(group::encode(&group::times_g(&secret(&format!("share {n}"))))).into();
        member
    };
    let options = |names: &[&str]| -> Vec<serde_json::Value> {
        names.iter().map(|name| serde_json::json!({"id": name.to_lowercase(), "title": name, "group": ""})).collect()
    };
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let anchor = rcgen::CertificateParams::default().self_signed(&key).unwrap();
    let value = serde_json::json!({
        "haal": 1, "kind": "election", "title": "Town election", "k_min": 3,
        "voting": {"from": 1_795_000_000u64, "until": 1_795_001_000u64},
        "board": {"batch_seconds": 60, "batch_smallest": 1},
        "check": {"minutes": 30, "releases": 3},
        "committee": {"members": [member("member", 1), member("member", 2)], "quorum": 1},
        "collector": member("collector", 1),
        "witnesses": {"members": [member("witness", 1)], "quorum": 1, "faulty": 0},
        "trustees": {"members": [trustee(1), trustee(2), trustee(3)], "threshold": 2, "override": false},
        "mixers": {"members": [member("mixer", 1), member("mixer", 2)], "required": 2},
        "eid": {"profile": "cades-b", "anchors": [base64::engine::general_purpose::STANDARD.encode(anchor.der())]},
        "districts": [{"id": "north", "title": "North"}, {"id": "south", "title": "South"}, {"id": "west", "title": "West"}, {"id": "isle", "title": "Isle"}],
        "contests": [
            {"id": "mayor", "title": "Mayor", "count": "sum", "rule": {"kind": "choose", "min": 1, "max": 1, "blank": true},
             "lists": [{"districts": ["north", "south", "west", "isle"], "options": options(&["Ann", "Ben"])}]},
            {"id": "council", "title": "Council", "count": "plurality", "rule": {"kind": "list"},
             "lists": [{"districts": ["south"], "options": options(&["Cid", "Dea", "Eve"])}, {"districts": ["isle"], "options": options(&["Fay", "Gus"])}]},
        ],
    });
    serde_json_canonicalizer::to_vec(&value).unwrap()
}

/// A ballot of one voter: its bytes, selections and seed.
pub struct Cast {
    voter: Hash,
    district: u16,
    bytes: Vec<u8>,
    hash: Hash,
    selections: Vec<Vec<u32>>,
    seed: Hash,
}

struct Booth<'a> {
    manifest: &'a Manifest,
    key: Hash,
    prefixes: Prefixes,
    bases: Bases,
}

impl Booth<'_> {
    fn ballot(&self, line: &Line, number: u32, previous: Hash, choice: u32) -> Cast {
        let head =
            Head { election: self.manifest.election, key: self.key, district: line.district, voter: line.pseudonym, number, previous };
        let mut bytes =
            [&[16, 1][..], &head.election, &head.key, &line.district.to_be_bytes(), &head.voter, &number.to_be_bytes(), &previous].concat();
        let seed = hash::sha256(&[line.pseudonym.as_slice(), &number.to_be_bytes(), &choice.to_be_bytes()].concat());
        let mut selections = Vec::new();
        for (position, part) in self.manifest.parts[usize::from(line.district)].iter().enumerate() {
            let (contest, list) = self.manifest.part(*part).unwrap();
            let selection: Vec<u32> = match list.shape.w {
                1 => vec![choice % list.options.len() as u32],
                w => (0..w as u32).map(|i| u32::from(i == choice % w as u32)).collect(),
            };
            let bits = list.shape.bits_of(contest.rule, &selection).unwrap();
            let transcript = self.prefixes.transcript(self.manifest, &head, position).unwrap();
            bytes.extend(opened::make(&list.shape, &selection, &bits, &seed, transcript, &self.bases));
            selections.push(selection);
        }
        Cast { voter: line.pseudonym, district: line.district, hash: hash::labelled("ballot", &bytes), bytes, selections, seed }
    }
}

/// Root and lines of a roll.
pub fn of_roll(roll: &[Line]) -> (Hash, Vec<u8>) {
    let lines: Vec<Vec<u8>> = roll.iter().map(|line| [line.pseudonym.as_slice(), &line.district.to_be_bytes()].concat()).collect();
    (tree::root(lines.iter().map(Vec::as_slice)), lines.concat())
}

/// The order *amend*: act, line, district of each change; `roll` is what results.
fn amend(board: &mut Board, time: u64, version: u64, mut changes: Vec<(Hash, u8, u16)>, roll: &mut [Line]) {
    changes.sort();
    roll.sort_by_key(|line| line.pseudonym);
    let lines = changes.iter().flat_map(|(name, act, district)| [name.as_slice(), &[*act], &district.to_be_bytes()].concat());
    let blob = [51, 1].into_iter().chain((changes.len() as u32).to_be_bytes()).chain(lines).collect();
    board.order_with_blob(14, time, version, of_roll(roll).0, blob);
}

/// The whole election, entry by entry.
fn make() -> Board {
    let file = manifest();
    let manifest = Manifest::read(&file).unwrap();
    let election = manifest.election;
    let mut board = Board::new(file, election);
    let voters = voters(&election);
    let roll: Vec<Line> = voters.iter().map(|voter| voter.line).collect();

    let (root, lines) = of_roll(&roll);
    let blob = [&[48, 1][..], &(roll.len() as u32).to_be_bytes(), &lines].concat();
    board.order_with_blob(1, 1_794_000_000, 0, root, blob);
    let key = trustees::ceremony(&mut board, &manifest);
    trustees::drill(&mut board, &manifest, &key, 1, 1_794_000_002);
    board.order(4, OPEN, 0, key.id, [0; 32]);

    let columns: Vec<Hash> = key.columns.iter().map(|h| h.bytes).collect();
    let bases = Bases { columns: key.columns.iter().map(|h| h.point).collect(), bits: group::ballot_bases(manifest.bits) };
    let booth = Booth { manifest: &manifest, key: key.id, prefixes: Prefixes::new(&manifest, &key.id, &columns), bases };
    // One voter of each district stays at home.
    let mut at_home = [true; 4];
    let casting = roll.iter().filter(|line| !std::mem::take(&mut at_home[usize::from(line.district)]));
    let mut last: Vec<Cast> = casting.zip(0u32..).map(|(line, choice)| booth.ballot(line, 1, [0; 32], choice)).collect();
    board.batch(OPEN + 10, last.iter().map(board::cast).collect());
    let again: Vec<Cast> =
        last.iter().take(5).map(|cast| booth.ballot(&Line { pseudonym: cast.voter, district: cast.district }, 2, cast.hash, 1)).collect();
    let Changes { newcomer, removed, moved } = changes(&election, &voters);
    let mut now: Vec<Line> = roll.iter().copied().filter(|line| *line != removed && *line != moved).collect();
    now.extend([newcomer.line, Line { district: 1, ..moved }]);
    let set = vec![(newcomer.line.pseudonym, 1, 1), (removed.pseudonym, 2, 0), (moved.pseudonym, 3, 1)];
    amend(&mut board, OPEN + 15, 1, set, &mut now);
    let opened = booth.ballot(&Line { pseudonym: last[7].voter, district: last[7].district }, 2, last[7].hash, 2);
    let at = last.iter().position(|cast| cast.voter == moved.pseudonym).unwrap();
    let after = [booth.ballot(&Line { district: 1, ..moved }, 2, last[at].hash, 1), booth.ballot(&newcomer.line, 1, [0; 32], 2)];
    board.batch(OPEN + 20, again.iter().chain(&after).map(board::cast).chain([board::opened(&opened)]).collect());
    last.splice(..5, again);
    last.remove(at);
    last.extend(after);
    board.order(5, OPEN + 30, 0, [0; 32], [0; 32]);
    board.order(7, OPEN + 31, 0, [0; 32], [0; 32]);
    board.order(8, OPEN + 32, 0, [0; 32], [0; 32]);
    now.retain(|line| *line != newcomer.line);
    amend(&mut board, OPEN + 33, 2, vec![(newcomer.line.pseudonym, 2, 1)], &mut now);
    board.order_with_blob(10, OPEN + 33, 0, [0; 32], "Õhtu".into());
    board.order(6, CLOSE, 0, [0; 32], [0; 32]);
    // Annulled: one who voted, one who stayed at home, and the one who was removed, for whom it is taken back.
    let north = |cast: &&Cast| cast.district == 0 && cast.voter != removed.pseudonym;
    let mut annulled = vec![last.iter().rfind(north).unwrap().voter, roll.iter().find(|line| line.district == 0).unwrap().pseudonym];
    annulled.push(removed.pseudonym);
    annulled.sort();
    let list = annulled.iter().flat_map(|pseudonym| [pseudonym.as_slice(), &[1]].concat());
    let blob = [49, 1].into_iter().chain(3u32.to_be_bytes()).chain(list).collect();
    board.order_with_blob(11, CLOSE + 1, 3, [0; 32], blob);
    board.order_with_blob(15, CLOSE + 1, 1, [0; 32], [&[52, 1, 0, 0, 0, 1][..], &removed.pseudonym].concat());
    annulled.retain(|pseudonym| *pseudonym != removed.pseudonym);
    trustees::drill(&mut board, &manifest, &key, 2, CLOSE + 2);
    board.order(12, CLOSE + 3, 0, [0; 32], [0; 32]);

    let leaf = |line: &Line| {
        let ballot = last.iter().find(|cast| cast.voter == line.pseudonym);
        let status = ballot.map_or(0, |_| if annulled.contains(&line.pseudonym) { 2 } else { 1 });
        [line.pseudonym.as_slice(), &ballot.map_or([0; 32], |cast| cast.hash), &[status]].concat()
    };
    let leaves: Vec<Vec<u8>> = whole(&election).iter().map(|voter| leaf(&voter.line)).collect();
    let closing_root = tree::root(leaves.iter().map(Vec::as_slice));
    last.retain(|cast| !annulled.contains(&cast.voter));
    let mut hashes: Vec<Hash> = last.iter().map(|cast| cast.hash).collect();
    hashes.sort_unstable();
    let counted = hash::counted(&election, &hashes);
    board.entries.push([&[7, 1][..], &counted, &closing_root].concat());
    let mut by_district = vec![0; 4];
    last.iter().for_each(|cast| by_district[usize::from(cast.district)] += 1);
    let units = counted::units(&manifest, &by_district);
    tally::tally(&mut board, &manifest, &key, &counted, &units, &last);
    board
}
