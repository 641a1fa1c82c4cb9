//! Manifests that no program may load, and manifests that are another's. V1, V2, entry 0.

use super::case::{Case, Row, Trustee, entry, row};
use crate::insider::{Insider, Item, town};
use crate::lab;
use ballot::Manifest;
use ballot::encode::sha256;
use board::Entry;
use serde_json::{Value, json};

/// The town's record with another file in place of the manifest; the library must refuse it too.
fn instead(bytes: Vec<u8>, library: Option<&'static str>, rule: &'static str) -> Case {
    match (Manifest::from_bytes(&bytes), library) {
        (Err(error), Some(expected)) => assert_eq!(error.rule(), expected, "{error}"),
        (Err(error), None) => panic!("the library refuses it: {error}"),
        (Ok(_), Some(_)) => panic!("the library accepts it"),
        (Ok(_), None) => {}
    }
    let mut i = town::done();
    let id = sha256(&bytes);
    i.entries[0] = ballot::Record::to_bytes(&i.manifest_entry(&id));
    i.manifest_file = Some(bytes);
    Case::of(i).trustee(Trustee::DoesNotSee).fails("V2", rule, "manifest.json").loosely()
}

fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(town::new().manifest.bytes()).unwrap();
    change(&mut value);
    serde_json::to_vec(&value).unwrap() // maps are sorted, and there is no fraction: RFC 8785
}

fn text(change: impl FnOnce(String) -> String) -> Vec<u8> {
    change(String::from_utf8(town::new().manifest.bytes().to_vec()).unwrap()).into_bytes()
}

/// Library and verifier name the same rule.
fn field(name: &'static str, ids: &'static str, rule: &'static str, change: fn(&mut Value)) -> Row {
    row(name, ids, move || instead(changed(change), Some(rule), rule))
}

fn bytes(name: &'static str, ids: &'static str, change: fn(String) -> String) -> Row {
    row(name, ids, move || instead(text(change), Some("MAN-1"), "MAN-1"))
}

const ZERO: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const SMALL: &str = "0100000000000000000000000000000000000000000000000000000000000000";
const TORSION: &str = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";

pub fn rows() -> Vec<Row> {
    let mut rows = forms();
    rows.extend(fields());
    rows.extend(rules());
    rows.extend(entries());
    rows
}

fn forms() -> Vec<Row> {
    vec![
        bytes("manifest: a space", "B08 M69", |s| s.replacen("\":", "\": ", 1)),
        bytes("manifest: a line end", "B08 M70", |s| s + "\n"),
        bytes("manifest: CRLF", "B08 M70", |s| s + "\r\n"),
        bytes("manifest: a byte order mark", "B08", |s| format!("\u{feff}{s}")),
        bytes("manifest: a key twice", "B08", |s| s.replacen("\"haal\":1,", "\"haal\":1,\"haal\":1,", 1)),
        bytes("manifest: a key twice, differing", "B08", |s| s.replacen("\"k_min\":2,", "\"k_min\":1,\"k_min\":2,", 1)),
        bytes("manifest: keys in another order", "B08", |s| s.replacen("\"haal\":1,\"k_min\":2,", "\"k_min\":2,\"haal\":1,", 1)),
        bytes("manifest: 1e400", "B08", |s| s.replacen("\"haal\":1,", "\"haal\":1e400,", 1)),
        bytes("manifest: 1.0", "B08", |s| s.replacen("\"haal\":1,", "\"haal\":1.0,", 1)),
        bytes("manifest: 1e0", "B08", |s| s.replacen("\"haal\":1,", "\"haal\":1e0,", 1)),
        bytes("manifest: -0", "B08", |s| s.replacen("\"faulty\":0,", "\"faulty\":-0,", 1)),
        bytes("manifest: NaN", "B08", |s| s.replacen("\"haal\":1,", "\"haal\":NaN,", 1)),
        bytes("manifest: a needless escape", "B08", |s| s.replacen("Insiders", "\\u0049nsiders", 1)),
        bytes("manifest: a lone surrogate", "B08", |s| s.replacen("Insiders", "\\ud800", 1)),
        bytes("manifest: very deep", "B08 H01", |s| {
            s.replacen("\"Insiders\"", &format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)), 1)
        }),
        bytes("manifest: no JSON", "B08", |_| "haal".to_owned()),
        bytes("manifest: empty", "B08", |_| String::new()),
        bytes("manifest: cut in half", "B08 M67", |s| s[..s.len() / 2].to_owned()),
        row("manifest: not UTF-8", "B08", || {
            let mut bytes = town::new().manifest.bytes().to_vec();
            let at = bytes.windows(8).position(|w| w == b"Insiders").unwrap();
            bytes[at] = 0xff;
            instead(bytes, Some("MAN-1"), "MAN-1")
        }),
    ]
}

fn fields() -> Vec<Row> {
    vec![
        field("manifest: a generator", "A03 M59", "MAN-2", |v| v["generator"] = json!(SMALL)),
        field("manifest: its own bases", "A07 M59", "MAN-2", |v| v["bases"] = json!([ZERO])),
        field("manifest: a second seed for the bases", "B07", "MAN-2", |v| v["seed"] = json!("another")),
        field("manifest: an unknown field deep inside", "M59", "MAN-2", |v| v["contests"][0]["rule"]["weight"] = json!(2)),
        field("manifest: a field is missing", "B08", "MAN-2", |v| _ = v.as_object_mut().unwrap().remove("k_min")),
        field("manifest: a number as text", "A12 B08", "MAN-2", |v| v["k_min"] = json!("2")),
        field("manifest: a fraction", "B08", "MAN-3", |v| v["k_min"] = json!(2.5)),
        field("manifest: a negative number", "B08", "MAN-3", |v| v["k_min"] = json!(-2)),
        field("manifest: null", "B08", "MAN-2", |v| v["contests"][0]["title"] = json!(null)),
        field("manifest: another version", "", "MAN-3", |v| v["haal"] = json!(2)),
        field("manifest: another kind", "B05", "MAN-2", |v| v["kind"] = json!("test")),
        field("manifest: another profile", "B05", "MAN-2", |v| v["eid"]["profile"] = json!("xades")),
        field("manifest: another rule", "", "MAN-2", |v| v["contests"][0]["rule"] = json!({"kind": "any"})),
        field("manifest: another count", "", "MAN-12", |v| v["contests"][0]["count"] = json!("borda")),
        field("manifest: hex in capitals", "B08", "MAN-6", |v| {
            let key = v["collector"]["key"].as_str().unwrap().to_uppercase();
            v["collector"]["key"] = json!(key);
        }),
        field("manifest: open before it begins", "D15", "MAN-3", |v| v["voting"]["until"] = json!(1000)),
        field("manifest: k_min 0", "C13", "MAN-3", |v| v["k_min"] = json!(0)),
        field("manifest: k_min 1001", "", "MAN-3", |v| v["k_min"] = json!(1001)),
        field("manifest: a time beyond 2^53", "", "MAN-3", |v| v["voting"]["until"] = json!(1u64 << 53)),
        field("manifest: too many faulty witnesses", "", "MAN-3", |v| v["witnesses"]["faulty"] = json!(1001)),
        field("manifest: batches of an hour and a second", "", "MAN-3", |v| v["board"]["batch_seconds"] = json!(3601)),
        field("manifest: a committee without a quorum", "", "MAN-3", |v| v["committee"]["quorum"] = json!(0)),
    ]
}

fn rules() -> Vec<Row> {
    vec![
        field("manifest: a contest twice", "E10 M60", "MAN-4", |v| v["contests"][1]["id"] = json!("mayor")),
        field("manifest: a district twice", "E10 M60", "MAN-4", |v| v["districts"][1]["id"] = json!("d0")),
        field("manifest: an option twice", "E10 M60", "MAN-4", |v| v["contests"][1]["lists"][0]["options"][1]["id"] = json!("o1")),
        field("manifest: an id in capitals", "E10", "MAN-4", |v| v["contests"][0]["id"] = json!("Mayor")),
        field("manifest: a Cyrillic id", "E10", "MAN-4", |v| v["contests"][0]["id"] = json!("m\u{430}yor")),
        field("manifest: an id with a space", "E10", "MAN-4", |v| v["contests"][0]["id"] = json!("mayor ")),
        field("manifest: one name for two roles", "E10", "MAN-4", |v| v["mixers"]["members"][0]["name"] = json!("trustee-1")),
        field("manifest: two options look alike", "E10", "MAN-5", |v| {
            v["contests"][1]["lists"][0]["options"][1]["title"] = json!("Option 1")
        }),
        field("manifest: a title not in NFC", "E10", "MAN-5", |v| v["title"] = json!("Ha\u{308}a\u{308}l")),
        field("manifest: a zero-width title", "E10 D12", "MAN-5", |v| v["title"] = json!("Inside\u{200b}rs")),
        field("manifest: a title from right to left", "E10 D12", "MAN-5", |v| v["title"] = json!("In\u{202e}siders")),
        field("manifest: a title with a line end", "E10 D12", "MAN-5", |v| v["title"] = json!("In\nsiders")),
        field("manifest: no title", "", "MAN-5", |v| v["title"] = json!("")),
        field("manifest: one key for two roles", "B03 E08", "MAN-6", |v| {
            v["witnesses"]["members"][0]["key"] = v["collector"]["key"].clone()
        }),
        field("manifest: two mixers with one key", "B03 G03", "MAN-6", |v| {
            v["mixers"]["members"][0]["key"] = v["mixers"]["members"][1]["key"].clone()
        }),
        field("manifest: a key of small order", "B03", "MAN-6", |v| v["collector"]["key"] = json!(SMALL)),
        field("manifest: a key of order eight", "B01 B03", "MAN-6", |v| v["collector"]["key"] = json!(TORSION)),
        field("manifest: a key off the curve", "B01", "MAN-6", |v| v["collector"]["key"] = json!(format!("02{}", &ZERO[2..]))),
        field("manifest: a share key that is the identity", "B03", "MAN-6", |v| v["trustees"]["members"][0]["share_key"] = json!(ZERO)),
        field("manifest: a share key that is no point", "B01", "MAN-6", |v| v["trustees"]["members"][0]["share_key"] = json!(SMALL)),
        field("manifest: a share key twice", "B03 F01", "MAN-6", |v| {
            v["trustees"]["members"][0]["share_key"] = v["trustees"]["members"][1]["share_key"].clone();
        }),
        field("manifest: a quorum above the members", "", "MAN-7", |v| v["committee"]["quorum"] = json!(3)),
        field("manifest: one mixer is enough", "G03", "MAN-7", |v| v["mixers"]["required"] = json!(1)),
        field("manifest: more stages than mixers", "G03", "MAN-7", |v| v["mixers"]["required"] = json!(3)),
        field("manifest: all trustees are needed", "F09", "MAN-8", |v| v["trustees"]["threshold"] = json!(3)),
        field("manifest: one trustee is enough", "F09", "MAN-8", |v| v["trustees"]["threshold"] = json!(1)),
        field("manifest: more than all trustees", "F09", "MAN-8", |v| {
            v["trustees"]["threshold"] = json!(4);
            v["trustees"]["override"] = json!(true);
        }),
        field("manifest: two quorums of witnesses", "E08", "MAN-9", |v| v["witnesses"]["faulty"] = json!(1)),
        field("manifest: an unknown district", "E10", "MAN-10", |v| v["contests"][0]["lists"][0]["districts"][0] = json!("d9")),
        field("manifest: a district twice in one contest", "E10", "MAN-10", |v| v["contests"][0]["lists"][0]["districts"][1] = json!("d0")),
        field("manifest: a district without a contest", "E10", "MAN-10", |v| {
            v["districts"].as_array_mut().unwrap().push(json!({"id": "d3", "title": "D"}));
        }),
        field("manifest: two lists alike", "E10", "MAN-10", |v| {
            let mut list = v["contests"][0]["lists"][0].clone();
            list["districts"] = json!(["d2"]);
            v["contests"][0]["lists"][0]["districts"] = json!(["d0", "d1"]);
            v["contests"][0]["lists"].as_array_mut().unwrap().push(list);
        }),
        field("manifest: no contest", "", "MAN-10", |v| v["contests"] = json!([])),
        field("manifest: no list", "", "MAN-10", |v| v["contests"][0]["lists"] = json!([])),
        field("manifest: choose more than there are", "M26", "MAN-11", |v| v["contests"][0]["rule"]["max"] = json!(4)),
        field("manifest: choose at least more than at most", "", "MAN-11", |v| v["contests"][0]["rule"]["min"] = json!(2)),
        field("manifest: a list of one", "", "MAN-11", |v| {
            v["contests"][1]["lists"][0]["options"].as_array_mut().unwrap().truncate(1);
        }),
        field("manifest: a rank without places", "", "MAN-11", |v| {
            v["contests"][1]["rule"] = json!({"kind": "rank", "places": 0});
            v["contests"][1]["count"] = json!("instant-runoff");
        }),
        field("manifest: scores to 1001", "F14", "MAN-11", |v| v["contests"][0]["rule"] = json!({"kind": "score", "most": 1001})),
        field("manifest: counted by another method", "", "MAN-12", |v| v["contests"][0]["count"] = json!("plurality")),
        field("manifest: a ballot longer than an entry", "H01", "MAN-13", |v| {
            let option = |i| json!({"id": format!("o{i}"), "title": format!("Option {i}"), "group": ""});
            v["contests"][0]["rule"] = json!({"kind": "score", "most": 1000});
            v["contests"][0]["lists"][0]["options"] = (0..500).map(option).collect();
        }),
        field("manifest: a reveal longer than a blob", "H01", "MAN-17", |v| ceremony(v, 44, 43, 254)),
        field("manifest: a deal longer than a blob", "H01", "MAN-17", |v| ceremony(v, 302, 2, 107)),
        field("manifest: no anchor", "", "MAN-14", |v| v["eid"]["anchors"] = json!([])),
        field("manifest: an anchor twice", "", "MAN-14", |v| {
            let anchor = v["eid"]["anchors"][0].clone();
            v["eid"]["anchors"].as_array_mut().unwrap().push(anchor);
        }),
        field("manifest: an anchor with loose base64", "B08", "MAN-14", |v| v["eid"]["anchors"][0] = json!("MAB=")),
        // The library leaves certificates to the library of envelopes.
        row("manifest: an anchor that is no certificate", "", || {
            instead(changed(|v| v["eid"]["anchors"][0] = json!("MAA=")), None, "MAN-14")
        }),
    ]
}

/// So many trustees, threshold, and columns of the first contest, the last one for the blank.
fn ceremony(v: &mut Value, n: u16, threshold: u16, columns: u16) {
    let trustee = |i: u16| {
        let name = format!("trustee-{i}");
        let (key, share_key) = (lab::signing_key(&name).verifying_key().to_bytes(), *lab::point(&name).bytes());
        json!({"name": name, "key": hex::encode(key), "share_key": hex::encode(share_key)})
    };
    let option = |i: u16| json!({"id": format!("o{i}"), "title": format!("Option {i}"), "group": ""});
    v["trustees"]["members"] = (1..=n).map(trustee).collect();
    v["trustees"]["threshold"] = json!(threshold);
    v["contests"][0]["lists"][0]["options"] = (1..columns).map(option).collect();
}

/// A record that is sound for another manifest than the one that voters know.
fn other_election(change: impl FnOnce(&mut ballot::manifest::Description)) -> Insider {
    let mut description = town::setup().description();
    change(&mut description);
    let mut i = Insider::new(Manifest::from_description(&description).unwrap());
    i.begin();
    i.votes();
    i.finish();
    i
}

fn not_the_one(i: Insider) -> Case {
    Case::of(i).election(&hex::encode(town::new().id())).fails("V1", "REC-4", "manifest.json")
}

/// An honest ballot of voter 0 for the town, dressed up for another election that has the same voters on its roll.
fn replayed(dressed: bool) -> Case {
    let mut theirs = town::opened();
    let mut bytes = theirs.ballot(0, &town::vote(0, 0)).bytes().to_vec();
    let mut setup = town::setup();
    setup.k_min = 1;
    let mut i = Insider::new(setup.manifest());
    i.lines = theirs.lines.clone();
    i.ceremony();
    i.drill();
    i.roll();
    i.open();
    if dressed {
        bytes[2..34].copy_from_slice(&i.id());
        bytes[34..66].copy_from_slice(&i.keys().set.key.id());
    }
    let at = i.batch(vec![Item::Cast(bytes)]) + 1;
    i.close();
    i.drill();
    i.fix();
    i.mixes();
    i.intents();
    i.openings();
    i.result_as(b"{}");
    let case = Case::of(i);
    if dressed { case.fails("V12", "BAL-5", entry(at)) } else { case.fails("V11", "BAL-2", entry(at)) }
}

fn entries() -> Vec<Row> {
    vec![
        row("another election", "E09 A13", || Case::of(town::done()).election(&hex::encode([9; 32])).fails("V1", "REC-4", "manifest.json")),
        row("another k_min throughout", "E09 M62 C13", || not_the_one(other_election(|d| d.k_min = 1))),
        row("another trustee's keys throughout", "E09 M61 E15", || {
            not_the_one(other_election(|d| d.trustees.members[0].name = "trustee-9".to_owned()))
        }),
        row("candidates' titles swapped throughout", "E09 M56", || {
            not_the_one(other_election(|d| {
                let options = &mut d.contests[0].lists[0].options;
                let (one, two) = options.split_at_mut(1);
                std::mem::swap(&mut one[0].title, &mut two[0].title);
            }))
        }),
        row("a ballot of another election", "A03 A13 E13", || replayed(false)),
        row("a ballot of another election, dressed up", "A03 A13 E13 C01", || replayed(true)),
        row("manifest entry: one signature too few", "E15", || {
            manifest_entry("MAN-15", |e| {
                if let Entry::Manifest { signatures, .. } = e {
                    signatures.pop();
                }
            })
        }),
        row("manifest entry: a wrong signature", "E15", || {
            manifest_entry("MAN-15", |e| {
                if let Entry::Manifest { signatures, .. } = e {
                    signatures[1].1[5] ^= 1;
                }
            })
        }),
        row("manifest entry: somebody else's signature", "E15 A06", || {
            manifest_entry("MAN-15", |e| {
                if let Entry::Manifest { signatures, .. } = e {
                    signatures[1].1 = signatures[0].1;
                }
            })
        }),
        row("manifest entry: an unknown member", "E15", || {
            manifest_entry("MAN-15", |e| {
                if let Entry::Manifest { signatures, .. } = e {
                    signatures[1].0 = 3;
                }
            })
        }),
        row("manifest entry: another election", "E15 E09", || {
            manifest_entry("REC-4", |e| {
                if let Entry::Manifest { election, .. } = e {
                    election[0] ^= 1;
                }
            })
        }),
        row("a second manifest entry", "E15", || {
            let mut i = town::opened();
            let second = i.manifest_entry(&i.id());
            let at = i.push(&second);
            i.votes();
            i.finish();
            Case::of(i).fails("V6", "ENTRY-1", entry(at))
        }),
        row("a second manifest entry for another manifest", "E15 M61", || {
            let mut i = town::opened();
            let second = i.manifest_entry(&[7; 32]);
            let at = i.push(&second);
            i.votes();
            i.finish();
            Case::of(i).fails("V6", "ENTRY-1", entry(at))
        }),
    ]
}

fn manifest_entry(rule: &'static str, change: impl FnOnce(&mut Entry)) -> Case {
    let mut i = town::new();
    i.edit(0, change);
    i.begin();
    i.votes();
    i.finish();
    Case::of(i).fails("V6", rule, entry(0))
}
