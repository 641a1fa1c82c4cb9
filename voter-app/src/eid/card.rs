//! A smart card through PKCS#11 (v2.40), such as the Estonian ID-card with OpenSC's module: two certificates, two keys, two PINs.
//!
//! The module is code that is loaded into this program, so it is named by its absolute path and never searched for. Certificates are read
//! without a PIN; key and certificate belong together by `CKA_ID`; which certificate is for what is said by its key usage, not by its
//! label or slot. A card that shows each PIN as a token of its own (OpenSC) and one with both keys under one PIN look the same from here.

use super::fault::Fault;
use super::{Answers, Eid, Holder, Input, InputKind, LoginAnswer, Means, Notice, Opened, Secret, act};
use crate::failure::Failure;
use ballot::Hash;
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Function, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::MechanismType;
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::object::{Attribute, AttributeType, CertificateType, ObjectClass};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use envelope::{Certificate, Profile, Purpose, Scheme};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The card in the reader.
pub const MEANS: Means = Means {
    name: "card",
    title: "ID card",
    inputs: &[
        Input::new("module", "the absolute path of the card's PKCS#11 module, such as OpenSC's opensc-pkcs11.so", InputKind::Setting),
        Input::optional("person", "the person code, if several cards are in", InputKind::Text),
    ],
    open,
};

/// A certificate on a card, and where its key is.
#[derive(Clone, Debug)]
struct Held {
    slot: Slot,
    id: Vec<u8>,
    certificate: Certificate,
}

/// A card that is in the reader.
struct Inserted {
    module: Pkcs11,
    person_code: String,
    login: Held,
    sign: Held,
    /// Certificates of authorities that the card carries.
    authorities: Vec<Certificate>,
}

struct Card {
    path: PathBuf,
    holder: Arc<dyn Holder>,
    person_code: String,
    /// Nothing after the card was taken out or failed: it is looked for again, in any reader.
    inserted: Mutex<Option<Inserted>>,
}

fn open(answers: &Answers, holder: Arc<dyn Holder>) -> Opened {
    let path = Path::new(answers.need("module")?);
    let inserted = Inserted::find(path, answers.get("person"))?;
    let person_code = inserted.person_code.clone();
    Ok(Box::new(Card { path: path.to_owned(), holder, person_code, inserted: Mutex::new(Some(inserted)) }))
}

impl Inserted {
    /// Starts the module and looks for the card of this person, or for the only one.
    fn find(path: &Path, wanted: Option<&str>) -> Result<Self, Failure> {
        let module = load(path)?;
        let found = Self::among(&module, wanted);
        if found.is_err() {
            let _ = module.finalize(); // a module that was started without the card may not notice it later
        }
        found
    }

    fn among(module: &Pkcs11, wanted: Option<&str>) -> Result<Self, Failure> {
        let held = read_certificates(module)?;
        let of = |purpose| {
            let mine =
                |held: &&Held| act::person_of(&held.certificate, purpose).is_ok_and(|code| wanted.is_none_or(|wanted| wanted == code));
            held.iter().filter(mine).cloned().collect::<Vec<_>>()
        };
        let (login, sign) = (of(Purpose::Login), of(Purpose::Signing));
        let missing = |what: &str| match held.is_empty() {
            true => Fault::NoCard,
            false => Fault::NoCertificate(format!("the card has none for {what}")),
        };
        let login = only(login)?.ok_or_else(|| missing("logging in (ENV-28)"))?;
        let sign = only(sign)?.ok_or_else(|| missing("signing (ENV-27)"))?;
        let person_code = login.certificate.person_code()?.to_owned();
        act::require(&sign.certificate, Purpose::Signing, &person_code)?;
        let authorities = held.into_iter().map(|held| held.certificate).filter(|c| c.person_code().is_err()).take(3).collect();
        Ok(Self { module: module.clone(), person_code, login, sign, authorities })
    }

    /// The authorities above a leaf, as far as the card carries them.
    fn above(&self, leaf: &Certificate) -> Vec<Certificate> {
        let mut above: Vec<Certificate> = Vec::new();
        while let Some(next) = self.authorities.iter().find(|a| above.last().unwrap_or(leaf).names_issuer(a) && !above.contains(a)) {
            above.push(next.clone());
        }
        above
    }
}

/// The only certificate of its kind; of one person's several, the first. Two persons' cards are not chosen from.
fn only(found: Vec<Held>) -> Result<Option<Held>, Failure> {
    let mut found = found.into_iter();
    let first = found.next();
    let code = |held: &Held| held.certificate.person_code().map(str::to_owned);
    match &first {
        Some(held) if found.any(|other| code(&other) != code(held)) => {
            Err(Failure::new("Cards of several persons are in the readers").next("Take the others out, or say --eid-with person=CODE."))
        }
        _ => Ok(first),
    }
}

fn load(path: &Path) -> Result<Pkcs11, Failure> {
    if !path.is_absolute() {
        return Err(Failure::usage("The PKCS#11 module is named by its absolute path.").next("Say --eid-with module=/…/opensc-pkcs11.so."));
    }
    let broken =
        |what: String| Failure::unreadable(format!("{}: {what}", path.display())).next("Check the path of the card's PKCS#11 module.");
    let module = Pkcs11::new(path).map_err(|e| broken(e.to_string()))?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(module), // a page opens it again and again
        Err(e) => Err(broken(e.to_string())),
    }
}

/// Every X.509 certificate of every card, with its slot and `CKA_ID`. What cannot be read as a certificate is left out.
fn read_certificates(module: &Pkcs11) -> Result<Vec<Held>, Failure> {
    let mut held = Vec::new();
    for slot in module.get_slots_with_token().map_err(|e| fault(&e))? {
        let Ok(session) = module.open_ro_session(slot) else { continue }; // an empty or broken reader beside the right one
        let kind = [Attribute::Class(ObjectClass::CERTIFICATE), Attribute::CertificateType(CertificateType::X_509)];
        for object in session.find_objects(&kind).map_err(|e| fault(&e))? {
            let attributes = session.get_attributes(object, &[AttributeType::Id, AttributeType::Value]).map_err(|e| fault(&e))?;
            let (mut id, mut value) = (Vec::new(), Vec::new());
            for attribute in attributes {
                match attribute {
                    Attribute::Id(bytes) => id = bytes,
                    Attribute::Value(bytes) => value = bytes,
                    _ => {}
                }
            }
            held.extend(Certificate::from_der(&value).ok().map(|certificate| Held { slot, id, certificate }));
        }
    }
    Ok(held)
}

impl Card {
    /// Does something with the card. One that was taken out is looked for at the next act.
    fn with<T>(&self, act: impl FnOnce(&Inserted) -> Result<T, Failure>) -> Result<T, Failure> {
        let mut place = self.inserted.lock().unwrap_or_else(PoisonError::into_inner);
        let inserted = match place.take() {
            Some(inserted) => inserted,
            None => Inserted::find(&self.path, Some(&self.person_code))?,
        };
        let done = act(&inserted);
        match done.as_ref().err().and_then(|failure| failure.eid.as_ref()) {
            Some(Fault::CardRemoved | Fault::NoCard | Fault::Device(_)) => {
                let _ = inserted.module.finalize(); // started anew for the card that is put back
            }
            _ => *place = Some(inserted),
        }
        done
    }

    /// Has the card sign a hash, after its PIN.
    fn make(&self, module: &Pkcs11, held: &Held, pin: &Secret, scheme: Scheme, digest: &[u8]) -> Result<Vec<u8>, Failure> {
        let token = module.get_token_info(held.slot).map_err(|e| fault(&e))?;
        if token.user_pin_locked() {
            return Err(Fault::PinBlocked.into());
        }
        let session = module.open_ro_session(held.slot).map_err(|e| fault(&e))?;
        let typed = match token.protected_authentication_path() {
            true => None,
            false => Some(self.holder.secret(pin, token.user_pin_final_try().then_some(1))?),
        };
        let enter = |user: UserType| {
            let Some(typed) = &typed else {
                self.holder.show(&Notice::Elsewhere(pin.clone()));
                let entered = session.login(user, None);
                self.holder.show(&Notice::Over);
                return judge_pin(module, held, entered);
            };
            judge_pin(module, held, session.login(user, Some(&AuthPin::new(typed.as_str().into()))))
        };
        enter(UserType::User)?;
        let made = sign_with(&session, &held.id, scheme, digest, || enter(UserType::ContextSpecific));
        let _ = session.logout(); // the next act asks for its PIN again
        made
    }
}

/// What the card says of a PIN, with the tries that are left if it says so.
fn judge_pin(module: &Pkcs11, held: &Held, entered: cryptoki::error::Result<()>) -> Result<(), Fault> {
    match entered {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
        Err(Error::Pkcs11(RvError::PinIncorrect, _)) => Err(match module.get_token_info(held.slot) {
            Ok(token) if token.user_pin_locked() => Fault::PinBlocked,
            Ok(token) if token.user_pin_final_try() => Fault::WrongPin(Some(1)),
            _ => Fault::WrongPin(None),
        }),
        Err(e) => Err(fault(&e)),
    }
}

/// Has a key sign a hash. A key that wants its PIN for each signature (`CKA_ALWAYS_AUTHENTICATE`) gets it `again` between the beginning of the
/// signature and the hash.
fn sign_with(
    session: &Session,
    id: &[u8],
    scheme: Scheme,
    digest: &[u8],
    again: impl FnOnce() -> Result<(), Fault>,
) -> Result<Vec<u8>, Failure> {
    let wanted = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(id.to_vec())];
    let keys = session.find_objects(&wanted).map_err(|e| fault(&e))?;
    let key = keys.first().ok_or_else(|| Fault::NoCertificate("its key is not on the card".to_owned()))?;
    let salt = PkcsPssParams { hash_alg: MechanismType::SHA512, mgf: PkcsMgfType::MGF1_SHA512, s_len: 64.into() };
    let mechanism = match scheme {
        Scheme::RsaPss(_) => Mechanism::RsaPkcsPss(salt),
        Scheme::P256 | Scheme::P384 | Scheme::P521 => Mechanism::Ecdsa,
    };
    let wants_pin = session.get_attributes(*key, &[AttributeType::AlwaysAuthenticate]);
    if !wants_pin.is_ok_and(|found| found.contains(&Attribute::AlwaysAuthenticate(true))) {
        return Ok(session.sign(&mechanism, *key, digest).map_err(|e| fault(&e))?);
    }
    session.sign_init(&mechanism, *key).map_err(|e| fault(&e))?;
    again()?;
    Ok(session.sign_update(digest).and_then(|()| session.sign_final()).map_err(|e| fault(&e))?)
}

/// A return value of PKCS#11 in plain words.
fn fault(error: &Error) -> Fault {
    let Error::Pkcs11(value, function) = error else { return Fault::Device(error.to_string()) };
    match (value, function) {
        (RvError::PinIncorrect, _) => Fault::WrongPin(None),
        (RvError::PinLocked, _) => Fault::PinBlocked,
        (RvError::PinInvalid | RvError::PinLenRange, _) => Fault::BadPin,
        (RvError::FunctionCanceled | RvError::FunctionRejected | RvError::Cancel, _) => Fault::Refused,
        (RvError::TokenNotPresent, Function::OpenSession | Function::GetSlotList) => Fault::NoCard,
        (
            RvError::DeviceRemoved
            | RvError::TokenNotPresent
            | RvError::TokenNotRecognized
            | RvError::SessionHandleInvalid
            | RvError::SlotIdInvalid
            | RvError::SessionClosed,
            _,
        ) => Fault::CardRemoved,
        _ => Fault::Device(error.to_string()),
    }
}

impl Eid for Card {
    fn person_code(&self) -> &str {
        &self.person_code
    }

    fn login(&self, election: &Hash, collector_key: &[u8; 32], nonce: &[u8; 32]) -> Result<LoginAnswer, Failure> {
        self.with(|card| {
            let leaf = &card.login.certificate;
            let make = |scheme, digest: &[u8]| self.make(&card.module, &card.login, &Secret::Pin1, scheme, digest);
            act::login(leaf, &card.above(leaf), [election, collector_key, nonce], make)
        })
    }

    fn sign(&self, ballot: &[u8], as_of: (Profile, u64)) -> Result<Vec<u8>, Failure> {
        self.with(|card| {
            let leaf = &card.sign.certificate;
            let make = |scheme, digest: &[u8]| self.make(&card.module, &card.sign, &Secret::Pin2, scheme, digest);
            act::sign(leaf, &card.above(leaf), ballot, as_of, make)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What SoftHSM never says but cards do.
    #[test]
    fn return_values_in_plain_words() {
        let said = |value, function| fault(&Error::Pkcs11(value, function));
        assert_eq!(said(RvError::PinLocked, Function::Login), Fault::PinBlocked);
        assert_eq!(said(RvError::PinIncorrect, Function::Login), Fault::WrongPin(None));
        assert_eq!(said(RvError::PinLenRange, Function::Login), Fault::BadPin);
        assert_eq!(said(RvError::FunctionCanceled, Function::Login), Fault::Refused);
        assert_eq!(said(RvError::DeviceRemoved, Function::Sign), Fault::CardRemoved);
        assert_eq!(said(RvError::TokenNotPresent, Function::Login), Fault::CardRemoved);
        assert_eq!(said(RvError::TokenNotPresent, Function::OpenSession), Fault::NoCard);
        assert!(matches!(said(RvError::DeviceError, Function::Sign), Fault::Device(_)));
    }
}
