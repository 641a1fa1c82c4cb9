//! Rolls.

use super::*;

fn with_roll(blob: impl FnOnce(&mut Insider) -> (Vec<u8>, [u8; 32])) -> Case {
    let mut i = town::new();
    i.ceremony();
    i.drill();
    i.enrol(12);
    let (bytes, root) = blob(&mut i);
    let at = i.order(OrderKind::Roll, 0, root, Some(&bytes));
    i.open();
    Case::of(i).fails("V8", "ROLL-1", entry(at)).loosely()
}

fn lines_bytes(lines: &[RollLine]) -> Vec<u8> {
    let mut out = vec![48, 1];
    ballot::encode::put_list(&mut out, lines, |out, l| out.extend(l.to_bytes()));
    out
}

fn root(lines: &[RollLine]) -> [u8; 32] {
    board::tree::root_of(lines.iter().map(RollLine::to_bytes))
}

pub fn rows() -> Vec<Row> {
    let sorted = |i: &Insider| Roll::new(i.lines.clone()).unwrap().lines().to_vec();
    vec![
        row("roll: somebody twice", "M15 E01", move || {
            with_roll(|i| {
                let mut lines = sorted(i);
                lines.insert(3, lines[3]);
                (lines_bytes(&lines), root(&lines))
            })
        }),
        row("roll: somebody twice in two districts", "M15 E01", move || {
            with_roll(|i| {
                let mut lines = sorted(i);
                let district = (lines[3].district + 1) % 3;
                lines.insert(4, RollLine { district, ..lines[3] });
                lines[3..5].sort();
                (lines_bytes(&lines), root(&lines))
            })
        }),
        row("roll: not sorted", "E01", move || {
            with_roll(|i| {
                let mut lines = sorted(i);
                lines.swap(1, 2);
                (lines_bytes(&lines), root(&lines))
            })
        }),
        row("roll: a district that does not exist", "M16 E01", move || {
            with_roll(|i| {
                let mut lines = sorted(i);
                lines[5].district = 3;
                (lines_bytes(&lines), root(&lines))
            })
        }),
        row("roll: altered after it was signed", "M17 E01 E15", move || {
            with_roll(|i| {
                let lines = sorted(i);
                let mut other = lines.clone();
                other[5].district = (other[5].district + 1) % 3;
                (lines_bytes(&other), root(&lines))
            })
        }),
        row("roll: one more line than was signed", "M14 E01", move || {
            with_roll(|i| {
                let lines = sorted(i);
                i.enrol_in(20, 0);
                (lines_bytes(&sorted(i)), root(&lines))
            })
        }),
        row("roll: a byte more", "M33 A12", move || {
            let mut i = town::new();
            i.ceremony();
            i.drill();
            i.enrol(12);
            let lines = sorted(&i);
            let mut bytes = lines_bytes(&lines);
            bytes.push(0);
            let at = i.order(OrderKind::Roll, 0, root(&lines), Some(&bytes));
            i.open();
            Case::of(i).fails("V8", "DEC-4", entry(at)).loosely()
        }),
        row("roll: a count of four billion", "B08", move || {
            let mut i = town::new();
            i.ceremony();
            i.drill();
            i.enrol(12);
            let lines = sorted(&i);
            let mut bytes = lines_bytes(&lines);
            bytes[2..6].copy_from_slice(&[0xff; 4]);
            let at = i.order(OrderKind::Roll, 0, root(&lines), Some(&bytes));
            i.open();
            Case::of(i).fails("V8", "DEC-5", entry(at)).loosely()
        }),
    ]
}
