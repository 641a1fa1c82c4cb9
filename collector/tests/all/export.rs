//! `collector export`: the files of VIS3-EHS 4, 6, 7 and 8. Where the published schemas are beside the checkout, they judge.

use crate::support::election::{collector, person};
use crate::support::{Election, Options};
use ballot::encode::{Record, sha256};
use board::order::OrderKind;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, SigningKey};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Runs an export; the file, or the message.
fn export(election: &Election, what: &str, args: &[&str]) -> Result<Value, String> {
    let out = election.dir.path().join("out.json");
    let output = collector().args(["export", what, "--data"]).arg(election.data()).arg("--out").arg(&out).args(args).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(text);
    }
    Ok(serde_json::from_slice(&fs::read(out).unwrap()).unwrap())
}

/// Holds a file against a published schema, if it is there.
fn conforms(value: &Value, schema: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/estonia/vis3-ehs").join(schema);
    if !path.is_file() {
        println!("SKIPPED: the schema is not beside this checkout (../shared/data/estonia/vis3-ehs/{schema})");
        return;
    }
    let schema: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    judge(value, &schema, &schema, "$");
}

/// The words of JSON Schema that these schemas use.
fn judge(value: &Value, schema: &Value, root: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        return judge(value, root.pointer(name.strip_prefix('#').unwrap()).unwrap(), root, at);
    }
    let is = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some(other) => panic!("{other}"),
        None => true,
    };
    assert!(is, "{at}: {value} is no {}", schema["type"]);
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(value.get(name.as_str().unwrap()).is_some(), "{at}: {name} is missing");
    }
    assert!(schema["minimum"].as_i64().is_none_or(|least| value.as_i64().unwrap() >= least), "{at}: {value}");
    if let (Some(pattern), Some(text)) = (schema["pattern"].as_str().filter(|p| p.contains('[')), value.as_str()) {
        assert!(fits(text, pattern), "{at}: {text}");
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        let by_pattern = schema["patternProperties"].as_object().into_iter().flatten().find(|(pattern, _)| fits(name, pattern));
        let own = schema["properties"].get(name).or(by_pattern.map(|(_, schema)| schema)).or(root["definitions"].get(name));
        assert!(own.is_some() || schema["additionalProperties"] != json!(false), "{at}: {name} may not be there");
        own.into_iter().for_each(|own| judge(inner, own, root, &format!("{at}.{name}")));
    }
    let count = value.as_object().map_or(0, |object| object.len() as u64);
    assert!(schema["minProperties"].as_u64().is_none_or(|least| count >= least), "{at}: too little in it");
    for inner in value.as_array().into_iter().flatten() {
        let own = schema["items"].get(0).unwrap_or(&schema["items"]);
        judge(inner, own, root, &format!("{at}[]"));
    }
}

/// `^[0-9]{4}.[0-9]{3,4}$` and the like, where a dot is any character.
fn fits(text: &str, pattern: &str) -> bool {
    let (mut rest, mut pattern) = (text, pattern.strip_prefix('^').unwrap().strip_suffix('$').unwrap());
    while !pattern.is_empty() {
        if let Some(after) = pattern.strip_prefix("[0-9]{") {
            let (range, after) = after.split_once('}').unwrap();
            let (least, most) = range.split_once(',').unwrap_or((range, range));
            let digits = rest.bytes().take(most.parse().unwrap()).take_while(u8::is_ascii_digit).count();
            if digits < least.parse().unwrap() {
                return false;
            }
            (rest, pattern) = (&rest[digits..], after);
        } else {
            let Some(after) = rest.get(1..).filter(|_| pattern.starts_with('.')) else { return false };
            (rest, pattern) = (after, &pattern[1..]);
        }
    }
    rest.is_empty()
}

const DISTRICTS: &str = r#"{"election":"RK_2027","regions":{},
    "districts":{"0000.1":{"name":null,"parish":["0482","0514","0000"]},"0000.2":{"name":null,"parish":["0793","0000"]}},
    "counties":{"0037":["0482","0514"],"0793":["0793"]}}"#;

#[test]
fn who_has_voted_and_how_many() {
    let election = Election::new(Options { districts: vec!["0000.1", "0000.2"], voters: 6, ..Options::default() });
    let path = |name: &str| election.dir.path().join(name);
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    fs::write(path("key.pem"), key.public_key_pem()).unwrap();
    fs::write(path("districts.json"), DISTRICTS).unwrap();
    let districts = path("districts.json").to_str().unwrap().to_owned();
    let code = |n| person(n).code.strip_prefix("PNOEE-").unwrap().to_owned();
    let places = [("0482", "1"), ("0793", "2"), ("0514", "1"), ("FOREIGN", "2"), ("0482", "1"), ("0793", "2")];
    let line = |(n, (unit, district)): (usize, (&str, &str))| format!("lisamine\t{}\tN\t{unit}\t{district}\n", code(n));
    let list: String = places.into_iter().enumerate().map(line).collect();
    let list = format!("2\nRK_2027\n0\n2027-02-20T22:00:00Z\t2027-02-20T22:00:00Z\n{list}");
    fs::write(path("l0.utf"), &list).unwrap();
    fs::write(path("l0.sig"), key.sign(list.as_bytes()).unwrap()).unwrap();
    let mut apply = collector();
    apply.args(["roll", "vis3", "apply", "--officer", "x", "--election", "RK_2027", "--data"]).arg(election.data());
    assert!(apply.arg("--key").arg(path("key.pem")).arg(path("l0.utf")).status().unwrap().success());
    let server = crate::support::Server::start(&election, &[], &[]);
    election.open_voting(&server);
    assert!(export(&election, "online-voters", &[]).unwrap_err().contains("nobody"));
    for n in [0, 1, 2, 3, 5] {
        let voter = election.voter(n);
        let mut session = voter.login(&server);
        voter.cast(&server, &mut session);
        voter.cast(&server, &mut session); // again: still one voter
    }
    let challenger = election.voter(4); // a challenged ballot is none
    let session = challenger.login(&server);
    server.client.post("/v1/challenge", Some(&session.token), &challenger.opened(&session).to_bytes()).ok();

    let voters = export(&election, "online-voters", &[]).unwrap();
    let wanted = json!({ "0000.1": { "0482": [code(0)], "0514": [code(2)] }, "0000.2": { "0000": [code(3)], "0793": [code(1), code(5)] } });
    assert_eq!(voters, json!({ "election": "RK_2027", "onlinevoters": wanted }));
    conforms(&voters, "4_e_haaletanute_nimekiri/onlinevoters.schema");

    let total = export(&election, "total", &[]).unwrap();
    assert_eq!((&total["TOTAL"]["online-voters"], &total["TOTAL"]["election"]), (&json!(5), &json!("RK_2027")));
    conforms(&total, "7_e_haaletamise_yldstatistika/online-voters-total.schema");
    assert!(export(&election, "total", &["--election", "RK_2023"]).unwrap_err().contains("RK_2027"));

    let day = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().checked_add(jiff::Span::new().days(3)).unwrap().to_string();
    let counties = |min: &str| {
        let args = ["--districts", &districts, "--election-day", &day, "--zone", "UTC", "--min-count", min];
        let made = export(&election, "counties", &args).unwrap();
        conforms(&made, "8_e_haaletamise_detailstatistika/online-voters-counties.schema");
        let last =
            |county: &Value| (county["county"].as_str().unwrap().to_owned(), county["online-voters"].as_array().unwrap().last().cloned());
        let cells = made["data"].as_array().unwrap().iter().map(last);
        cells.map(|(name, cell)| (name, cell.map(|c| c["voted-count"].as_u64().unwrap()))).collect::<Vec<_>>()
    };
    let cell = |name: &str, count: Option<u64>| (name.to_owned(), count);
    let [one, two, three, all] = [("0037", 2), ("0793", 2), ("FOREIGN", 1), ("TOTAL", 5)].map(|(name, count)| cell(name, Some(count)));
    assert_eq!(counties("0"), [one.clone(), two.clone(), three, all.clone()]);
    assert_eq!(counties("2"), [one, two, cell("FOREIGN", None), cell("TOTAL", None)], "the one small cell follows from the total");
    assert_eq!(counties("3"), [cell("0037", None), cell("0793", None), cell("FOREIGN", None), all]);
    assert_eq!(counties("6").iter().filter(|(_, count)| count.is_some()).count(), 0);
}

#[test]
fn results_by_district() {
    let election = Election::new(Options { districts: vec!["0000.1", "0000.2"], list: true, voters: 2, ..Options::default() });
    let server = crate::support::Server::start(&election, &[], &[]);
    election.open_voting(&server);
    assert!(export(&election, "results", &["--election", "RK_2027"]).unwrap_err().contains("no order"));
    election.close_and_seal(&server);
    let unit = |unit: u32, district: &str, state: &str, counts: &[u64]| {
        json!({ "ballots": counts.iter().sum::<u64>(), "contest": "mayor", "counts": counts, "districts": [district], "rounds": [], "state": state,
            "unit": unit, "winner": "" })
    };
    let result = json!({ "counted": "", "election": "", "haal": 1,
        "units": [unit(0, "0000.1", "opened", &[3, 0, 2]), unit(1, "0000.2", "opened", &[1, 0, 1])] });
    let blob = serde_json::to_vec(&result).unwrap();
    let order = election.order(OrderKind::Result, |o| (o.argument, o.blob) = ([1; 32], sha256(&blob)));
    server.submit_ok("order", &order.to_bytes(), &blob);
    let made = export(&election, "results", &["--election", "RK_2027"]).unwrap();
    conforms(&made, "6_e_haaletamise_tulemus/results.schema");
    let first = json!({ "0000.101": 3, "0000.102": 0, "0000.103": 2, "invalid": 0 });
    let second = json!({ "0000.101": 1, "0000.102": 0, "0000.103": 1, "invalid": 0 });
    assert_eq!(made["bydistrict"], json!({ "0000.1": first, "0000.2": second }));
    assert_eq!(made["byparish"], json!({ "0000.1": { "0000": first }, "0000.2": { "0000": second } }));
    fs::write(election.dir.path().join("d.json"), DISTRICTS.replace(r#"["0793","0000"]"#, r#"["0793"]"#)).unwrap();
    let districts = election.dir.path().join("d.json");
    let made = export(&election, "results", &["--election", "RK_2027", "--min-count", "3"]).unwrap();
    assert_eq!((made["bydistrict"].as_object().unwrap().len(), &made["bydistrict"]["0000.1"]), (1, &first));
    assert!(export(&election, "results", &["--election", "RK_2027", "--min-count", "6"]).unwrap_err().contains("no district"));
    let made = export(&election, "results", &["--election", "RK_2027", "--districts", districts.to_str().unwrap()]).unwrap();
    assert_eq!(made["byparish"]["0000.2"], json!({ "0793": second }));
    assert!(export(&election, "results", &[]).unwrap_err().contains("--election"));
}
