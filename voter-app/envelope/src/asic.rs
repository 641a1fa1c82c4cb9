//! The container as ASiC-E: a ZIP with the ballot and a XAdES signature, in one layout. Spec: 07b-asic-e.
//!
//! DigiDoc opens it. Here no XML is parsed and nothing decompressed: time, signature and certificates are found where the layout has them, the
//! container is written anew and compared.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::DateTime;

use crate::cades::SignedBy;
use crate::certificate::MAX_PATH;
use crate::profile::draftable;
use crate::{Certificate, EnvelopeError, Scheme};

pub(crate) mod zip;

/// How much longer than its content a container may be, in bytes.
pub const MAX_EXTRA: usize = 16 * 1024;

pub(crate) const MIMETYPE: &str = "application/vnd.etsi.asic-e+zip";
const MANIFEST: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" manifest:version=\"1.2\"><manifest:file-entry manifest:full-path=\"/\" manifest:media-type=\"application/vnd.etsi.asic-e+zip\"/><manifest:file-entry manifest:full-path=\"ballot.bin\" manifest:media-type=\"application/octet-stream\"/></manifest:manifest>";
const NAMESPACES: &str = " xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\"";
const SIGNATURE_END: &str = "</ds:SignatureValue>";
const CERTIFICATE: &str = "<ds:X509Certificate>";
const CERTIFICATE_END: &str = "</ds:X509Certificate>";

/// A container that only lacks its signature.
#[derive(Debug)]
pub struct Draft<'a> {
    content: &'a [u8],
    leaf: &'a Certificate,
    certificates: Vec<&'a Certificate>,
    scheme: Scheme,
    time: String,
    message: Vec<u8>,
}

impl<'a> Draft<'a> {
    /// Prepares the container of `content` for the key of `leaf`. ENV-7, ENV-9, ENV-45.
    pub fn new(
        content: &'a [u8],
        leaf: &'a Certificate,
        intermediates: &'a [Certificate],
        signing_time: u64,
    ) -> Result<Self, EnvelopeError> {
        let (scheme, time) = draftable(leaf, intermediates, signing_time)?;
        let mut certificates: Vec<&Certificate> = intermediates.iter().collect();
        certificates.sort_by_key(|certificate| certificate.as_der());
        certificates.insert(0, leaf);
        let mut draft = Self { content, leaf, certificates, scheme, time: time.to_string(), message: Vec::new() };
        draft.message = draft.info(NAMESPACES).into_bytes();
        Ok(draft)
    }

    /// What the key has to sign; its [`Scheme`] hashes it.
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// The container around a signature in the one encoding of 07a, once it verifies. ENV-1, ENV-14, ENV-15, ENV-17.
    pub fn finish(&self, signature: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
        self.leaf.verify(&self.message, signature)?;
        let container = self.container(&self.scheme.raw(signature)?);
        if container.len() > self.content.len() + MAX_EXTRA {
            return Err(EnvelopeError::TooLong);
        }
        Ok(container)
    }

    fn info(&self, namespaces: &str) -> String {
        let hash = hash_name(self.scheme);
        let content = STANDARD.encode(self.scheme.digest(self.content));
        let properties = STANDARD.encode(self.scheme.digest(self.properties(NAMESPACES).as_bytes()));
        format!(
            "<ds:SignedInfo{namespaces}><ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2006/12/xml-c14n11\"></ds:CanonicalizationMethod>\
             <ds:SignatureMethod Algorithm=\"{}\"></ds:SignatureMethod><ds:Reference Id=\"S0-RefId0\" URI=\"ballot.bin\">\
             <ds:DigestMethod Algorithm=\"{hash}\"></ds:DigestMethod><ds:DigestValue>{content}</ds:DigestValue></ds:Reference>\
             <ds:Reference Id=\"S0-RefId1\" Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#S0-SignedProperties\"><ds:Transforms>\
             <ds:Transform Algorithm=\"http://www.w3.org/2006/12/xml-c14n11\"></ds:Transform></ds:Transforms>\
             <ds:DigestMethod Algorithm=\"{hash}\"></ds:DigestMethod><ds:DigestValue>{properties}</ds:DigestValue></ds:Reference></ds:SignedInfo>",
            method_name(self.scheme)
        )
    }

    fn properties(&self, namespaces: &str) -> String {
        let cert = |certificate: &&Certificate| {
            format!(
                "<xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>\
                 <ds:DigestValue>{}</ds:DigestValue></xades:CertDigest></xades:Cert>",
                STANDARD.encode(digest(&SHA256, certificate.as_der()))
            )
        };
        let certificates: String = self.certificates.iter().map(cert).collect();
        format!(
            "<xades:SignedProperties{namespaces} Id=\"S0-SignedProperties\"><xades:SignedSignatureProperties>\
             <xades:SigningTime>{}</xades:SigningTime><xades:SigningCertificateV2>{certificates}</xades:SigningCertificateV2>\
             </xades:SignedSignatureProperties><xades:SignedDataObjectProperties><xades:DataObjectFormat ObjectReference=\"#S0-RefId0\">\
             <xades:MimeType>application/octet-stream</xades:MimeType></xades:DataObjectFormat></xades:SignedDataObjectProperties>\
             </xades:SignedProperties>",
            self.time
        )
    }

    /// Writes the container around a signature as XML has it.
    fn container(&self, raw: &[u8]) -> Vec<u8> {
        let one = |certificate: &&Certificate| format!("{CERTIFICATE}{}{CERTIFICATE_END}", STANDARD.encode(certificate.as_der()));
        let certificates: String = self.certificates.iter().map(one).collect();
        let signatures = format!(
            "{}{}<ds:SignatureValue Id=\"S0-SIG\">{}{SIGNATURE_END}<ds:KeyInfo><ds:X509Data>{certificates}</ds:X509Data></ds:KeyInfo>\
             <ds:Object><xades:QualifyingProperties Target=\"#S0\">{}</xades:QualifyingProperties></ds:Object></ds:Signature>\
             </asic:XAdESSignatures>",
            head(),
            self.info(""),
            STANDARD.encode(raw),
            self.properties(""),
        );
        let entries: [(&str, &[u8]); 4] = [
            ("mimetype", MIMETYPE.as_bytes()),
            ("META-INF/manifest.xml", MANIFEST.as_bytes()),
            ("ballot.bin", self.content),
            ("META-INF/signatures0.xml", signatures.as_bytes()),
        ];
        zip::write(&entries)
    }
}

fn head() -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<asic:XAdESSignatures{NAMESPACES}><ds:Signature Id=\"S0\">")
}

fn hash_name(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::P256 => "http://www.w3.org/2001/04/xmlenc#sha256",
        Scheme::P384 => "http://www.w3.org/2001/04/xmldsig-more#sha384",
        Scheme::P521 | Scheme::RsaPss(_) => "http://www.w3.org/2001/04/xmlenc#sha512",
    }
}

fn method_name(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::P256 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        Scheme::P384 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
        Scheme::P521 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
        Scheme::RsaPss(_) => "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
    }
}

/// Verifies that `container` is a signature over `content`, in the one layout. The rules of 07b, ENV-1 to ENV-17.
pub fn verify(content: &[u8], container: &[u8]) -> Result<SignedBy, EnvelopeError> {
    if container.len() > content.len() + MAX_EXTRA {
        return Err(EnvelopeError::TooLong);
    }
    let found = Found::read(content, container).ok_or(EnvelopeError::Malformed)?;
    if !(1..=MAX_PATH).contains(&found.certificates.len()) {
        return Err(EnvelopeError::CertificateCount);
    }
    let mut certificates = found.certificates.iter().map(|der| Certificate::from_der(der)).collect::<Result<Vec<_>, _>>()?;
    let leaf = certificates.remove(0); // at least one
    let draft = Draft::new(content, &leaf, &certificates, found.time)?;
    let signature = draft.scheme.exact(&found.signature)?;
    if draft.container(&found.signature) != container {
        return Err(EnvelopeError::Layout);
    }
    leaf.verify(&draft.message, &signature)?;
    Ok(SignedBy::new(leaf.clone(), certificates.clone(), found.time))
}

/// What varies in a container, but for its content.
struct Found {
    time: u64,
    signature: Vec<u8>,
    certificates: Vec<Vec<u8>>,
}

impl Found {
    /// Takes the three out of the fourth entry. ENV-2.
    fn read(content: &[u8], container: &[u8]) -> Option<Self> {
        let first = [("mimetype", MIMETYPE.as_bytes()), ("META-INF/manifest.xml", MANIFEST.as_bytes()), ("ballot.bin", content)];
        let rest = container.strip_prefix(zip::entries(&first).as_slice())?;
        let rest = rest.get(30..)?.strip_prefix(b"META-INF/signatures0.xml")?.strip_prefix(head().as_bytes())?;
        let end = rest.windows(4).rposition(|window| window == [0x50, 0x4b, 0x05, 0x06])?;
        let text: String = rest.get(..end)?.iter().map(|byte| char::from(*byte)).collect(); // every byte a character; compared later
        let between = |text: &str, from: &str, to: &str| Some(text.split_once(from)?.1.split_once(to)?.0.to_owned());
        let time = between(&text, "<xades:SigningTime>", "</xades:SigningTime>")?;
        let time: DateTime = time.parse().ok()?;
        let signature = STANDARD.decode(between(&text, "<ds:SignatureValue Id=\"S0-SIG\">", SIGNATURE_END)?).ok()?;
        let data = between(&text, "<ds:X509Data>", "</ds:X509Data>")?;
        let certificates = data.split(CERTIFICATE).skip(1).map(|one| STANDARD.decode(one.strip_suffix(CERTIFICATE_END)?).ok());
        Some(Self { time: time.unix_duration().as_secs(), signature, certificates: certificates.collect::<Option<_>>()? })
    }
}
