//! Results that nobody computed. V20.

use super::case::{Case, Row, entry, row};
use crate::insider::town;
use board::OrderKind;
use serde_json::{Value, json};

/// The published result turned.
fn result(change: impl FnOnce(&mut Value)) -> Case {
    let mut i = town::unsealed();
    let mut value: Value = serde_json::from_slice(&i.computed_result().unwrap().to_bytes()).unwrap();
    change(&mut value);
    let at = i.result_as(&serde_json::to_vec(&value).unwrap());
    Case::of(i).fails("V20", "COUNT-4", entry(at))
}

fn text(change: impl FnOnce(String) -> String) -> Case {
    let mut i = town::unsealed();
    let right = String::from_utf8(i.computed_result().unwrap().to_bytes()).unwrap();
    let at = i.result_as(change(right).as_bytes());
    Case::of(i).fails("V20", "COUNT-4", entry(at))
}

pub fn rows() -> Vec<Row> {
    let n = |v: &Value| v.as_u64().unwrap();
    vec![
        row("result: one vote from one to another", "F15 M55 M63", move || {
            result(move |v| {
                let counts = &mut v["units"][0]["counts"];
                (counts[0], counts[1]) = (json!(n(&counts[0]) + 1), json!(n(&counts[1]).wrapping_sub(1)));
            })
        }),
        row("result: one vote more", "F15 M55 F14", move || {
            result(move |v| v["units"][0]["counts"][0] = json!(n(&v["units"][0]["counts"][0]) + 1))
        }),
        row("result: a blank is a vote", "F15 M58", move || {
            result(move |v| v["units"][0]["counts"][3] = json!(n(&v["units"][0]["counts"][3]) + 1))
        }),
        row("result: two districts exchanged", "F15 M57", || {
            result(|v| {
                let one = v["units"][0]["districts"].take();
                v["units"][0]["districts"] = v["units"][1]["districts"].take();
                v["units"][1]["districts"] = one;
            })
        }),
        row("result: counts of two districts exchanged", "F15 M57", || {
            result(|v| {
                let one = v["units"][0]["counts"].take();
                v["units"][0]["counts"] = v["units"][1]["counts"].take();
                v["units"][1]["counts"] = one;
            })
        }),
        row("result: two options exchanged", "F15 M56", || {
            result(|v| {
                let counts = v["units"][3]["counts"].as_array_mut().unwrap();
                let other = counts.iter().position(|n| *n != counts[0]).unwrap();
                counts.swap(0, other);
            })
        }),
        row("result: two contests exchanged", "F15 M56", || {
            result(|v| {
                v["units"][0]["contest"] = json!("council");
                v["units"][3]["contest"] = json!("mayor");
            })
        }),
        row("result: a mixed unit's counts", "F15 M55", move || result(move |v| v["units"][4]["counts"][1] = json!(3))),
        row("result: another number of ballots", "F15 M58", || result(|v| v["units"][0]["ballots"] = json!(4))),
        row("result: a winner in a sum", "F15", || result(|v| v["units"][0]["winner"] = json!("o1"))),
        row("result: a unit left out", "F15 M52", || result(|v| _ = v["units"].as_array_mut().unwrap().remove(2))),
        row("result: a unit twice", "F15", || {
            result(|v| {
                let one = v["units"][0].clone();
                v["units"].as_array_mut().unwrap().push(one);
            })
        }),
        row("result: a unit withheld that is not", "F15 C13", || {
            result(|v| {
                v["units"][0]["state"] = json!("withheld");
                v["units"][0]["counts"] = json!([]);
            })
        }),
        row("result: units in another order", "F15 M68", || result(|v| v["units"].as_array_mut().unwrap().swap(0, 1))),
        row("result: another counted set in it", "F15 M54", || result(|v| v["counted"] = json!("00".repeat(32)))),
        row("result: another election in it", "F15 A13", || result(|v| v["election"] = json!("00".repeat(32)))),
        row("result: a field more", "F15 M59", || result(|v| v["turnout"] = json!(9))),
        row("result: seats", "F15 M59", || result(|v| v["units"][0]["seats"] = json!([1]))),
        row("result: numbers as text", "F15 A12", || result(|v| v["units"][0]["counts"][0] = json!("2"))),
        row("result: 2^64 votes", "F14 F15", || text(|t| t.replacen("\"ballots\":3", "\"ballots\":18446744073709551616", 1))),
        row("result: minus one vote", "F14 F15", || result(|v| v["units"][0]["counts"][0] = json!(-1))),
        row("result: a space", "F15 M69", || text(|t| t.replacen("\":", "\": ", 1))),
        row("result: a line end", "F15 M70", || text(|t| t + "\r\n")),
        row("result: empty", "F15", || text(|_| String::new())),
        row("result: cut in half", "F15 M67", || text(|t| t[..t.len() / 2].to_owned())),
        row("result: the order names another counted set", "F15 M54", || {
            let mut i = town::unsealed();
            let right = i.computed_result().unwrap().to_bytes();
            let at = i.order(OrderKind::Result, 0, [1; 32], Some(&right));
            Case::of(i).fails("V20", "COUNT-4", entry(at))
        }),
        row("result: that of a withheld unit all the same", "C13 F15", || {
            // k_min is 10; the trustees add up the unit anyway, and somebody publishes it.
            let mut i = town::withheld();
            let mut value: Value = serde_json::from_slice(&i.computed_result().unwrap().to_bytes()).unwrap();
            assert_eq!(value["units"][0]["state"], "withheld");
            value["units"][0]["counts"] = json!([3, 4, 1, 1]);
            let at = i.result_as(&serde_json::to_vec(&value).unwrap());
            Case::of(i).fails("V20", "COUNT-4", entry(at))
        }),
    ]
}
