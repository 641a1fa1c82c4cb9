//! The texts of a container: what is signed, and what is written around it. Spec: 07b-asic-e, Texts.

use super::suite::Suite;
use crate::certificate::{Certificate, Curve, PublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const MIMETYPE: &str = "application/vnd.etsi.asic-e+zip";
const MANIFEST: [&str; 5] = [
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n",
    "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" manifest:version=\"1.2\">",
    "<manifest:file-entry manifest:full-path=\"/\" manifest:media-type=\"application/vnd.etsi.asic-e+zip\"/>",
    "<manifest:file-entry manifest:full-path=\"ballot.bin\" manifest:media-type=\"application/octet-stream\"/>",
    "</manifest:manifest>",
];
const NAMESPACES: &str = concat!(
    " xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\"",
    " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"",
    " xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\""
);
const C14N: &str = "http://www.w3.org/2006/12/xml-c14n11";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// What is free in a container, but for the signature.
pub struct Layout<'a> {
    pub content: &'a [u8],
    /// As text.
    pub time: &'a str,
    /// The leaf first, the others in ascending order.
    pub certificates: &'a [Certificate],
    pub suite: &'a Suite<'a>,
    /// METHOD and HASH.
    pub names: [&'static str; 2],
}

/// METHOD and HASH.
pub fn names(key: &PublicKey) -> [&'static str; 2] {
    const SHA512: &str = "http://www.w3.org/2001/04/xmlenc#sha512";
    match key {
        PublicKey::Ec(Curve::P256, _) => ["http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", SHA256],
        PublicKey::Ec(Curve::P384, _) => {
            ["http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", "http://www.w3.org/2001/04/xmldsig-more#sha384"]
        }
        PublicKey::Ec(Curve::P521, _) => ["http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", SHA512],
        PublicKey::Rsa(_) | PublicKey::Other => ["http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1", SHA512],
    }
}

/// The first three entries.
pub fn before(content: &[u8]) -> [(&'static str, Vec<u8>); 3] {
    [("mimetype", MIMETYPE.into()), ("META-INF/manifest.xml", MANIFEST.concat().into()), ("ballot.bin", content.to_vec())]
}

/// Name of the fourth.
pub const SIGNATURES: &str = "META-INF/signatures0.xml";

/// Its text up to INFO.
pub fn opening() -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<asic:XAdESSignatures{NAMESPACES}><ds:Signature Id=\"S0\">")
}

impl Layout<'_> {
    /// What the signature signs: INFO in its canonical form.
    pub fn signed(&self) -> String {
        self.information(NAMESPACES)
    }

    /// Text of the fourth entry.
    pub fn signatures(&self, signature: &[u8]) -> String {
        let one = |certificate: &Certificate| element("ds:X509Certificate", "", &STANDARD.encode(&certificate.bytes));
        let certificates: String = self.certificates.iter().map(one).collect();
        let parts = [
            opening(),
            self.information(""),
            element("ds:SignatureValue", " Id=\"S0-SIG\"", &STANDARD.encode(signature)),
            element("ds:KeyInfo", "", &element("ds:X509Data", "", &certificates)),
            element("ds:Object", "", &element("xades:QualifyingProperties", " Target=\"#S0\"", &self.properties(""))),
            "</ds:Signature></asic:XAdESSignatures>".to_owned(),
        ];
        parts.concat()
    }

    /// INFO.
    fn information(&self, namespaces: &str) -> String {
        let [method, hash] = self.names;
        let h = |bytes: &[u8]| hashed(hash, &self.suite.hash(bytes));
        let algorithm = |name: &str, value: &str| element(name, &format!(" Algorithm=\"{value}\""), "");
        let of_content = element("ds:Reference", " Id=\"S0-RefId0\" URI=\"ballot.bin\"", &h(self.content));
        let transforms = element("ds:Transforms", "", &algorithm("ds:Transform", C14N));
        let of_properties = element(
            "ds:Reference",
            " Id=\"S0-RefId1\" Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#S0-SignedProperties\"",
            &(transforms + &h(self.properties(NAMESPACES).as_bytes())),
        );
        let first = algorithm("ds:CanonicalizationMethod", C14N) + &algorithm("ds:SignatureMethod", method);
        element("ds:SignedInfo", namespaces, &(first + &of_content + &of_properties))
    }

    /// PROPERTIES.
    fn properties(&self, namespaces: &str) -> String {
        let cert =
            |certificate: &Certificate| element("xades:Cert", "", &element("xades:CertDigest", "", &hashed(SHA256, &certificate.hash)));
        let certs: String = self.certificates.iter().map(cert).collect();
        let signature = element("xades:SigningTime", "", self.time) + &element("xades:SigningCertificateV2", "", &certs);
        let format = element("xades:MimeType", "", "application/octet-stream");
        let format = element("xades:DataObjectFormat", " ObjectReference=\"#S0-RefId0\"", &format);
        let both = element("xades:SignedSignatureProperties", "", &signature) + &element("xades:SignedDataObjectProperties", "", &format);
        element("xades:SignedProperties", &format!("{namespaces} Id=\"S0-SignedProperties\""), &both)
    }
}

/// An element with attributes and a content.
fn element(name: &str, attributes: &str, content: &str) -> String {
    format!("<{name}{attributes}>{content}</{name}>")
}

fn hashed(algorithm: &str, hash: &[u8]) -> String {
    let method = element("ds:DigestMethod", &format!(" Algorithm=\"{algorithm}\""), "");
    method + &element("ds:DigestValue", "", &STANDARD.encode(hash))
}
