//! Why a container of others is refused.

/// A broken rule, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule}: {place}")]
pub struct DigidocError {
    /// The rule of 07d.
    pub rule: Rule,
    /// The entry, and what in it.
    pub place: String,
}

/// The rules of 07d, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// Too long, or claims to be.
    #[error("DOC-1: longer than is read, or of more entries")]
    Length,
    /// Not entries, directory, end; or they say different things.
    #[error("DOC-2: not a ZIP of regular files, entry after entry, with a directory that says the same")]
    Layout,
    /// Data that are not those which the directory describes.
    #[error("DOC-3: an entry must be stored or deflated, with the stated length and CRC-32")]
    Data,
    /// A name that could lead elsewhere.
    #[error("DOC-4: not a name that stays in its folder")]
    Name,
    /// One name twice.
    #[error("DOC-5: two entries have the same name but for the case of letters")]
    SameName,
    /// The first entry is not the media type.
    #[error("DOC-6: the first entry must be `mimetype`, stored, of ASiC-E")]
    Mimetype,
    /// META-INF holds too little or too much, or there are no files.
    #[error("DOC-7: there must be a file, META-INF/manifest.xml, one to 100 META-INF/signatures*.xml and nothing else in META-INF")]
    MetaInf,
    /// Not plain XML.
    #[error("DOC-8: not well-formed XML without DTD, comments, processing instructions and attributes of xml:, within the limits")]
    Xml,
    /// One Id twice.
    #[error("DOC-9: two elements have the same Id")]
    SameId,
    /// An element is missing, doubled, or elsewhere; or its value cannot be read.
    #[error("DOC-10: an element is missing, there twice, out of place, or of another form")]
    Structure,
    /// An unknown canonicalisation.
    #[error("DOC-11: a canonicalisation that is not read")]
    Canonicalisation,
    /// An unknown or broken digest.
    #[error("DOC-12: a digest that is not SHA-256, SHA-384 or SHA-512")]
    DigestMethod,
    /// An unknown way of signing, or one of another kind of key.
    #[error("DOC-13: a way of signing that is not read, or not that of the certificate's key")]
    SignatureMethod,
    /// Not one reference for each file and one for the signed properties.
    #[error("DOC-14: a signature must refer once to each file and once to its signed properties, and to nothing else")]
    References,
    /// Something else was signed.
    #[error("DOC-15: something else was signed")]
    Digest,
    /// The certificate is not the one that the signer named.
    #[error("DOC-16: the signer's certificate must be the one that the signature names, once, and readable")]
    Certificate,
    /// The signature is wrong.
    #[error("DOC-17: the signature does not verify under the certificate's key")]
    Signature,
}

impl Rule {
    pub(super) fn at(self, place: impl Into<String>) -> DigidocError {
        DigidocError { rule: self, place: place.into() }
    }
}
