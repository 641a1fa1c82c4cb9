//! The conformance suite: one function for each promise that the rest of the program relies on.

use super::*;
use crate::vis3::Record;
use ballot::Hash;
use ballot::second_device::Pad;

type Open<'a> = &'a dyn Fn() -> Box<dyn Database>;

/// `db` has no tables yet; `other` opens further connections to the same database.
pub fn all(db: &dyn Database, other: Open<'_>) {
    founded_once(db);
    undone_unless_committed(db, other);
    log(db, other);
    ballots(db);
    constraints(db);
    evidence(db);
    voters_and_sessions(db);
    voter_lists(db);
    running_list(db);
    data_uses(db);
    pads(db);
    journal(db, other);
    snapshots(db, other);
    personal(db);
    refused_statements(db);
}

fn stored(db: &dyn Database, write: impl FnOnce(&Tx<'_>) -> Stored<()>) {
    let tx = begin(db).unwrap();
    write(&tx).unwrap();
    tx.commit().unwrap();
}

fn refused(db: &dyn Database, write: impl FnOnce(&Tx<'_>) -> Stored<()>) {
    let tx = begin(db).unwrap();
    assert!(write(&tx).is_err());
}

fn founded_once(db: &dyn Database) {
    assert!(is_older(db).unwrap(), "no tables");
    found(db, b"manifest", b"entry 0").unwrap();
    assert!(!is_older(db).unwrap());
    assert!(found(db, b"another", b"entry").is_err());
    assert_eq!(manifest(db).unwrap(), b"manifest");
    assert_eq!(entries(db, 0, u64::MAX).unwrap(), [b"entry 0".to_vec()]);
}

/// Whatever is not committed was never there; what is, everyone sees.
fn undone_unless_committed(db: &dyn Database, other: Open<'_>) {
    let tx = begin(db).unwrap();
    append(&tx, 1, b"one").unwrap();
    assert_eq!(entries(&*other(), 0, 9).unwrap().len(), 1, "not committed, not seen");
    drop(tx);
    assert_eq!(entries(db, 0, 9).unwrap().len(), 1);
    stored(db, |tx| append(tx, 1, b"one"));
    assert_eq!(entries(&*other(), 0, 9).unwrap().len(), 2);
}

/// Longer than a page; in order; by range; a position is given once.
fn log(db: &dyn Database, other: Open<'_>) {
    stored(db, |tx| (2..600u64).try_for_each(|n| append(tx, n, &n.to_be_bytes())));
    let mut next = 0;
    for_entries(&*other(), 0, u64::MAX, |position, _| -> Stored<()> {
        assert_eq!(position, next);
        next += 1;
        Ok(())
    })
    .unwrap();
    assert_eq!(next, 600);
    assert_eq!(entries(db, 598, 600).unwrap(), [598u64.to_be_bytes().to_vec(), 599u64.to_be_bytes().to_vec()]);
    assert!(entries(db, 600, 700).unwrap().is_empty());
    refused(db, |tx| append(tx, 5, b"again"));
    assert_eq!(cosigned(db).unwrap(), None);
    stored(db, |tx| set_cosigned(tx, "first"));
    stored(db, |tx| set_cosigned(tx, "second\n"));
    assert_eq!(cosigned(db).unwrap().unwrap(), "second\n");
    let blob: Vec<u8> = (0..9_000_000u32).map(|n| n as u8).collect();
    stored(db, |tx| insert_blob(tx, &[1; 32], &blob).and_then(|()| insert_blob(tx, &[2; 32], b"")));
    assert_eq!(blob_names(db).unwrap(), [[1; 32], [2; 32]]);
    assert!(super::blob(db, &[1; 32]).unwrap() == blob && super::blob(db, &[2; 32]).unwrap().is_empty());
}

fn row(n: u8, voter: u8, number: u32, challenged: bool) -> BallotRow {
    BallotRow { hash: [n; 32], voter: [voter; 32], number, challenged, promise: vec![n; 200], position: None }
}

fn ballots(db: &dyn Database) {
    assert_eq!((last_ballot(db, &[7; 32]).unwrap(), pending_count(db).unwrap()), ((0, [0; 32]), (0, 0)));
    let envelope = |n: u8| EnvelopeRow { container: vec![n; 3000], salt: [n; 32], accepted: 1_000 + u64::from(n) };
    stored(db, |tx| {
        insert_ballot(tx, &row(2, 7, 1, false), &[[20; 32], [21; 32]], b"entry 2", 1002)?;
        insert_ballot(tx, &row(1, 7, 2, false), &[[22; 32]], b"entry 1", 1001)?;
        insert_ballot(tx, &row(3, 7, 1, true), &[[23; 32]], b"entry 3", 1000)?;
        insert_envelope(tx, &[2; 32], &envelope(2)).and_then(|()| insert_envelope(tx, &[1; 32], &envelope(1)))
    });
    assert_eq!(last_ballot(db, &[7; 32]).unwrap(), (2, [1; 32]));
    assert_eq!(ballots_count(db, &[7; 32]).unwrap(), 3);
    let of: Vec<Hash> = ballots_of(db, &[7; 32]).unwrap().iter().map(|row| row.hash).collect();
    assert_eq!(of, [[2; 32], [1; 32]], "by number, without challenged ones");
    assert_eq!(pending_count(db).unwrap(), (3, 1002));
    let order: Vec<Hash> = pending(db).unwrap().into_iter().map(|(hash, _)| hash).collect();
    assert_eq!(order, [[1; 32], [2; 32], [3; 32]], "ENTRY-5");
    assert!(has_pad(db, &[21; 32]).unwrap() && !has_pad(db, &[24; 32]).unwrap());
    let found = ballot(db, &[3; 32]).unwrap().unwrap();
    assert_eq!((found.voter, found.number, found.challenged, found.promise.len(), found.position), ([7; 32], 1, true, 200, None));
    assert!(ballot(db, &[9; 32]).unwrap().is_none());
    assert_eq!(ballot_counts(db).unwrap(), (0, 3));
    stored(db, |tx| sequence(tx, &[1; 32], 600, b"entry 1"));
    assert_eq!((ballot(db, &[1; 32]).unwrap().unwrap().position, ballot_counts(db).unwrap()), (Some(600), (1, 2)));
    assert_eq!(pending_count(db).unwrap().0, 2);
    let mut seen = Vec::new();
    for_envelopes(db, |hash, row| -> Stored<()> {
        assert_eq!(row.container.len(), 3000);
        seen.push((hash, row.salt, row.accepted));
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, [([1; 32], [1; 32], 1001)], "of ballots in the log alone");
    assert_eq!(super::envelope(db, &[2; 32]).unwrap().unwrap().salt, [2; 32]);
}

/// What must never stand twice, whoever asks for it.
fn constraints(db: &dyn Database) {
    refused(db, |tx| insert_ballot(tx, &row(9, 7, 2, false), &[], b"", 0)); // the same number
    refused(db, |tx| insert_ballot(tx, &row(9, 7, 3, false), &[[20; 32]], b"", 0)); // BAL-6
    refused(db, |tx| insert_ballot(tx, &row(2, 8, 1, false), &[], b"", 0)); // the same ballot
    assert_eq!(ballots_count(db, &[7; 32]).unwrap(), 3, "nothing of it is left");
    stored(db, |tx| insert_ballot(tx, &row(9, 7, 2, true), &[], b"entry 9", 0)); // a challenged one has no number of its own
}

fn evidence(db: &dyn Database) {
    let evidence = |n: u8| EvidenceRow { key: [n; 32], status: Some(vec![n; 900]), imprint: Some([n; 32]) };
    stored(db, |tx| insert_evidence(tx, &[1; 32], &[7; 32], &evidence(5), 30));
    stored(db, |tx| insert_evidence(tx, &[2; 32], &[8; 32], &EvidenceRow { imprint: Some([6; 32]), ..evidence(5) }, 20));
    assert_eq!(key_owner(db, &[5; 32]).unwrap(), Some([7; 32]), "the first one's");
    assert_eq!((key_owner(db, &[4; 32]).unwrap(), waiting_for_stamps(db).unwrap()), (None, (2, Some(20))));
    let waiting: Vec<Hash> = unstamped(db, 9).unwrap().iter().map(|row| row.hash).collect();
    assert_eq!((waiting, unstamped(db, 1).unwrap().len()), (vec![[2; 32], [1; 32]], 1));
    stored(db, |tx| insert_stamp(tx, &[1; 32], b"stamp").and_then(|()| insert_stamp(tx, &[1; 32], b"second")));
    stored(db, |tx| insert_stamp(tx, &[2; 32], b"stamp"));
    assert_eq!((stamp(db, &[1; 32]).unwrap().unwrap(), waiting_for_stamps(db).unwrap()), (b"stamp".to_vec(), (0, None)));
    assert_eq!((status(db, &[1; 32]).unwrap().unwrap().len(), status(db, &[9; 32]).unwrap()), (900, None));
}

fn voters_and_sessions(db: &dyn Database) {
    let voter = |n: u8, code: &str| VoterRow { pseudonym: [n; 32], person_code: code.to_owned(), blinding: [n; 32], district: u16::MAX };
    stored(db, |tx| replace_voters(tx, &[voter(4, "old")]));
    stored(db, |tx| replace_voters(tx, &[voter(2, "PNOEE-2"), voter(1, "PNOEE-1")]));
    let all: Vec<String> = voters(db).unwrap().into_iter().map(|v| v.person_code).collect();
    assert_eq!(all, ["PNOEE-1", "PNOEE-2"]);
    assert_eq!(super::voter(db, &[2; 32]).unwrap().unwrap().district, u16::MAX);
    assert!(voter_by_code(db, "PNOEE-1").unwrap().is_some());
    assert!(voter_by_code(db, "pnoee-1").unwrap().is_none(), "a person code is what it is");
    refused(db, |tx| replace_voters(tx, &[voter(1, "PNOEE-1"), voter(2, "pnoee-1")])); // one person twice
    assert_eq!(voters(db).unwrap().len(), 2);
    let session = SessionRow { voter: [1; 32], ends: 100, early: true };
    stored(db, |tx| insert_session(tx, &[9; 32], &session, 50));
    assert_eq!(super::session(db, &[9; 32]).unwrap(), Some(session));
    stored(db, |tx| insert_session(tx, &[8; 32], &SessionRow { early: false, ends: 300, ..session }, 101));
    assert_eq!(super::session(db, &[9; 32]).unwrap(), None, "over, and gone");
    assert!(!super::session(db, &[8; 32]).unwrap().unwrap().early);
}

fn voter_lists(db: &dyn Database) {
    let row = |number, skipped| ListRow {
        number,
        skipped,
        election: "RK_2027".to_owned(),
        file: [1; 32],
        key: [2; 32],
        chain: [3; 32],
        officer: "Mari Maasikas".to_owned(),
        time: 1_800_000_000,
    };
    let add = |code: &str| {
        let [code, name, unit, district] = [code, "Mari", "0037", "1"].map(str::to_owned);
        Record::Add { code, name, unit, district }
    };
    let remove = Record::Remove { code: "1".to_owned() };
    stored(db, |tx| apply_records(tx, &[add("1"), add("2")]).and_then(|()| insert_list(tx, &row(0, false))));
    stored(db, |tx| apply_records(tx, &[remove, add("3")]).and_then(|()| insert_list(tx, &row(1, true))));
    assert_eq!(lists(db).unwrap(), [row(0, false), row(1, true)]);
    assert_eq!(register(db).unwrap().0.keys().collect::<Vec<_>>(), ["2", "3"]);
    refused(db, |tx| insert_list(tx, &row(1, false)));
    refused(db, |tx| apply_records(tx, &[add("2")]));
    let [code, name, unit, district] = ["2", "Mari", "0037", "1"].map(str::to_owned);
    assert_eq!((listed(db, "2").unwrap(), listed(db, "1").unwrap()), (Some(Listed { code, name, unit, district }), None));
}

/// XROAD-8.
fn running_list(db: &dyn Database) {
    let person = |n: u8| Listed { code: n.to_string(), name: String::new(), unit: "0037".to_owned(), district: "1".to_owned() };
    assert_eq!((last_running(db).unwrap(), looked_at(db).unwrap()), (0, 0));
    stored(db, |tx| append_running(tx, &[], 3));
    stored(db, |tx| append_running(tx, &[person(7), person(5)], 9));
    drop(begin(db).map(|tx| append_running(&tx, &[person(1)], 10)).unwrap());
    stored(db, |tx| append_running(tx, &[person(6)], 12));
    let rows = |from, most| running(db, from, most).unwrap().into_iter().map(|row| (row.number, row.listed)).collect::<Vec<_>>();
    assert_eq!(rows(1, 10), [(1, person(7)), (2, person(5)), (3, person(6))]);
    assert_eq!((rows(2, 1), rows(4, 10)), (vec![(2, person(5))], vec![]));
    assert_eq!((last_running(db).unwrap(), looked_at(db).unwrap()), (3, 12));
}

/// USAGE-2, USAGE-4.
fn data_uses(db: &dyn Database) {
    let of = |action: &str, who: &[&str]| Use::of(action.to_owned(), who.iter().map(|code| (*code).to_owned()).collect());
    let all = |action: &str| Use::of_all(action, "7", "x");
    assert_eq!(first_use(db).unwrap(), None);
    for (used, time) in [(all("a"), 10), (of("b", &["1", "2", "1"]), 20), (all("c"), 30), (of("d", &["2", "3"]), 40)] {
        stored(db, |tx| insert_use(tx, &used, time));
    }
    let found = |who: &str, period, part| {
        let found = uses_of(db, who, period, part).unwrap();
        (found.total, found.uses.into_iter().map(|used| used.action).collect::<String>())
    };
    let whole = (0, i64::MAX as u64);
    let answers = ["1", "2", "3", "4"].map(|who| found(who, whole, (0, 9)));
    assert_eq!(answers, [(2, "cb".to_owned()), (3, "dcb".to_owned()), (1, "d".to_owned()), (0, String::new())]);
    assert_eq!(found("2", whole, (1, 1)), (3, "c".to_owned()));
    assert_eq!((found("2", (20, 30), (0, 9)), found("2", (21, 29), (0, 9))), ((2, "cb".to_owned()), (0, String::new())));
    assert_eq!(first_use(db).unwrap(), Some(10));
    assert!(was_used(db, &all("c"), 29).unwrap() && !was_used(db, &all("c"), 30).unwrap() && !was_used(db, &all("b"), 0).unwrap());
    assert!(!was_used(db, &Use::of_all("c", "8", "x"), 0).unwrap() && !was_used(db, &Use::of_all("c", "7", "y"), 0).unwrap());
}

fn pads(db: &dyn Database) {
    let (one, two) = ([31; 32], [32; 32]);
    stored(db, |tx| insert_pad(tx, &one, &Pad([91; 32]), &[1; 32]).and_then(|()| insert_pad(tx, &two, &Pad([92; 32]), &[2; 32])));
    stored(db, |tx| insert_pad(tx, &one, &Pad([99; 32]), &[3; 32])); // a token gets no second pad
    assert!(pad(db, &one, 0).unwrap().is_none(), "CHECK-6: not before the ballot is in the log");
    stored(db, |tx| open_window(tx, &[1; 32], 1000).and_then(|()| open_window(tx, &[2; 32], 2000)));
    let found = pad(db, &one, 999).unwrap().unwrap();
    assert_eq!((found.pad.0, found.voter, found.released, found.ends), ([91; 32], [7; 32], 0, 1000));
    assert!(pad(db, &one, 1000).unwrap().is_none() && has_old_pads(db, 1000).unwrap() && !has_old_pads(db, 999).unwrap());
    let release = |most| {
        let tx = begin(db).unwrap();
        let gone = count_release(&tx, &two, most).unwrap();
        tx.commit().unwrap();
        gone
    };
    assert!(!release(2) && pad(db, &two, 0).unwrap().unwrap().released == 1);
    assert!(release(2) && pad(db, &two, 0).unwrap().is_none(), "CHECK-8: the last release");
    stored(db, |tx| erase_old_pads(tx, 1000).map(|gone| assert_eq!(gone, 1)));
    let left = db.query("SELECT pad FROM check_pad", &[]).unwrap();
    assert_eq!(left.len(), 2);
    left.into_iter().for_each(|mut row| assert_eq!(row.take::<Hash>(0).unwrap(), [0; 32]));
    assert!(db.empty_journal().unwrap());
}

/// KEEP-3: lines in order, each linked to all before.
fn journal(db: &dyn Database, other: Open<'_>) {
    let election = ballot::encode::sha256(b"manifest");
    assert_eq!(journal_head(db).unwrap(), (0, election));
    stored(db, |tx| (0..150).try_for_each(|n| append_line(tx, &format!("{{\"n\":{n}}}")).map(drop)));
    let (mut link, mut next) = (election, 1);
    for_lines(&*other(), |row| -> Stored<()> {
        link = journal_link(&link, &row.line);
        assert_eq!((row.number, row.line, row.link), (next, format!("{{\"n\":{}}}", next - 1), link));
        next += 1;
        Ok(())
    })
    .unwrap();
    assert_eq!(journal_head(db).unwrap(), (150, link));
    refused(db, |tx| tx.execute("INSERT INTO journal VALUES (150, 'x', ?1)", &[Value::Bytes(&[0; 32])]).map(drop));
}

/// KEEP-4: the personal tables are empty afterwards, and as usable as before; the others have what they had.
fn personal(db: &dyn Database) {
    let digests = |db: &dyn Database| PERSONAL.map(|table| digest_of(db, table).unwrap());
    let before = digests(db);
    assert!(before.iter().filter(|(rows, _)| *rows > 0).count() >= 7, "{before:?}");
    assert_eq!(before, digests(db));
    let mut all: Vec<String> = PERSONAL.iter().chain(&OTHERS).map(|table| (*table).to_owned()).collect();
    let mut made = schema::tables();
    (all.sort(), made.sort());
    assert_eq!(all, made, "of every table it is said whether it is personal");
    let others = OTHERS.map(|table| digest_of(db, table).unwrap());
    drop(begin(db).map(|tx| empty_personal(&tx)).unwrap());
    assert_eq!(digests(db), before, "undone unless committed");
    stored(db, empty_personal);
    db.compact().unwrap();
    assert!(digests(db).iter().all(|(rows, _)| *rows == 0));
    assert_eq!(OTHERS.map(|table| digest_of(db, table).unwrap()), others);
    assert!(voters(db).unwrap().is_empty());
    let voter = |n: u8, code: &str| VoterRow { pseudonym: [n; 32], person_code: code.to_owned(), blinding: [n; 32], district: 0 };
    refused(db, |tx| insert_voters(tx, &[voter(1, "PNOEE-1"), voter(2, "pnoee-1")])); // indexes are there again
    let many: Vec<VoterRow> = (0..130).map(|n| voter(n, &format!("PNOEE-{n}"))).collect();
    stored(db, |tx| insert_voters(tx, &many));
    let (rows, digest) = digest_of(db, "voter").unwrap();
    assert_eq!(rows, 130, "longer than a page");
    stored(db, |tx| tx.execute("UPDATE voter SET district = 1 WHERE person_code = 'PNOEE-129'", &[]).map(drop));
    assert_ne!(digest_of(db, "voter").unwrap(), (rows, digest));
}

/// A reader that has begun a snapshot sees one moment.
fn snapshots(db: &dyn Database, other: Open<'_>) {
    let reader = other();
    reader.begin_snapshot().unwrap();
    assert_eq!(cosigned(&*reader).unwrap().unwrap(), "second\n");
    stored(db, |tx| set_cosigned(tx, "third"));
    assert_eq!(cosigned(&*reader).unwrap().unwrap(), "second\n");
    reader.end_snapshot().unwrap();
    assert_eq!(cosigned(&*reader).unwrap().unwrap(), "third");
    reader.close().unwrap();
}

fn refused_statements(db: &dyn Database) {
    assert!(db.query("SELECT nothing FROM nowhere", &[]).is_err());
    let mut row = db.query("SELECT number, hash FROM ballot WHERE hash = ?1", &[Value::Bytes(&[1; 32])]).unwrap().remove(0);
    assert!(row.take::<String>(0).is_err() && row.take::<[u8; 32]>(1).is_ok() && row.take::<u64>(7).is_err());
    assert!(is_older(db).is_ok(), "the connection is as it was");
}
