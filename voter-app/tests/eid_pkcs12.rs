//! PKCS#12 files on the command line: a file for each key, and what is said when something is wrong.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

#[allow(dead_code)]
#[path = "../../tests/src/pki.rs"]
mod pki;

use pki::{P256, Person, TestPki};

#[test]
fn files_and_passwords() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let pki = TestPki::new("TEST eID", (now - 3600, now + 86_400)).unwrap();
    for (person, eid) in [1, 2].map(|n| (n, pki.voter(&Person::numbered(n), P256).unwrap())) {
        for (name, credential, more) in
            [("login", &eid.login, &[][..]), ("sign", &eid.sign, &[]), ("old", &eid.sign, &["-keypbe", "PBE-SHA1-3DES"])]
        {
            fs::write(file("key"), &credential.key_pem).unwrap();
            fs::write(file("chain"), &credential.chain_pem).unwrap();
            let out = format!("{name}{person}.p12");
            let mut export = Command::new("openssl");
            export.args("pkcs12 -export -inkey key -in chain -passout pass:geheim -out".split(' ')).arg(&out).args(more);
            let Ok(run) = export.current_dir(folder.path()).output() else { return eprintln!("SKIPPED: openssl cannot be run") };
            assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        }
    }
    let run = |login: &str, sign: Option<&str>, password: &str| {
        fs::write(file("password"), password).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_voter-app"));
        command.args(["eid", "--eid", "pkcs12", "--eid-with"]).arg(format!("file={}", file(login).display()));
        if let Some(sign) = sign {
            command.arg("--eid-with").arg(format!("sign-file={}", file(sign).display()));
        }
        let out = command.arg("--pin-file").arg(file("password")).output().unwrap();
        (out.status.code().unwrap(), String::from_utf8([out.stdout, out.stderr].concat()).unwrap())
    };
    let (code, text) = run("login1.p12", Some("sign1.p12"), "geheim\n");
    assert_eq!((code, text.as_str()), (0, "You are PNOEE-60000000001.\nLogging in works.\nSigning works.\n"));
    for (login, sign, password, expected, words) in [
        ("login1.p12", Some("sign1.p12"), "falsch", 1, "does not open with this password"),
        ("login1.p12", None, "geheim", 1, "ENV-27"),
        ("sign1.p12", None, "geheim", 1, "ENV-28"),
        ("login1.p12", Some("sign2.p12"), "geheim", 1, "belongs to PNOEE-60000000002, not to PNOEE-60000000001"),
        ("login1.p12", Some("old1.p12"), "geheim", 2, "openssl pkcs12 -legacy"),
        ("nowhere.p12", None, "geheim", 2, "nowhere.p12"),
        ("key", None, "geheim", 2, "ENV-46"),
    ] {
        let (code, text) = run(login, sign, password);
        assert!(code == expected && text.contains(words) && !text.contains("works"), "{login} {sign:?}: {code} {text}");
    }
}
