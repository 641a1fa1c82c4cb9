//! `report.html`: one page about a finished election, for people who would rather look.

use anyhow::{Context, Result};
use ballot::manifest::{Manifest, Rule};
use serde_json::Value;
use std::fmt::Write;

/// Text that is safe inside HTML.
fn text(s: &str) -> String {
    s.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}\
h1{margin-bottom:0}h2{margin-top:2.5rem;border-bottom:1px solid #ccc}table{border-collapse:collapse;width:100%}\
td,th{text-align:left;padding:.2rem .6rem .2rem 0;vertical-align:top}td.n,th.n{text-align:right;white-space:nowrap}\
.bar{background:#2f6f9f;height:.9rem;display:inline-block;min-width:1px}.scroll{max-height:26rem;overflow:auto}\
.passed{color:#126b2f}.failed{color:#a11}.skipped,.not-anchored{color:#666}code{font-size:.85em;word-break:break-all}\
.verdict{font-size:1.2rem;padding:.6rem 1rem;border-left:.4rem solid currentColor;background:#f6f6f6}\
@media(prefers-color-scheme:dark){body{background:#151515;color:#e8e8e8}.verdict{background:#222}.passed{color:#6fd08c}.failed{color:#ff8b8b}.bar{background:#6fb1de}}\
@media print{.scroll{max-height:none}}";

/// Writes the page from the manifest, the result and the verifier's JSON report.
pub fn write(manifest: &Manifest, result: &[u8], report: &str, notes: &[(String, String)]) -> Result<String> {
    let result: Value = serde_json::from_slice(result)?;
    let report: Value = serde_json::from_str(report)?;
    let d = manifest.description();
    let mut out = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{0}</title><style>{STYLE}</style></head><body><main><h1>{0}</h1><p>{1}</p>",
        text(&d.title),
        if manifest.description().kind == ballot::manifest::Kind::Practice { "Practice: these ballots count for nothing." } else { "" }
    );
    let verdict = report["verdict"].as_str().unwrap_or("unreadable");
    let class = if verdict == "passed" { "passed" } else { "failed" };
    write!(out, "<p class=\"verdict {class}\">The independent verifier says: <strong>{}</strong></p>", text(verdict))?;
    write!(out, "<p>Election id <code>{}</code></p>", hex::encode(manifest.id()))?;
    turnout(&mut out, &report)?;
    contests(&mut out, manifest, &result)?;
    people(&mut out, manifest)?;
    write!(
        out,
        "<h2>The log</h2><p>{} entries, root <code>{}</code></p>",
        report["log"]["size"],
        text(report["log"]["root"].as_str().unwrap_or(""))
    )?;
    checks(&mut out, &report)?;
    out.push_str("<h2>How it went</h2><table>");
    for (what, value) in notes {
        write!(out, "<tr><td>{}</td><td>{}</td></tr>", text(what), text(value))?;
    }
    out.push_str(
        "</table><p>A passing report does not prove everything: see specs/12-verification.md, last section.</p></main></body></html>\n",
    );
    Ok(out)
}

fn turnout(out: &mut String, report: &Value) -> Result<()> {
    out.push_str("<h2>Turnout</h2><table>");
    let names = [
        ("roll", "on the roll"),
        ("voters", "voted over the internet"),
        ("ballots", "ballots taken"),
        ("superseded", "replaced by the voter's later ballot"),
        ("annulled", "annulled by a signed list (voted on paper too)"),
        ("challenged", "challenged and opened"),
        ("counted", "counted"),
    ];
    let roll = report["summary"]["roll"].as_f64().unwrap_or(0.0).max(1.0);
    for (key, name) in names {
        let n = &report["summary"][key];
        let width = n.as_f64().unwrap_or(0.0) / roll * 100.0;
        write!(
            out,
            "<tr><td>{name}</td><td class=\"n\">{n}</td><td style=\"width:50%\"><span class=\"bar\" style=\"width:{:.1}%\"></span></td></tr>",
            width.min(100.0)
        )?;
    }
    out.push_str("</table>");
    Ok(())
}

fn contests(out: &mut String, manifest: &Manifest, result: &Value) -> Result<()> {
    for contest in &manifest.description().contests {
        write!(out, "<h2>{}</h2>", text(&contest.title))?;
        for unit in result["units"].as_array().context("no units")?.iter().filter(|u| u["contest"] == contest.id.as_str()) {
            let first = unit["districts"][0].as_str().unwrap_or("");
            let list = contest.lists.iter().find(|l| l.districts.iter().any(|x| x == first)).context("no list")?;
            let title = |id: &str| {
                manifest.district(id).and_then(|i| manifest.description().districts.get(i)).map_or(id.to_owned(), |d| d.title.clone())
            };
            let districts: Vec<String> = unit["districts"].as_array().into_iter().flatten().filter_map(Value::as_str).map(title).collect();
            let state = unit["state"].as_str().unwrap_or("");
            write!(out, "<h3>{}</h3><p>{} ballots", text(&districts.join(", ")), unit["ballots"])?;
            match state {
                "withheld" => out.push_str(": too few to be opened, so the result is withheld.</p>"),
                "empty" => out.push_str(".</p>"),
                _ => {
                    out.push_str(if contest.rule.is_mixed() {
                        ", mixed and opened one by one.</p>"
                    } else {
                        ", added up under encryption; only the sums were opened.</p>"
                    });
                    let blank = matches!(contest.rule, Rule::Choose { blank: true, .. });
                    let mut names: Vec<(String, String)> = list.options.iter().map(|o| (o.title.clone(), o.group.clone())).collect();
                    if blank {
                        names.push(("Blank".to_owned(), String::new()));
                    }
                    bars(out, &names, unit)?;
                }
            }
        }
    }
    Ok(())
}

fn bars(out: &mut String, names: &[(String, String)], unit: &Value) -> Result<()> {
    let counts: Vec<u64> = unit["counts"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    out.push_str("<div class=\"scroll\"><table>");
    for ((name, group), n) in names.iter().zip(&counts) {
        let width = *n as f64 / most as f64 * 100.0;
        write!(
            out,
            "<tr><td>{}</td><td>{}</td><td class=\"n\">{n}</td><td style=\"width:45%\"><span class=\"bar\" style=\"width:{width:.1}%\"></span></td></tr>",
            text(name),
            text(group)
        )?;
    }
    out.push_str("</table></div>");
    let rounds = unit["rounds"].as_array().map_or(0, Vec::len);
    if rounds > 0 {
        write!(
            out,
            "<p>Instant run-off, {rounds} rounds; the numbers are those of the last one. Winner: <strong>{}</strong></p>",
            text(unit["winner"].as_str().unwrap_or(""))
        )?;
    }
    Ok(())
}

fn people(out: &mut String, manifest: &Manifest) -> Result<()> {
    let d = manifest.description();
    let names = |members: &[ballot::manifest::Member]| members.iter().map(|m| text(&m.name)).collect::<Vec<_>>().join(", ");
    let trustees: Vec<String> = d.trustees.members.iter().map(|t| text(&t.name)).collect();
    write!(
        out,
        "<h2>Who</h2><table><tr><td>Committee</td><td>{} (any {} sign)</td></tr><tr><td>Trustees</td><td>{} (any {} open)</td></tr>\
         <tr><td>Mixers</td><td>{} ({} stages)</td></tr><tr><td>Witnesses</td><td>{} (quorum {})</td></tr></table>",
        names(&d.committee.members),
        d.committee.quorum,
        trustees.join(", "),
        d.trustees.threshold,
        names(&d.mixers.members),
        d.mixers.required,
        names(&d.witnesses.members),
        d.witnesses.quorum
    )?;
    Ok(())
}

fn checks(out: &mut String, report: &Value) -> Result<()> {
    out.push_str("<h2>The verifier's checklist</h2><table><tr><th></th><th>check</th><th></th><th class=\"n\">looked at</th><th class=\"n\">failed</th></tr>");
    for check in report["checks"].as_array().into_iter().flatten() {
        let (id, name, state) =
            (check["id"].as_str().unwrap_or(""), check["name"].as_str().unwrap_or(""), check["state"].as_str().unwrap_or(""));
        write!(
            out,
            "<tr><td>{}</td><td>{}</td><td class=\"{}\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            text(id),
            text(name),
            text(state),
            text(state),
            check["count"],
            check["failed"]
        )?;
        for (list, word) in [("failures", "failed"), ("findings", "finding")] {
            for f in check[list].as_array().into_iter().flatten() {
                let part = |k: &str| text(f[k].as_str().unwrap_or(""));
                write!(
                    out,
                    "<tr><td></td><td colspan=\"4\" class=\"{word}\">{word}: {} at {}: {}</td></tr>",
                    part("rule"),
                    part("place"),
                    part("text")
                )?;
            }
        }
    }
    out.push_str("</table>");
    Ok(())
}
