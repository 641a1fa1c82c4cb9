use crate::{bytes, hashes, load};
use verifier::bytes::Fault;
use verifier::checks::log;
use verifier::tree;

#[test]
fn trees() {
    for case in load("08-tree", "08-board@v1.0.0").cases() {
        let path = || hashes(case.list("path"));
        let good = match case.kind() {
            "root" => {
                let leaves: Vec<Vec<u8>> = case.list("leaves").iter().map(bytes).collect();
                tree::root(leaves.iter().map(Vec::as_slice)) == case.hash("root")
            }
            "inclusion" => {
                let leaf = tree::leaf(&case.bytes("leaf"));
                tree::included(&leaf, case.number("index"), case.number("size"), &path(), &case.hash("root"))
            }
            "consistency" => {
                tree::consistent(case.number("first"), &case.hash("first_root"), case.number("second"), &case.hash("second_root"), &path())
            }
            other => panic!("unknown kind {other}"),
        };
        case.check(if good { Ok(()) } else { Err(Fault::new("LOG-2", "")) });
    }
}

#[test]
fn checkpoints() {
    let file = load("08-checkpoint", "08-board@v1.0.0");
    let manifest = crate::manifest(file.get("manifest"));
    for case in file.cases() {
        let note = case.get("note").as_str().map_or_else(|| case.bytes("note_bytes"), |text| text.as_bytes().to_vec());
        let check = log::judge(&note, &manifest, case.get("finished") == true);
        let first = check.failures.first().map(|note| Fault::new(note.rule.clone().leak(), note.text.clone()));
        case.check(first.map_or(Ok(()), Err));
    }
}
