//! A small witness: cosigns checkpoints that are consistent with the last one it saw. Spec: 08-board; C2SP tlog-witness.
//!
//! The observer's witness of the `verifier` program takes its place later.

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::{Context, Result};
use ballot::manifest::Manifest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use board::checkpoint::{self, Checkpoint, Note};
use board::tree;
use ed25519_dalek::SigningKey;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

/// What a witness keeps.
pub struct Witness {
    name: String,
    key: SigningKey,
    manifest: Manifest,
    state: PathBuf,
    seen: Mutex<(u64, [u8; 32])>,
}

/// The answer to a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// A cosignature line.
    Cosigned(String),
    /// The log's idea of what we saw is old: this is the size.
    Conflict(u64),
    /// Refused for good.
    Refused(u16),
}

impl Witness {
    /// Opens a witness with its state file, which need not exist.
    pub fn open(name: &str, key: SigningKey, manifest: Manifest, state: &Path) -> Result<Self> {
        let seen = match std::fs::read_to_string(state) {
            Ok(text) => {
                let (size, root) = text.trim().split_once(' ').context("the state file is damaged")?;
                (size.parse()?, ballot::encode::parse_hash(root).context("the state file is damaged")?)
            }
            Err(_) => (0, tree::empty_root()),
        };
        Ok(Self { name: name.to_owned(), key, manifest, state: state.to_owned(), seen: Mutex::new(seen) })
    }

    /// `add-checkpoint`: `old <size>`, consistency hashes, an empty line, the checkpoint.
    pub fn add_checkpoint(&self, body: &str) -> Answer {
        let parse = || {
            let (head, file) = body.split_once("\n\n")?;
            let mut lines = head.split('\n');
            let old: u64 = lines.next()?.strip_prefix("old ")?.parse().ok()?;
            let proof = lines.map(|l| STANDARD.decode(l).ok()?.try_into().ok()).collect::<Option<Vec<[u8; 32]>>>()?;
            Some((old, proof, file))
        };
        let Some((old, proof, file)) = parse() else { return Answer::Refused(400) };
        let Ok(new) = Checkpoint::verify(file, &self.manifest) else { return Answer::Refused(403) };
        let mut seen = self.seen.lock().expect("no thread panics with the lock");
        if old != seen.0 {
            return Answer::Conflict(seen.0);
        }
        if new.size < old {
            return Answer::Refused(400);
        }
        if tree::verify_consistency(old, &seen.1, new.size, &new.root, &proof).is_err() {
            return Answer::Refused(422);
        }
        // Kept before it is said: a witness that forgets could sign a fork.
        let temporary = self.state.with_extension("new");
        let kept = std::fs::write(&temporary, format!("{} {}\n", new.size, hex::encode(new.root)))
            .and_then(|()| std::fs::rename(&temporary, &self.state));
        if kept.is_err() {
            return Answer::Refused(500);
        }
        *seen = (new.size, new.root);
        let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs());
        let text = Note::parse(file).map(|n| n.text.to_owned()).unwrap_or_default();
        Answer::Cosigned(checkpoint::cosign(&text, &self.name, &self.key, time))
    }
}

async fn add_checkpoint(witness: web::Data<Witness>, body: String) -> HttpResponse {
    match witness.add_checkpoint(&body) {
        Answer::Cosigned(line) => HttpResponse::Ok().content_type("text/plain").body(line),
        Answer::Conflict(size) => HttpResponse::Conflict().content_type("text/x.tlog.size").body(format!("{size}\n")),
        Answer::Refused(status) => HttpResponse::build(actix_web::http::StatusCode::from_u16(status).expect("a fixed status")).finish(),
    }
}

/// Serves a witness on a free port of the loopback interface, and writes the port into `port_file`.
pub fn serve(witness: Witness, port_file: &Path) -> Result<()> {
    let witness = web::Data::new(witness);
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(move || App::new().app_data(witness.clone()).route("/add-checkpoint", web::post().to(add_checkpoint)))
            .workers(1)
            .bind(("127.0.0.1", 0))?;
        let port = server.addrs().first().context("no address")?.port();
        std::fs::write(port_file, port.to_string())?;
        server.run().await?;
        Ok(())
    })
}
