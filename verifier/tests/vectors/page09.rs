use crate::{Case, any_manifest, bytes, entropy, hashes, load, points};
use verifier::bytes::{Fault, Hash};
use verifier::checks::mixes::{self, Input, Posted, Prepared, Progressing};
use verifier::counted::{State, Unit};
use verifier::entry::{Post, PostKind};
use verifier::log::Log;
use verifier::mix::{self, Statement};
use verifier::progress::Progress;
use verifier::session::Key;
use verifier::source::Source;
use verifier::{group, hash as hashing};

fn key(case: Case<'_>) -> Key {
    Key { id: case.hash("key"), session: [0; 32], columns: points(case.list("H")), shares: Vec::new() }
}

fn rows(case: Case<'_>) -> Vec<Hash> {
    case.list("rows").iter().flat_map(|row| bytes(row).as_chunks::<32>().0.to_vec()).collect()
}

/// The proof alone: exactly these equations fail.
#[test]
fn proofs() {
    for case in load("09-mixing", "09-mixing@v1.0.0").cases() {
        if case.kind() == "bases" {
            let bases = group::shuffle_bases(0, 5);
            let expected = [std::slice::from_ref(case.on_the_way("h")), case.on_the_way("h_i").as_array().unwrap()].concat();
            assert!(bases.iter().map(group::encode).eq(hashes(&expected)));
            continue;
        }
        let about_the_proof = case.rule().is_empty() || case.rule().split(' ').all(|rule| rule.starts_with("DEC") || number(rule) <= 11);
        if case.kind() != "mix" || !about_the_proof {
            continue;
        }
        let (key, input, message) = (key(case), rows(case), case.bytes("message"));
        let (election, counted, bases) = (case.hash("election"), case.hash("counted"), group::shuffle_bases(0, 8));
        let decoded: Vec<_> = input.iter().map(|point| group::point(point).unwrap()).collect();
        for decoded in [None, Some(decoded.as_slice())] {
            let statement = Statement { election: &election, key: &key, counted: &counted, input: &input, decoded, bases: &bases };
            let verified = mix::cut(&message)
                .map_err(|fault| vec![fault])
                .and_then(|mix| mix::verify(&mix, &statement, &hashing::sha256(&message), 100, &entropy()));
            let failing: Vec<&str> = verified.err().into_iter().flatten().map(|fault| fault.rule).collect();
            assert_eq!(failing.join(" "), case.rule(), "{}", case.name());
        }
    }
}

/// No term may fall out of a sum for want of a partner: each length alone is refused. MIX-12.
#[test]
fn lengths() {
    let vectors = load("09-mixing", "09-mixing@v1.0.0");
    for case in vectors.cases().filter(|case| case.kind() == "mix" && case.rule().is_empty()) {
        let (input, message) = (rows(case), case.bytes("message"));
        let (election, counted) = (case.hash("election"), case.hash("counted"));
        let mix = mix::cut(&message).unwrap();
        let (n, w) = (mix.c.len(), usize::from(mix.head.w));
        let decoded: Vec<_> = input.iter().map(|point| group::point(point).unwrap()).collect();
        let bases = group::shuffle_bases(0, n + 2);
        // Points of the input, of the decoded input, bases and columns of the key.
        let judge = |points: usize, known: Option<usize>, used: usize, columns: usize| {
            let mut key = key(case);
            key.columns.truncate(columns);
            let input: Vec<Hash> = input.iter().chain(&input).copied().take(points).collect();
            let decoded: Vec<_> = decoded.iter().chain(&decoded).copied().take(known.unwrap_or(0)).collect();
            let decoded = known.map(|_| decoded.as_slice());
            let bases = &bases[..used];
            let statement = Statement { election: &election, key: &key, counted: &counted, input: &input, decoded, bases };
            let verified = mix::verify(&mix, &statement, &hashing::sha256(&message), 0, &entropy());
            verified.err().into_iter().flatten().map(|fault| fault.rule).collect::<Vec<_>>().join(" ")
        };
        let all = input.len();
        for known in [None, Some(all)] {
            assert_eq!(judge(all, known, n + 1, w), "", "{}", case.name());
            assert_eq!(judge(all, known, n + 2, w), "", "{}", case.name());
            for points in [0, all - w - 1, all - 1, all + 1, all + w + 1] {
                assert_eq!(judge(points, known, n + 1, w), "MIX-12", "{} {points}", case.name());
            }
            assert_eq!(judge(all, known, n, w), "MIX-12", "{}", case.name());
            assert_eq!(judge(all, known, n + 1, w - 1), "MIX-12", "{}", case.name());
        }
        for known in [0, all - w - 1, all - 1, all + 1, all + w + 1] {
            assert_eq!(judge(all, Some(known), n + 1, w), "MIX-12", "{} {known}", case.name());
        }
    }
}

fn number(rule: &str) -> u32 {
    rule.strip_prefix("MIX-").and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// All rules about posts, with the blobs in a folder.
#[test]
fn posts() {
    let folder = std::env::temp_dir().join(format!("verifier-mixes-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("blob")).unwrap();
    for case in load("09-mixing", "09-mixing@v1.0.0").cases().filter(|case| matches!(case.kind(), "mix" | "unit")) {
        let posts: Vec<(u16, Vec<u8>)> = match case.kind() {
            "unit" => case.list("posts").iter().map(|post| (post["author"].as_u64().unwrap() as u16, bytes(&post["message"]))).collect(),
            _ => vec![(case.number("author") as u16, case.bytes("message"))],
        };
        // Stage s of a case stands alone: stage 1 is asked for, and its number is that of the statement.
        if case.kind() == "mix" && (case.number("stage") != 1 || !case.list("seen").is_empty()) {
            continue;
        }
        let verdicts = judge(case, &posts, &folder);
        let expected: Vec<&str> = match case.kind() {
            "unit" => case.on_the_way("verdicts").as_array().unwrap().iter().map(|verdict| verdict.as_str().unwrap()).collect(),
            _ => vec![case.rule()],
        };
        // The first failing equation names the post here; the test above holds the whole list.
        let expected: Vec<&str> = expected.iter().map(|verdict| verdict.split(' ').next().unwrap()).collect();
        assert_eq!(verdicts, expected, "{}", case.name());
    }
    std::fs::remove_dir_all(folder).unwrap();
}

fn judge(case: Case<'_>, posts: &[(u16, Vec<u8>)], folder: &std::path::Path) -> Vec<&'static str> {
    let rows = rows(case);
    let w = case.list("H").len() as u16;
    let n = (rows.len() / (usize::from(w) + 1)) as u32;
    let mut manifest = any_manifest();
    manifest.election = case.hash("election");
    manifest.mixes_required = case.get("required").as_u64().unwrap_or(1) as usize;
    let unit = Unit { contest: 0, list: 0, districts: vec![0], ballots: u64::from(n), state: State::Opened };
    let prepared = Prepared { unit, n, w, rows, points: None, stage_hash: None };
    let number = case.number("unit");
    let mut states: Vec<Progressing> = (0..=number)
        .map(|_| {
            let Prepared { unit, rows, .. } = &prepared;
            Progressing::new(Prepared { unit: unit.clone(), n, w, rows: rows.clone(), points: None, stage_hash: None }, true)
        })
        .collect();
    let (log, sound, key, counted, entropy) = (Log::default(), Vec::new(), key(case), case.hash("counted"), entropy());
    let source = Source::folder(folder.to_str().unwrap()).unwrap();
    let input = Input {
        source: &source,
        manifest: &manifest,
        log: &log,
        sound: &sound,
        key: &key,
        counted: &counted,
        finished: true,
        entropy: &entropy,
        cache: &verifier::cache::Cache::off(),
    };
    let entries: Vec<Post> = posts
        .iter()
        .map(|(author, message)| {
            let blob = hashing::sha256(message);
            std::fs::write(folder.join("blob").join(hex::encode(blob)), message).unwrap();
            Post { role: 2, author: *author, kind: PostKind::Mix, blob, body: [0; 38], signature: [0; 64] }
        })
        .collect();
    let mut verdicts = vec![""; posts.len()];
    let mut by_unit: Vec<Vec<(Posted<'_>, mix::Head)>> = states.iter().map(|_| Vec::new()).collect();
    for (entry, ((_, message), post)) in posts.iter().zip(&entries).enumerate() {
        match mix::head(message) {
            Ok(head) if u64::from(head.unit) == number => by_unit[head.unit as usize].push((Posted { entry: entry as u64, post }, head)),
            Ok(_) => verdicts[entry] = "MIX-12",
            Err(Fault { rule, .. }) => verdicts[entry] = rule,
        }
    }
    mixes::judge(&input, &mut states, &by_unit, Progress::new(false));
    let state = &states[number as usize];
    for (entry, _, _, fault) in &state.findings {
        verdicts[*entry as usize] = fault.rule;
    }
    if case.kind() == "unit" {
        assert_eq!(state.prepared.stage_hash.is_some(), case.on_the_way("mixed") == true, "{}", case.name());
        if case.on_the_way("mixed") == false {
            return verdicts;
        }
        let out: Vec<Vec<u8>> = state.prepared.rows.chunks(usize::from(w) + 1).map(|row| row.concat()).collect();
        let expected: Vec<Vec<u8>> = case.on_the_way("rows").as_array().unwrap().iter().map(bytes).collect();
        assert_eq!(out, expected, "{}", case.name());
    }
    verdicts
}
