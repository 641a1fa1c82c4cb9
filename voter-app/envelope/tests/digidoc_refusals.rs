//! What is refused of containers of others: one test for each rule of 07d, everything else about the container being right.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "common/asice.rs"]
mod asice;
mod common;

use asice::{MIMETYPE, Part, Piece, cert_digest, pieces, reference, signatures, x509, zip};
use common::pki::{P256, Person, Use};
use common::{chain, signer, test_pki};
use envelope::digidoc::{self, Rule};
use envelope::{Identity, Profile, asic};
use miniz_oxide::deflate::compress_to_vec;

const FILES: [(&str, &[u8]); 2] = [("a.txt", b"an order"), ("b.txt", b"another")];

fn rule(container: &[u8]) -> Option<Rule> {
    digidoc::open(container).err().map(|error| error.rule)
}

/// A container whose ZIP is changed.
struct Zip(Vec<Piece>);

impl Zip {
    fn new() -> Self {
        let pieces = pieces(&FILES, &signatures(&signer(&test_pki(), P256), &FILES, &|_, text| text));
        assert_eq!(rule(&zip(&pieces, b"")), None);
        Self(pieces)
    }

    fn with(&self, change: impl FnOnce(&mut Vec<Piece>)) -> Option<Rule> {
        let mut pieces = self.0.clone();
        change(&mut pieces);
        rule(&zip(&pieces, b""))
    }
}

/// A container whose text is changed before or after it is signed.
struct Text(Identity);

impl Text {
    fn new() -> Self {
        Self(signer(&test_pki(), P256))
    }

    fn whole(&self, change: &dyn Fn(Part, String) -> String) -> Option<Rule> {
        rule(&zip(&pieces(&FILES, &signatures(&self.0, &FILES, change)), b""))
    }

    fn replaced(&self, part: Part, from: &str, to: &str) -> Option<Rule> {
        self.whole(&|now, text| {
            assert!(now != part || text.contains(from), "{from}");
            if now == part { text.replacen(from, to, 1) } else { text }
        })
    }
}

/// DOC-1, before anything is inflated or looked for.
#[test]
fn bombs() {
    let container = Zip::new();
    assert_eq!(rule(&vec![0; digidoc::MAX_CONTAINER + 1]), Some(Rule::Length));
    let claims =
        |length: u32| container.with(|all| all.iter_mut().filter(|piece| piece.method == 8).for_each(|piece| piece.length = length));
    assert_eq!(claims(64 << 20), Some(Rule::Length), "five times 64 MiB less one");
    assert_eq!(claims(1 << 20), Some(Rule::Data), "DOC-3: a little is looked at");
    let more = |count: usize| container.with(|all| all.extend((0..count).map(|n| Piece::stored(&format!("{n}"), b""))));
    assert_eq!(more(996), Some(Rule::Length), "1,001 entries");
    assert_eq!(more(995), Some(Rule::References), "1,000 entries");
    let spaces = |count: usize| Text::new().whole(&|part, text| if part == Part::Whole { text + &" ".repeat(count) } else { text });
    assert_eq!((spaces(digidoc::MAX_SIGNATURES), spaces(1000)), (Some(Rule::Length), None));
}

/// DOC-2: nothing hides in the file, and its two descriptions agree.
#[test]
fn layout() {
    let container = Zip::new();
    let refused = [
        container.with(|all| all[2].gap = b"hidden".to_vec()),
        container.with(|all| all[0].gap = b"hidden".to_vec()),
        container.with(|all| all[2].local_name = Some(b"c.txt".to_vec())),
        container.with(|all| all[2].descriptor_lies = true),
        container.with(|all| all[2].flags |= 1),       // encrypted
        container.with(|all| all[2].mode = 0o120_777), // a symbolic link
        container.with(|all| all[2].mode = 0o040_755), // a folder
        container.with(|all| {
            let mut folder = Piece::stored("META-INF/", b"data");
            folder.mode = 0o040_755;
            all.push(folder);
        }),
    ];
    for (at, found) in refused.iter().enumerate() {
        assert_eq!(*found, Some(Rule::Layout), "{at}");
    }
    assert_eq!(container.with(|all| all.push(Piece::stored("META-INF/", b""))), None);
    assert_eq!(container.with(|all| all[2].mode = 0o100_644), None);

    let good = zip(&container.0, b"");
    let directory = good.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let end = good.len() - 22;
    let hidden = Piece::stored("c.txt", b"hidden");
    let with_more = zip(&[container.0.clone(), vec![hidden]].concat(), b"");
    let changed = |at: usize, to: &[u8]| {
        let mut bytes = good.clone();
        bytes[at..at + to.len()].copy_from_slice(to);
        bytes
    };
    let second = directory + 46 + "mimetype".len();
    // An entry that the directory does not list: before it, and the directory of another file.
    let listed_less = {
        let last = with_more.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
        let mut bytes = with_more[..last].to_vec();
        bytes.extend(&with_more[with_more.len() - 22..]);
        let length = bytes.len();
        let begin = with_more.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
        bytes[length - 14..length - 10].copy_from_slice(&[5, 0, 5, 0]);
        bytes[length - 10..length - 6].copy_from_slice(&((last - begin) as u32).to_le_bytes());
        bytes
    };
    for (what, bytes) in [
        ("an end that says one entry less", changed(end + 8, &[4, 0, 4, 0])),
        ("two disks", changed(end + 4, &[1])),
        ("two disks", changed(end + 6, &[1])),
        ("entries on this disk", changed(end + 8, &[4])),
        ("a comment that is not there", changed(end + 20, &[1])),
        ("ZIP64", changed(end + 16, &[0xff; 4])),
        ("an offset into another entry", changed(second + 42, &[0; 4])),
        ("an entry on another disk", changed(second + 34, &[1])),
        ("another method in the entry", changed(8, &[8])),
        ("another sum in the entry", changed(14, &[0])),
        ("bytes after the end", [good.as_slice(), b"x"].concat()),
        ("a second end in the comment", zip(&container.0, b"PK\x05\x06")),
        ("an entry that is not listed", listed_less),
        ("cut", good[..good.len() - 1].to_vec()),
        ("nothing", Vec::new()),
    ] {
        assert_eq!(rule(&bytes), Some(Rule::Layout), "{what}");
    }
}

/// DOC-3.
#[test]
fn data_are_as_described() {
    let container = Zip::new();
    assert_eq!(container.with(|all| all[2].sum ^= 1), Some(Rule::Data));
    assert_eq!(container.with(|all| all[2].packed.push(0)), Some(Rule::Data), "bytes after the deflated ones");
    assert_eq!(container.with(|all| all[2].packed.truncate(3)), Some(Rule::Data));
    assert_eq!(container.with(|all| all[2].length += 1), Some(Rule::Data));
    assert_eq!(container.with(|all| all[2].length -= 1), Some(Rule::Data), "a bomb stops at its stated length");
    assert_eq!(container.with(|all| all[2].method = 12), Some(Rule::Data));
    let stored = Piece::stored(FILES[0].0, FILES[0].1);
    assert_eq!(container.with(|all| all[2] = stored.clone()), None);
    assert_eq!(container.with(|all| all[2] = Piece { length: 9, ..stored }), Some(Rule::Data));
}

/// DOC-4, DOC-5.
#[test]
fn names() {
    let container = Zip::new();
    let long = "n".repeat(256);
    for name in
        ["", "/etc/passwd", "../a", "a/../../b", "a/./b", "a//b", "a/", ".", "..", "c:\\a", "a\\b", "C:a", "a\u{0}.txt", "a\n", &long]
    {
        assert_eq!(container.with(|all| all[2].name = name.into()), Some(Rule::Name), "{name:?}");
    }
    assert_eq!(container.with(|all| all[2].name = b"\xff".to_vec()), Some(Rule::Name), "not UTF-8");
    let accented = |flags: u16| {
        container.with(|all| {
            all[2].name = "\u{e4}.txt".into();
            all[2].flags = flags | 8;
        })
    };
    assert_eq!((accented(0), accented(0x800)), (Some(Rule::Name), Some(Rule::References)), "UTF-8 that is not said to be");
    for name in ["b.txt", "B.TXT", "MimeType"] {
        assert_eq!(container.with(|all| all[2].name = name.into()), Some(Rule::SameName), "{name}");
    }
}

/// DOC-6, DOC-7.
#[test]
fn what_a_container_has() {
    let container = Zip::new();
    assert_eq!(container.with(|all| all[0] = Piece::deflated("mimetype", MIMETYPE)), Some(Rule::Mimetype));
    assert_eq!(container.with(|all| all[0] = Piece::stored("mimetype", b"application/vnd.etsi.asic-s+zip")), Some(Rule::Mimetype));
    assert_eq!(container.with(|all| all.swap(0, 1)), Some(Rule::Mimetype));
    assert_eq!(container.with(Vec::clear), Some(Rule::Mimetype));
    for name in [
        "META-INF/a.txt",
        "META-INF/ASiCManifest.xml",
        "META-INF/a/signatures0.xml",
        "META-INF/signaturesa/0.xml",
        "META-INF",
        "meta-inf/signatures1.xml",
    ] {
        assert_eq!(container.with(|all| all.push(Piece::stored(name, b""))), Some(Rule::MetaInf), "{name}");
    }
    assert_eq!(container.with(|all| drop(all.remove(1))), Some(Rule::MetaInf), "no list");
    assert_eq!(container.with(|all| drop(all.pop())), Some(Rule::MetaInf), "not signed");
    assert_eq!(container.with(|all| drop(all.drain(2..4))), Some(Rule::MetaInf), "nothing signed");
    let last = container.0[4].clone();
    let more = |count: usize| {
        container.with(|all| all.extend((1..count).map(|n| Piece { name: format!("META-INF/signatures{n}.xml").into(), ..last.clone() })))
    };
    assert_eq!((more(100), more(101)), (None, Some(Rule::MetaInf)));
}

/// DOC-8.
#[test]
fn plain_xml() {
    let text = Text::new();
    let whole = |from: &str, to: &str| text.replaced(Part::Whole, from, to);
    for (from, to) in [
        ("<asic:XAdES", "<!DOCTYPE a [<!ENTITY b 'c'>]><asic:XAdES"),
        ("<asic:XAdES", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><asic:XAdES"),
        ("<ds:KeyInfo>", "<ds:KeyInfo>&b;"),
        ("<ds:KeyInfo>", "<ds:KeyInfo><!-- -->"),
        ("<ds:KeyInfo>", "<ds:KeyInfo><?a?>"),
        ("<asic:XAdES", "<!-- --><asic:XAdES"),
        ("<ds:KeyInfo>", "<ds:KeyInfo xml:space='preserve'>"),
        ("<ds:KeyInfo>", "<ds:KeyInfo Id='a' Id='b'>"),
        ("<ds:KeyInfo>", "<dt:KeyInfo>"),
        ("</ds:KeyInfo>", ""),
        ("\"UTF-8\"", "\"ISO-8859-1\""),
        ("encoding=\"UTF-8\"", "encoding = 'utf-16'"),
    ] {
        assert_eq!(whole(from, to), Some(Rule::Xml), "{to}");
    }
    assert_eq!(whole("encoding=\"UTF-8\"", "encoding = 'utf-8'"), None);
    assert_eq!(whole(" encoding=\"UTF-8\"", ""), None);
    let nested = |levels: usize| whole("</ds:X509Data>", &format!("</ds:X509Data>{}{}", "<a>".repeat(levels), "</a>".repeat(levels)));
    assert_eq!((nested(61), nested(62), nested(2000)), (None, Some(Rule::Xml), Some(Rule::Xml)));
    assert_eq!(whole("</ds:X509Data>", &format!("</ds:X509Data>{}", "<a/>".repeat(20_000))), Some(Rule::Xml));
    let mut bytes = signatures(&text.0, &FILES, &|_, text| text).into_bytes();
    let at = bytes.windows(11).position(|window| window == b"<ds:KeyInfo").unwrap();
    bytes.insert(at, 0xff);
    let mut all = pieces(&FILES, "");
    *all.last_mut().unwrap() = Piece::stored("META-INF/signatures0.xml", &bytes);
    assert_eq!(rule(&zip(&all, b"")), Some(Rule::Xml), "not UTF-8");
}

/// DOC-9, DOC-10, DOC-14: what is read is what was signed, wherever else a copy of it is put.
#[test]
fn wrapping() {
    let text = Text::new();
    let whole = |from: &str, to: &str| text.replaced(Part::Whole, from, to);
    // Another set of properties in the place of the signed one, which is kept elsewhere.
    let wrap = |id: &str, keeper: (&str, &str), end: &str| {
        text.whole(&|part, text| {
            if part != Part::Whole {
                return text;
            }
            let begin = text.find("<xades:SignedProperties").unwrap();
            let after = text.find("</xades:QualifyingProperties>").unwrap();
            let signed = &text[begin..after];
            let forged = signed.replace("14:13:20", "15:00:00").replace("Id=\"S-P\"", id);
            text.replacen(signed, &forged, 1).replacen(end, &format!("{}{signed}{}{end}", keeper.0, keeper.1), 1)
        })
    };
    let objects = [("", ""), ("<ds:Object>", "</ds:Object>"), ("<a>", "</a>")];
    for keeper in objects {
        for end in ["</ds:KeyInfo>", "</xades:QualifyingProperties>", "</ds:Object>", "</ds:Signature>", "</asic:XAdESSignatures>"] {
            assert_eq!(wrap("Id=\"S-P\"", keeper, end), Some(Rule::SameId), "{keeper:?} {end}");
            assert_eq!(wrap("ID=\"S-P\"", keeper, end), Some(Rule::SameId), "{keeper:?} {end}");
            let other = wrap("Id=\"S-Q\"", keeper, end);
            assert!(matches!(other, Some(Rule::References | Rule::Structure)), "{keeper:?} {end}: {other:?}");
        }
    }
    assert_eq!(wrap("Id=\"S-Q\"", ("", ""), "</ds:KeyInfo>"), Some(Rule::References));
    assert_eq!(whole("<ds:KeyInfo>", "<ds:KeyInfo Id=\"S\">"), Some(Rule::SameId));

    for (from, to) in [
        ("Target=\"#S\"", "Target=\"#T\""),
        ("Target=\"#S\"", "Target=\"S\""),
        ("Target=\"#S\"", ""),
        ("<ds:Signature Id=\"S\">", "<ds:Signature>"),
        (" Id=\"S-P\"", ""),
        ("<ds:KeyInfo>", "<ds:SignedInfo></ds:SignedInfo><ds:KeyInfo>"),
        ("<ds:KeyInfo>", "<ds:SignatureValue></ds:SignatureValue><ds:KeyInfo>"),
        ("<ds:KeyInfo>", "<ds:KeyInfo></ds:KeyInfo><ds:KeyInfo>"),
        ("<ds:KeyInfo>", "<ds:Object></ds:Object><ds:KeyInfo>"),
        ("<ds:KeyInfo>", "<ds:Other></ds:Other><ds:KeyInfo>"),
        ("<ds:Object>", "<ds:Object><ds:Other></ds:Other>"),
        ("</xades:QualifyingProperties>", "<xades:SignedProperties></xades:SignedProperties></xades:QualifyingProperties>"),
        ("</xades:QualifyingProperties>", "<xades:Other></xades:Other></xades:QualifyingProperties>"),
        ("<ds:SignatureValue>", "<ds:SignatureValue>!"),
        ("<ds:SignatureValue>", "<ds:SignatureValue><a/>"),
        ("</asic:XAdESSignatures>", "<a/></asic:XAdESSignatures>"),
        (
            "</xades:QualifyingProperties>",
            "<xades:UnsignedProperties><xades:EncapsulatedTimeStamp>!</xades:EncapsulatedTimeStamp></xades:UnsignedProperties></xades:QualifyingProperties>",
        ),
    ] {
        assert_eq!(whole(from, to), Some(Rule::Structure), "{from} {to}");
    }
    let all = |text: String| text.replace("asic:XAdESSignatures", "asic:Signatures");
    assert_eq!(text.whole(&|part, text| if part == Part::Whole { all(text) } else { text }), Some(Rule::Structure));
    let none = |text: String| format!("{}</asic:XAdESSignatures>", text.split_once("<ds:Signature ").unwrap().0);
    assert_eq!(text.whole(&|part, text| if part == Part::Whole { none(text) } else { text }), Some(Rule::Structure));
    for (from, to) in [
        ("<xades:SigningTime>2026-09-21T14:13:20Z</xades:SigningTime>", ""),
        ("14:13:20Z", "14:13:20"),
        ("14:13:20Z", "14:13:20+03:00"),
        ("<xades:SigningTime>", "<xades:SigningTime></xades:SigningTime><xades:SigningTime>"),
        ("SigningCertificateV2>", "Other>"),
    ] {
        let changed = |part, text: String| if part == Part::Properties { text.replace(from, to) } else { text };
        assert_eq!(text.whole(&changed), Some(Rule::Structure), "{to}");
    }
    // What only adds to the unsigned part is listed.
    let stamp = "<xades:UnsignedProperties><xades:EncapsulatedTimeStamp>AQID</xades:EncapsulatedTimeStamp></xades:UnsignedProperties></xades:QualifyingProperties>";
    assert_eq!(whole("</xades:QualifyingProperties>", stamp), None);
}

/// DOC-11, DOC-12, DOC-13: signed all the same, with a method that is not taken.
#[test]
fn algorithms() {
    let text = Text::new();
    let info = |from: &str, to: &str| text.replaced(Part::Info, from, to);
    for (from, to) in [
        ("xml-c14n11\"></ds:C", "xml-c14n11#WithComments\"></ds:C"),
        ("xml-c14n11\"></ds:T", "xml-c14n11#WithComments\"></ds:T"),
        ("xml-c14n11\"></ds:C", "xml-c14n11\"><a></a></ds:C"),
        ("http://www.w3.org/2006/12/xml-c14n11\"></ds:T", "http://www.w3.org/TR/1999/REC-xslt-19991116\"></ds:T"),
        ("http://www.w3.org/2006/12/xml-c14n11\"></ds:T", "http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:T"),
    ] {
        assert_eq!(info(from, to), Some(Rule::Canonicalisation), "{to}");
    }
    for (from, to) in [
        ("2001/04/xmlenc#sha256", "2000/09/xmldsig#sha1"),
        ("2001/04/xmlenc#sha256", "2001/04/xmldsig-more#sha224"),
        ("2001/04/xmlenc#sha256", "2001/04/xmldsig-more#md5"),
    ] {
        assert_eq!(info(from, to), Some(Rule::DigestMethod), "{to}");
        assert_eq!(text.replaced(Part::Properties, from, to), Some(Rule::DigestMethod), "{to}");
    }
    for to in [
        "2001/04/xmldsig-more#ecdsa-sha1",
        "2001/04/xmldsig-more#ecdsa-sha224",
        "2001/04/xmldsig-more#rsa-sha256",
        "2000/09/xmldsig#rsa-sha1",
        "2000/09/xmldsig#hmac-sha1",
        "2001/04/xmldsig-more#hmac-sha256",
        "2007/05/xmldsig-more#sha256-rsa-MGF1",
        "2001/04/xmldsig-more#sha256",
        "",
    ] {
        assert_eq!(info("2001/04/xmldsig-more#ecdsa-sha256", to), Some(Rule::SignatureMethod), "{to}");
    }
    assert_eq!(info("#ecdsa-sha256", "#ecdsa-sha384"), Some(Rule::Signature), "DOC-17: the hash counts");
    assert_eq!(info("ecdsa-sha256\">", "ecdsa-sha256\"><ds:HMACOutputLength>0</ds:HMACOutputLength>"), Some(Rule::Structure));
}

/// DOC-14, DOC-15.
#[test]
fn references() {
    let text = Text::new();
    let info = |from: &str, to: &str| text.replaced(Part::Info, from, to);
    let a = reference("a.txt", b"an order");
    let transforms = "<ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/2006/12/xml-c14n11\"></ds:Transform></ds:Transforms>";
    for (from, to) in [
        (a.as_str(), String::new()),
        (a.as_str(), a.clone() + &a),
        (a.as_str(), reference("b.txt", b"another")),
        (a.as_str(), a.clone() + &reference("mimetype", MIMETYPE)),
        (a.as_str(), a.clone() + &reference("META-INF/manifest.xml", b"<not-read/>")),
        (a.as_str(), reference("./a.txt", b"an order")),
        (a.as_str(), reference("A.TXT", b"an order")),
        (a.as_str(), reference("", b"an order")),
        (a.as_str(), reference("file:///a.txt", b"an order")),
        (a.as_str(), reference("a%2etxt%", b"an order")),
        (a.as_str(), reference("a%+2etxt", b"an order")),
        ("<ds:Reference URI=\"a.txt\">", format!("<ds:Reference URI=\"a.txt\">{transforms}")),
        ("URI=\"#S-P\"", "URI=\"#S\"".to_owned()),
        ("URI=\"#S-P\"", "URI=\"\"".to_owned()),
        ("URI=\"#S-P\"", "URI=\"#xpointer(id('S-P'))\"".to_owned()),
        ("01903#SignedProperties", "01903#CountersignedSignature".to_owned()),
        (transforms, String::new()),
        (
            transforms,
            transforms.replacen(
                "<ds:Transform ",
                "<ds:Transform Algorithm=\"http://www.w3.org/2006/12/xml-c14n11\"></ds:Transform><ds:Transform ",
                1,
            ),
        ),
    ] {
        assert_eq!(info(from, &to), Some(Rule::References), "{to}");
    }
    assert_eq!(info("a.txt", "%61.t%78t"), None, "escapes are undone");
    let without_properties = |part, text: String| {
        let cut = text.split_once("<ds:Reference Type").map(|(head, _)| format!("{head}</ds:SignedInfo>"));
        if part == Part::Info { cut.unwrap() } else { text }
    };
    assert_eq!(text.whole(&without_properties), Some(Rule::References));
    assert_eq!(Zip::new().with(|all| all.insert(2, Piece::stored("c.txt", b"unsigned"))), Some(Rule::References));
    assert_eq!(Zip::new().with(|all| drop(all.remove(2))), Some(Rule::References));

    assert_eq!(info(&a, &reference("a.txt", b"an Order")), Some(Rule::Digest));
    assert_eq!(Zip::new().with(|all| all[2] = Piece::stored("a.txt", b"an Order")), Some(Rule::Digest));
    let later = |part, text: String| if part == Part::Whole { text.replace("14:13:20", "14:13:21") } else { text };
    assert_eq!(text.whole(&later), Some(Rule::Digest));
}

/// DOC-16, DOC-17.
#[test]
fn signer_and_signature() {
    let pki = test_pki();
    let text = Text(signer(&pki, P256));
    let own = text.0.certificate().clone();
    let other = chain(&pki.issuing.issue(&pki.params(&Person::numbered(2), Use::Sign), P256).unwrap()).0;
    let named = |digests: &str| text.replaced(Part::Properties, &cert_digest(&own), digests);
    assert_eq!(named(&cert_digest(&other)), Some(Rule::Certificate));
    assert_eq!(named(&(cert_digest(&other) + &cert_digest(&own))), Some(Rule::Certificate), "the first counts");
    assert_eq!(named(&(cert_digest(&own) + &cert_digest(&other))), None);
    assert_eq!(named(""), Some(Rule::Structure));
    let shown = |certificates: &str| text.replaced(Part::Whole, &x509(&own), certificates);
    assert_eq!(shown(&x509(&other)), Some(Rule::Certificate));
    assert_eq!(shown(""), Some(Rule::Certificate));
    assert_eq!(shown(&(x509(&own) + &x509(&own))), Some(Rule::Certificate), "twice");
    assert_eq!(shown("<ds:X509Certificate>!</ds:X509Certificate>"), Some(Rule::Structure));
    let junk = "<ds:X509Certificate>AQID</ds:X509Certificate>";
    assert_eq!(shown(&(x509(&own) + junk)), None, "only the signer's has to be readable");
    let unreadable = text.whole(&|part, text| match part {
        Part::Properties => text.replace(&asice::sha256(own.as_der()), &asice::sha256(&[1, 2, 3])),
        _ => text.replace(&x509(&own), junk),
    });
    assert_eq!(unreadable, Some(Rule::Certificate), "ENV-20");

    // Signed with another key, and over another text.
    let stranger = Text(signer(&pki, P256));
    let swapped = stranger.whole(&|part, text| match part {
        Part::Properties => text.replace(&cert_digest(stranger.0.certificate()), &cert_digest(&own)),
        _ => text.replace(&x509(stranger.0.certificate()), &x509(&own)),
    });
    assert_eq!(swapped, Some(Rule::Signature));
    let whole = |from: &str, to: &str| text.replaced(Part::Whole, from, to);
    assert_eq!(whole("<ds:Reference URI=\"a.txt\">", "<ds:Reference URI=\"a.txt\" Type=\"a\">"), Some(Rule::Signature));
    assert_eq!(whole("<ds:Reference URI=\"a.txt\">", "<ds:Reference\n  URI=\"a.txt\" >"), None, "the same when canonical");
    assert_eq!(whole("<ds:SignatureValue>", "<ds:SignatureValue>AAAA"), Some(Rule::Signature));
    // One bad signature among good ones refuses all.
    let good = pieces(&FILES, &signatures(&text.0, &FILES, &|_, text| text));
    let bad = signatures(&text.0, &FILES, &|part, text| if part == Part::Whole { text.replace("14:13:20", "14:13:21") } else { text });
    let both = [good, vec![Piece::deflated("META-INF/signatures1.xml", bad.as_bytes())]].concat();
    let error = digidoc::open(&zip(&both, b"")).unwrap_err();
    assert!(error.rule == Rule::Digest && error.to_string().contains("META-INF/signatures1.xml"), "{error}");
}

/// A ballot's envelope has one layout: what another program would write around the same ballot is none.
#[test]
fn never_a_ballot() {
    let voter = signer(&test_pki(), P256);
    let ballot: [(&str, &[u8]); 1] = [("ballot.bin", b"a ballot")];
    let foreign = zip(&pieces(&ballot, &signatures(&voter, &ballot, &|_, text| text)), b"");
    assert_eq!(rule(&foreign), None);
    for profile in [Profile::CadesB, Profile::AsicE] {
        assert!(profile.verify(ballot[0].1, &foreign).is_err());
    }
    // The other way round there is nothing to fear: ours is a container like any other.
    let draft = asic::Draft::new(ballot[0].1, voter.certificate(), voter.intermediates(), asice::SIGNED_AT).unwrap();
    let ours = draft.finish(&voter.sign(draft.message()).unwrap()).unwrap();
    let read = digidoc::open(&ours).unwrap();
    assert_eq!((read.files()[0].name.as_str(), read.files()[0].data.as_slice()), ballot[0]);
    // Packed anew by another program it is the same to a reader of containers, and no ballot.
    let again = Piece { packed: compress_to_vec(ballot[0].1, 6), method: 8, flags: 0, ..Piece::stored("ballot.bin", ballot[0].1) };
    let text = String::from_utf8_lossy(&ours).into_owned();
    let begin = text.find("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<asic").unwrap();
    let end = text.find("</asic:XAdESSignatures>").unwrap() + "</asic:XAdESSignatures>".len();
    let mut packed = pieces(&ballot, &text[begin..end]);
    packed[2] = again;
    let packed = zip(&packed, b"");
    assert_eq!(rule(&packed), None);
    assert!(Profile::AsicE.verify(ballot[0].1, &packed).is_err());
}
