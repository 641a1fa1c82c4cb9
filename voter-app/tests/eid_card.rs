//! A card through PKCS#11, against SoftHSM2: two tokens with a PIN each as OpenSC shows the Estonian card, and one token with both keys.
//!
//! SoftHSM never blocks a PIN; what the program makes of that answer is tested beside the code.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

#[allow(dead_code)]
#[path = "../../tests/src/pki.rs"]
mod pki;

use pki::{Credential, P256, P384, Person, TestPki};

const PIN1: &str = "7391";
const PIN2: &str = "84625";

/// SoftHSM with tokens of its own, and a test eID.
struct Reader {
    folder: tempfile::TempDir,
    module: PathBuf,
    pki: TestPki,
}

impl Reader {
    /// None, said visibly, where SoftHSM or OpenSC's tool is not installed.
    fn new() -> Option<Self> {
        let places = ["/usr/lib/softhsm", "/usr/lib64/softhsm", "/usr/lib64/pkcs11", "/usr/local/lib/softhsm", "/opt/homebrew/lib/softhsm"];
        let module = places.iter().map(|place| Path::new(place).join("libsofthsm2.so")).find(|path| path.exists());
        let tools = ["softhsm2-util", "pkcs11-tool"].iter().all(|tool| Command::new(tool).arg("--help").output().is_ok());
        let (Some(module), true) = (module, tools) else {
            eprintln!("SKIPPED: softhsm2 or opensc is not installed");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tokens")).unwrap();
        let conf =
            format!("directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n", folder.path().join("tokens").display());
        fs::write(folder.path().join("conf"), conf).unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let pki = TestPki::new("TEST eID", (now - 3600, now + 86_400)).unwrap();
        Some(Self { folder, module, pki })
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let out = Command::new(program).args(arguments).env("SOFTHSM2_CONF", self.folder.path().join("conf")).output().unwrap();
        assert!(
            out.status.success(),
            "{program} {arguments:?}: {}{}",
            String::from_utf8_lossy(&out.stdout),
            String::from_utf8_lossy(&out.stderr)
        );
    }

    fn token(&self, label: &str, pin: &str) {
        self.run("softhsm2-util", &["--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", pin]);
    }

    /// Puts a key and its certificate onto a token.
    fn store(&self, token: &str, pin: &str, id: &str, credential: &Credential) {
        let file = |name: &str| self.folder.path().join(name).display().to_string();
        fs::write(file("key.pem"), &credential.key_pem).unwrap();
        fs::write(file("chain.pem"), &credential.chain_pem).unwrap();
        self.run("openssl", &["x509", "-in", &file("chain.pem"), "-outform", "DER", "-out", &file("leaf.der")]);
        self.run("softhsm2-util", &["--import", &file("key.pem"), "--token", token, "--label", "key", "--id", id, "--pin", pin]);
        let module = self.module.display().to_string();
        let write = ["--write-object", &file("leaf.der"), "--type", "cert", "--id", id, "--label", "certificate"];
        self.run("pkcs11-tool", &[&["--module", &module, "--token-label", token, "--login", "--pin", pin], &write[..]].concat());
    }

    /// A card as OpenSC shows the Estonian one.
    fn estonian(&self, person: u32) {
        let eid = self.pki.voter(&Person::numbered(person), P384).unwrap();
        for (name, pin, credential) in [("PIN1", PIN1, &eid.login), ("PIN2", PIN2, &eid.sign)] {
            self.token(&format!("{name}-{person}"), pin);
            self.store(&format!("{name}-{person}"), pin, "01", credential);
        }
    }

    fn command(&self, more: &[&str], pins: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_voter-app"));
        command.args(["eid", "--eid", "card", "--eid-with"]).arg(format!("module={}", self.module.display()));
        for with in more {
            command.args(["--eid-with", with]);
        }
        command.arg("--pin-file").arg(pins).env("SOFTHSM2_CONF", self.folder.path().join("conf"));
        command
    }

    fn pins(&self, lines: &str) -> PathBuf {
        let path = self.folder.path().join("pins");
        fs::write(&path, lines).unwrap();
        path
    }

    /// Tries the card; gives the exit code and everything that was said, which never holds a PIN.
    fn try_with(&self, more: &[&str], pin1: &str, pin2: &str) -> (i32, String) {
        said(self.command(more, &self.pins(&format!("{pin1}\n{pin2}\n"))).output().unwrap())
    }
}

fn said(out: Output) -> (i32, String) {
    let text = String::from_utf8([out.stdout, out.stderr].concat()).unwrap();
    assert!(!text.contains(PIN1) && !text.contains(PIN2), "a PIN was printed: {text}");
    (out.status.code().unwrap(), text)
}

#[test]
fn two_pins_two_certificates() {
    let Some(reader) = Reader::new() else { return };
    reader.estonian(1);
    let (code, text) = reader.try_with(&[], PIN1, PIN2);
    assert_eq!((code, text.as_str()), (0, "You are PNOEE-60000000001.\nLogging in works.\nSigning works.\n"));

    let (code, text) = reader.try_with(&[], "0000", PIN2);
    assert!(
        code == 1 && text.contains("The PIN is wrong") && text.contains("Nothing was signed") && !text.contains("Logging in works"),
        "{text}"
    );
    let (code, text) = reader.try_with(&[], PIN1, PIN1.repeat(2).as_str());
    assert!(
        code == 1 && text.contains("Logging in works") && text.contains("The PIN is wrong") && !text.contains("Signing works"),
        "{text}"
    );
    let (code, text) = reader.try_with(&[], PIN1, "1");
    assert!(code == 1 && text.contains("PIN"), "{text}");
    assert_eq!(reader.try_with(&[], PIN1, PIN2).0, 0);

    // A second card: nobody guesses whose is meant.
    reader.estonian(2);
    let (code, text) = reader.try_with(&[], PIN1, PIN2);
    assert!(code == 1 && text.contains("several persons"), "{text}");
    let (code, text) = reader.try_with(&["person=PNOEE-60000000002"], PIN1, PIN2);
    assert!(code == 0 && text.contains("PNOEE-60000000002"), "{text}");
    let (code, text) = reader.try_with(&["person=PNOEE-60000000003"], PIN1, PIN2);
    assert!(code == 1 && text.contains("no certificate"), "{text}");
}

#[test]
fn one_token_with_both_keys() {
    let Some(reader) = Reader::new() else { return };
    let eid = reader.pki.voter(&Person::numbered(1), P256).unwrap();
    reader.token("both", PIN1);
    reader.store("both", PIN1, "01", &eid.login);
    let (code, text) = reader.try_with(&[], PIN1, PIN1);
    assert!(code == 1 && text.contains("ENV-27") && !text.contains("You are"), "only a login certificate: {text}");
    reader.store("both", PIN1, "02", &eid.sign);
    assert_eq!(reader.try_with(&[], PIN1, PIN1).0, 0);
}

#[test]
fn a_signing_certificate_alone_or_of_another_person() {
    let Some(reader) = Reader::new() else { return };
    let (one, two) = (reader.pki.voter(&Person::numbered(1), P256).unwrap(), reader.pki.voter(&Person::numbered(2), P256).unwrap());
    reader.token("mixed", PIN1);
    reader.store("mixed", PIN1, "01", &one.sign);
    let (code, text) = reader.try_with(&[], PIN1, PIN1);
    assert!(code == 1 && text.contains("ENV-28"), "{text}");
    reader.store("mixed", PIN1, "02", &two.login);
    let (code, text) = reader.try_with(&[], PIN1, PIN1);
    assert!(code == 1 && text.contains("belongs to PNOEE-60000000001, not to PNOEE-60000000002"), "{text}");
}

#[test]
fn no_card_and_no_module() {
    let Some(reader) = Reader::new() else { return };
    let (code, text) = reader.try_with(&[], PIN1, PIN2);
    assert!(code == 1 && text.contains("No eID card was found"), "{text}");
    let run = |with: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_voter-app"));
        said(command.args(["eid", "--eid", "card", "--eid-with", with]).output().unwrap())
    };
    let (code, text) = run("module=libsofthsm2.so");
    assert!(code == 64 && text.contains("absolute path"), "{text}");
    let (code, text) = run("module=/nowhere/opensc-pkcs11.so");
    assert!(code == 2 && text.contains("PKCS#11 module"), "{text}");
    let (code, text) = run("modul=/x");
    assert!(code == 64 && text.contains("module"), "{text}");
}

/// The PIN file is a pipe, so the program waits for it with the card in the reader; then the card is gone.
#[test]
fn the_card_is_pulled_out_while_the_program_waits() {
    let Some(reader) = Reader::new() else { return };
    reader.estonian(1);
    let pipe = reader.folder.path().join("pipe");
    reader.run("mkfifo", &[&pipe.display().to_string()]);
    let child: Child = reader.command(&[], &pipe).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let writer = fs::OpenOptions::new().write(true).open(&pipe).unwrap(); // returns once the program reads
    fs::remove_dir_all(reader.folder.path().join("tokens")).unwrap();
    std::io::Write::write_all(&mut &writer, format!("{PIN1}\n{PIN2}\n").as_bytes()).unwrap();
    drop(writer);
    let (code, text) = said(child.wait_with_output().unwrap());
    assert!(code == 1 && !text.contains("works"), "{text}");
    assert!(text.contains("What to do: Put the card") || text.contains("Take the card out"), "{text}");
}
