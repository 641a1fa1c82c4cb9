//! A real count: the 7,537 internet votes of district 7 (Ida-Viru) in the Estonian parliamentary election of 2019, each encrypted,
//! signed, cast over HTTP, mixed three times and opened. The official result must come out, candidate by candidate.

use e2e::process::{self, program};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

const DISTRICT: &str = "0000.7";

#[test]
fn every_candidate_gets_the_official_internet_vote() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let from = shared.join("estonia/rk2019");
    if !from.is_dir() {
        println!("SKIPPED: the official data of 2019 are not beside this checkout (../shared/data/estonia/rk2019)");
        return;
    }
    process::build().unwrap();
    let ballots =
        Command::new("python3").arg(shared.join("tools/expand_tally_to_ballots.py")).args(["--district", DISTRICT]).output().unwrap();
    assert!(ballots.status.success(), "{}", String::from_utf8_lossy(&ballots.stderr));
    let dir = program("rk2019-test");
    std::fs::create_dir_all(&dir).unwrap();
    let file = dir.join("ballots.tsv");
    std::fs::write(&file, &ballots.stdout).unwrap();
    let out = dir.join("election");
    let args =
        ["--from".into(), from.clone().into_os_string(), "--district".into(), DISTRICT.into(), "--ballots".into(), file.into_os_string()];
    let said = process::run("election", args.into_iter().chain(["--out".into(), out.clone().into_os_string()])).unwrap();
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);

    let json = |path: &Path| serde_json::from_slice::<serde_json::Value>(&std::fs::read(path).unwrap()).unwrap();
    let official = json(&from.join("RK_2019.expected_ivote_tally_bydistrict.json"));
    let official: BTreeMap<String, u64> = official["bydistrict"][DISTRICT]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(id, _)| *id != "invalid")
        .map(|(id, n)| (id.to_lowercase(), n.as_u64().unwrap()))
        .collect();
    let (result, manifest) = (json(&out.join("result.json")), json(&out.join("manifest.json")));
    let unit = result["units"].as_array().unwrap().iter().find(|u| u["districts"] == serde_json::json!([DISTRICT])).unwrap();
    let lists = manifest["contests"][0]["lists"].as_array().unwrap();
    let list = lists.iter().find(|l| l["districts"].as_array().unwrap().iter().any(|d| d == DISTRICT)).unwrap();
    let counted: BTreeMap<String, u64> = list["options"]
        .as_array()
        .unwrap()
        .iter()
        .zip(unit["counts"].as_array().unwrap())
        .map(|(o, n)| (o["id"].as_str().unwrap().to_owned(), n.as_u64().unwrap()))
        .collect();
    assert_eq!(official.len(), 75);
    assert_eq!(official.values().sum::<u64>(), 7_537);
    assert_eq!(counted, official);
    let _ = std::fs::remove_dir_all(&dir);
}
