//! Roots and tree proofs (08).

use crate::*;
use board::tree::{Tree, leaf_hash, root_of, verify_consistency, verify_inclusion};

const FILE: &str = "08-tree";

#[test]
fn trees() {
    let file = load(FILE);
    let mut report = Report::new(FILE);
    let of_leaves = |case: &Value| list(&case["leaves"]).iter().map(bytes).collect::<Vec<_>>();
    // All smaller trees of the file are the beginning of its largest.
    let roots = cases(&file).iter().filter(|c| c["kind"] == "root").map(of_leaves);
    let tree = Tree::from_leaves(roots.max_by_key(Vec::len).unwrap().iter().map(|l| leaf_hash(l)));
    for case in cases(&file) {
        let got = match text(case, "kind") {
            "root" => {
                let leaves = of_leaves(case);
                let hashed: Vec<Hash> = leaves.iter().map(|l| leaf_hash(l)).collect();
                let wanted = hashes(&case["intermediate"]["leaf_hashes"]); // the first ones, where there are many
                report.check(case, "leaf hashes", hashed.starts_with(&wanted) && (wanted.len() >= 3 || wanted.len() == hashed.len()));
                report.check(case, "root", root_of(&leaves) == hash(&case["root"]));
                report.check(case, "root of a larger tree's beginning", tree.root_at(leaves.len() as u64) == Some(hash(&case["root"])));
                Ok(())
            }
            "inclusion" => {
                let (index, size, path) = (number(case, "index"), number(case, "size"), hashes(&case["path"]));
                let got = verify_inclusion(&leaf_hash(&bytes(&case["leaf"])), index, size, &path, &hash(&case["root"]));
                report.check(case, "the path made here", got.is_err() || tree.inclusion(index, size) == Some(path));
                got.map_err(rule)
            }
            "consistency" => {
                let (first, second, path) = (number(case, "first"), number(case, "second"), hashes(&case["path"]));
                let got = verify_consistency(first, &hash(&case["first_root"]), second, &hash(&case["second_root"]), &path);
                report.check(case, "the path made here", got.is_err() || tree.consistency(first, second) == Some(path));
                got.map_err(rule)
            }
            other => panic!("a kind that this test does not know: {other}"),
        };
        report.case(case, got);
    }
    report.end();
}
