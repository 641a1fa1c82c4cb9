//! Change sets. V7, V8.

use super::*;

/// A change set whose only fault is one change that does not fit.
fn unfit(voter: usize, act: Act, district: usize) -> Case {
    voted_and(
        |i| {
            let wrong = i.change(voter, act, district);
            let fits = i.change(21, Act::Added, 1);
            i.amend(vec![wrong, fits])
        },
        "V8",
        "ROLL-5",
    )
}

/// Two good changes as bytes, of which something is made, with the root that they give.
fn cut(rule: &str, change: impl Fn(&mut Vec<u8>)) -> Case {
    voted_and(
        |i| {
            let set = ChangeSet::new(vec![i.change(4, Act::Removed, 1), i.change(21, Act::Added, 1)]).unwrap().to_bytes();
            let mut altered = set.clone();
            change(&mut altered);
            let at = i.amend_as(&set, |value, root| (value, root));
            let blob = i.keep(&altered);
            i.edit(at, |e| {
                let board::Entry::Order(order) = e else { unreachable!("an order") };
                order.blob = blob;
            });
            at
        },
        "V8",
        rule,
    )
}

pub fn rows() -> Vec<Row> {
    let said = |value: u64| voted_and(move |i| i.amend_as(&ChangeSet::default().to_bytes(), |_, root| (value, root)), "V8", "ROLL-4");
    vec![
        row("amend: version 0", "M17", move || said(0)),
        row("amend: a version left out", "M17", move || said(2)),
        row("amend: a version twice", "M17", || {
            voted_and(
                |i| {
                    i.amend(vec![]);
                    i.amend_as(&ChangeSet::default().to_bytes(), |value, root| (value - 1, root))
                },
                "V8",
                "ROLL-4",
            )
        }),
        row("amend: added, and on the roll already", "M15", || unfit(4, Act::Added, 1)),
        row("amend: added in another district, and on the roll already", "M15", || unfit(4, Act::Added, 2)),
        row("amend: removed, and not on the roll", "M14", || unfit(20, Act::Removed, 1)),
        row("amend: removed from another district", "M17", || unfit(4, Act::Removed, 2)),
        row("amend: moved, and not on the roll", "M14", || unfit(20, Act::Moved, 1)),
        row("amend: moved to where the voter is", "M17", || unfit(4, Act::Moved, 1)),
        row("amend: moved to a district that does not exist", "M16", || unfit(4, Act::Moved, 3)),
        row("amend: added to a district that does not exist", "M16", || unfit(20, Act::Added, 3)),
        row("amend: removed twice, by two orders", "M14", || {
            voted_and(
                |i| {
                    let change = i.change(4, Act::Removed, 1);
                    i.amend(vec![change]);
                    i.amend(vec![change])
                },
                "V8",
                "ROLL-5",
            )
        }),
        row("amend: an act that does not exist", "B08", || cut("DEC-8", |bytes| bytes[6 + 32] = 4)),
        row("amend: not sorted", "A12", || {
            cut("DEC-9", |bytes| {
                let (first, second) = bytes[6..].split_at_mut(35);
                first.swap_with_slice(second);
            })
        }),
        row("amend: somebody twice", "M15", || {
            cut("DEC-9", |bytes| {
                let first: Vec<u8> = bytes[6..41].to_vec();
                bytes[41..76].copy_from_slice(&first);
            })
        }),
        row("amend: a byte more", "M33", || cut("DEC-4", |bytes| bytes.push(0))),
        row("amend: a count of four billion", "B08", || cut("DEC-5", |bytes| bytes[2..6].copy_from_slice(&[0xff; 4]))),
        row("amend: a change that the root does not know", "M17 E15", || {
            voted_and(
                |i| {
                    let before = i.lines.clone();
                    let set = ChangeSet::new(vec![i.change(10, Act::Removed, 1)]).unwrap().to_bytes();
                    let root = board::tree::root_of(before.iter().map(RollLine::to_bytes));
                    i.amend_as(&set, |value, _| (value, root))
                },
                "V8",
                "ROLL-6",
            )
        }),
        row("amend: before there is a roll", "M17 E01", || {
            let mut i = town::new();
            i.ceremony();
            let at = i.amend(vec![]);
            i.version = 0;
            i.open_for(12);
            i.votes();
            i.finish();
            Case::of(i).fails("V7", "PHASE-1", entry(at)).loosely()
        }),
        row("amend: after close", "M17 E04", || {
            let mut i = town::voted();
            i.close();
            let at = i.amend(vec![]);
            i.annul(&[3]);
            i.drill();
            i.fix();
            i.count();
            Case::of(i).fails("V7", "PHASE-1", entry(at)).loosely()
        }),
    ]
}
