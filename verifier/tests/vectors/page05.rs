use crate::{bytes, entropy, hash, load, points};
use std::collections::HashMap;
use verifier::bytes::{Fault, Hash};
use verifier::checks::ceremony::Replay;
use verifier::checks::drills::{self, Drill};
use verifier::entry::{Order, OrderKind, Post, PostKind};
use verifier::session::Key;

const KINDS: [PostKind; 6] = [PostKind::Commit, PostKind::Reveal, PostKind::Deal, PostKind::Confirm, PostKind::Complaint, PostKind::Drill];

fn post(author: u16, kind: PostKind, blob: Hash) -> Post {
    Post { role: 1, author, kind, blob, body: [0; 38], signature: [0; 64] }
}

#[test]
fn key_ceremony() {
    let file = load("05-key-ceremony", "05-key-ceremony@v1.0.0");
    let manifest = crate::manifest(file.get("manifest"));
    let session = hash(file.get("session"));
    let entropy = entropy();
    let mut key = None;
    for case in file.cases().filter(|case| case.kind() == "run") {
        let posts: Vec<(u16, Vec<u8>)> =
            case.list("posts").iter().map(|post| (post["author"].as_u64().unwrap() as u16, bytes(&post["message"]))).collect();
        let blobs: HashMap<Hash, Vec<u8>> = posts.iter().map(|(_, message)| (verifier::hash::sha256(message), message.clone())).collect();
        let read = |name: &Hash| blobs.get(name).cloned();
        let mut replay = Replay::new(&manifest, &entropy, &read);
        let kind = OrderKind::Ceremony;
        assert!(replay.order(&Order {
            number: 1,
            kind,
            time: 0,
            value: 0,
            argument: session,
            blob: [0; 32],
            body: [0; 87],
            signatures: Vec::new()
        }));
        for (index, (author, message)) in posts.iter().enumerate() {
            // The kind is that of the post; a message of another type is refused by its first byte.
            let kind =
                if case.rule() == "DEC-6" && index + 1 == posts.len() { PostKind::Commit } else { KINDS[usize::from(message[0] - 32)] };
            replay.post(index as u64, &post(*author, kind, verifier::hash::sha256(message)));
            if index + 1 < posts.len() {
                assert_eq!(replay.faults().count(), 0, "{}: at post {index}", case.name());
            }
        }
        let fault = replay.faults().next();
        assert_eq!(fault.map_or("", |(rule, _)| rule), case.rule(), "{}", case.name());
        if let Some((_, author)) = fault {
            assert_eq!(u64::from(author), case.number("at_fault"), "{}", case.name());
        } else if case.on_the_way("confirmed") == true {
            let (_, made) = replay.confirmed().last().expect("a key");
            assert_eq!(made.id, hash(case.on_the_way("key")), "{}", case.name());
            let expected = points(case.on_the_way("H").as_array().map_or(&[], Vec::as_slice));
            assert!(made.columns.iter().map(|h| h.bytes).take(expected.len()).eq(expected.iter().map(|h| h.bytes)));
            for (shares, trustee) in made.shares.iter().zip(case.on_the_way("trustees").as_array().into_iter().flatten()) {
                assert!(shares.iter().map(|x| x.bytes).eq(trustee["X"].as_array().unwrap().iter().map(hash)));
            }
            key.get_or_insert(made.clone());
        }
    }
    let key: Key = key.expect("a run that ends with a key");
    for case in file.cases().filter(|case| case.kind() == "drill") {
        let mut drills = vec![Drill::new(&manifest, 0, case.number("drill") as u32, Some(&key), &case.hash("nonce"))];
        if let Some(d) = case.on_the_way("D").as_str() {
            assert_eq!(hex::encode(drills[0].base.bytes), d, "{}", case.name());
        }
        assert_eq!(case.number("drill"), 1);
        let message = case.bytes("answer");
        let its = post(case.number("author") as u16, PostKind::Drill, verifier::hash::sha256(&message));
        let result: Result<(), Fault> = drills::answer(&manifest, &mut drills, 1, &its, &message, &entropy);
        case.check(result);
    }
}

/// KEY-1: a second message of one kind is ignored, whatever its round, and the key is the same.
#[test]
fn messages_twice() {
    let file = load("05-key-ceremony", "05-key-ceremony@v1.0.0");
    let (manifest, session, entropy) = (crate::manifest(file.get("manifest")), hash(file.get("session")), entropy());
    let mut runs = 0;
    for case in file.cases().filter(|case| case.kind() == "run" && case.rule().is_empty() && case.on_the_way("confirmed") == true) {
        let posts: Vec<(u16, Vec<u8>)> =
            case.list("posts").iter().map(|post| (post["author"].as_u64().unwrap() as u16, bytes(&post["message"]))).collect();
        let blobs: HashMap<Hash, Vec<u8>> = posts.iter().map(|(_, message)| (verifier::hash::sha256(message), message.clone())).collect();
        let read = |name: &Hash| blobs.get(name).cloned();
        let mut replay = Replay::new(&manifest, &entropy, &read);
        let (kind, argument) = (OrderKind::Ceremony, session);
        assert!(replay.order(&Order {
            number: 1,
            kind,
            time: 0,
            value: 0,
            argument,
            blob: [0; 32],
            body: [0; 87],
            signatures: Vec::new()
        }));
        for (index, (author, message)) in posts.iter().enumerate() {
            let its = post(*author, KINDS[usize::from(message[0] - 32)], verifier::hash::sha256(message));
            for time in 0..2 {
                replay.post(2 * index as u64 + time, &its);
                assert_eq!(replay.faults().count() as u64, index as u64 + time, "{}: post {index}", case.name());
            }
        }
        assert!(replay.faults().all(|(rule, _)| rule == "KEY-1"), "{}", case.name());
        assert_eq!(replay.confirmed().last().expect("a key").1.id, hash(case.on_the_way("key")), "{}", case.name());
        runs += 1;
    }
    assert!(runs > 0);
}
