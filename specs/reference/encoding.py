"""Page 02: the forms that every signed, hashed or proved byte is built from.

A Fault is the one way to say no. Its `expect` is "malformed" when the bytes do
not decode and "refused" when they decode to something that a rule forbids; its
`rule` is the id of that rule.
"""

import functools
import hashlib
import re
import unicodedata

import ed25519
import ristretto

PREFIX = b"haal/1/"


class Fault(ValueError):
    """Something is not as a rule wants it."""

    def __init__(self, rule, text="", expect="refused"):
        super().__init__("%s: %s" % (rule, text))
        self.rule = rule
        self.expect = expect


def malformed(rule, text=""):
    return Fault(rule, text, "malformed")


# Writing.

def u8(n):
    return n.to_bytes(1, "big")


def u16(n):
    return n.to_bytes(2, "big")


def u32(n):
    return n.to_bytes(4, "big")


def u64(n):
    return n.to_bytes(8, "big")


def scalar(n):
    return ristretto.scalar_to_bytes(n)


def point(p):
    return p.encode()


def text(string):
    data = string.encode()
    return u16(len(data)) + data


def list_of(items):
    """The form `list`: a count, then the items, which are bytes already."""
    items = list(items)
    return u32(len(items)) + b"".join(items)


# Reading.

def read_point(data):
    """DEC-1 and DEC-2."""
    try:
        p = ristretto.decode(data)
    except ristretto.DecodeError as error:
        raise malformed("DEC-1", str(error)) from None
    if p.is_identity():
        raise malformed("DEC-2", "the identity")
    return p


def read_scalar(data):
    """DEC-3."""
    try:
        return ristretto.scalar_from_canonical(data)
    except ristretto.DecodeError as error:
        raise malformed("DEC-3", str(error)) from None


class Reader:
    """Takes a record apart from the front; says DEC-5 and DEC-4 by itself."""

    def __init__(self, data):
        self.data = bytes(data)
        self.at = 0

    def left(self):
        return len(self.data) - self.at

    def bytes(self, n):
        if n > self.left():
            raise malformed("DEC-5", "the record ends too early")
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, n):
        return int.from_bytes(self.bytes(n), "big")

    def head(self, kind, version=1):
        """The type byte and the version byte (DEC-6)."""
        if self.bytes(2) != bytes([kind, version]):
            raise malformed("DEC-6", "not the type and version expected")

    def point(self):
        return read_point(self.bytes(32))

    def scalar(self):
        return read_scalar(self.bytes(32))

    def count(self, item_size):
        """The count of a list, held against the bytes that are left (DEC-5)."""
        n = self.number(4)
        if n * item_size > self.left():
            raise malformed("DEC-5", "more items than bytes")
        return n

    def end(self):
        if self.left():
            raise malformed("DEC-4", "trailing bytes")


FORBIDDEN = [
    (0x00, 0x1F), (0x7F, 0xA0), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160),
    (0x1680, 0x1680), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2000, 0x200F), (0x2028, 0x202F),
    (0x205F, 0x206F), (0x2800, 0x2800), (0x3000, 0x3000), (0x3164, 0x3164), (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFF), (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF), (0xD800, 0xF8FF), (0xF0000, 0x10FFFF)]


def read_text(data):
    """TEXT: the string, or DEC-7."""
    try:
        string = data.decode("utf-8")
    except UnicodeDecodeError:
        raise malformed("DEC-7", "not UTF-8") from None
    check_text(string)
    return string


def check_text(string):
    """DEC-7 on a string that is Unicode already."""
    for c in string:
        if any(low <= ord(c) <= high for low, high in FORBIDDEN):
            raise malformed("DEC-7", "U+%04X" % ord(c))
    if unicodedata.normalize("NFC", string) != string:
        raise malformed("DEC-7", "not NFC")
    if string.startswith(" ") or string.endswith(" ") or "  " in string:
        raise malformed("DEC-7", "spaces")


def is_id(string):
    return re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", string, re.ASCII) is not None


# Hashes and signatures.

def sha256(data):
    return hashlib.sha256(data).digest()


def H(label, data):
    return sha256(PREFIX + label.encode() + b"\0" + data)


@functools.cache
def hash_to_group(label, data):
    wide = hashlib.sha512(PREFIX + label.encode() + b"\0" + data).digest()
    return ristretto.from_uniform_bytes(wide)


def signed_bytes(label, election, body):
    """SIG-2: what a signature of the system is made over."""
    return PREFIX + label.encode() + b"\0" + election + body


def sign(secret, label, election, body):
    return ed25519.sign(secret, signed_bytes(label, election, body))


def verify(key, label, election, body, signature):
    """SIG-1."""
    return ed25519.verify(key, signed_bytes(label, election, body), signature)
