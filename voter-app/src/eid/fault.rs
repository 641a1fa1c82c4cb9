//! What goes wrong with an eID, each with a plain sentence and a safe next step.

/// A failure of an eID. It becomes a [`Failure`](crate::failure::Failure) that still carries it, so that a page can say it in other words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The card refused the PIN; how many tries are left, if it says so.
    WrongPin(Option<u8>),
    /// Too many wrong PINs: the card takes none any more.
    PinBlocked,
    /// The text is no PIN of this card: too short, too long, not digits.
    BadPin,
    /// The key file does not open with this password.
    WrongPassword,
    /// No card, or none with the certificates that are needed.
    NoCard,
    /// The card was pulled out while it worked.
    CardRemoved,
    /// The voter gave up here.
    Cancelled,
    /// The voter refused on the phone, or in the window of the eID's program.
    Refused,
    /// Nobody answered on the phone in time.
    TimedOut,
    /// Another verification code was chosen on the phone.
    WrongCode,
    /// The phone cannot be reached: off, abroad, or the SIM is not the one of the eID.
    PhoneAway,
    /// The service does not know this person, phone or document.
    Unknown,
    /// The service is out of order, or answered something that its interface does not have.
    Service(String),
    /// The eID has no certificate for this act; why, by the rule.
    NoCertificate(String),
    /// The certificate is another person's.
    OtherPerson {
        /// The person code that was expected.
        expected: String,
        /// The person code of the certificate.
        found: String,
    },
    /// The signature that came back does not fit what was to be signed.
    BadSignature,
    /// The card, its module or program failed in a way of its own.
    Device(String),
}

impl std::error::Error for Fault {}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::WrongPin(Some(1)) => f.write_str("The PIN is wrong. One try is left"),
            Self::WrongPin(Some(tries)) => write!(f, "The PIN is wrong. {tries} tries are left"),
            Self::WrongPin(None) => f.write_str("The PIN is wrong"),
            Self::PinBlocked => f.write_str("The PIN is blocked: it was entered wrongly too often"),
            Self::BadPin => f.write_str("This cannot be the PIN: it has another length, or not only digits"),
            Self::WrongPassword => f.write_str("The key file does not open with this password"),
            Self::NoCard => f.write_str("No eID card was found"),
            Self::CardRemoved => f.write_str("The card was taken out while it worked"),
            Self::Cancelled => f.write_str("Stopped as you asked"),
            Self::Refused => f.write_str("You refused on your device"),
            Self::TimedOut => f.write_str("Nobody answered on the phone in time"),
            Self::WrongCode => f.write_str("Another code than the one shown here was chosen on the phone"),
            Self::PhoneAway => f.write_str("The phone cannot be reached"),
            Self::Unknown => f.write_str("The service knows no eID for what you entered"),
            Self::Service(what) => write!(f, "The eID service does not work: {what}"),
            Self::NoCertificate(why) => write!(f, "This eID has no certificate for this act: {why}"),
            Self::OtherPerson { expected, found } => write!(f, "The certificate belongs to {found}, not to {expected}"),
            Self::BadSignature => f.write_str("The signature that came back is not over what was to be signed"),
            Self::Device(what) => write!(f, "The card or its program failed: {what}"),
        }
    }
}

impl Fault {
    /// What can safely be done now.
    pub fn next(&self) -> &'static str {
        match self {
            Self::WrongPin(_) | Self::BadPin | Self::WrongPassword => "Nothing was signed. Try again with the right one.",
            Self::PinBlocked => "Nothing was signed. Unblock it with the PUK in the program of your eID, or vote on paper.",
            Self::NoCard => "Put the card into the reader and try again.",
            Self::CardRemoved => "Put the card back, and look with `voter-app status` whether a ballot was handed in before you try again.",
            Self::Cancelled | Self::Refused => "Nothing was signed. Try again if you want to vote.",
            Self::TimedOut => "Nothing was signed. Have the phone at hand and try again.",
            Self::WrongCode => {
                "Nothing was signed. Try again, and choose the code that is shown here. If the phone asks although you did not begin, refuse."
            }
            Self::PhoneAway => "Nothing was signed. Check that the phone is on and has a signal, then try again.",
            Self::Unknown => "Check the number and the code that you entered, and that your eID is valid.",
            Self::Service(_) => "Nothing was signed. Try again in a while, use another eID, or vote on paper.",
            Self::NoCertificate(_) => "Use an eID with one certificate for logging in and one for signing. Nothing was sent.",
            Self::OtherPerson { .. } => "Use an eID of your own, both certificates of one person. Nothing was sent.",
            Self::BadSignature => "Nothing was sent. If it happens again, do not use this eID; tell whoever issued it.",
            Self::Device(_) => "Take the card out, put it back, and try again. Nothing was sent.",
        }
    }
}
