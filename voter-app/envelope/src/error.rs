//! Why an envelope, a certificate or a login is refused.

use std::io;

/// Why an envelope, a certificate or a login is refused. One variant per rule of spec 07, in its order.
///
/// Rules 1–17 are about the container, 19–29 about one certificate, 30–39 about its chain and policy, 40–47 about the voter's
/// own key and files.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// The container is longer than [`MAX_CONTAINER`](crate::cades::MAX_CONTAINER).
    #[error("ENV-1: the container is longer than 16 KiB")]
    TooLong,
    /// Not one CMS SignedData in DER, or bytes follow it.
    #[error("ENV-2: the container is not exactly one CMS SignedData in DER")]
    Malformed,
    /// The container carries content of its own.
    #[error("ENV-3: the container must not carry the signed content")]
    EncapsulatedContent,
    /// The container carries revocation lists.
    #[error("ENV-4: the container must not carry revocation lists")]
    RevocationLists,
    /// Not exactly one signer.
    #[error("ENV-5: the container must have exactly one signer")]
    SignerCount,
    /// The signer has unsigned attributes.
    #[error("ENV-6: the signer must not have unsigned attributes")]
    UnsignedAttributes,
    /// No certificate, or more than [`MAX_PATH`](crate::certificate::MAX_PATH).
    #[error("ENV-7: the container must carry one to four certificates")]
    CertificateCount,
    /// The signer identifier names none of the certificates, or more than one.
    #[error("ENV-8: the signer identifier must name exactly one embedded certificate")]
    SignerIdentifier,
    /// A voter's key is of no kind that an eID has.
    #[error("ENV-9: a voter's key must be on the curve P-256, P-384 or P-521, or an RSA key of 2,048 to 8,192 bits")]
    KeyType,
    /// The digest or signature algorithm does not belong to the leaf's key.
    #[error("ENV-10: the algorithms must be those of the signer's key")]
    Algorithm,
    /// The signed attributes are not the four expected, each once with one readable value.
    #[error("ENV-11: the signed attributes must be the four expected, each once")]
    SignedAttributes,
    /// The message digest is of other content.
    #[error("ENV-12: the container signs other content")]
    ContentDigest,
    /// The signed certificate hashes are not those of the embedded certificates, the leaf first.
    #[error("ENV-13: the signing-certificate attribute must bind the embedded certificates")]
    CertificateBinding,
    /// The ECDSA signature is not two positive integers below the order in DER, or the RSA signature not as long as the modulus.
    #[error("ENV-14: an ECDSA signature must be two DER integers below the group order, an RSA signature as long as the modulus")]
    SignatureEncoding,
    /// The second half of the ECDSA signature is above half the group order.
    #[error("ENV-15: the s of the ECDSA signature must be at most half the group order")]
    HighS,
    /// Some byte is not what the layout prescribes.
    #[error("ENV-16: every byte of the container must be what the layout prescribes")]
    Layout,
    /// The signature does not verify under the certificate's key.
    #[error("ENV-17: the signature does not verify under the certificate's key")]
    Signature,
    /// A field of a Smart-ID login has other characters or another length.
    #[error("ENV-18: what the phone has added to a login has other characters or another length")]
    LoginForm,
    /// An RSA key with the mark of a broken generator.
    #[error("ENV-19: the key was made by a broken generator (ROCA), so it can be factored")]
    BrokenKey,

    /// Not one X.509 certificate in DER, or one of its known extensions cannot be read.
    #[error("ENV-20: not exactly one X.509 certificate in DER")]
    CertificateMalformed,
    /// Not version 3.
    #[error("ENV-21: the certificate must be of version 3")]
    CertificateVersion,
    /// The two places naming the signature algorithm differ.
    #[error("ENV-22: the certificate must name one signature algorithm in both places")]
    CertificateAlgorithm,
    /// An extension appears twice.
    #[error("ENV-23: the certificate must not repeat an extension")]
    RepeatedExtension,
    /// A critical extension which these rules do not read.
    #[error("ENV-24: the certificate has a critical extension which is not understood")]
    UnknownCriticalExtension,
    /// The subject has no single serial number of the form `PNOEE-38001085718`.
    #[error("ENV-25: the subject must have exactly one serial number of the form PNOEE-38001085718")]
    PersonCode,
    /// A voter's certificate that says it is an authority.
    #[error("ENV-26: a voter's certificate must not be an authority's")]
    LeafIsAuthority,
    /// No keyUsage with nonRepudiation.
    #[error("ENV-27: a signing certificate must have the key usage nonRepudiation")]
    NotForSigning,
    /// No keyUsage with digitalSignature, or an extended key usage without clientAuth.
    #[error("ENV-28: a login certificate must have the key usage digitalSignature and, if it limits purposes, clientAuth or Smart-ID's")]
    NotForLogin,
    /// A signing certificate offered as a login certificate.
    #[error("ENV-29: a signing certificate must not be used to log in")]
    SigningCertificateAtLogin,

    /// A certificate of the chain is not valid yet.
    #[error("ENV-30: a certificate of the chain is not valid yet")]
    NotYetValid,
    /// A certificate of the chain is no longer valid.
    #[error("ENV-31: a certificate of the chain has expired")]
    Expired,
    /// No known certificate has the issuer's name.
    #[error("ENV-32: no path leads to a trust anchor")]
    NoPath,
    /// The path would have more than [`MAX_PATH`](crate::certificate::MAX_PATH) certificates.
    #[error("ENV-33: the path to the trust anchor is longer than four certificates")]
    PathTooLong,
    /// The issuer is not an authority.
    #[error("ENV-34: an issuer must be an authority (CA:TRUE)")]
    IssuerNotAuthority,
    /// The issuer has no keyUsage with keyCertSign.
    #[error("ENV-35: an issuer must have the key usage keyCertSign")]
    IssuerKeyUsage,
    /// More authorities below the issuer than its pathLenConstraint allows.
    #[error("ENV-36: more authorities below an issuer than it allows")]
    PathLength,
    /// The issuer's signature uses an algorithm or key which is not allowed.
    #[error("ENV-37: a certificate is signed with an algorithm or key which is not allowed")]
    IssuerAlgorithm,
    /// The issuer's signature does not verify.
    #[error("ENV-38: a certificate's signature does not verify under its issuer's key")]
    IssuerSignature,
    /// None of the certificate policies that the manifest asks for.
    #[error("ENV-39: the certificate has none of the policies that the manifest asks for")]
    Policy,

    /// A file could not be read.
    #[error("ENV-40: a file could not be read: {0}")]
    File(io::ErrorKind),
    /// Not one unencrypted PKCS#8 private key in PEM.
    #[error("ENV-41: not one unencrypted PKCS#8 key in PEM, with an EC key")]
    KeyFile,
    /// No certificate in the PEM text, or a broken one.
    #[error("ENV-42: not a list of certificates in PEM")]
    CertificateFile,
    /// The private key is not the certificate's.
    #[error("ENV-43: the private key does not belong to the certificate")]
    KeyMismatch,
    /// The key failed to sign.
    #[error("ENV-44: the key could not sign")]
    SigningFailed,
    /// The signing time cannot be written in a container.
    #[error("ENV-45: the signing time is after the year 9999")]
    SigningTime,
    /// Not a PKCS#12 file of the form that is read.
    #[error("ENV-46: not a PKCS#12 file with AES and SHA-2 ({0})")]
    Pkcs12(&'static str),
    /// The MAC of a PKCS#12 file is of another password.
    #[error("ENV-47: the password of the PKCS#12 file is wrong")]
    Pkcs12Password,
}
