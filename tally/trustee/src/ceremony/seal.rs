//! Shares on their way from a dealer to a recipient. Spec: 05-key-ceremony, shares.

use ballot::encode::{Point, scalar};
use ballot::{Hash, RistrettoPoint, Scalar};
use board::ceremony::EncryptedShare;
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// `e_j`: the secret of a trustee's `share_key`. It receives shares and signs nothing.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct ShareKey(Scalar);

impl ShareKey {
    /// Draws one.
    pub fn new(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut wide = Zeroizing::new([0; 64]);
        rng.fill_bytes(wide.as_mut());
        Self(Scalar::from_bytes_mod_order_wide(&wide))
    }

    /// Reads 32 bytes; nothing if they are no canonical scalar, or zero.
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let key = Self(scalar(*bytes).ok()?);
        (key.0 != Scalar::ZERO).then_some(key)
    }

    /// The plain content of its file. Secret: only ever sealed.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// `E_j` for the manifest.
    pub fn public(&self) -> [u8; 32] {
        RistrettoPoint::mul_base(&self.0).compress().to_bytes()
    }

    /// `S = e_j·R`
    pub(super) fn shared(&self, ephemeral: &Point) -> Option<Point> {
        Point::from_point(self.0 * ephemeral.point())
    }

    pub(super) fn secret(&self) -> &Scalar {
        &self.0
    }
}

impl core::fmt::Debug for ShareKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ShareKey(<redacted>)")
    }
}

/// Whose share it is; goes into the key, so that no share can be replayed elsewhere (F05).
#[derive(Clone, Copy, Debug)]
pub(super) struct Address<'a> {
    pub election: &'a Hash,
    pub session: &'a Hash,
    pub dealer: u16,
    pub recipient: u16,
}

impl Address<'_> {
    fn cipher(&self, shared: &Point, ephemeral: &Point) -> Option<ChaCha20Poly1305> {
        let (dealer, recipient) = (self.dealer.to_be_bytes(), self.recipient.to_be_bytes());
        let info: [&[u8]; 6] = [b"haal/1/share\0", self.election, self.session, &dealer, &recipient, ephemeral.bytes()];
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, shared.bytes()).expand_multi_info(&info, key.as_mut()).ok()?;
        ChaCha20Poly1305::new_from_slice(key.as_ref()).ok()
    }

    /// Seals one recipient's share with the fresh secret `k`. The nonce is zero because the key is used once.
    pub fn seal(&self, k: &Scalar, to: &Point, share: &[Scalar]) -> Option<EncryptedShare> {
        let ephemeral = Point::from_point(RistrettoPoint::mul_base(k))?;
        let shared = Point::from_point(k * to.point())?;
        let plain: Zeroizing<Vec<u8>> = Zeroizing::new(share.iter().flat_map(|f| f.to_bytes()).collect());
        let sealed = self.cipher(&shared, &ephemeral)?.encrypt(&Nonce::default(), plain.as_slice()).ok()?;
        Some(EncryptedShare { ephemeral, sealed })
    }

    /// Opens a share with `S`; nothing if it was not sealed for this address, or holds no `columns` canonical scalars.
    pub fn open(&self, shared: &Point, share: &EncryptedShare, columns: u16) -> Option<Zeroizing<Vec<Scalar>>> {
        let cipher = self.cipher(shared, &share.ephemeral)?;
        let plain = Zeroizing::new(cipher.decrypt(&Nonce::default(), share.sealed.as_slice()).ok()?);
        let (parts, rest) = plain.as_chunks::<32>();
        if parts.len() != usize::from(columns) || !rest.is_empty() {
            return None;
        }
        let mut scalars = Zeroizing::new(Vec::with_capacity(parts.len()));
        for part in parts {
            scalars.push(scalar(*part).ok()?);
        }
        Some(scalars)
    }
}
