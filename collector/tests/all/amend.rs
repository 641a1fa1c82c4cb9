//! The roll changes while voting runs: ROLL-4 to ROLL-6, CAST-4, HTTP-14; annulments are taken back: ANN-3.

use crate::support::election::{collector, person};
use crate::support::refusal::assert_refused;
use crate::support::server::read_record;
use crate::support::{Election, Options, Server, Session, Voter};
use ballot::Hash;
use ballot::encode::{Record, hash, put_list, sha256};
use board::changes::{Act, Change, ChangeSet};
use board::entry::Entry;
use board::order::{Order, OrderKind};
use board::roll::{AnnulmentList, ReinstatementList, RollLine};
use board::tree::{self, leaf_hash};
use std::fs;
use std::time::Duration;

/// `collector roll change`; the message, and whether it went well.
fn change(election: &Election, csv: &str) -> (bool, String) {
    let file = election.dir.path().join("changes.csv");
    fs::write(&file, csv).unwrap();
    let output = collector().args(["roll", "change", "--data"]).arg(election.data()).arg(&file).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout))
}

fn changes(election: &Election) -> Vec<u8> {
    fs::read(election.data().join("changes.bin")).unwrap()
}

/// The order *amend* for a change set.
fn order(election: &Election, set: &[u8]) -> Order {
    let rolls = election.replay().rolls().unwrap().clone();
    let root = rolls.change(&ChangeSet::from_bytes(set).unwrap(), 2).map_or([0; 32], |roll| roll.tree().root());
    election.order(OrderKind::Amend, |o| (o.value, o.argument, o.blob) = (rolls.version() + 1, root, sha256(set)))
}

fn amend(election: &Election, server: &Server, csv: &str) -> u64 {
    let (ok, said) = change(election, csv);
    assert!(ok, "{said}");
    let set = changes(election);
    server.submit_ok("order", &order(election, &set).to_bytes(), &set)
}

fn code(n: usize) -> String {
    person(n).code
}

/// ROLL-2, as a voter's program asks: the line is in the tree that the named order signs.
fn is_proven(election: &Election, session: &Session) -> bool {
    let number = |name: &str| session.reply[name].as_u64().unwrap();
    let path: Vec<Hash> =
        session.reply["path"].as_array().unwrap().iter().map(|h| ballot::encode::parse_hash(h.as_str().unwrap()).unwrap()).collect();
    let entry = &crate::support::server::entries(&election.data())[number("roll") as usize];
    let Entry::Order(order) = Entry::from_bytes(entry).unwrap() else { panic!("not an order") };
    assert!(matches!(order.kind, OrderKind::Roll | OrderKind::Amend));
    let line = RollLine { pseudonym: session.pseudonym, district: session.district as u16 };
    tree::verify_inclusion(&leaf_hash(&line.to_bytes()), number("line"), number("lines"), &path, &order.argument).is_ok()
}

#[test]
fn people_come_go_and_move() {
    let (election, server) = Election::open(Options { voters: 4, batch_smallest: 1000, batch_seconds: 600, ..Options::default() });
    let newcomer = Voter::stranger(&election);
    let new_code = code(999);
    let (mover, goer) = (election.voter(0), election.voter(1));
    let mut old = mover.login(&server);
    let (first, _) = mover.cast(&server, &mut old);
    let mut gone = goer.login(&server);
    goer.cast(&server, &mut gone);
    assert_eq!((old.district, server.status()["pending"].as_u64()), (0, Some(2)));
    assert_eq!(newcomer.try_login(&server).refusal(), (401, "LOGIN-4".to_owned()));

    let index = amend(&election, &server, &format!("move,{},south\nremove,{}\nadd,{new_code},north\n", code(0), code(1)));
    // HTTP-14: what was promised stands before it.
    let replay = election.replay();
    assert_eq!((server.status()["pending"].as_u64(), replay.size(), replay.rolls().unwrap().entry()), (Some(0), index + 1, index));
    assert_eq!(replay.rolls().unwrap().version(), 1);

    // Sessions from before: the old district, or none, is refused.
    let before = server.snapshot();
    let refused = |voter: &Voter<'_>, session: &Session| {
        let body = voter.body(&voter.ballot(session));
        assert_refused(&server, &before, &server.client.post("/v1/cast", Some(&session.token), &body), 403, "CAST-4");
        let opened = voter.opened(session).to_bytes();
        assert_refused(&server, &before, &server.client.post("/v1/challenge", Some(&session.token), &opened), 403, "CAST-4");
    };
    refused(&mover, &old);
    refused(&goer, &gone);
    assert_refused(&server, &before, &goer.try_login(&server), 401, "LOGIN-4");

    // Who moved goes on in the new district, with the next number; so does who is new. A restart changes nothing.
    let mut moved = mover.login(&server);
    assert_eq!((moved.district, moved.number, moved.previous), (1, 2, first.hash()));
    assert_eq!(moved.reply["roll"], index);
    assert!(is_proven(&election, &moved));
    let (last, _) = mover.cast(&server, &mut moved);
    assert!(server.stop().success());
    let server = Server::start(&election, &[], &[]);
    let mut new = newcomer.login(&server);
    assert!(new.district == 0 && is_proven(&election, &new) && is_proven(&election, &election.voter(2).login(&server)));
    let (other, _) = newcomer.cast(&server, &mut new);

    // Back again, under the same pseudonym: nobody votes twice by leaving.
    let second = amend(&election, &server, &format!("add,{},north\nmove,{},north\n", code(1), code(0)));
    let back = goer.login(&server);
    assert_eq!((back.pseudonym, back.district, back.number), (gone.pseudonym, 0, 2));
    assert_eq!((back.reply["roll"].as_u64(), election.replay().rolls().unwrap().version()), (Some(second), 2));
    amend(&election, &server, &format!("remove,{}\n", code(1)));

    let closing = election.close_and_seal(&server);
    server.settle();
    let (_, replay) = read_record(&election);
    // SET-5: everybody who ever stood on the roll has a leaf; the ballot of who left stands.
    let of = |p: &Hash| {
        let known = [(moved.pseudonym, last.hash()), (new.pseudonym, other.hash()), (gone.pseudonym, gone.previous)];
        known.into_iter().find(|(who, _)| who == p).map(|(_, hash)| hash)
    };
    let mut counted = vec![last.hash(), other.hash(), gone.previous];
    counted.sort();
    let mut bytes = Vec::new();
    put_list(&mut bytes, &counted, |out, h| out.extend(h));
    let whole = replay.rolls().unwrap().whole();
    let leaves = whole.lines().iter().map(|l| match of(&l.pseudonym) {
        None => [&l.pseudonym[..], &[0; 32], &[0]].concat(),
        Some(hash) => [&l.pseudonym[..], &hash, &[1]].concat(),
    });
    assert_eq!((whole.lines().len(), replay.roll().unwrap().lines().len()), (5, 4));
    assert_eq!(replay.closing(), Some((closing, hash("counted", &[&election.id(), &bytes]), tree::root_of(leaves))));

    // EVID-1: auditors get the openings of all five, with the last district of each.
    let out = election.dir.path().join("evidence");
    assert!(collector().args(["evidence", "--data"]).arg(election.data()).arg("--out").arg(&out).status().unwrap().success());
    let csv = fs::read_to_string(out.join("roll.csv")).unwrap();
    let lines: Vec<Vec<&str>> = csv.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert!(lines.iter().map(|l| l[1].to_owned()).eq(whole.lines().iter().map(|l| hex::encode(l.pseudonym))));
    let district = |code: &str| lines.iter().find(|l| l[0] == code).unwrap()[3];
    assert_eq!([district(&code(0)), district(&code(1)), district(&new_code), district(&code(3))], ["north", "north", "north", "south"]);
}

/// A ballot that was checked before the amend, and reaches the writer after it.
#[test]
fn a_ballot_that_the_amend_overtakes() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let session = voter.login(&server);
    let body = voter.body(&voter.ballot(&session));
    assert!(change(&election, &format!("move,{},south\n", code(0))).0);
    let set = changes(&election);
    let order = order(&election, &set).to_bytes();
    let db = rusqlite::Connection::open(election.data().join("collector.db")).unwrap();
    db.execute_batch("BEGIN IMMEDIATE").unwrap(); // the writer waits
    std::thread::scope(|scope| {
        let amend = scope.spawn(|| server.submit_ok("order", &order, &set));
        std::thread::sleep(Duration::from_millis(700));
        let cast = scope.spawn(|| server.client.post("/v1/cast", Some(&session.token), &body));
        std::thread::sleep(Duration::from_millis(700));
        db.execute_batch("ROLLBACK").unwrap();
        amend.join().unwrap();
        let reply = cast.join().unwrap();
        assert_eq!((reply.status, reply.json()["rule"].as_str()), (403, Some("CAST-4")));
    });
    assert_eq!(server.snapshot().rows["ballot"], 0);
}

/// GATE-5: what was imported is what the committee has ordered, before anybody votes by it.
#[test]
fn voting_opens_with_the_last_changes() {
    let election = Election::new(Options::default());
    let server = Server::start(&election, &[], &[]);
    let open = election.ready(&server);
    assert!(change(&election, &format!("move,{},south\n", code(0))).0);
    let before = server.snapshot();
    assert_refused(&server, &before, &server.submit("order", &open.to_bytes(), &[]), 409, "GATE-5");
    // Taking it back is another change: the roll in force is the one that was prepared last.
    assert!(change(&election, &format!("remove,{}\n", code(1))).0);
    let before = server.snapshot();
    assert_refused(&server, &before, &server.submit("order", &open.to_bytes(), &[]), 409, "GATE-5");
    let set = changes(&election);
    server.submit_ok("order", &order(&election, &set).to_bytes(), &set);
    let key = open.argument;
    server.submit_ok("order", &election.order(OrderKind::Open, |o| o.argument = key).to_bytes(), &[]);
}

#[test]
fn amends_that_are_refused() {
    let (election, server) = Election::open(Options { voters: 4, ..Options::default() });
    let roll = election.replay().roll().unwrap().clone();
    let before = server.snapshot();
    let refused = |order: Order, blob: &[u8], status, rule: &str| {
        assert_refused(&server, &before, &server.submit("order", &order.to_bytes(), blob), status, rule);
    };
    let voter = roll.lines()[0];
    let set = |act, pseudonym, district| ChangeSet::new(vec![Change { pseudonym, act, district }]).unwrap().to_bytes();
    let good = set(Act::Moved, voter.pseudonym, 1 - voter.district);
    let changed = |fill: &dyn Fn(&mut Order)| {
        let made = order(&election, &good);
        election.order(OrderKind::Amend, |o| {
            (o.value, o.argument, o.blob) = (made.value, made.argument, made.blob);
            fill(o);
        })
    };
    refused(changed(&|o| o.value = 0), &good, 409, "ROLL-4");
    refused(changed(&|o| o.value = 2), &good, 409, "ROLL-4");
    refused(changed(&|o| o.argument = [1; 32]), &good, 400, "ROLL-6");
    refused(changed(&|o| o.argument = roll.tree().root()), &good, 400, "ROLL-6");
    let stays = set(Act::Moved, voter.pseudonym, voter.district);
    let elsewhere = set(Act::Removed, voter.pseudonym, 1 - voter.district);
    let twice = set(Act::Added, voter.pseudonym, 0);
    for wrong in [stays, elsewhere, twice, set(Act::Moved, voter.pseudonym, 2), set(Act::Removed, [7; 32], 0)] {
        refused(order(&election, &wrong), &wrong, 400, "ROLL-5");
    }
    let stranger = set(Act::Added, [7; 32], 0);
    refused(order(&election, &stranger), &stranger, 409, "ROLL-3");
    refused(election.order(OrderKind::Amend, |o| (o.value, o.blob) = (1, sha256(b"x"))), b"x", 400, "DEC-5");

    // Files for it are made whole or not at all.
    let lines = [
        format!("add,{},north", code(0)),
        format!("move,{},north", code(0)),
        format!("move,{},west", code(0)),
        format!("remove,{},north", code(0)),
        format!("remove,{0}\nadd,{0},south", code(0)),
        "remove,PNOEE-1".to_owned(),
        "move,PNOEE-1,north".to_owned(),
        "add,PNO EE,north".to_owned(),
        "erase,PNOEE-1".to_owned(),
    ];
    for line in lines {
        let (ok, said) = change(&election, &format!("add,PNOEE-9,north\n{line}\n"));
        assert!(!ok && said.contains("line 2") | said.contains("line 3"), "{line}: {said}");
        assert!(!election.data().join("changes.bin").exists());
    }
    assert_eq!(server.snapshot(), before);

    // Taken back, and annulled again; a second time it is no annulment.
    let codes = election.dir.path().join("codes.txt");
    fs::write(&codes, format!("{}\n", code(0))).unwrap();
    let list = |more: &[&str]| {
        let out = election.dir.path().join("list.bin");
        let mut command = collector();
        command.args(["roll", "pseudonyms", "--data"]).arg(election.data()).arg(&codes).arg("--out").arg(&out).args(more);
        command.output().unwrap().status.success().then(|| fs::read(out).unwrap())
    };
    let give = |kind, list: &[u8]| {
        let order = election.order(kind, |o| (o.value, o.blob) = (1, sha256(list)));
        server.submit("order", &order.to_bytes(), list)
    };
    assert!(list(&["--reinstate"]).is_none(), "nobody is annulled yet");
    let annulled = list(&[]).unwrap();
    let before = server.snapshot();
    let who = AnnulmentList::from_bytes(&annulled).unwrap().lines()[0].0;
    let back = ReinstatementList::new(vec![who]).unwrap().to_bytes();
    assert_refused(&server, &before, &give(OrderKind::Reinstate, &back), 400, "ANN-3");
    give(OrderKind::Annul, &annulled).ok();
    assert_eq!(list(&["--reinstate"]), Some(back.clone()));
    let before = server.snapshot();
    let wrong = election.order(OrderKind::Reinstate, |o| (o.value, o.blob) = (2, sha256(&back)));
    assert_refused(&server, &before, &server.submit("order", &wrong.to_bytes(), &back), 400, "ANN-2");
    give(OrderKind::Reinstate, &back).ok();
    assert!(election.replay().annulled().is_empty());
    give(OrderKind::Annul, &annulled).ok();

    election.give(&server, OrderKind::Close);
    let before = server.snapshot();
    assert_refused(&server, &before, &server.submit("order", &order(&election, &good).to_bytes(), &good), 409, "PHASE-1");
    give(OrderKind::Reinstate, &back).ok();
}
