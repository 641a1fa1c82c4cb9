"""The cases of 02-encoding and 02-transcript."""

import hashlib

import ed25519
import edwards
from cases import case, needs
from encoding import (FORBIDDEN, H, hash_to_group, is_id, read_point, read_scalar, read_text,
                      sign, signed_bytes, u16, u32, verify, Reader)
from rfc9496_answers import BAD, MULTIPLES
from ristretto import L
from samples import Secrets, secret_key
from transcript import LABELS, Proof


def encoding():
    return (_points() + _scalars() + _texts() + _ids() + _records() + _keys() + _signatures()
            + _hashes())


def _points():
    out = []
    for n, text in enumerate(MULTIPLES):
        data = bytes.fromhex(text)
        if n:
            out.append(case("point: %d times G" % n, lambda: read_point(data), kind="point",
                            bytes=data))
    out.append(case("point: the identity", lambda: read_point(bytes(32)), "DEC-2",
                    kind="point", bytes=bytes(32)))
    for reason in BAD:
        for i, text in enumerate(BAD[reason].split()):
            data = bytes.fromhex(text)
            out.append(case("point: %s %d" % (reason, i), lambda: read_point(data), "DEC-1",
                            kind="point", bytes=data))
    return out


def _scalars():
    good = {"0": 0, "1": 1, "l-1": L - 1, "2^252": 2**252}
    bad = {"l": L, "l+1": L + 1, "2^253": 2**253, "2^255": 2**255, "2^256-1": 2**256 - 1}
    out = []
    for name, n in (good | bad).items():
        data = n.to_bytes(32, "little")
        out.append(case("scalar: " + name, lambda: read_scalar(data),
                        "DEC-3" if name in bad else "", kind="scalar", bytes=data))
    return out


def _texts():
    good = {"empty": "", "ASCII": "Ann", "one space": "Ann Bee", "composed": "J\u00f5eluht",
            "Cyrillic": "\u0414\u0430", "beyond 16 bits": "\U0001F600",
            "just outside": "\u0020\u007e\u00a1\u00ac\u00ae\u061b\u061d\u115e\u1681\u2010\u2027\u2030"
                            "\u205e\u2070\u27ff\u2801\u3001\u3163\u3165\ufe10\ufefe\uff9f\uffa1"
                            "\uffef\U00010000\U0001bc9f\U0001bca4\U0001d172\U0001d17b\U000efff0".strip(" "),
            "right to left": "\u05e9\u05dc\u05d5\u05dd"}
    # U+FEFE and U+FFEF are not assigned and not listed; so they are allowed.
    bad = {"decomposed": "Jo\u0303eluht", "Angstrom sign": "\u212b",
           "leading space": " Ann", "trailing space": "Ann ", "doubled space": "Ann  Bee"}
    ranges = [(low, high) for low, high in FORBIDDEN if low != 0xD800]
    for low, high in ranges + [(0xE000, 0xF8FF)]:
        for c in sorted({low, high}):
            bad["U+%04X" % c] = "a" + chr(c) + "b"
    raw = {"a surrogate": b"a\xed\xa0\x80b", "an overlong slash": b"\xc0\xaf",
           "cut off": b"\xc3", "beyond Unicode": b"\xf4\x90\x80\x80"}
    out = []
    for name, string in (good | bad).items():
        data = string.encode()
        out.append(case("text: " + name, lambda: read_text(data),
                        "DEC-7" if name in bad else "", kind="text", bytes=data))
    for name, data in raw.items():
        out.append(case("text: " + name, lambda: read_text(data), "DEC-7", kind="text",
                        bytes=data))
    return out


def _ids():
    good = ["a", "0", "mayor", "a-b.c_d", "9." + "x" * 62]
    bad = ["", "A", "-a", ".a", "_a", "a b", "a/b", "x" * 65, "a\n", "\u00e4", "\u0661"]
    return [case("id: %r" % s, lambda: needs("MAN-4", is_id(s)), "" if s in good else "MAN-4",
                 kind="id", bytes=s.encode()) for s in good + bad]


def _records():
    """A list of points, the example of the page, as a whole record."""
    p = [bytes.fromhex(MULTIPLES[i]) for i in (1, 2)]
    good = u32(2) + p[0] + p[1]

    def read(data):
        r = Reader(data)
        for _ in range(r.count(32)):
            r.point()
        r.end()
    tries = [("two points", good, ""), ("no points", u32(0), ""),
             ("trailing byte", good + b"\0", "DEC-4"), ("short", good[:-1], "DEC-5"),
             ("a count of 2^32-1", b"\xff" * 4 + p[0], "DEC-5"), ("no count", b"\0" * 3, "DEC-5"),
             ("an identity", u32(2) + p[0] + bytes(32), "DEC-2")]
    return [case("list of points: " + name, lambda: read(data), rule, kind="list of points",
                 bytes=data) for name, data, rule in tries]


def _small_order():
    """All encodings, with either sign bit, of the points of small order."""
    ys = set()
    for v in range(2, 40):
        x = edwards.recover_x(v, False)
        if x is not None:
            torsion = edwards.multiply(edwards.L, edwards.from_affine(x, v))
            ys.add(int.from_bytes(ed25519._encode(torsion), "little") % 2**255)
    if len(ys) != 5:
        raise AssertionError("y is 0, 1, -1 or one of two for the order 8")
    return [(y | sign << 255).to_bytes(32, "little") for y in sorted(ys) for sign in (0, 1)]


def _keys():
    out = [case("key: a good one", lambda: _key(good), kind="key", bytes=good)
           for good in [ed25519.public_key(secret_key("w1"))]]
    for i, data in enumerate(_small_order()):
        out.append(case("key: small order %d" % i, lambda: _key(data), "SIG-1", kind="key",
                        bytes=data))
    for name, n in (("p+1", edwards.P + 1), ("p+3", edwards.P + 3),
                    ("p+3, negative", edwards.P + 3 | 1 << 255)):
        data = n.to_bytes(32, "little")
        out.append(case("key: y = " + name, lambda: _key(data), "SIG-1", kind="key", bytes=data))
    data = next((v).to_bytes(32, "little") for v in range(2, 99)
                if edwards.recover_x(v, False) is None)
    out.append(case("key: not on the curve", lambda: _key(data), "SIG-1", kind="key", bytes=data))
    return out


def _key(data):
    needs("SIG-1", ed25519.decode_key(data))


def _signatures():
    secret = secret_key("collector")
    key = ed25519.public_key(secret)
    election, body = hashlib.sha256(b"election").digest(), b"the body"
    good = sign(secret, "post", election, body)
    s = int.from_bytes(good[32:], "little")
    out = []

    def add(name, rule="", key=key, label="post", election=election, body=body, signature=good):
        out.append(case("signature: " + name,
                        lambda: needs("SIG-1", verify(key, label, election, body, signature)),
                        rule, kind="signature", key=key, label=label, election=election,
                        body=body, signature=signature,
                        intermediate={"signed": signed_bytes(label, election, body)}))
    add("good")
    for label in ("manifest", "order", "promise"):
        add("label " + label, label=label, signature=sign(secret, label, election, body))
    add("another label", "SIG-1", label="order")
    add("another election", "SIG-1", election=bytes(32))
    add("another body", "SIG-1", body=body + b"\0")
    add("another key", "SIG-1", key=ed25519.public_key(secret_key("w1")))
    add("S + l", "SIG-1", signature=good[:32] + (s + L).to_bytes(32, "little"))
    add("a bit of R", "SIG-1", signature=bytes([good[0] ^ 1]) + good[1:])
    one = (1).to_bytes(32, "little")
    add("key and R of order 1", "SIG-1", key=one, signature=one + bytes(32))
    add("an R of order 1", "SIG-1", signature=_r_of_small_order(secret, key, election, body))
    add("a key with a point of order 2 added", "SIG-1",
        **_with_torsion(secret, election, body))
    return out


def _r_of_small_order(secret, key, election, body):
    """R is the identity, S = k·a: the equation holds."""
    a, _ = ed25519._expand(secret)
    one = (1).to_bytes(32, "little")
    k = ed25519._hash_to_int(one, key, signed_bytes("post", election, body)) % L
    return one + (k * a % L).to_bytes(32, "little")


def _with_torsion(secret, election, body):
    """A key of mixed order whose signature holds only with the cofactor."""
    a, _ = ed25519._expand(secret)
    order_two = edwards.from_affine(0, edwards.P - 1)
    key = ed25519._encode(edwards.add(edwards.multiply_base(a), order_two))
    for r in range(1, 99):
        R = ed25519._encode(edwards.multiply_base(r))
        k = ed25519._hash_to_int(R, key, signed_bytes("post", election, body)) % L
        if k % 2:
            return {"key": key, "signature": R + ((r + k * a) % L).to_bytes(32, "little")}
    raise AssertionError


def _hashes():
    out = []
    for label in ("ballot", "pseudonym", "envelope", "key", "reveal", "counted", "rows"):
        out.append(case("hash: " + label, kind="hash", label=label, data=b"abc",
                        intermediate={"out": H(label, b"abc")}))
    for label, data in (("ballot-base", u32(0)), ("ballot-base", u32(1)),
                        ("ballot-base", u32(300)), ("shuffle-base", u32(0)),
                        ("shuffle-base", u32(1)), ("shuffle-base", u32(70000)),
                        ("drill", bytes(100))):
        out.append(case("group: %s %s" % (label, data.hex()), kind="group", label=label,
                        data=data, intermediate={"out": hash_to_group(label, data)}))
    return out


def transcript():
    """Every line of the table of labels, with values that mean nothing."""
    out = []
    for name in LABELS:
        for size in (1, 3):
            out.append(_one_transcript(name, size))
    return out


_POINTS = set("H A B V T_A T_B T_V C D X Y T T_1 T_2 c c_hat t_1 t_2 t_3 t_4 t_hat F row in out"
              .split())


def _one_transcript(name, size):
    secrets = Secrets("transcript %s %d" % (name, size))
    t = Proof(name.removesuffix("-private"))
    points = iter(range(1, 10**6))

    def item(label):
        if label in ("contest", "district"):
            return ("%s-%d" % (label, size)).encode()
        if label == "shape":
            return u16(size) + secrets.bytes()
        if label == "bits":
            return bytes(i % 2 for i in range(size))
        if label in ("row", "in", "out", "F"):
            width = 2 if label == "F" else 3
            return b"".join(hash_to_group("shuffle-base", u32(next(points))).encode()
                            for _ in range(width))
        if label in _POINTS:
            return hash_to_group("shuffle-base", u32(next(points))).encode()
        return secrets.bytes()

    for field in LABELS[name].split():
        if field.endswith(":u"):
            label = field[:-2]
            t.number(label, size if label in ("N", "w") else secrets.drawn * 1000003 + size)
            secrets.drawn += 1
        elif field.endswith("[]"):
            t.list(field[:-2], [item(field[:-2]) for _ in range(size)])
        elif ">" in field or "~" in field:
            mark = ">" if ">" in field else "~"
            label, times = field.split(mark)
            for _ in range(size if times else 1):
                t.challenge(label) if mark == ">" else t.short(label)
        else:
            t.append(field, item(field))
    return case("%s, lists of %d" % (name, size), proof=name.removesuffix("-private"),
                steps=t.steps)
