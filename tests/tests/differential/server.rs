//! A real collector whose committee and trustees are the insider, and the insider's record of the same log.

use crate::check::say;
use ballot::encode::{Reader, Record};
use ballot::{Context, Hash};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use board::http::{Web, WebError};
use board::programs::{self, Programs};
use board::roll::RollLine;
use board::{Entry, OrderKind};
use e2e::insider::ballots::code;
use e2e::insider::{Insider, Item, town};
use e2e::lab;
use e2e::pki::{Credential, P256, Person, TestPki};
use e2e::process::{Server, must};
use envelope::Identity;
use envelope::login::sign_login;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

pub fn now() -> u64 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()
}

/// Collector and record, and where they differ.
pub struct Both {
    pub record: Insider,
    pub voters: Vec<Voter>,
    pub web: Web,
    differences: Vec<String>,
    names: BTreeSet<String>,
    /// Accepted and refused.
    counts: [usize; 2],
    _server: Server,
    _folder: tempfile::TempDir,
}

/// A voter who has logged in: where the next ballot stands, and what signs it.
pub struct Voter {
    pub context: Context,
    pub login: Identity,
    signer: Identity,
    pub session: String,
}

impl Both {
    /// A collector in the phase voting, with so many voters who have logged in.
    pub fn new(voters: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let pki = TestPki::new("Test eID", (now() - 86_400, now() + 86_400)).unwrap();
        let mut description = town::setup().description();
        description.eid.anchors = vec![BASE64_STANDARD.encode(pki.root_der())];
        (description.voting.from, description.voting.until) = (now() - 3600, now() + 86_400);
        let mut record = Insider::new(ballot::Manifest::from_description(&description).unwrap());
        std::fs::write(at("manifest.json"), record.manifest.bytes()).unwrap();
        std::fs::write(at("manifest.sig"), &record.entries[0]).unwrap();
        std::fs::write(at("collector.key"), hex::encode(lab::signing_key("collector").to_bytes())).unwrap();
        std::fs::write(at("voters.csv"), (0..voters).map(|v| format!("{},d0\n", code(v))).collect::<String>()).unwrap();
        let data = at("data");
        let path = |p: &Path| p.to_str().unwrap().to_owned();
        let (manifest, signatures, key) = (path(&at("manifest.json")), path(&at("manifest.sig")), path(&at("collector.key")));
        let init = ["init", "--data", &path(&data), "--manifest", &manifest, "--signatures", &signatures, "--key", &key].map(str::to_owned);
        must("collector", init).unwrap();
        must("collector", ["roll", "import", "--data", &path(&data), &path(&at("voters.csv"))]).unwrap();
        record.lines = roll_lines(&std::fs::read(data.join("roll.bin")).unwrap());
        record.clock = now() - 1000;
        record.roll();
        record.ceremony();
        record.drill();
        let files = programs::NAMES.into_iter().chain(["source.tar"]).map(|name| (name.to_owned(), [1; 32]));
        record.order(OrderKind::Note, 0, [0; 32], Some(Programs::new(files.collect()).unwrap().note().as_bytes())); // GATE-1
        record.open();
        let port = at("port");
        let serve = ["serve", "--data", &path(&data), "--listen", "127.0.0.1:0", "--port-file", &path(&port)].map(str::to_owned);
        let server = Server::start("collector", serve, &port, &at("log")).unwrap();
        let web = Web::new(server.url());
        for entry in &record.entries[1..] {
            let blob = Entry::from_bytes(entry).unwrap().blob().filter(|b| *b != [0; 32]).map(|b| record.blobs[&b].clone());
            submit(&web, entry, &blob.unwrap_or_default()).unwrap();
        }
        let voters = (0..voters).map(|v| Voter::new(&web, &pki, &record, v)).collect();
        let (differences, names) = (Vec::new(), BTreeSet::new());
        Self { record, voters, web, differences, names, counts: [0; 2], _server: server, _folder: folder }
    }

    /// A ballot, with its envelope, or a challenged one, in a voter's session.
    pub fn ballot(&mut self, what: &str, voter: usize, item: Item) {
        let voter = &self.voters[voter];
        let (path, body) = match &item {
            Item::Cast(bytes) => ("/v1/cast", voter.cast_body(bytes)),
            Item::Opened(bytes) => ("/v1/challenge", bytes.clone()),
        };
        let reply = self.web.post(path, "application/octet-stream", Some(&voter.session), &body).unwrap();
        let refused = (reply.status != 200).then(|| rule_of(&reply.body));
        assert_ne!(reply.status, 429, "{what}: the collector judges no more of this voter's ballots for now (HTTP-6)");
        assert!(reply.status == 200 || (400..500).contains(&reply.status), "{what}: {}", String::from_utf8_lossy(&reply.body));
        let mut record = self.record.clone();
        record.clock = record.clock.max(now());
        record.batch(vec![item]);
        self.compare(what, refused, record);
    }

    /// An entry with its blob, at the call for orders or for posts by its type.
    pub fn entry(&mut self, what: &str, entry: &[u8], blob: &[u8]) {
        let refused = submit(&self.web, entry, blob).err();
        let mut record = self.record.clone();
        let decoded = Entry::from_bytes(entry);
        if !blob.is_empty() || decoded.as_ref().is_ok_and(|e| e.blob() == Some(ballot::encode::sha256(blob))) {
            record.keep(blob);
        }
        if let Ok(Entry::Order(order)) = &decoded {
            (record.orders, record.clock) = (order.number, order.time);
        }
        record.push_bytes(entry.to_vec());
        self.compare(what, refused, record);
    }

    fn compare(&mut self, what: &str, refused: Option<String>, record: Insider) {
        let said = say(&record);
        let rules: Vec<String> = said.failures().into_iter().map(|n| n.rule).collect();
        self.counts[usize::from(refused.is_some())] += 1;
        match (&refused, rules.is_empty()) {
            (None, true) => self.record = record,
            (None, false) => self.differences.push(format!("{what}: the collector accepts what the verifier refuses by {rules:?}")),
            // HTTP-7: what every reader reports and ignores, the collector does not let in.
            (Some(rule), true) if said.findings().iter().any(|n| n.rule == *rule) => {}
            (Some(rule), true) => self.differences.push(format!("{what}: the collector refuses by {rule} what the verifier accepts")),
            (Some(rule), false) if !rules.contains(rule) => _ = self.names.insert(format!("collector {rule}, verifier {}", rules[0])),
            _ => {}
        }
    }

    /// Panics if there was a difference.
    pub fn agree(&self) {
        println!("{} accepted, {} refused", self.counts[0], self.counts[1]);
        for name in &self.names {
            println!("another rule for one fault: {name}");
        }
        assert!(self.counts.iter().all(|n| *n > 0));
        assert!(self.differences.is_empty(), "{}:\n{}", self.differences.len(), self.differences.join("\n"));
    }

    /// The next order as it should be, not yet signed.
    pub fn next_order(&self, kind: OrderKind, blob: Hash) -> board::Order {
        let (number, time) = (self.record.orders + 1, self.record.clock + 1);
        board::Order { number, kind, time, value: 0, argument: [0; 32], blob, signatures: vec![] }
    }
}

impl Voter {
    fn new(web: &Web, pki: &TestPki, record: &Insider, voter: usize) -> Self {
        let eid = pki.voter(&Person { code: code(voter), ..Person::numbered(0) }, P256).unwrap();
        let identity = |c: &Credential| Identity::from_pem(&c.key_pem, &c.chain_pem).unwrap();
        let login = identity(&eid.login);
        let reply = log_in(web, &login, record);
        let pseudonym = ballot::encode::parse_hash(reply["pseudonym"].as_str().unwrap()).unwrap();
        let context = Context { voter: pseudonym, number: 1, previous: [0; 32] };
        Self { context, login, signer: identity(&eid.sign), session: reply["session"].as_str().unwrap().to_owned() }
    }

    /// A ballot with its envelope, and no second device.
    pub fn cast_body(&self, ballot: &[u8]) -> Vec<u8> {
        [&[0; 64], ballot, &envelope::cades::sign(ballot, &self.signer, now()).unwrap()].concat()
    }
}

fn submit(web: &Web, entry: &[u8], blob: &[u8]) -> Result<u64, String> {
    let path = if entry.first() == Some(&3) { "/v1/post" } else { "/v1/order" };
    web.submit(path, entry, blob).map_err(|error| match error {
        WebError::Refused { status: 400..500, rule, .. } => rule,
        other => panic!("{other}"),
    })
}

fn rule_of(body: &[u8]) -> String {
    let said: Value = serde_json::from_slice(body).unwrap();
    // Acceptance names the rule of the ballot behind its own.
    let text = said["message"].as_str().unwrap();
    let named = text.split(": ").filter(|part| part.contains('-') && !part.contains(' ')).last();
    named.or(said["rule"].as_str()).unwrap().to_owned()
}

fn roll_lines(blob: &[u8]) -> Vec<RollLine> {
    blob[6..]
        .chunks(34)
        .map(|line| {
            let mut input = Reader::new(line);
            RollLine { pseudonym: input.array().unwrap(), district: u16::from_be_bytes(line[32..].try_into().unwrap()) }
        })
        .collect()
}

/// A login that is right now.
pub fn login_body(web: &Web, login: &Identity, record: &Insider) -> Vec<u8> {
    let nonce = ask(web, "/v1/login/nonce", b"{}")["nonce"].as_str().unwrap().to_owned();
    let key = record.manifest.description().collector.key.0;
    let signature = sign_login(login, &record.id(), &key, &ballot::encode::parse_hash(&nonce).unwrap()).unwrap();
    let chain = std::iter::once(login.certificate()).chain(login.intermediates());
    let certificates: Vec<String> = chain.map(|c| BASE64_STANDARD.encode(c.as_der())).collect();
    json!({ "nonce": nonce, "certificates": certificates, "signature": BASE64_STANDARD.encode(signature) }).to_string().into_bytes()
}

fn ask(web: &Web, path: &str, body: &[u8]) -> Value {
    let reply = web.post(path, "application/json", None, body).unwrap().accepted().unwrap();
    serde_json::from_slice(&reply.body).unwrap()
}

fn log_in(web: &Web, login: &Identity, record: &Insider) -> Value {
    ask(web, "/v1/login", &login_body(web, login, record))
}
