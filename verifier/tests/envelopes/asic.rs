//! The ASiC-E container, written from the page's texts.

use crate::certificates::Chain;
use crate::container::{CONTENT, numbers, sign};
use crate::openssl::{Key, hash as hash_of};
use crate::{Judged, TIME, good};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use verifier::certificate::Anchors;
use verifier::envelope::Profile;

const NAMESPACES: &str = r#" xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:xades="http://uri.etsi.org/01903/v1.3.2#""#;
const MANIFEST: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="no"?>"#,
    "\n",
    r#"<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">"#,
    r#"<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.etsi.asic-e+zip"/>"#,
    r#"<manifest:file-entry manifest:full-path="ballot.bin" manifest:media-type="application/octet-stream"/></manifest:manifest>"#
);
const FILE: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?>"#,
    "\n",
    r#"<asic:XAdESSignatures{NAMESPACES}><ds:Signature Id="S0">{INFO}<ds:SignatureValue Id="S0-SIG">{SIGNATURE}</ds:SignatureValue>"#,
    r#"<ds:KeyInfo><ds:X509Data>{CERTIFICATES}</ds:X509Data></ds:KeyInfo><ds:Object><xades:QualifyingProperties Target="@S0">"#,
    r#"{PROPERTIES}</xades:QualifyingProperties></ds:Object></ds:Signature></asic:XAdESSignatures>"#
);
const INFO: &str = concat!(
    r#"<ds:SignedInfo{NS}><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2006/12/xml-c14n11"></ds:CanonicalizationMethod>"#,
    r#"<ds:SignatureMethod Algorithm="{METHOD}"></ds:SignatureMethod><ds:Reference Id="S0-RefId0" URI="ballot.bin">"#,
    r#"<ds:DigestMethod Algorithm="{HASH}"></ds:DigestMethod><ds:DigestValue>{CONTENT}</ds:DigestValue></ds:Reference>"#,
    r#"<ds:Reference Id="S0-RefId1" Type="http://uri.etsi.org/01903@SignedProperties" URI="@S0-SignedProperties"><ds:Transforms>"#,
    r#"<ds:Transform Algorithm="http://www.w3.org/2006/12/xml-c14n11"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="{HASH}"></ds:DigestMethod>"#,
    r#"<ds:DigestValue>{HASHED}</ds:DigestValue></ds:Reference></ds:SignedInfo>"#
);
const PROPERTIES: &str = concat!(
    r#"<xades:SignedProperties{NS} Id="S0-SignedProperties"><xades:SignedSignatureProperties><xades:SigningTime>{TIME}</xades:SigningTime>"#,
    r#"<xades:SigningCertificateV2>{CERTS}</xades:SigningCertificateV2></xades:SignedSignatureProperties><xades:SignedDataObjectProperties>"#,
    r#"<xades:DataObjectFormat ObjectReference="@S0-RefId0"><xades:MimeType>application/octet-stream</xades:MimeType></xades:DataObjectFormat>"#,
    r#"</xades:SignedDataObjectProperties></xades:SignedProperties>"#
);
const CERT: &str = concat!(
    r#"<xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc@sha256"></ds:DigestMethod>"#,
    r#"<ds:DigestValue>{}</ds:DigestValue></xades:CertDigest></xades:Cert>"#
);

/// What a test may change; texts are the page's with values put in.
struct Asic {
    certificates: Vec<Vec<u8>>,
    time: String,
    key: &'static Key,
    info: String,
    properties: String,
    file: String,
    /// Raw signature from what is signed; none for the page's way.
    sign: Option<fn(&Key, &[u8]) -> Vec<u8>>,
    names: [&'static str; 4],
}

fn methods(kind: &str) -> (&'static str, &'static str, usize) {
    match kind {
        "P-256" => ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256", 32),
        "P-384" => ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", "http://www.w3.org/2001/04/xmldsig-more#sha384", 48),
        "P-521" => ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", "http://www.w3.org/2001/04/xmlenc#sha512", 66),
        _ => ("http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1", "http://www.w3.org/2001/04/xmlenc#sha512", 0),
    }
}

/// The page's signature octets.
fn raw(key: &Key, signed: &[u8]) -> Vec<u8> {
    let width = methods(key.kind).2;
    let signature = sign(key, signed);
    if width == 0 {
        return signature;
    }
    let (r, s) = numbers(&signature);
    [vec![0; width - r.len()], r, vec![0; width - s.len()], s].concat()
}

impl Asic {
    fn bytes(&self) -> Vec<u8> {
        let (method, hash, _) = methods(self.key.kind);
        let digest = |name: &str, bytes: &[u8]| STANDARD.encode(hash_of(name, bytes));
        let h = |bytes: &[u8]| digest(self.key.hash(), bytes);
        let certs: String = self.certificates.iter().map(|bytes| CERT.replace("{}", &digest("sha256", bytes))).collect();
        let hashes = |text: String| text.replace('@', "#");
        let properties = |ns: &str| hashes(self.properties.replace("{NS}", ns).replace("{TIME}", &self.time).replace("{CERTS}", &certs));
        let info = |ns: &str| {
            let text = self.info.replace("{NS}", ns).replace("{METHOD}", method).replace("{HASH}", hash);
            hashes(text.replace("{CONTENT}", &h(CONTENT)).replace("{HASHED}", &h(properties(NAMESPACES).as_bytes())))
        };
        let signature = self.sign.unwrap_or(raw)(self.key, info(NAMESPACES).as_bytes());
        let one = |bytes: &Vec<u8>| format!("<ds:X509Certificate>{}</ds:X509Certificate>", STANDARD.encode(bytes));
        let file = hashes(self.file.replace("{NAMESPACES}", NAMESPACES));
        let file = file.replace("{INFO}", &info("")).replace("{PROPERTIES}", &properties(""));
        let file = file.replace("{SIGNATURE}", &STANDARD.encode(signature));
        let file = file.replace("{CERTIFICATES}", &self.certificates.iter().map(one).collect::<String>());
        let data = [b"application/vnd.etsi.asic-e+zip".to_vec(), MANIFEST.into(), CONTENT.to_vec(), file.into_bytes()];
        zip(&self.names.into_iter().zip(data).collect::<Vec<_>>())
    }
}

fn zip(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let (mut all, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in files {
        let offset = all.len() as u32;
        let (length, name_length) = (data.len() as u32, name.len() as u16);
        let mut middle = Vec::new();
        for number in [10u16, 0, 0, 0, 0x21] {
            middle.extend(number.to_le_bytes());
        }
        middle.extend(crc(data).to_le_bytes());
        middle.extend(length.to_le_bytes());
        middle.extend(length.to_le_bytes());
        middle.extend(name_length.to_le_bytes());
        middle.extend(0u16.to_le_bytes());
        all.extend([&0x0403_4b50u32.to_le_bytes(), middle.as_slice(), name.as_bytes(), data].concat());
        let head = [&0x0201_4b50u32.to_le_bytes()[..], &20u16.to_le_bytes()].concat();
        directory.extend([head, middle, vec![0; 10], offset.to_le_bytes().to_vec(), name.as_bytes().to_vec()].concat());
    }
    let count = (files.len() as u16).to_le_bytes();
    let end = [
        &0x0605_4b50u32.to_le_bytes()[..],
        &[0; 4],
        &count,
        &count,
        &(directory.len() as u32).to_le_bytes(),
        &(all.len() as u32).to_le_bytes(),
        &[0; 2],
    ];
    [all, directory, end.concat()].concat()
}

/// By the polynomial, bit by bit, from the highest power down; reflected at both ends.
fn crc(data: &[u8]) -> u32 {
    let sum = data.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(byte.reverse_bits()) << 24, |sum, _| if sum >> 31 == 1 { sum << 1 ^ 0x04C1_1DB7 } else { sum << 1 })
    });
    !sum.reverse_bits()
}

fn asic(chain: &Chain, others: &[Vec<u8>]) -> Asic {
    let mut others = others.to_vec();
    others.sort();
    Asic {
        certificates: [vec![chain.leaf.bytes()], others].concat(),
        time: "2026-11-18T12:00:00Z".to_owned(),
        key: chain.leaf_key,
        info: INFO.to_owned(),
        properties: PROPERTIES.to_owned(),
        file: FILE.to_owned(),
        sign: None,
        names: ["mimetype", "META-INF/manifest.xml", "ballot.bin", "META-INF/signatures0.xml"],
    }
}

fn judged(container: &[u8], chain: &Chain) -> Judged {
    Profile::AsicE.accept(container, CONTENT, &Anchors::new(&[chain.root.bytes()]), TIME).map_err(|fault| fault.rule)
}

fn after(kind: &'static str, change: impl FnOnce(&mut Asic)) -> Judged {
    let chain = Chain::new(kind);
    let mut asic = asic(&chain, &[chain.sub.bytes()]);
    change(&mut asic);
    judged(&asic.bytes(), &chain)
}

#[test]
fn honest_ones_of_every_kind() {
    for kind in ["P-256", "P-384", "P-521", "rsa:2048"] {
        assert_eq!(after(kind, |_| ()), good(), "{kind}");
    }
}

#[test]
fn length() {
    let of = |length: usize| Profile::AsicE.accept(&vec![0; length], CONTENT, &Anchors::new(&[]), TIME).map_err(|fault| fault.rule);
    let most = 16_384 + CONTENT.len();
    assert_eq!((of(most), of(most + 1)), (Err("ENV-2"), Err("ENV-1")));
    assert_eq!((Profile::AsicE.longest(8), Profile::CadesB.longest(8)), (16_392, 16_384));
}

#[test]
fn three_entries_and_the_head_of_the_fourth() {
    for place in 0..4 {
        assert_eq!(after("P-256", |asic| asic.names[place] = "another"), Err("ENV-2"), "{place}");
    }
    let chain = Chain::new("P-256");
    let container = asic(&chain, &[chain.sub.bytes()]).bytes();
    let rule = Profile::AsicE.accept(&container, b"a ballo!", &Anchors::new(&[chain.root.bytes()]), TIME).map_err(|fault| fault.rule);
    assert_eq!(rule, Err("ENV-2"));
    assert_eq!(after("P-256", |asic| asic.file = FILE.replace("Id=\"S0\"", "Id=\"S1\"")), Err("ENV-2"));
    for missing in ["SignatureValue", "X509Data"] {
        assert_eq!(after("P-256", |asic| asic.file = FILE.replace(missing, "Nothing")), Err("ENV-2"), "{missing}");
    }
    assert_eq!(after("P-256", |asic| asic.properties = PROPERTIES.replace("SigningTime", "Time")), Err("ENV-2"));
    assert_eq!(
        after("P-256", |asic| asic.file = FILE.replace("{CERTIFICATES}", "<ds:X509Certificate>*</ds:X509Certificate>")),
        Err("ENV-2")
    );
}

#[test]
fn times() {
    for time in ["1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2024-02-29T00:00:00Z"] {
        assert_eq!(after("P-256", |asic| asic.time = time.to_owned()), good(), "{time}");
    }
    for time in [
        "1969-12-31T23:59:59Z",
        "2026-02-29T00:00:00Z",
        "2026-11-18T24:00:00Z",
        "2026-11-18T12:00:60Z",
        "2026-11-18 12:00:00Z",
        "2026-11-18T12:00:00",
        "",
    ] {
        assert_eq!(after("P-256", |asic| asic.time = time.to_owned()), Err("ENV-2"), "{time}");
    }
}

#[test]
fn certificates() {
    let chain = Chain::new("P-256");
    let other = |n: u8| {
        let mut other = Chain::new("P-256").sub;
        other.serial = vec![7, n];
        other.bytes()
    };
    let with = |count: u8| judged(&asic(&chain, &(1..count).map(other).chain([chain.sub.bytes()]).collect::<Vec<_>>()).bytes(), &chain);
    assert_eq!((with(3), with(4)), (good(), Err("ENV-7")));
    assert_eq!(after("P-256", |asic| asic.certificates.clear()), Err("ENV-7"));
    assert_eq!(after("P-256", |asic| asic.certificates[1].push(0)), Err("ENV-20"));
    // The others in another order, and the leaf not first.
    let two = || {
        let mut two = vec![chain.sub.bytes(), other(1)];
        two.sort();
        two
    };
    let mut wrong = asic(&chain, &two());
    wrong.certificates.swap(1, 2);
    assert_eq!(judged(&wrong.bytes(), &chain), Err("ENV-16"));
    let mut second = asic(&chain, &[chain.sub.bytes()]);
    second.certificates.swap(0, 1);
    assert!(judged(&second.bytes(), &chain).is_err());
    let mut strange = Chain::new("P-256");
    strange.leaf.extensions = vec![crate::der::usage(crate::der::DIGITAL_SIGNATURE)];
    assert_eq!(judged(&asic(&strange, &[strange.sub.bytes()]).bytes(), &strange), Err("ENV-27"));
    assert_eq!(judged(&asic(&chain, &[]).bytes(), &chain), Err("ENV-32"));
}

#[test]
fn signatures() {
    let with = |sign: fn(&Key, &[u8]) -> Vec<u8>| after("P-256", |asic| asic.sign = Some(sign));
    assert_eq!(with(raw), good());
    assert_eq!(with(|key, signed| sign(key, signed)), Err("ENV-14"), "DER is for CMS");
    assert_eq!(with(|key, signed| raw(key, signed)[..63].to_vec()), Err("ENV-14"));
    assert_eq!(with(|key, signed| [raw(key, signed), vec![0]].concat()), Err("ENV-14"));
    assert_eq!(with(|key, signed| [vec![0; 32], raw(key, signed)[32..].to_vec()].concat()), Err("ENV-14"));
    assert_eq!(with(|_, _| vec![0xFF; 64]), Err("ENV-14"));
    assert_eq!(with(|key, signed| [raw(key, signed)[..32].to_vec(), vec![0x80; 32]].concat()), Err("ENV-15"));
    assert_eq!(with(|key, _| raw(key, b"something else")), Err("ENV-17"));
    let of_rsa = |sign: fn(&Key, &[u8]) -> Vec<u8>| after("rsa:2048", |asic| asic.sign = Some(sign));
    assert_eq!(of_rsa(|key, signed| [vec![0], raw(key, signed)].concat()), Err("ENV-14"));
    assert_eq!(of_rsa(|key, signed| key.sign("sha512", signed)), Err("ENV-17"));
    assert_eq!(after("P-256", |asic| asic.file = FILE.replace("{SIGNATURE}", "{SIGNATURE}=")), Err("ENV-14"));
    assert_eq!(after("P-256", |asic| asic.file = FILE.replace("{SIGNATURE}", "{SIGNATURE}\n")), Err("ENV-14"));
}

#[test]
fn every_byte_is_prescribed() {
    assert_eq!(after("P-256", |asic| asic.info = INFO.replace("xml-c14n11", "xml-exc-c14n@")), Err("ENV-16"));
    assert_eq!(after("P-256", |asic| asic.info = INFO.replace("{HASHED}", "{CONTENT}")), Err("ENV-16"));
    assert_eq!(after("P-256", |asic| asic.properties = PROPERTIES.replace("octet-stream", "pdf")), Err("ENV-16"));
    assert_eq!(after("P-256", |asic| asic.file = format!("{FILE}\n")), Err("ENV-16"));
    let chain = Chain::new("P-256");
    let honest = asic(&chain, &[chain.sub.bytes()]).bytes();
    let anchors = Anchors::new(&[chain.root.bytes()]);
    assert_eq!(judged(&[honest.as_slice(), &[0]].concat(), &chain), Err("ENV-16"));
    for position in 0..honest.len() {
        for bit in [0x01, 0x80] {
            let mut changed = honest.clone();
            changed[position] ^= bit;
            assert!(Profile::AsicE.accept(&changed, CONTENT, &anchors, TIME).is_err(), "byte {position}");
        }
    }
}
