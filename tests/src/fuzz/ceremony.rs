//! Messages of the key ceremony, intents, and what a trustee keeps for itself. Specs: 05-key-ceremony, 10-tally.

use super::agree;
use super::town::{DONE, MANIFEST, blobs};
use crate::lab;
use ballot::encode::Record;
use ballot::proof::equality::Statement;
use ballot::rng::SeededRng;
use ballot::{Point, Transcript};
use board::PostKind;
use board::ceremony::{Commit, Complaint, Confirm, Deal, DrillAnswer, Head, Reveal};
use trustee::ceremony::{Setting, ShareKey, Stage};
use trustee::key_share::KeyShare;
use trustee::open::{Declared, Intent};

/// Every decoder of a post that is small.
pub fn message(bytes: &[u8]) {
    let (n, t, columns) = (MANIFEST.trustees.len(), MANIFEST.threshold, MANIFEST.columns);
    let sizes = |c: &Commit| (usize::from(c.n), usize::from(c.t), usize::from(c.columns)) == (n, t, columns);
    let commit = one_encoding(bytes, Commit::from_bytes(bytes)).ok().filter(sizes).ok_or("KEY-2");
    agree("commit", &commit, &verifier::messages::commit(bytes, &MANIFEST));

    let reveal = Reveal::from_bytes(bytes, columns * t);
    if let Ok(reveal) = &reveal {
        assert_eq!(reveal.to_bytes(), bytes);
    }
    agree("reveal", &reveal, &verifier::messages::reveal(bytes, &MANIFEST));

    let deal = Deal::from_bytes(bytes, n, columns);
    if let Ok(deal) = &deal {
        assert_eq!(deal.to_bytes(), bytes);
    }
    agree("deal", &deal, &verifier::messages::deal(bytes, &MANIFEST));

    let drill = DrillAnswer::from_bytes(bytes, columns);
    if let Ok(drill) = &drill {
        assert_eq!(drill.to_bytes(), bytes);
    }
    agree("drill", &drill, &verifier::messages::drill(bytes, &MANIFEST));

    agree("confirm", &one_encoding(bytes, Confirm::from_bytes(bytes)), &verifier::messages::confirm(bytes));
    agree("complaint", &one_encoding(bytes, Complaint::from_bytes(bytes)), &verifier::messages::complaint(bytes));

    let intent = one_encoding(bytes, Intent::from_bytes(bytes));
    let verifiers = verifier::opening::intent(bytes);
    agree("intent", &intent, &verifiers);
    if let (Ok(ours), Ok(verifiers)) = (intent, verifiers) {
        assert_eq!((ours.trustee, ours.size, ours.units), (verifiers.trustee, verifiers.size, verifiers.units));
    }
    let _ = verifier::messages::peek(bytes);
}

fn one_encoding<R: Record, E>(bytes: &[u8], read: Result<R, E>) -> Result<R, E> {
    if let Ok(record) = &read {
        assert_eq!(record.to_bytes(), bytes, "another encoding");
    }
    read
}

/// One message of each kind.
pub fn message_seeds() -> Vec<Vec<u8>> {
    use PostKind::{Commit, Confirm, Deal, Drill, Intent, Reveal};
    let mut seeds: Vec<Vec<u8>> =
        [Commit, Reveal, Deal, Confirm, Drill, Intent].iter().filter_map(|kind| blobs(&[*kind]).into_iter().next()).collect();
    let (d, x) = (lab::point("complaint base"), lab::scalar("complaint"));
    let (x_g, x_d) = (lab::point("complaint"), Point::from_point(x * d.point()).expect("a point"));
    let statement = Statement { d: &d, x_g: &x_g, x_d: &x_d };
    let proof = statement.prove(&x, Transcript::new("complaint"), &mut SeededRng::new(b"complaint")).expect("a proof");
    let head = Head { session: [7; 32], trustee: 2 };
    seeds.push(Complaint { head, dealer: 1, shared: x_d, proof }.to_bytes());
    seeds
}

/// Key shares, stages of a ceremony and the memory of what was declared: read again only by who wrote them.
pub fn kept(bytes: &[u8]) {
    if let Ok(share) = KeyShare::from_bytes(bytes) {
        assert_eq!(*share.to_bytes(), bytes);
        let _ = share.check(&DONE.keys().set);
    }
    if let Ok(stage) = Stage::from_bytes(bytes) {
        assert_eq!(*stage.to_bytes(), bytes);
        let _ = (stage.setting(), stage.message());
    }
    if let Ok(declared) = Declared::from_bytes(bytes) {
        assert_eq!(declared.to_bytes(), bytes);
    }
    if let Some(bytes) = bytes.first_chunk::<32>()
        && let Some(key) = ShareKey::from_bytes(bytes)
    {
        assert_eq!(*key.to_bytes(), *bytes);
    }
}

/// A share, the first stages, a memory.
pub fn kept_seeds() -> Vec<Vec<u8>> {
    let closed = DONE.closed.expect("a closed election");
    let share = lab::key_share(&closed, 1, &DONE.keys().secrets[0]);
    let mut declared = Declared::default();
    declared.declare(&closed, &DONE.to_open()).expect("a first statement");
    let setting = Setting::new(&DONE.manifest, [7; 32], 1).expect("a trustee");
    let committed = setting.commit(&mut SeededRng::new(b"kept")).expect("a commitment");
    vec![share.to_bytes().to_vec(), declared.to_bytes(), Stage::Committed(committed).to_bytes().to_vec(), vec![1; 32]]
}
