//! A test eID: root (P-384) → issuing authority (P-384, pathLen 0) → for each voter a login and a signing certificate.
//!
//! Keys come from the operating system, so no two runs are alike. Needs nothing but rcgen: the tests of `envelope`
//! read this file too.

use std::path::Path;
use std::time::Duration;
use std::{fs, io, thread};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, SignatureAlgorithm,
};

/// The algorithm of a key. P-256 is the quicker one; today's cards have P-384.
pub type Algorithm = &'static SignatureAlgorithm;

/// P-256 with SHA-256.
pub const P256: Algorithm = &PKCS_ECDSA_P256_SHA256;
/// P-384 with SHA-384.
pub const P384: Algorithm = &PKCS_ECDSA_P384_SHA384;

/// Which of an eID's two certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// keyUsage digitalSignature, extendedKeyUsage clientAuth.
    Login,
    /// keyUsage nonRepudiation.
    Sign,
}

/// One thing wrong with a certificate which is otherwise a voter's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Its validity ended one second before that of the test eID began.
    Expired,
    /// Its validity begins one second after that of the test eID ended.
    NotYetValid,
    /// It has the usage of the voter's other certificate.
    WrongUse,
    /// Issued by a test eID of another name.
    OtherIssuer,
    /// Issued by a test eID of the same name with other keys.
    ImpostorIssuer,
    /// It says that it is an authority.
    Authority,
}

/// Who a certificate is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Such as `PNOEE-38001085718`.
    pub code: String,
    /// The surname, in capitals as on a card.
    pub surname: String,
    /// The given name, in capitals as on a card.
    pub given_name: String,
}

impl Person {
    /// The `n`th made-up person. Codes have the length of real ones and no valid check digit.
    pub fn numbered(n: u32) -> Self {
        Self { code: format!("PNOEE-{:011}", 60_000_000_000 + u64::from(n)), surname: "VALIJA".to_owned(), given_name: format!("TEST{n}") }
    }
}

/// A key and its certificates, in PEM.
#[derive(Clone)]
pub struct Credential {
    /// PKCS#8.
    pub key_pem: String,
    /// The leaf, then each authority below the root.
    pub chain_pem: String,
}

/// A voter's eID.
#[derive(Clone)]
pub struct Eid {
    /// For logging in.
    pub login: Credential,
    /// For signing ballots.
    pub sign: Credential,
}

impl Eid {
    /// Writes `<code>.login.key.pem`, `<code>.login.pem`, `<code>.sign.key.pem` and `<code>.sign.pem`.
    pub fn write(&self, code: &str, folder: &Path) -> io::Result<()> {
        for (name, credential) in [("login", &self.login), ("sign", &self.sign)] {
            fs::write(folder.join(format!("{code}.{name}.key.pem")), &credential.key_pem)?;
            fs::write(folder.join(format!("{code}.{name}.pem")), &credential.chain_pem)?;
        }
        Ok(())
    }
}

/// An authority which can issue.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// Itself and those above it, without the root.
    chain_pem: String,
}

impl Authority {
    /// A self-signed root.
    pub fn root(params: CertificateParams, algorithm: Algorithm) -> io::Result<Self> {
        let issuer = KeyPair::generate_for(algorithm).and_then(|key| CertifiedIssuer::self_signed(params, key));
        Ok(Self { issuer: issuer.map_err(io::Error::other)?, chain_pem: String::new() })
    }

    /// An authority below this one.
    pub fn authority(&self, params: CertificateParams, algorithm: Algorithm) -> io::Result<Self> {
        let issuer = KeyPair::generate_for(algorithm).and_then(|key| CertifiedIssuer::signed_by(params, key, &self.issuer));
        let issuer = issuer.map_err(io::Error::other)?;
        let chain_pem = issuer.pem() + &self.chain_pem;
        Ok(Self { issuer, chain_pem })
    }

    /// A key and certificate for anyone.
    pub fn issue(&self, params: &CertificateParams, algorithm: Algorithm) -> io::Result<Credential> {
        self.certify(params, &KeyPair::generate_for(algorithm).map_err(io::Error::other)?)
    }

    /// A certificate for a key that is there.
    pub fn certify(&self, params: &CertificateParams, key: &KeyPair) -> io::Result<Credential> {
        let certificate = params.signed_by(key, &self.issuer).map_err(io::Error::other)?;
        Ok(Credential { key_pem: key.serialize_pem(), chain_pem: certificate.pem() + &self.chain_pem })
    }

    /// The authority's own certificate in DER.
    pub fn der(&self) -> &[u8] {
        self.issuer.der()
    }

    /// The authority's key in PEM.
    pub fn key_pem(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    /// The authority's own certificate in PEM.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }
}

/// A root and an issuing authority, valid between two moments, for voters valid between the same.
pub struct TestPki {
    /// The trust anchor.
    pub root: Authority,
    /// What issues to voters.
    pub issuing: Authority,
    name: String,
    valid: (u64, u64),
}

impl TestPki {
    /// A test eID called `name`, valid from the first to the second moment in Unix seconds, both included.
    pub fn new(name: &str, valid: (u64, u64)) -> io::Result<Self> {
        Self::with_algorithms(name, valid, P384, P384)
    }

    /// The same with other keys for the root and the issuing authority.
    pub fn with_algorithms(name: &str, valid: (u64, u64), root: Algorithm, issuing: Algorithm) -> io::Result<Self> {
        let root = Authority::root(authority_params(&format!("{name} Root"), valid, None), root)?;
        let issuing = root.authority(authority_params(&format!("{name} Issuing"), valid, Some(0)), issuing)?;
        Ok(Self { root, issuing, name: name.to_owned(), valid })
    }

    /// The root certificate in DER, as the manifest holds it.
    pub fn root_der(&self) -> &[u8] {
        self.root.der()
    }

    /// Both certificates of one voter.
    pub fn voter(&self, person: &Person, algorithm: Algorithm) -> io::Result<Eid> {
        let issue = |usage| self.issuing.issue(&self.params(person, usage), algorithm);
        Ok(Eid { login: issue(Use::Login)?, sign: issue(Use::Sign)? })
    }

    /// Makes and writes the certificates of many voters, on every core.
    pub fn write_voters(&self, people: &[Person], algorithm: Algorithm, folder: &Path) -> io::Result<()> {
        let cores = thread::available_parallelism()?.get();
        let write = |part: &[Person]| part.iter().try_for_each(|person| self.voter(person, algorithm)?.write(&person.code, folder));
        thread::scope(|scope| {
            let parts = people.chunks(people.len().div_ceil(cores).max(1));
            let workers: Vec<_> = parts.map(|part| scope.spawn(move || write(part))).collect();
            workers
                .into_iter()
                .try_for_each(|worker| worker.join().unwrap_or_else(|_| Err(io::Error::other("a thread making certificates failed"))))
        })
    }

    /// A voter's certificate with one thing wrong.
    pub fn flawed(&self, person: &Person, usage: Use, algorithm: Algorithm, flaw: Flaw) -> io::Result<Credential> {
        let mut params = self.params(person, usage);
        let (from, until) = self.valid;
        match flaw {
            Flaw::Expired => set_validity(&mut params, (from.saturating_sub(86_400), from.saturating_sub(1))),
            Flaw::NotYetValid => set_validity(&mut params, (until + 1, until + 86_400)),
            Flaw::WrongUse => {
                let other = if usage == Use::Login { Use::Sign } else { Use::Login };
                params = self.params(person, other);
            }
            Flaw::OtherIssuer => {
                return Self::new("Other eID", self.valid)?.issuing.issue(&params, algorithm);
            }
            Flaw::ImpostorIssuer => {
                return Self::new(&self.name, self.valid)?.issuing.issue(&params, algorithm);
            }
            Flaw::Authority => params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
        }
        self.issuing.issue(&params, algorithm)
    }

    /// What a voter's certificate says, to be changed by tests and given to [`Authority::issue`].
    pub fn params(&self, person: &Person, usage: Use) -> CertificateParams {
        let Person { code, surname, given_name } = person;
        let mut params = blank(&format!("{surname},{given_name},{code}"), self.valid);
        let name = &mut params.distinguished_name;
        name.push(DnType::CustomDnType(vec![2, 5, 4, 4]), surname.as_str());
        name.push(DnType::CustomDnType(vec![2, 5, 4, 42]), given_name.as_str());
        name.push(serial_number_type(), printable(code));
        params.is_ca = IsCa::ExplicitNoCa;
        match usage {
            Use::Login => {
                params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            }
            Use::Sign => params.key_usages = vec![KeyUsagePurpose::ContentCommitment],
        }
        params
    }
}

/// What an authority's certificate says.
pub fn authority_params(name: &str, valid: (u64, u64), path_length: Option<u8>) -> CertificateParams {
    let mut params = blank(name, valid);
    params.is_ca = IsCa::Ca(path_length.map_or(BasicConstraints::Unconstrained, BasicConstraints::Constrained));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// Sets both ends of the validity, in Unix seconds.
pub fn set_validity(params: &mut CertificateParams, (from, until): (u64, u64)) {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(from);
    params.not_after = epoch + Duration::from_secs(until);
}

/// The subject attribute serialNumber, which holds the person code.
pub fn serial_number_type() -> DnType {
    DnType::CustomDnType(vec![2, 5, 4, 5])
}

/// A PrintableString where the text allows it, as in real certificates.
fn printable(text: &str) -> DnValue {
    text.try_into().map_or_else(|_| DnValue::Utf8String(text.to_owned()), DnValue::PrintableString)
}

fn blank(common_name: &str, valid: (u64, u64)) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, printable("XX"));
    params.distinguished_name.push(DnType::OrganizationName, "Test eID");
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.use_authority_key_identifier_extension = true;
    set_validity(&mut params, valid);
    params
}
