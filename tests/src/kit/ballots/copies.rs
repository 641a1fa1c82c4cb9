//! Ballots that repeat what another ballot holds.

use super::*;

/// Two contests of one shape, so that a part of one fits into the place of the other.
fn twins() -> Insider {
    let mayor = lab::contest("mayor", Rule::Choose { min: 1, max: 1, blank: true }, 3);
    let deputy = lab::contest("deputy", Rule::Choose { min: 1, max: 1, blank: true }, 3);
    let mut i = Insider::new(Setup::new(vec![mayor, deputy], 3).manifest());
    i.begin();
    i
}

pub fn rows() -> Vec<Row> {
    vec![
        row("a ballot copied under another pseudonym", "C01 C03 A13", || {
            with("V11", "BAL-6", |i| {
                let mut bytes = ballot_on_board(i, 2);
                bytes[68..100].copy_from_slice(&i.voter(5));
                bytes
            })
            .also_proof()
        }),
        row("one contest copied", "C01 M66", || {
            with("V11", "BAL-6", |i| {
                let mut bytes = i.ballot(5, &town::vote(0, 0)).bytes().to_vec();
                bytes[HEAD + MAYOR..].copy_from_slice(&ballot_on_board(i, 2)[HEAD + MAYOR..]);
                bytes
            })
            .also_proof()
        }),
        row("a proof for another voter", "A13 C01", || {
            with("V12", "BAL-5", |i| {
                let mut bytes = i.ballot(8, &town::vote(0, 0)).bytes().to_vec();
                bytes[68..100].copy_from_slice(&i.voter(5));
                bytes
            })
        }),
        row("a proof for another district", "A13 E13", || {
            with("V12", "BAL-5", |i| {
                // made for d1, dressed up for the voter's own district
                let context = i.next_context(5);
                let mut bytes = i.opened_ballot_in(1, context, &town::vote(0, 0)).ballot.bytes().to_vec();
                bytes[67] = 2;
                bytes
            })
        }),
        row("a proof for another number", "A13 E13 M08", || {
            with("V12", "BAL-5", |i| {
                let previous = i.casts.iter().find(|c| c.facts.voter == i.voter(2)).unwrap().facts.hash;
                let context = Context { voter: i.voter(2), number: 3, previous };
                let mut bytes = i.opened_ballot(context, &town::vote(0, 0)).ballot.bytes().to_vec();
                bytes[103] = 2;
                bytes
            })
        }),
        row("a proof for another place in the chain", "A13 E13 M08", || {
            with("V12", "BAL-5", |i| {
                let previous = i.casts.iter().find(|c| c.facts.voter == i.voter(2)).unwrap().facts.hash;
                let context = Context { voter: i.voter(2), number: 2, previous: [1; 32] };
                let mut bytes = i.opened_ballot(context, &town::vote(0, 0)).ballot.bytes().to_vec();
                bytes[104..136].copy_from_slice(&previous);
                bytes
            })
        }),
        row("the contests' parts exchanged", "A13 M25 M66", || {
            let mut i = twins();
            let votes = vec![vec![1, 0, 0, 0], vec![0, 1, 0, 0]];
            let ballot = i.ballot(5, &votes);
            let parts = ballot.parts().iter().rev().cloned().collect();
            let bytes = again(&i, &ballot, parts).bytes().to_vec();
            let at = i.batch(vec![Item::Cast(bytes)]) + 1;
            i.finish();
            Case::of(i).fails("V12", "BAL-5", entry(at))
        }),
        row("one part in both contests", "A13 M25 C01", || {
            let mut i = twins();
            let votes = vec![vec![1, 0, 0, 0], vec![0, 1, 0, 0]];
            let ballot = i.ballot(5, &votes);
            let parts = vec![ballot.parts()[0].clone(); 2];
            let bytes = again(&i, &ballot, parts).bytes().to_vec();
            let at = i.batch(vec![Item::Cast(bytes)]) + 1;
            i.finish();
            Case::of(i).fails("V11", "BAL-6", entry(at)).fails("V12", "BAL-5", entry(at))
        }),
        row("columns exchanged in a part", "A13 M25", || part(|c, _| c.columns.swap(0, 1))),
        row("A and B exchanged", "A09", || part(|c, _| std::mem::swap(&mut c.pad, &mut c.columns[0]))),
        row("one nonce in two contests, proofs true", "C01 D13", || {
            let mut i = twins();
            let nonce = lab::scalar("a nonce");
            let ballot = i.ballot(5, &[vec![1, 0, 0, 0], vec![1, 0, 0, 0]]);
            let m = [1u8, 0, 0, 0];
            let parts = (0..2)
                .map(|c| i.cunning_part(ballot.context(), (ballot.district(), c), (&m.map(Scalar::from), &m), Some(nonce), |_| {}))
                .collect();
            let bytes = again(&i, &ballot, parts).bytes().to_vec();
            let at = i.batch(vec![Item::Cast(bytes)]) + 1;
            i.finish();
            Case::of(i).fails("V11", "BAL-6", entry(at))
        }),
        row("one nonce in two voters' ballots, proofs true", "C01 D13", || {
            with("V11", "BAL-6", |i| {
                let nonce = Some(lab::scalar("a nonce"));
                let mut made = Vec::new();
                for voter in [7, 5] {
                    let ballot = i.ballot(voter, &town::vote(0, 0));
                    let m = [1u8, 0, 0, 0];
                    let one = i.cunning_part(ballot.context(), (ballot.district(), 0), (&m.map(Scalar::from), &m), nonce, |_| {});
                    let parts = vec![one, ballot.parts()[1].clone()];
                    made.push(again(i, &ballot, parts).bytes().to_vec());
                }
                i.batch(vec![Item::Cast(made.remove(0))]);
                made.remove(0)
            })
        }),
        row("a ballot of nobody on the roll", "M14 E01 E04", || with("V11", "SET-2", |i| i.ballot(20, &town::vote(0, 0)).bytes().to_vec())),
        row("a ballot for another district", "M16 E04 E10", || {
            with("V11", "SET-2", |i| {
                let context = i.next_context(5);
                i.opened_ballot_in(1, context, &town::vote(0, 0)).ballot.bytes().to_vec()
            })
        }),
    ]
}

impl Case {
    /// The proof fails beside the place.
    fn also_proof(self) -> Self {
        let at = self.first_place();
        self.fails("V12", "BAL-5", at)
    }
}

/// The bytes of a voter's ballot as they stand in the log.
fn ballot_on_board(i: &Insider, voter: usize) -> Vec<u8> {
    let name = i.voter(voter);
    let found = i.find(|e| matches!(e, board::Entry::Ballot { ballot, .. } if ballot[68..100] == name));
    match i.entry(found[0]) {
        board::Entry::Ballot { ballot, .. } => ballot,
        _ => unreachable!(),
    }
}
