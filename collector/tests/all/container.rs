//! `collector container`: files, signers and the verdict on a container of others. 07d.

use crate::support::election::collector;
use crate::support::pki::{P256, Person, TestPki, Use};
use envelope::{Identity, Profile};
use std::fs;
use std::path::Path;

/// A container that is ours is one of anybody's too; those of other programs are read in the tests of `envelope`.
fn signed(pki: &TestPki) -> Vec<u8> {
    let credential = pki.issuing.issue(&pki.params(&Person::numbered(1), Use::Sign), P256).unwrap();
    let signer = Identity::from_pem(&credential.key_pem, &credential.chain_pem).unwrap();
    let draft = Profile::AsicE.draft(b"PNOEE-60000000001,0001\n", signer.certificate(), signer.intermediates(), 1_790_000_000).unwrap();
    draft.finish(&signer.sign(draft.message()).unwrap()).unwrap()
}

#[test]
fn files_signers_and_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let pki = TestPki::new("TEST eID", (1_781_395_200, 1_812_931_200)).unwrap();
    let other = TestPki::new("OTHER eID", (1_781_395_200, 1_812_931_200)).unwrap();
    let container = signed(&pki);
    fs::write(path("list.asice"), &container).unwrap();
    fs::write(path("root.pem"), pki.root.pem()).unwrap();
    fs::write(path("other.pem"), other.root.pem()).unwrap();
    let run = |file: &Path, trust: &[&str]| {
        let mut command = collector();
        command.arg("container").arg(file);
        for name in trust {
            command.arg("--trust").arg(path(name));
        }
        let out = command.output().unwrap();
        (out.status.code().unwrap(), String::from_utf8([out.stdout, out.stderr].concat()).unwrap())
    };
    let list = path("list.asice");
    let (code, text) = run(&list, &["other.pem", "root.pem"]);
    assert!(code == 0 && text.contains("authorities vouch for every signer"), "{text}");
    for line in [
        "file ballot.bin 23 bytes",
        "PNOEE-60000000001",
        "  signed 2026-09-21T14:13:20Z by the signer's clock",
        "  vouched for at that time",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let (code, text) = run(&list, &[]);
    assert!(code == 0 && text.contains("nobody has vouched for") && !text.contains("authorities vouch"), "{text}");
    let (code, text) = run(&list, &["other.pem"]);
    assert!(code == 1 && text.contains("ENV-32") && !text.contains("authorities vouch"), "{text}");

    let at = container.windows(5).position(|window| window == b"PNOEE").unwrap();
    let mut changed = container.clone();
    changed[at] = b'Q';
    fs::write(path("changed.asice"), changed).unwrap();
    let (code, text) = run(&path("changed.asice"), &["root.pem"]);
    assert!(code == 1 && text.contains("DOC-3") && text.contains("ballot.bin") && !text.contains("holds"), "{text}");
    assert_eq!(run(&path("nothing"), &[]).0, 2);
    assert_eq!(run(&list, &["nothing"]).0, 2);
    assert_eq!(run(&list, &["list.asice"]).0, 1);
}
