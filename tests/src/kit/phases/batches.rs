//! Batches, and what may stand in them.

use super::*;

pub fn rows() -> Vec<Row> {
    vec![
        row("batch: of nothing", "C12", || {
            voting("V6", "ENTRY-5", |i| {
                let time = i.clock;
                i.push(&Entry::Batch { time, count: 0 })
            })
        }),
        row("batch: not sorted", "C12 E03", || {
            let mut i = town::opened();
            let mut items: Vec<Item> = (0..4).map(|v| Item::Cast(i.ballot(v, &town::vote(0, 1)).bytes().to_vec())).collect();
            items.sort_by_key(|item| i.hash_of(item));
            items.swap(1, 2);
            i.clock += 1;
            let at = i.batch_as_is(i.clock, items) + 3;
            i.finish();
            Case::of(i).fails("V6", "ENTRY-5", entry(at))
        }),
        row("batch: one ballot twice", "M03 E02 C01", || {
            let mut i = town::opened();
            let item = one_ballot(&mut i);
            i.clock += 1;
            let at = i.batch_as_is(i.clock, vec![item.clone(), item]) + 2;
            i.finish();
            let voter = format!("pseudonym {}", hex::encode(i.voter(5)));
            Case::of(i).fails("V6", "ENTRY-5", entry(at)).fails("V11", "BAL-6", entry(at)).fails("V14", "SET-1", voter)
        }),
        row("batch: earlier than the one before", "E03 C12", || {
            voting("V6", "ENTRY-5", |i| {
                let item = one_ballot(i);
                let time = i.clock - 5;
                i.batch_at(time, vec![item])
            })
            .loosely()
        }),
        row("batch: one entry short", "M01", || {
            voting("V6", "ENTRY-5", |i| {
                let item = one_ballot(i);
                let at = i.batch(vec![item]);
                i.edit(at, |e| {
                    if let Entry::Batch { count, .. } = e {
                        *count = 2;
                    }
                });
                at + 2
            })
            .loosely()
        }),
        row("batch: one entry too many", "M02 E04", || {
            voting("V6", "ENTRY-5", |i| {
                let item = one_ballot(i);
                let at = i.batch(vec![item]);
                let more = Item::Cast(i.ballot(6, &town::vote(1, 1)).bytes().to_vec());
                let time = i.clock;
                i.batch_as_is(time, vec![more]);
                i.entries.remove(at + 2);
                at + 2
            })
        }),
        row("a ballot outside of a batch", "E04 M02", || {
            voting("V6", "ENTRY-5", |i| {
                let item = one_ballot(i);
                let at = i.batch(vec![item]);
                i.entries.remove(at);
                at
            })
        }),
        row("the last batch is cut short", "M67", || {
            let mut i = town::opened();
            let at = i.push(&Entry::Batch { time: i.clock, count: 3 });
            Case::of(i).fails("V6", "ENTRY-5", entry(at)).trustee(Trustee::DoesNotSee)
        }),
        row("a second closing entry", "E05 C13", || {
            let mut i = town::sealed();
            let at = i.push(&Entry::Closing { counted: [1; 32], root: [2; 32] });
            i.count();
            Case::of(i).fails("V6", "ENTRY-6", entry(at))
        }),
        row("a closing entry before seal", "E05 C05", || {
            let mut i = town::closed();
            let (counted, root) = i.closing_hashes();
            let at = i.closing_as(counted, root);
            i.seal();
            i.count();
            Case::of(i).fails("V6", "ENTRY-6", entry(at)).loosely()
        }),
    ]
}
