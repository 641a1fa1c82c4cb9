//! From a voter's certificate to a trust anchor. ENV-30 to ENV-38.

use super::{Certificate, Purpose};
use crate::EnvelopeError;

/// Most certificates a path may have, the leaf and the trust anchor counted.
pub const MAX_PATH: usize = 4;

/// Verifies that a path of at most [`MAX_PATH`] certificates leads from `leaf` to one of the trust anchors, and that
/// the leaf may serve `purpose`.
///
/// `at` is in Unix seconds: the moment of casting or logging in, as the collector recorded it, so that the answer is
/// the same years later. Anchors are whole certificates and keep every rule of an issuer. When no path holds, the
/// error is that of the first issuer tried, anchors before intermediates.
///
/// Revocation is not looked at: an OCSP answer is separate evidence about the leaf at the same `at`, and is judged
/// after this call ([`ocsp`](crate::ocsp)).
///
/// # Security
///
/// The caller MUST NOT pass an unbounded list of intermediates: the work grows with its cube. Those of a container
/// are at most three.
pub fn verify_chain(
    leaf: &Certificate,
    intermediates: &[Certificate],
    anchors: &[Certificate],
    at: u64,
    purpose: Purpose,
) -> Result<(), EnvelopeError> {
    leaf.accept_for(purpose)?;
    verify_path(leaf, intermediates, anchors, at)
}

/// The same for a certificate that is no voter's. ENV-30 to ENV-38.
pub(crate) fn verify_path(
    leaf: &Certificate,
    intermediates: &[Certificate],
    anchors: &[Certificate],
    at: u64,
) -> Result<(), EnvelopeError> {
    leaf.require_valid(at)?;
    Path { intermediates, anchors, at }.extend(leaf, 1)
}

struct Path<'a> {
    intermediates: &'a [Certificate],
    anchors: &'a [Certificate],
    at: u64,
}

impl Path<'_> {
    /// Looks for an issuer of `top`, the last of a path of `length` certificates, and goes on until an anchor.
    fn extend(&self, top: &Certificate, length: usize) -> Result<(), EnvelopeError> {
        let anchors = self.anchors.iter().map(|issuer| (issuer, true));
        let intermediates = self.intermediates.iter().map(|issuer| (issuer, false));
        let mut refused = None;
        for (issuer, is_anchor) in anchors.chain(intermediates) {
            if issuer.signed.subject() != top.signed.issuer() {
                continue;
            }
            let tried =
                self.accept_issuer(issuer, top, length).and_then(|()| if is_anchor { Ok(()) } else { self.extend(issuer, length + 1) });
            match tried {
                Ok(()) => return Ok(()),
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        Err(refused.unwrap_or(EnvelopeError::NoPath))
    }

    /// Cheap rules first, the signature last.
    fn accept_issuer(&self, issuer: &Certificate, issued: &Certificate, length: usize) -> Result<(), EnvelopeError> {
        if length >= MAX_PATH {
            return Err(EnvelopeError::PathTooLong);
        }
        issuer.require_valid(self.at)?;
        let constraints = issuer.basic_constraints.as_ref().filter(|constraints| constraints.ca);
        let constraints = constraints.ok_or(EnvelopeError::IssuerNotAuthority)?;
        if !issuer.key_usage.is_some_and(|usage| usage.key_cert_sign()) {
            return Err(EnvelopeError::IssuerKeyUsage);
        }
        // Of the `length` certificates below the issuer, all but the leaf are authorities. Self-issued ones count
        // too, which is stricter than RFC 5280.
        let authorities_below = length - 1;
        if constraints.path_len_constraint.is_some_and(|most| authorities_below > usize::from(most)) {
            return Err(EnvelopeError::PathLength);
        }
        issued.verify_issued_by(issuer)
    }
}

impl Certificate {
    /// Both ends of the validity belong to it (RFC 5280, 4.1.2.5).
    pub(crate) fn require_valid(&self, at: u64) -> Result<(), EnvelopeError> {
        let validity = self.signed.validity();
        if at < validity.not_before.to_unix_duration().as_secs() {
            return Err(EnvelopeError::NotYetValid);
        }
        if at > validity.not_after.to_unix_duration().as_secs() {
            return Err(EnvelopeError::Expired);
        }
        Ok(())
    }
}
