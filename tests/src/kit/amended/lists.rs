//! Annulments that are taken back. V15, V16.

use super::*;

pub fn rows() -> Vec<Row> {
    fn list(rule: &str, value: u64, bytes: impl FnOnce(&Insider) -> Vec<u8>) -> Case {
        let mut i = town::closed();
        let bytes = bytes(&i);
        let at = i.order(OrderKind::Reinstate, value, [0; 32], Some(&bytes));
        i.fix();
        i.count();
        Case::of(i).fails("V15", rule, entry(at)).loosely()
    }
    fn names(list: &[[u8; 32]]) -> Vec<u8> {
        let mut bytes = vec![52, 1];
        ballot::encode::put_list(&mut bytes, list, |out, name| out.extend(name));
        bytes
    }
    vec![
        row("reinstated, and not annulled", "E04 M12", || list("ANN-3", 1, |i| names(&[i.voter(4)]))),
        row("reinstated, and on no roll", "E04 M12", || list("ANN-3", 1, |i| names(&[i.voter(20)]))),
        row("reinstated twice in one list", "E04 M11", || list("DEC-9", 2, |i| names(&[i.voter(3); 2]))),
        row("reinstated, with a byte more", "M33", || list("DEC-4", 1, |i| [names(&[i.voter(3)]), vec![0]].concat())),
        row("reinstated, and the order states another number", "M10", || list("ANN-2", 2, |i| names(&[i.voter(3)]))),
        row("reinstated on two lists", "E04 M11", || {
            let mut i = town::closed();
            i.reinstate(&[3]);
            let at = i.reinstate(&[3]);
            i.fix();
            i.count();
            Case::of(i).fails("V15", "ANN-3", entry(at))
        }),
        row("reinstated, and left out all the same", "E04 M01", || {
            let mut i = town::closed();
            i.reinstate(&[3]);
            i.annulled.insert(i.voter(3));
            i.seal();
            let at = i.closing();
            i.count();
            Case::of(i).fails("V16", "SET-4", entry(at)).fails("V16", "SET-5", entry(at))
        }),
        row("reinstated before the election is open", "E15", || {
            let mut i = town::new();
            i.ceremony();
            let at = i.order(OrderKind::Reinstate, 0, [0; 32], Some(&names(&[])));
            i.open_for(12);
            i.votes();
            i.finish();
            Case::of(i).fails("V7", "PHASE-1", entry(at))
        }),
    ]
}
