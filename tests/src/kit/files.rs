//! The record as files: the checkpoint, tiles, blobs, and whatever else is put into the folder. V3, V4, V5.

use super::case::{Case, Row, Trustee, entry, row};
use crate::insider::{Insider, town};
use crate::lab;
use board::{OrderKind, PostKind};

/// The town with one file changed.
fn file(path: &str, change: impl FnOnce(&mut Vec<u8>)) -> Insider {
    let mut i = town::done();
    let mut bytes = i.record()[path].clone();
    change(&mut bytes);
    i.files.insert(path.to_owned(), Some(bytes));
    i
}

fn unseen(i: Insider) -> Case {
    Case::of(i).trustee(Trustee::DoesNotSee)
}

/// The checkpoint turned as a text.
fn checkpoint(rule: &'static str, change: impl FnOnce(String) -> String) -> Case {
    let i = file("checkpoint", |b| *b = change(String::from_utf8(b.clone()).unwrap()).into_bytes());
    Case::of(i).fails("V4", rule, "checkpoint").loosely()
}

/// A checkpoint that the collector signs for something else.
fn signed(rule: &'static str, make: impl FnOnce(&Insider) -> String) -> Case {
    let mut i = town::done();
    let text = make(&i);
    i.files.insert("checkpoint".into(), Some(text.into_bytes()));
    Case::of(i).fails("V4", rule, "checkpoint").loosely()
}

fn size() -> usize {
    town::done().entries.len()
}

fn bundle() -> String {
    format!("tile/entries/000.p/{}", size())
}

fn tile() -> String {
    format!("tile/0/000.p/{}", size())
}

pub fn rows() -> Vec<Row> {
    let mut rows = checkpoints();
    rows.extend(logs());
    rows.extend(blobs());
    rows.extend(folders());
    rows
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn joined(lines: &[String]) -> String {
    lines.iter().map(|l| format!("{l}\n")).collect()
}

fn checkpoints() -> Vec<Row> {
    let without = |n: usize| {
        move |text: String| {
            let mut all = lines(&text);
            all.remove(n);
            joined(&all)
        }
    };
    let line = |n: usize, change: fn(&str) -> String| {
        move |text: String| {
            let mut all = lines(&text);
            all[n] = change(&all[n]);
            joined(&all)
        }
    };
    vec![
        row("checkpoint: no witness", "M36 E08", move || checkpoint("LOG-4", without(5))),
        row("checkpoint: not the collector's", "M34 E08", move || checkpoint("LOG-3", without(4))),
        row("checkpoint: the witness first", "M68 E08", || {
            checkpoint("LOG-3", |t| {
                let mut all = lines(&t);
                all.swap(4, 5);
                joined(&all)
            })
        }),
        row("checkpoint: the witness twice", "M36 E08", || {
            checkpoint("LOG-4", |t| {
                let mut all = lines(&t);
                all.push(all[5].clone());
                joined(&all)
            })
        }),
        row("checkpoint: a witness of nobody", "M36 E08", || {
            checkpoint("LOG-4", |t| {
                let text = format!("{}\n", lines(&t)[..3].join("\n"));
                t + &board::checkpoint::cosign(&text, "stranger", &lab::signing_key("stranger"), 5)
            })
        }),
        row("checkpoint: a stranger under the witness's name", "M36 E08 A06", || {
            checkpoint("LOG-4", |t| {
                let text = format!("{}\n", lines(&t)[..3].join("\n"));
                joined(&lines(&t)[..5]) + &board::checkpoint::cosign(&text, "witness-1", &lab::signing_key("stranger"), 5)
            })
        }),
        row("checkpoint: the witness signed another root", "M34 M36 E08", || {
            let mut i = town::done();
            let right = i.checkpoint();
            let other = i.checkpoint_of(i.entries.len() as u64, &[7; 32], &[1]);
            let mixed = joined(&lines(&right)[..5]) + &joined(&lines(&other)[5..]);
            i.files.insert("checkpoint".into(), Some(mixed.into_bytes()));
            Case::of(i).fails("V4", "LOG-4", "checkpoint")
        }),
        row("checkpoint: a flipped signature", "M34", || {
            checkpoint("LOG-3", |t| {
                let mut all = lines(&t);
                let at = all[4].len() - 10;
                let flipped = if all[4].as_bytes()[at] == b'A' { "B" } else { "A" };
                all[4].replace_range(at..=at, flipped);
                joined(&all)
            })
        }),
        row("checkpoint: another origin", "A13 E13", || {
            signed("LOG-1", |i| i.checkpoint().replacen(&hex::encode(i.id()), &hex::encode([8; 32]), 1))
        }),
        row("checkpoint: another election's, signed", "A13 E09 E13", || {
            signed("LOG-1", |i| {
                let mut other = i.clone();
                other.manifest_file = Some(b"another manifest".to_vec());
                other.checkpoint()
            })
        }),
        row("checkpoint: an extension line", "B08 M37", || {
            signed("LOG-1", |i| {
                let text = format!("{}extension\n", board::checkpoint::note_text(&i.id(), i.entries.len() as u64, &i.root()));
                format!("{text}\n{}", board::checkpoint::sign(&text, "collector", &lab::signing_key("collector")))
            })
        }),
        row("checkpoint: a fork", "M34 E08", || {
            signed("REC-3", |i| {
                let mut other = i.clone();
                other.entries.pop();
                other.result_as(b"{}");
                other.checkpoint()
            })
        }),
        row("checkpoint: rolled back", "M35 E08", || {
            // One entry less; the files are those of the whole log.
            let mut i = town::done();
            let mut before = i.clone();
            before.entries.pop();
            i.files.insert("checkpoint".into(), Some(before.checkpoint().into_bytes()));
            unseen(i).fails("V3", "REC-1", bundle_of(size() - 1)).loosely()
        }),
        row("checkpoint: rolled back with its files: unfinished, not wrong", "M35 E08", || {
            let mut i = town::done();
            let result = i.blob_of(i.entries.len() - 1);
            i.entries.pop();
            i.blobs.remove(&result);
            unseen(i).code(3)
        }),
        row("checkpoint: larger than the log", "M35", || {
            let mut i = town::done();
            let text = i.checkpoint_of(i.entries.len() as u64 + 1, &i.root(), &[1]);
            i.files.insert("checkpoint".into(), Some(text.into_bytes()));
            unseen(i).fails("V3", "REC-1", bundle_of(size() + 1)).loosely()
        }),
        row("checkpoint: of 2^63 entries", "B08 H01", || {
            let mut i = town::done();
            let text = i.checkpoint_of(1 << 63, &i.root(), &[1]);
            i.files.insert("checkpoint".into(), Some(text.into_bytes()));
            unseen(i).fails("V3", "REC-1", "checkpoint").loosely()
        }),
        row("checkpoint: of nothing", "M35 A09", || {
            let mut i = town::done();
            let text = i.checkpoint_of(0, &board::tree::empty_root(), &[1]);
            i.files.insert("checkpoint".into(), Some(text.into_bytes()));
            unseen(i).fails("V6", "ENTRY-1", "entry 0").loosely()
        }),
        row("checkpoint: CRLF", "M70 B08", || checkpoint("LOG-6", |t| t.replace('\n', "\r\n"))),
        row("checkpoint: CR before one line end", "M70 B08", || checkpoint("LOG-6", |t| t.replacen('\n', "\r\n", 2))),
        row("checkpoint: a leading zero", "M69 B08", move || checkpoint("LOG-6", line(1, |l| format!("0{l}")))),
        row("checkpoint: a plus sign", "B08", move || checkpoint("LOG-6", line(1, |l| format!("+{l}")))),
        row("checkpoint: a space", "M69 B08", move || checkpoint("LOG-6", line(1, |l| format!("{l} ")))),
        row("checkpoint: no padding", "M69 B08", move || checkpoint("LOG-6", line(2, |l| l.trim_end_matches('=').to_owned()))),
        row("checkpoint: a hyphen for the dash", "B08", move || checkpoint("LOG-6", line(4, |l| l.replacen('\u{2014}', "-", 1)))),
        row("checkpoint: a line more at the end", "B08", || checkpoint("LOG-6", |t| t + "\n")),
        row("checkpoint: no line end", "M67 B08", || checkpoint("LOG-6", |t| t.trim_end().to_owned())),
        row("checkpoint: not UTF-8", "B08", || {
            let i = file("checkpoint", |b| b[0] = 0xff);
            unseen(i).fails("V4", "LOG-6", "checkpoint").loosely()
        }),
        row("checkpoint: empty", "M67", || {
            let i = file("checkpoint", Vec::clear);
            unseen(i).fails("V4", "LOG-6", "checkpoint").loosely()
        }),
        row("checkpoint: missing", "M67", || {
            let mut i = town::done();
            i.files.insert("checkpoint".into(), None);
            unseen(i).code(2)
        }),
        row("manifest: missing", "M67", || {
            let mut i = town::done();
            i.files.insert("manifest.json".into(), None);
            unseen(i).code(2)
        }),
    ]
}

fn bundle_of(size: usize) -> String {
    format!("tile/entries/000.p/{size}")
}

fn logs() -> Vec<Row> {
    vec![
        row("tile: an entry exchanged", "M04 M34", || {
            unseen(file(&bundle(), |b| *b.last_mut().unwrap() ^= 1)).fails("V4", "REC-3", "checkpoint").loosely()
        }),
        row("tile: a hash exchanged", "M34 E06", || {
            let at = format!("{}@32", tile());
            unseen(file(&tile(), |b| b[32] ^= 1)).fails("V4", "REC-2", at)
        }),
        row("tile: two hashes exchanged", "M68 E06", || {
            unseen(file(&tile(), |b| {
                let one = b[..32].to_vec();
                b.copy_within(32..64, 0);
                b[32..64].copy_from_slice(&one);
            }))
            .fails("V4", "REC-2", tile())
        }),
        row("tile: two entries exchanged", "M68 E03", || {
            let mut i = town::done();
            let mut other = i.clone();
            other.entries.swap(20, 21);
            let path = bundle();
            i.files.insert(path.clone(), Some(other.record()[&path].clone()));
            unseen(i).fails("V4", "REC-3", "checkpoint").loosely()
        }),
        row("tile: a hash more", "M33", || unseen(file(&tile(), |b| b.extend([0; 32]))).fails("V4", "REC-2", tile())),
        row("tile: a byte less", "M67", || unseen(file(&tile(), |b| _ = b.pop())).fails("V4", "REC-2", tile())),
        row("tile: missing", "M67", || {
            let mut i = town::done();
            i.files.insert(tile(), None);
            unseen(i).fails("V3", "REC-1", tile()).fails("V4", "REC-2", tile())
        }),
        row("bundle: a byte more", "M33", || unseen(file(&bundle(), |b| b.push(0))).fails("V4", "REC-2", bundle()).loosely()),
        row("bundle: a byte less", "M67", || unseen(file(&bundle(), |b| _ = b.pop())).fails("V4", "REC-2", bundle()).loosely()),
        row("bundle: a length beyond the end", "B08 M67", || {
            unseen(file(&bundle(), |b| b[..2].fill(0xff))).fails("V4", "REC-2", bundle()).loosely()
        }),
        row("bundle: missing", "M67", || {
            let mut i = town::done();
            i.files.insert(bundle(), None);
            unseen(i).fails("V3", "REC-1", bundle()).loosely()
        }),
        row("bundle: compressed", "M69", || {
            unseen(file(&bundle(), |b| {
                b.splice(0..0, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
            }))
            .fails("V4", "REC-2", bundle())
            .loosely()
        }),
        row("a ballot dropped from the log", "M01 E05 M34", || {
            // The collector signs again; the count is that of the longer log.
            let mut i = town::done();
            let at = i.find(|e| matches!(e, board::Entry::Ballot { .. }))[4];
            i.entries.remove(at);
            Case::of(i).fails("V6", "ENTRY-5", "entry").loosely()
        }),
        row("a ballot added to the log", "M02 E04 M34", || {
            let mut i = town::done();
            let at = i.find(|e| matches!(e, board::Entry::Ballot { .. }))[4];
            let again = i.entries[at].clone();
            i.entries.insert(at + 1, again);
            Case::of(i).fails("V6", "ENTRY-5", entry(at + 1)).loosely()
        }),
    ]
}

fn blobs() -> Vec<Row> {
    let path = |i: &Insider, index: usize| format!("blob/{}", hex::encode(i.blob_of(index)));
    let of = |kind: OrderKind| town::done().orders_of(kind)[0];
    vec![
        row("blob: a roll changed", "E15 M17 E09", move || {
            let i = town::done();
            let at = of(OrderKind::Roll);
            let i = file(&path(&i, at), |b| *b.last_mut().unwrap() ^= 1);
            unseen(i).fails("V5", "REC-5", entry(at)).fails("V8", "ROLL-1", entry(at))
        }),
        row("blob: a result changed", "F15 M55", move || {
            let i = town::done();
            let at = of(OrderKind::Result);
            let i = file(&path(&i, at), |b| *b.last_mut().unwrap() ^= 1);
            unseen(i).fails("V5", "REC-5", entry(at)).loosely()
        }),
        row("blob: missing", "M67 F13", move || {
            let mut i = town::done();
            let at = i.posts_of(PostKind::Opening)[0];
            i.files.insert(path(&i, at), None);
            let file = path(&i, at);
            unseen(i).fails("V3", "REC-1", file).fails("V5", "ENTRY-7", entry(at)).loosely()
        }),
        row("blob: empty", "M67", move || {
            let i = town::done();
            let at = i.posts_of(PostKind::Mix)[0];
            let i = file(&path(&i, at), Vec::clear);
            unseen(i).fails("V5", "REC-5", entry(at)).loosely()
        }),
        row("blob: two exchanged", "M68", move || {
            let mut i = town::done();
            let (one, two) = (i.posts_of(PostKind::Mix)[0], i.posts_of(PostKind::Mix)[1]);
            let (a, b) = (path(&i, one), path(&i, two));
            let record = i.record();
            i.files.insert(a.clone(), Some(record[&b].clone()));
            i.files.insert(b, Some(record[&a].clone()));
            unseen(i).fails("V5", "REC-5", entry(one)).fails("V5", "REC-5", entry(two)).loosely()
        }),
        row("blob: a ceremony message beyond its limit", "H01 B08", move || {
            let mut i = town::voted();
            let at = i.post(PostKind::Commit, 1, &vec![0; (1 << 20) + 1]);
            i.finish();
            Case::of(i).fails("V5", "ENTRY-7", entry(at))
        }),
        row("blob: of the longest allowed length", "", move || {
            let mut i = town::voted();
            let at = i.post(PostKind::Commit, 1, &vec![0; 1 << 20]);
            i.finish();
            Case::of(i).finds("V9", "KEY-1", entry(at))
        }),
    ]
}

fn folders() -> Vec<Row> {
    let extra = |path: &'static str| {
        row(format!("a file too many: {path}"), "E05 B08", move || {
            let mut i = town::done();
            i.files.insert(path.into(), Some(b"x".to_vec()));
            unseen(i).fails("V3", "REC-1", path).loosely()
        })
    };
    vec![
        extra("README"),
        extra("tile/0/001"),
        extra("tile/1/000.p/1"),
        extra("tile/entries/000"),
        extra("tile/entries/000.p/12"),
        extra("blob/0000000000000000000000000000000000000000000000000000000000000000"),
        extra("blob/x"),
        extra("manifest.json.bak"),
        extra(".hidden"),
        row("a blob in capitals", "B08", || {
            let mut i = town::done();
            let name = hex::encode(i.blob_of(i.posts_of(PostKind::Mix)[0]));
            let bytes = i.record()[&format!("blob/{name}")].clone();
            i.files.insert(format!("blob/{name}"), None);
            i.files.insert(format!("blob/{}", name.to_uppercase()), Some(bytes));
            unseen(i).fails("V3", "REC-1", format!("blob/{name}")).loosely()
        }),
        row("a blob that nobody names", "E05", || {
            let mut i = town::done();
            let name = i.keep(b"something else");
            unseen(i).fails("V3", "REC-1", format!("blob/{}", hex::encode(name)))
        }),
    ]
}
