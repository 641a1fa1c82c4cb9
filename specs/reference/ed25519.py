"""Ed25519 signatures (RFC 8032, the plain variant without context).

verify is the strict one: besides the equation it wants the only canonical
encoding of S, of the key A and of R, and it refuses a key or an R of small
order. The equation is the one without the cofactor: [S]B = R + [k]A, checked by
computing R and comparing bytes. A signature made by sign always passes; only
signatures and keys made on purpose to be ambiguous are refused.
"""

import hashlib

import edwards
from edwards import L, P


def _hash_to_int(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def _encode(point):
    """The y coordinate in 255 bits and the sign of x in the last."""
    x, y, z, _ = point
    z_inv = edwards.inverse(z)
    x, y = x * z_inv % P, y * z_inv % P
    return (y | (x % 2) << 255).to_bytes(32, "little")


def _decode(data):
    """The curve point with this encoding, or None."""
    if len(data) != 32:
        return None
    y = edwards.field_from_bytes(data)
    if y >= P:
        return None
    x = edwards.recover_x(y, data[31] >= 0x80)
    return None if x is None else edwards.from_affine(x, y)


def decode_key(key):
    """The curve point of a public key; None if the key must be refused.

    Refused are a key that is not the one canonical encoding of its point, and a
    key of small order.
    """
    point = _decode(key)
    return None if point is None or _has_small_order(point) else point


def _has_small_order(point):
    return edwards.same_point(edwards.multiply(8, point), edwards.IDENTITY)


def _expand(secret):
    """The clamped secret scalar and the prefix for the nonce."""
    if len(secret) != 32:
        raise ValueError("a secret key takes exactly 32 bytes")
    digest = hashlib.sha512(secret).digest()
    a = int.from_bytes(digest[:32], "little")
    a = a & ~7 & (2**254 - 1) | 2**254
    return a, digest[32:]


def public_key(secret):
    """The 32 bytes of the public key for the 32 bytes of a secret key."""
    a, _ = _expand(secret)
    return _encode(edwards.multiply_base(a))


def sign(secret, message):
    """The 64 bytes of the signature on a message."""
    a, prefix = _expand(secret)
    key = _encode(edwards.multiply_base(a))
    r = _hash_to_int(prefix, message) % L
    r_bytes = _encode(edwards.multiply_base(r))
    k = _hash_to_int(r_bytes, key, message) % L
    return r_bytes + ((r + k * a) % L).to_bytes(32, "little")


def verify(key, message, signature):
    """True if the signature on the message is good under the key."""
    if len(signature) != 64:
        return False
    r_bytes, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    a_point = decode_key(key)
    r_point = _decode(r_bytes)
    if a_point is None or r_point is None or _has_small_order(r_point):
        return False
    k = _hash_to_int(r_bytes, key, message) % L
    minus_ka = edwards.multiply(k, edwards.negate(a_point))
    return _encode(edwards.add(edwards.multiply_base(s), minus_ka)) == r_bytes
