//! X.509 certificates. Spec: 07a-envelope.

use der::{Decode, Encode};
use x509_cert::Certificate;

/// Is this exactly one DER certificate? MAN-14.
pub fn is_certificate(bytes: &[u8]) -> bool {
    Certificate::from_der(bytes).is_ok_and(|certificate| certificate.to_der().is_ok_and(|again| again == bytes))
}
