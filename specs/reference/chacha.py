"""ChaCha20-Poly1305, the authenticated encryption of RFC 8439.

seal turns a key, a nonce, associated data and a plaintext into a ciphertext with
a tag of 16 bytes at its end. open_sealed takes that back, or refuses it as a
whole. The key has 32 bytes and the nonce 12; one nonce serves once per key.
"""

import hmac
import struct

_MASK = 2**32 - 1


def _rotate(word, n):
    return (word << n | word >> (32 - n)) & _MASK


def _quarter(w, a, b, c, d):
    """One quarter round, in place, on four of the sixteen words."""
    w[a] = (w[a] + w[b]) & _MASK
    w[d] = _rotate(w[d] ^ w[a], 16)
    w[c] = (w[c] + w[d]) & _MASK
    w[b] = _rotate(w[b] ^ w[c], 12)
    w[a] = (w[a] + w[b]) & _MASK
    w[d] = _rotate(w[d] ^ w[a], 8)
    w[c] = (w[c] + w[d]) & _MASK
    w[b] = _rotate(w[b] ^ w[c], 7)


def chacha20_block(key, counter, nonce):
    """One block of 64 bytes of key stream."""
    if len(key) != 32 or len(nonce) != 12:
        raise ValueError("the key takes 32 bytes and the nonce 12")
    start = list(struct.unpack("<4I8I", b"expand 32-byte k" + key))
    start += [counter, *struct.unpack("<3I", nonce)]
    w = list(start)
    for _ in range(10):
        for i in range(4):
            _quarter(w, i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            _quarter(w, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return struct.pack("<16I", *((x + y) & _MASK for x, y in zip(w, start)))


def chacha20_xor(key, counter, nonce, data):
    """The data with the key stream laid over it, from block `counter` on."""
    out = bytearray()
    for i in range(0, len(data), 64):
        block = chacha20_block(key, counter + i // 64, nonce)
        out += bytes(x ^ y for x, y in zip(data[i:i + 64], block))
    return bytes(out)


def poly1305(key, message):
    """The one-time authenticator: 16 bytes under a key of 32 used once."""
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    s = int.from_bytes(key[16:32], "little")
    total = 0
    for i in range(0, len(message), 16):
        # Each chunk gets a one byte on top, so its length counts too.
        chunk = int.from_bytes(message[i:i + 16] + b"\x01", "little")
        total = (total + chunk) * r % (2**130 - 5)
    return ((total + s) % 2**128).to_bytes(16, "little")


def _padded(data):
    return data + bytes(-len(data) % 16)


def _tag(key, nonce, associated, ciphertext):
    one_time_key = chacha20_block(key, 0, nonce)[:32]
    lengths = struct.pack("<QQ", len(associated), len(ciphertext))
    return poly1305(one_time_key, _padded(associated) + _padded(ciphertext) + lengths)


def seal(key, nonce, associated, plaintext):
    """The ciphertext followed by its tag."""
    ciphertext = chacha20_xor(key, 1, nonce, plaintext)
    return ciphertext + _tag(key, nonce, associated, ciphertext)


def open_sealed(key, nonce, associated, sealed):
    """The plaintext; ValueError if anything at all was changed."""
    if len(sealed) < 16:
        raise ValueError("too short to hold a tag")
    ciphertext, tag = sealed[:-16], sealed[-16:]
    if not hmac.compare_digest(tag, _tag(key, nonce, associated, ciphertext)):
        raise ValueError("the tag does not match")
    return chacha20_xor(key, 1, nonce, ciphertext)
