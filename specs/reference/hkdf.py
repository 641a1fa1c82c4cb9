"""HKDF with SHA-256 (RFC 5869): from one secret, any number of keys.

extract gathers a secret of any shape into one key of 32 bytes, the PRK. expand
draws output from the PRK for a stated purpose, the info. hkdf does both.
"""

import hashlib
import hmac

_HASH_LEN = 32


def extract(salt, secret):
    """The PRK. An empty salt means 32 zero bytes, as the RFC says."""
    return hmac.new(salt or bytes(_HASH_LEN), secret, hashlib.sha256).digest()


def expand(prk, info, length):
    """length bytes of output for this info, at most 255 times 32."""
    if len(prk) < _HASH_LEN:
        raise ValueError("the PRK takes at least 32 bytes")
    if not 0 <= length <= 255 * _HASH_LEN:
        raise ValueError("HKDF gives at most 8160 bytes")
    out = b""
    block = b""
    counter = 1
    while len(out) < length:
        block = hmac.new(prk, block + info + bytes([counter]), hashlib.sha256).digest()
        out += block
        counter += 1
    return out[:length]


def hkdf(salt, secret, info, length):
    """extract and then expand."""
    return expand(extract(salt, secret), info, length)
