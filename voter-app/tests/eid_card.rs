//! A card through PKCS#11, against SoftHSM2: two tokens with a PIN each as OpenSC shows the Estonian card, and one token with both keys.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

#[allow(dead_code)]
#[path = "../../tests/src/card.rs"]
mod card;
#[allow(dead_code)]
#[path = "../../tests/src/pki.rs"]
mod pki;

use card::{PIN1, PIN2};
use pki::{P256, P384, Person, TestPki};

/// A card reader, and a test eID.
struct Reader {
    folder: tempfile::TempDir,
    card: card::Reader,
    pki: TestPki,
}

impl Reader {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let card = card::Reader::new(folder.path()).unwrap()?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let pki = TestPki::new("TEST eID", (now - 3600, now + 86_400)).unwrap();
        Some(Self { folder, card, pki })
    }

    /// A card as OpenSC shows the Estonian one.
    fn estonian(&self, person: u32) {
        self.card.estonian(person, &self.pki.voter(&Person::numbered(person), P384).unwrap()).unwrap();
    }

    /// Puts a card's signing key there anew, so that it wants its PIN before each signature.
    fn make_wanting_pin(&self, token: &str, key_pem: &str) {
        let file = |name: &str| self.folder.path().join(name).display().to_string();
        fs::write(file("sign.pem"), key_pem).unwrap();
        let run = |program: &str, arguments: &str| self.card.run(program, &arguments.split(' ').collect::<Vec<_>>()).unwrap();
        run("openssl", &format!("pkcs8 -topk8 -nocrypt -in {} -outform DER -out {}", file("sign.pem"), file("sign.der")));
        let tool = format!("--module {} --token-label {token} --login --pin {PIN2} --type privkey --id 01", self.card.module.display());
        run("pkcs11-tool", &format!("{tool} --delete-object"));
        run("pkcs11-tool", &format!("{tool} --write-object {} --label key --usage-sign --always-auth", file("sign.der")));
    }

    /// SoftHSM as a module that takes a hash in parts, as OpenSC does and SoftHSM does not; it notes the calls of a signature in `calls`.
    fn takes_hashes_in_parts(&mut self) -> bool {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hash-in-parts.c");
        let module = self.folder.path().join("parts.so");
        let mut build = Command::new("cc");
        build.args(["-shared", "-fPIC", "-Wall", "-Werror", "-o"]).arg(&module).arg(source);
        build.arg(format!("-DMODULE=\"{}\"", self.card.module.display()));
        build.arg(format!("-DCALLS=\"{}\"", self.folder.path().join("calls").display())).arg("-ldl");
        let Ok(built) = build.output() else {
            println!("SKIPPED: cc is not installed");
            return false;
        };
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        self.card.module = module;
        true
    }

    fn command(&self, more: &[&str], pins: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_voter-app"));
        command.args(["eid", "--eid", "card", "--eid-with"]).arg(format!("module={}", self.card.module.display()));
        for with in more {
            command.args(["--eid-with", with]);
        }
        command.arg("--pin-file").arg(pins).env("SOFTHSM2_CONF", self.card.conf());
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
    reader.card.token("both", PIN1).unwrap();
    reader.card.store("both", PIN1, "01", &eid.login).unwrap();
    let (code, text) = reader.try_with(&[], PIN1, PIN1);
    assert!(code == 1 && text.contains("ENV-27") && !text.contains("You are"), "only a login certificate: {text}");
    reader.card.store("both", PIN1, "02", &eid.sign).unwrap();
    assert_eq!(reader.try_with(&[], PIN1, PIN1).0, 0);
}

/// The PIN is given again between `C_SignInit` and the hash, as `CKA_ALWAYS_AUTHENTICATE` wants it; SoftHSM refuses to sign otherwise.
#[test]
fn a_key_that_wants_its_pin_for_each_signature() {
    let Some(mut reader) = Reader::new() else { return };
    let eid = reader.pki.voter(&Person::numbered(1), P384).unwrap();
    reader.card.estonian(1, &eid).unwrap();
    reader.make_wanting_pin("PIN2-1", &eid.sign.key_pem);
    if !reader.takes_hashes_in_parts() {
        return;
    }
    let (code, text) = reader.try_with(&[], PIN1, PIN2);
    assert_eq!((code, text.as_str()), (0, "You are PNOEE-60000000001.\nLogging in works.\nSigning works.\n"));
    let calls = fs::read_to_string(reader.folder.path().join("calls")).unwrap();
    assert_eq!(calls, " init init again update final", "a login in one call, then a signature with its PIN");
    let (code, text) = reader.try_with(&[], PIN1, "00000");
    assert!(code == 1 && text.contains("The PIN is wrong") && !text.contains("Signing works"), "{text}");
}

#[test]
fn a_signing_certificate_alone_or_of_another_person() {
    let Some(reader) = Reader::new() else { return };
    let (one, two) = (reader.pki.voter(&Person::numbered(1), P256).unwrap(), reader.pki.voter(&Person::numbered(2), P256).unwrap());
    reader.card.token("mixed", PIN1).unwrap();
    reader.card.store("mixed", PIN1, "01", &one.sign).unwrap();
    let (code, text) = reader.try_with(&[], PIN1, PIN1);
    assert!(code == 1 && text.contains("ENV-28"), "{text}");
    reader.card.store("mixed", PIN1, "02", &two.login).unwrap();
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
    reader.card.run("mkfifo", &[&pipe.display().to_string()]).unwrap();
    let child: Child = reader.command(&[], &pipe).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let writer = fs::OpenOptions::new().write(true).open(&pipe).unwrap(); // returns once the program reads
    reader.card.pull().unwrap();
    std::io::Write::write_all(&mut &writer, format!("{PIN1}\n{PIN2}\n").as_bytes()).unwrap();
    drop(writer);
    let (code, text) = said(child.wait_with_output().unwrap());
    assert!(code == 1 && !text.contains("works"), "{text}");
    assert!(text.contains("What to do: Put the card") || text.contains("Take the card out"), "{text}");
}
