//! A card in software: SoftHSM2 with tokens of its own. Read by the tests of `voter-app` too.
//!
//! SoftHSM never blocks a PIN; what the program makes of that answer is tested beside its code.

use crate::pki::{Credential, Eid};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

/// For logging in.
pub const PIN1: &str = "7391";
/// For signing.
pub const PIN2: &str = "84625";

/// A card reader.
#[derive(Debug)]
pub struct Reader {
    folder: PathBuf,
    /// Absolute path of the PKCS#11 module.
    pub module: PathBuf,
}

impl Reader {
    /// A reader without a card, its files below an empty folder. None, said visibly, where SoftHSM or OpenSC's tool is not installed.
    pub fn new(folder: &Path) -> io::Result<Option<Self>> {
        let places = ["/usr/lib/softhsm", "/usr/lib64/softhsm", "/usr/lib64/pkcs11", "/usr/local/lib/softhsm", "/opt/homebrew/lib/softhsm"];
        let module = places.iter().map(|place| Path::new(place).join("libsofthsm2.so")).find(|path| path.exists());
        let tools = ["softhsm2-util", "pkcs11-tool"].iter().all(|tool| Command::new(tool).arg("--help").output().is_ok());
        let (Some(module), true) = (module, tools) else {
            println!("SKIPPED: softhsm2 or opensc is not installed");
            return Ok(None);
        };
        let reader = Self { folder: folder.to_owned(), module };
        fs::create_dir_all(reader.tokens())?;
        let tokens = reader.tokens();
        let conf = format!("directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n", tokens.display());
        fs::write(reader.conf(), conf)?;
        Ok(Some(reader))
    }

    /// What `SOFTHSM2_CONF` names: the program that has it sees this reader.
    pub fn conf(&self) -> PathBuf {
        self.folder.join("conf")
    }

    fn tokens(&self) -> PathBuf {
        self.folder.join("tokens")
    }

    /// Runs a tool that sees this reader; it must succeed.
    pub fn run(&self, program: &str, arguments: &[&str]) -> io::Result<()> {
        let out = Command::new(program).args(arguments).env("SOFTHSM2_CONF", self.conf()).output()?;
        if out.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned();
        Err(io::Error::other(format!("{program} {arguments:?}: {said}")))
    }

    /// Makes a token.
    pub fn token(&self, label: &str, pin: &str) -> io::Result<()> {
        self.run("softhsm2-util", &["--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", pin])
    }

    /// Puts a key, its certificate and the authorities above it onto a token.
    pub fn store(&self, token: &str, pin: &str, id: &str, credential: &Credential) -> io::Result<()> {
        let file = |name: &str| self.folder.join(name).display().to_string();
        fs::write(file("key.pem"), &credential.key_pem)?;
        self.run("softhsm2-util", &["--import", &file("key.pem"), "--token", token, "--label", "key", "--id", id, "--pin", pin])?;
        let end = "-----END CERTIFICATE-----\n";
        for (above, certificate) in credential.chain_pem.split_inclusive(end).enumerate() {
            fs::write(file("one.pem"), certificate)?;
            self.run("openssl", &["x509", "-in", &file("one.pem"), "-outform", "DER", "-out", &file("one.der")])?;
            let (module, id) = (self.module.display().to_string(), if above == 0 { id.to_owned() } else { format!("{id}a{above}") });
            let write = ["--write-object", &file("one.der"), "--type", "cert", "--id", &id, "--label", "certificate"];
            self.run("pkcs11-tool", &[&["--module", &module, "--token-label", token, "--login", "--pin", pin], &write[..]].concat())?;
        }
        Ok(())
    }

    /// A card as OpenSC shows the Estonian one: a token for each PIN.
    pub fn estonian(&self, label: u32, eid: &Eid) -> io::Result<()> {
        for (name, pin, credential) in [("PIN1", PIN1, &eid.login), ("PIN2", PIN2, &eid.sign)] {
            self.token(&format!("{name}-{label}"), pin)?;
            self.store(&format!("{name}-{label}"), pin, "01", credential)?;
        }
        Ok(())
    }

    /// Pulls the card out, whoever is working with it.
    pub fn pull(&self) -> io::Result<()> {
        fs::rename(self.tokens(), self.folder.join("hand"))
    }

    /// Puts it back.
    pub fn put_back(&self) -> io::Result<()> {
        fs::rename(self.folder.join("hand"), self.tokens())
    }
}
