//! How a command ends when it does not end well, and the exit status of each way.

use ballot::manifest::ManifestError;
use board::checkpoint::CheckpointError;
use board::http::WebError;
use board::replay::ReplayError;
use board::source::SourceError;
use std::path::Path;

/// Why a command stopped.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// 1: a rule forbids it, or something that must be there is not; the message names the rule.
    #[error("{0:#}")]
    Refused(anyhow::Error),
    /// 2: a file or a server could not be read or written.
    #[error("{0:#}")]
    Unreadable(anyhow::Error),
    /// 64: the command line asks for something that makes no sense.
    #[error("{0}")]
    Usage(String),
}

/// What commands give back.
pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// The exit status (agreed for all programs).
    pub fn status(&self) -> u8 {
        match self {
            Self::Refused(_) => 1,
            Self::Unreadable(_) => 2,
            Self::Usage(_) => 64,
        }
    }

    /// A file that could not be read or written.
    pub fn file(path: &Path, error: impl std::fmt::Display) -> Self {
        Self::Unreadable(anyhow::anyhow!("{}: {error}", path.display()))
    }

    /// The same with words in front.
    pub fn context(self, words: impl std::fmt::Display + Send + Sync + 'static) -> Self {
        match self {
            Self::Refused(e) => Self::Refused(e.context(words)),
            Self::Unreadable(e) => Self::Unreadable(e.context(words)),
            Self::Usage(e) => Self::Usage(e),
        }
    }
}

/// Stops with status 1; the arguments are those of `format!`.
#[macro_export]
macro_rules! refuse {
    ($($words:tt)*) => {
        return Err($crate::failure::Failure::Refused(anyhow::anyhow!($($words)*)))
    };
}

/// Errors that mean "refused" wherever they come from.
macro_rules! refused {
    ($($error:ty),*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::Refused(error.into())
            }
        }
    )*};
}
refused!(ManifestError, CheckpointError, ReplayError);

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Io { .. } | SourceError::Missing(_) => Self::Unreadable(anyhow::Error::from(error).context("the board")),
            other => Self::Refused(anyhow::Error::from(other).context("the board")),
        }
    }
}

impl From<WebError> for Failure {
    fn from(error: WebError) -> Self {
        match error {
            WebError::Refused { .. } => Self::Refused(anyhow::Error::from(error).context("the collector refuses")),
            other => Self::Unreadable(other.into()),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Unreadable(anyhow::Error::from(error).context("cannot write the output"))
    }
}
