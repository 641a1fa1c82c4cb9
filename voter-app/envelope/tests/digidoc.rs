//! Containers of others: the published ones, and those that xmlsec1 and Python sign and pack. 07d.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "common/asice.rs"]
mod asice;
mod common;

use asice::{C14N11, NAMESPACES, Part, SIGNED_AT, pieces, sha256, signatures, zip};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA384, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::pki::{P256, P384, Person, Use};
use common::{anchors, chain, identity, signer, test_pki};
use envelope::digidoc::{self, Rule};
use envelope::{Certificate, EnvelopeError, Profile};
use std::fs;
use std::path::Path;
use std::process::Command;

fn fixture(name: &str) -> Option<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/eid-fixtures").join(name);
    let found = fs::read(&path).ok();
    if found.is_none() {
        println!("SKIPPED: the containers of DigiDoc are not beside this checkout (../shared/data/eid-fixtures/{name})");
    }
    found
}

#[test]
fn one_signer_with_a_time_stamp() {
    let Some(bytes) = fixture("asiceWithXades-t-level.asice") else { return };
    let container = digidoc::open(&bytes).unwrap();
    let [file] = container.files() else { panic!("one file") };
    assert_eq!((file.name.as_str(), file.data.len()), ("test.txt", 20));
    let [signature] = container.signatures() else { panic!("one signature") };
    assert_eq!(signature.signing_time(), 1_758_260_228, "2025-09-19T05:37:08Z");
    assert_eq!(signature.certificate().person_code(), Ok("PNOEE-38001085718"));
    assert_eq!(signature.unsigned().iter().map(|one| one.kind.as_str()).collect::<Vec<_>>(), ["TimeStamp"]);
    assert_eq!(signature.unsigned()[0].bytes[0], 0x30, "DER");
    assert_eq!(signature.accept(&[], signature.signing_time()), Err(EnvelopeError::NoPath));
}

#[test]
fn two_signers() {
    let Some(bytes) = fixture("bdoc_tm_valid_2_signatures.asice") else { return };
    let container = digidoc::open(&bytes).unwrap();
    assert_eq!(container.files().len(), 1);
    let times: Vec<u64> = container.signatures().iter().map(digidoc::Signature::signing_time).collect();
    assert_eq!(times, [1_590_070_024, 1_590_663_552]);
    for (signature, code) in container.signatures().iter().zip(["38001085718", "47101010033"]) {
        assert!(signature.certificate().subject().contains(code), "{}", signature.certificate().subject());
        assert!(signature.unsigned().iter().any(|one| one.kind == "OCSPValue"));
    }
}

#[test]
fn long_term() {
    let (Some(bytes), Some(authority)) = (fixture("xades-lt.asice"), fixture("test_esteid2025_ca.pem")) else { return };
    let container = digidoc::open(&bytes).unwrap();
    assert_eq!(Some(&container.files()[0].data), fixture("test.txt").as_ref());
    let signature = &container.signatures()[0];
    let leaf = Certificate::from_pem(&String::from_utf8(fixture("test_esteid2025_signing_38001085718.pem").unwrap()).unwrap()).unwrap();
    assert_eq!(signature.certificate(), &leaf);
    let kinds: Vec<&str> = signature.unsigned().iter().map(|one| one.kind.as_str()).collect();
    assert_eq!(kinds, ["TimeStamp", "X509Certificate", "OCSPValue"]);
    let anchor = Certificate::from_pem(&String::from_utf8(authority).unwrap()).unwrap();
    assert_eq!(signature.accept(&[anchor.clone()], signature.signing_time()), Ok(()));
    assert_eq!(signature.accept(&[anchor], 0), Err(EnvelopeError::NotYetValid));

    // Ballots have one layout, and this is another.
    assert!(Profile::AsicE.verify(&container.files()[0].data, &bytes).is_err());
    // A byte of the file, of the signed text or of the signature.
    for (from, to) in [(&b"signatures0.xml"[..], "signatures9.xml"), (b"test.txt", "tests.tx")] {
        let mut changed = bytes.clone();
        while let Some(at) = changed.windows(from.len()).position(|window| window == from) {
            changed[at..at + from.len()].copy_from_slice(to.as_bytes());
        }
        let renamed = digidoc::open(&changed);
        assert_eq!(renamed.is_ok(), from == b"signatures0.xml", "its own name is not signed: {renamed:?}");
    }
}

#[test]
fn every_published_container_is_bound_to_its_bytes() {
    for name in ["asiceWithXades-t-level.asice", "bdoc_tm_valid_2_signatures.asice", "xades-lt.asice"] {
        let Some(bytes) = fixture(name) else { return };
        let whole = digidoc::open(&bytes).unwrap();
        let mut harmless = 0;
        for at in (0..bytes.len()).step_by(3) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            match digidoc::open(&changed) {
                Ok(same) => {
                    assert_eq!(same, whole, "{name}: byte {at}");
                    harmless += 1; // times, versions, extra fields, comments
                }
                Err(error) => assert!(error.to_string().starts_with("DOC-"), "{error}"),
            }
        }
        println!("{name}: {harmless} of {} changed bytes say nothing", bytes.len() / 3);
        assert!(harmless < 200, "{name}: {harmless}");
    }
}

/// Texts that each way of writing XML anew treats in its own way.
const ODD: &str = "<xades:SignedDataObjectProperties xmlns:unused='urn:unused' xmlns:b='urn:b'  xmlns:a='urn:a'\n  xmlns='urn:default'>\
    <plain b:two='2' a:one=' 1\n\t&#10;&#9;&#13;&lt;>&quot;\"' z='\u{e4}' xmlns:c='urn:c' A='&amp;'/>\
    <c:x xmlns:c='urn:c'><c:y xmlns:c='urn:c2'><c:z/></c:y><none xmlns=''><none xmlns=''/><back xmlns='urn:default'/></none></c:x>\
    <![CDATA[<&>]]>&#xD;\r\nõ &gt;&#x1F5F3;<b:empty   ></b:empty   ></xades:SignedDataObjectProperties>";

/// xmlsec1 signs, Python packs; every canonicalisation, two curves and RSA.
#[test]
fn another_program_signs() {
    let pki = test_pki();
    let ways = [C14N11, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "http://www.w3.org/2001/10/xml-exc-c14n#"];
    for (algorithm, method, hash) in [
        (P256, "ecdsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha512"),
        (P384, "ecdsa-sha256", "http://www.w3.org/2001/04/xmldsig-more#sha384"),
        (P384, "ecdsa-sha512", "http://www.w3.org/2001/04/xmlenc#sha256"),
        (&rcgen::PKCS_RSA_SHA256, "rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256"),
    ] {
        let credential = pki.issuing.issue(&pki.params(&Person::numbered(1), Use::Sign), algorithm).unwrap();
        let leaf = chain(&credential).0;
        for (way, other) in ways.iter().zip(ways.iter().cycle().skip(1)) {
            let folder = tempfile::tempdir().unwrap();
            let write = |name: &str, data: &[u8]| fs::write(folder.path().join(name), data).unwrap();
            write("key.pem", credential.key_pem.as_bytes());
            let authority = credential.chain_pem.rfind("-----BEGIN").unwrap();
            write("leaf.pem", &credential.chain_pem.as_bytes()[..authority]);
            write("authority.pem", &credential.chain_pem.as_bytes()[authority..]);
            write("roll one.csv", b"PNOEE-60000000001,0001\n");
            write("b.txt", b"");
            let references: String = ["roll%20one.csv", "b.txt"]
                .map(|uri| format!("<ds:Reference URI='{uri}'><ds:DigestMethod Algorithm='{hash}'/><ds:DigestValue/></ds:Reference>\n"))
                .concat();
            let template = format!(
                "<?xml version='1.0'?>\r\n<a:XAdESSignatures xmlns:a='http://uri.etsi.org/02918/v1.2.1#' xmlns:far='urn:far' xmlns='urn:outer'>\
                 <ds:Signature xmlns:ds='http://www.w3.org/2000/09/xmldsig#' Id='S'>\n <ds:SignedInfo>\n\
                 <ds:CanonicalizationMethod Algorithm='{way}'/><ds:SignatureMethod Algorithm='http://www.w3.org/2001/04/xmldsig-more#{method}'/>\n\
                 {references}<ds:Reference URI='#P' Type='http://uri.etsi.org/01903#SignedProperties'><ds:Transforms><ds:Transform \
                 Algorithm='{other}'/></ds:Transforms><ds:DigestMethod Algorithm='{hash}'/><ds:DigestValue/></ds:Reference></ds:SignedInfo>\n\
                 <ds:SignatureValue/>\n<ds:KeyInfo><ds:X509Data><ds:X509Certificate/></ds:X509Data></ds:KeyInfo>\n\
                 <ds:Object><xades:QualifyingProperties xmlns:xades='http://uri.etsi.org/01903/v1.3.2#' Target='#S'>\
                 <xades:SignedProperties Id='P'><xades:SignedSignatureProperties><xades:SigningTime>2026-09-21T14:13:20Z</xades:SigningTime>\
                 <xades:SigningCertificate><xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/>\
                 <ds:DigestValue>{}</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificate></xades:SignedSignatureProperties>\
                 {ODD}</xades:SignedProperties></xades:QualifyingProperties></ds:Object></ds:Signature></a:XAdESSignatures>",
                sha256(leaf.as_der())
            );
            write("template.xml", template.as_bytes());
            let run = |program: &str, arguments: &[&str]| Command::new(program).args(arguments).current_dir(folder.path()).output();
            let sign = "--sign --id-attr:Id http://uri.etsi.org/01903/v1.3.2#:SignedProperties --privkey-pem key.pem,leaf.pem,authority.pem --output signatures0.xml template.xml";
            let Ok(signed) = run("xmlsec1", &sign.split(' ').collect::<Vec<_>>()) else {
                return println!("SKIPPED: xmlsec1 is not installed");
            };
            assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
            let pack = "import zipfile as z\n\
                with z.ZipFile('c.asice', 'w', z.ZIP_DEFLATED) as c:\n\
                \x20c.writestr('mimetype', 'application/vnd.etsi.asic-e+zip', z.ZIP_STORED)\n\
                \x20c.write('roll one.csv'); c.write('b.txt'); c.write('signatures0.xml', 'META-INF/signatures0.xml')\n\
                \x20c.writestr('META-INF/manifest.xml', '<m/>')";
            let Ok(packed) = run("python3", &["-c", pack]) else { return println!("SKIPPED: python3 is not installed") };
            assert!(packed.status.success(), "{}", String::from_utf8_lossy(&packed.stderr));
            let container = digidoc::open(&fs::read(folder.path().join("c.asice")).unwrap()).unwrap();
            let names: Vec<&str> = container.files().iter().map(|file| file.name.as_str()).collect();
            assert_eq!(names, ["roll one.csv", "b.txt"]);
            let signature = &container.signatures()[0];
            assert_eq!((signature.certificate(), signature.signing_time()), (&leaf, SIGNED_AT));
            assert_eq!(signature.accept(&anchors(&pki), SIGNED_AT), Ok(()), "{method} {way}");
        }
    }
}

/// What the refusals are made of is itself read; with RSA too, which the xmlsec1 of Debian cannot sign with PSS.
#[test]
fn own_container() {
    let pki = test_pki();
    let voter = signer(&pki, P256);
    let files: [(&str, &[u8]); 2] = [("a/order one.txt", b"an order"), ("b.txt", b"")];
    let container = zip(&pieces(&files, &signatures(&voter, &files, &|_, text| text)), b"a comment");
    let read = digidoc::open(&container).unwrap();
    assert_eq!(read.files()[0].name, "a/order one.txt");
    assert_eq!(read.signatures()[0].accept(&anchors(&pki), SIGNED_AT), Ok(()));
    let login = identity(&pki.voter(&Person::numbered(1), P256).unwrap().login);
    let by_login = digidoc::open(&zip(&pieces(&files, &signatures(&login, &files, &|_, text| text)), b"")).unwrap();
    assert_eq!(by_login.signatures()[0].accept(&anchors(&pki), SIGNED_AT), Err(EnvelopeError::NotForSigning), "ENV-27");
}

#[test]
fn rsa_signatures() {
    let pki = test_pki();
    let voter = signer(&pki, P256);
    let files: [(&str, &[u8]); 1] = [("a.txt", b"an order")];
    let credential = pki.issuing.issue(&pki.params(&Person::numbered(1), Use::Sign), &rcgen::PKCS_RSA_SHA256).unwrap();
    let (_, key) = der::SecretDocument::from_pem(&credential.key_pem).unwrap();
    let (key, (leaf, _)) = (RsaKeyPair::from_pkcs8(key.as_bytes()).unwrap(), chain(&credential));
    let ways: [(&str, &'static dyn RsaEncoding); 2] =
        [("2001/04/xmldsig-more#rsa-sha384", &RSA_PKCS1_SHA384), ("2007/05/xmldsig-more#sha256-rsa-MGF1", &RSA_PSS_SHA256)];
    for (name, encoding) in ways {
        let signed = std::cell::RefCell::new(String::new());
        let text = signatures(&voter, &files, &|part, text| match part {
            Part::Properties => text.replace(&sha256(voter.certificate().as_der()), &sha256(leaf.as_der())),
            Part::Info => {
                let text = text.replace("2001/04/xmldsig-more#ecdsa-sha256", name);
                let mut made = vec![0; key.public_modulus_len()];
                key.sign(encoding, &SystemRandom::new(), text.replace("{NS}", NAMESPACES).as_bytes(), &mut made).unwrap();
                *signed.borrow_mut() = STANDARD.encode(made);
                text
            }
            Part::Whole => {
                let (head, rest) = text.split_once("<ds:SignatureValue>").unwrap();
                let (_, tail) = rest.split_once('<').unwrap();
                let text = format!("{head}<ds:SignatureValue>{}<{tail}", signed.borrow());
                text.replace(&STANDARD.encode(voter.certificate().as_der()), &STANDARD.encode(leaf.as_der()))
            }
        });
        let read = digidoc::open(&zip(&pieces(&files, &text), b"")).unwrap();
        assert_eq!(read.signatures()[0].certificate(), &leaf, "{name}");
        let swapped = if name.contains("MGF1") {
            text.replace("sha256-rsa-MGF1", "sha384-rsa-MGF1")
        } else {
            text.replace("rsa-sha384", "rsa-sha256")
        };
        assert_eq!(digidoc::open(&zip(&pieces(&files, &swapped), b"")).unwrap_err().rule, Rule::Signature);
    }
}
