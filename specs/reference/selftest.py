"""Known answers for every primitive of this folder.

Run it as `python3 selftest.py`. It prints one line for each check and ends with
status 1 if any of them failed. The answers come from the RFCs named in each
check; those of merlin are what the crate merlin 3.0.0 computes.
"""

import hashlib
import sys
import traceback

import ballot
import cases_bit
import cases_mixing
import chacha
import ed25519
import edwards
import equality
import hkdf
import knowledge
import merlin
import opening
import ristretto
import shape
import shuffle
import strobe
import transcript
from rfc9496_answers import BAD, MAPPED, MULTIPLES


def refuses(function, *arguments):
    """True if the call ends in ValueError."""
    try:
        function(*arguments)
    except ValueError:
        return True
    return False


def multiples():
    total = ristretto.IDENTITY
    for n, text in enumerate(MULTIPLES):
        data = bytes.fromhex(text)
        slow = ristretto.Point(edwards.multiply(n, edwards.BASE))
        for point in (total, slow, n * ristretto.G):
            if point.encode() != data or point != ristretto.decode(data):
                return False
        total = total + ristretto.G
    return True


def bad_encodings(reason):
    return all(refuses(ristretto.decode, bytes.fromhex(t)) for t in BAD[reason].split())


def identity():
    zero = bytes(32)
    return (ristretto.decode(zero).is_identity()
            and refuses(ristretto.decode_point, zero)
            and ristretto.decode_point(ristretto.G.encode()) == ristretto.G
            and refuses(ristretto.decode, bytes(31))
            and refuses(ristretto.decode, bytes(33)))


def one_way_map():
    for i in range(0, len(MAPPED), 3):
        point = ristretto.from_uniform_bytes(bytes.fromhex(MAPPED[i] + MAPPED[i + 1]))
        if point.encode().hex() != MAPPED[i + 2]:
            return False
    return True


def group_laws():
    g, order = ristretto.G, ristretto.L
    p = ristretto.from_uniform_bytes(hashlib.sha512(b"p").digest())
    a, b = order - 12345, 2**251 + 99
    return (a * p + b * p == (a + b) * p
            and a * p - a * p == ristretto.IDENTITY
            and -(a * p) == -a * p
            and order * p == ristretto.IDENTITY
            and ristretto.scalar_inverse(a) * (a * p) == p
            and ristretto.multi_scalar([a, b], [p, g]) == b * g + a * p
            and p != g and p + g == g + p)


def scalars():
    order = ristretto.L
    return (ristretto.scalar_from_canonical(bytes(32)) == 0
            and ristretto.scalar_from_canonical((order - 1).to_bytes(32, "little")) == order - 1
            and refuses(ristretto.scalar_from_canonical, order.to_bytes(32, "little"))
            and refuses(ristretto.scalar_from_canonical, b"\xff" * 32)
            and refuses(ristretto.scalar_from_canonical, bytes(31))
            and ristretto.scalar_from_wide(b"\xff" * 64) == (2**512 - 1) % order
            and ristretto.scalar_to_bytes(order + 258) == b"\x02\x01" + bytes(30))


def keccak():
    """SHA3-256 of an empty message, made here and by the standard library."""
    state = bytearray(200)
    state[0] ^= 0x06
    state[135] ^= 0x80
    strobe.keccak_f1600(state)
    return bytes(state[:32]) == hashlib.sha3_256(b"").digest()


def merlin_short():
    transcript = merlin.Transcript(b"test protocol")
    transcript.append_message(b"some label", b"some data")
    return transcript.challenge_bytes(b"challenge", 32).hex() == (
        "d5a21972d0d5fe320c0d263fac7fffb8145aa640af6e9bca177c03c7efcf0615")


def merlin_long():
    transcript = merlin.Transcript(b"test protocol")
    transcript.append_message(b"step1", b"some data")
    for _ in range(32):
        challenge = transcript.challenge_bytes(b"challenge", 32)
        transcript.append_message(b"bigdata", b"c" * 1024)
        transcript.append_message(b"challengedata", challenge)
    return challenge.hex() == (
        "a8c933f54fae76e3f9bea93648c1308e7dfa2152dd51674ff3ca438351cf003c")


def merlin_clone():
    one = merlin.Transcript(b"test protocol")
    two, three = one.clone(), one.clone()
    one.append_u64(b"n", 258)
    two.append_message(b"n", bytes([2, 1, 0, 0, 0, 0, 0, 0]))
    answers = [t.challenge_bytes(b"challenge", 64) for t in (one, two, three)]
    return answers[0] == answers[1] != answers[2]


ED_SECRET = bytes.fromhex(
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
ED_PUBLIC = bytes.fromhex(
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
ED_SIGNATURE = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")


def ed25519_answer():
    return (ed25519.public_key(ED_SECRET) == ED_PUBLIC
            and ed25519.sign(ED_SECRET, b"") == ED_SIGNATURE
            and ed25519.verify(ED_PUBLIC, b"", ED_SIGNATURE))


def ed25519_refusals():
    s = int.from_bytes(ED_SIGNATURE[32:], "little")
    big_s = ED_SIGNATURE[:32] + (s + edwards.L).to_bytes(32, "little")
    one = (1).to_bytes(32, "little")
    # y = 3 belongs to a point of the curve; P + 3 is another spelling of it.
    three = (3).to_bytes(32, "little")
    other_three = (edwards.P + 3).to_bytes(32, "little")
    if ed25519.decode_key(three) is None or ed25519.decode_key(other_three) is not None:
        return False
    return not any((
        ed25519.verify(ED_PUBLIC, b"x", ED_SIGNATURE),
        ed25519.verify(ED_PUBLIC, b"", big_s),
        ed25519.verify(ED_PUBLIC, b"", ED_SIGNATURE[:63]),
        # A key and an R that are the identity would fit S = 0 and any message.
        ed25519.verify(one, b"", one + bytes(32))))


def chacha_answer():
    """RFC 8439, section 2.8.2, and a refusal for one changed bit anywhere."""
    key = bytes(range(0x80, 0xA0))
    nonce = bytes.fromhex("070000004041424344454647")
    associated = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
    plain = (b"Ladies and Gentlemen of the class of '99: If I could offer you "
             b"only one tip for the future, sunscreen would be it.")
    expected = bytes.fromhex(
        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
        "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
        "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
        "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691")
    changed = [expected[:i] + bytes([expected[i] ^ 1]) + expected[i + 1:]
               for i in range(0, len(expected), 13)]
    return (chacha.seal(key, nonce, associated, plain) == expected
            and chacha.open_sealed(key, nonce, associated, expected) == plain
            and all(refuses(chacha.open_sealed, key, nonce, associated, c) for c in changed)
            and refuses(chacha.open_sealed, key, nonce, b"", expected))


def hkdf_answer():
    """RFC 5869, test case 1."""
    prk = hkdf.extract(bytes(range(13)), b"\x0b" * 22)
    out = hkdf.expand(prk, bytes(range(0xF0, 0xFA)), 42)
    return (prk.hex() == "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"
            and out.hex() == ("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                              "34007208d5b887185865"))


def digits():
    """The sums of the digits of R are exactly 0..R."""
    for most in range(1, 200):
        sums = {0}
        for d in shape.digits(most):
            sums |= {s + d for s in sums}
        if sums != set(range(most + 1)) or shape.digits(most)[0] != 1:
            return False
    return True


def labels():
    """The real proofs take in and give out the labels of the one table, in order."""
    c, seed = cases_bit.sample_context("labels", shape.shape_of({"kind": "budget", "total": 2}, 2))
    bits = shape.bits_of(c.shape, [1, 1])
    t, private = c.begin(), Recorded(c.begin())
    ballot.prove(t, c.shape, c.H, bits, ballot.draw(private, c.shape, seed, bits))
    runs = {"ballot": t, "ballot-private": private.twin}
    g = ristretto.G
    runs["knowledge"] = knowledge.begin(b"", b"", 1, 1, 0, g)
    knowledge.prove(runs["knowledge"], 1, 2)
    runs["drill"] = equality.begin_drill(b"", b"", 1, 1, 1, g, g, g)
    runs["complaint"] = equality.begin_complaint(b"", b"", 1, 1, g, g, g)
    for name in ("drill", "complaint"):
        equality.prove(runs[name], g, 1, 2)
    st, secrets = cases_mixing.statement(2, 2)
    d = shuffle.draw(st, secrets)
    outputs = shuffle.mix(st, d["psi"], d["rho"])
    runs["shuffle"] = st.begin(outputs)
    shuffle.prove(st, outputs, d, runs["shuffle"])
    o = opening.Statement(b"", b"", b"", b"", 1, b"", 1, b"", 1, [g], [[g, g]])
    runs["opening"] = o.begin([[g]])
    o.begin = lambda factors: runs["opening"]
    opening.prove(o, [[g]], [1], 2)
    return set(runs) == set(transcript.LABELS) and all(
        transcript.labels_of(run.steps) == transcript.labels_in_table(name)
        for name, run in runs.items())


class Recorded:
    """Keeps the clone that a transcript is asked for."""

    def __init__(self, proof):
        self.proof = proof

    def clone(self):
        self.twin = self.proof.clone()
        return self.twin


CHECKS = [
    ("ristretto: 0*G to 15*G, RFC 9496 A.1", multiples),
    *(("ristretto: refused as %s, RFC 9496 A.2" % reason,
       lambda reason=reason: bad_encodings(reason)) for reason in BAD),
    ("ristretto: identity decodes, but not as a point", identity),
    ("ristretto: one-way map, RFC 9496 A.3", one_way_map),
    ("ristretto: laws of the group", group_laws),
    ("ristretto: scalars", scalars),
    ("strobe: Keccak-f[1600] gives SHA3-256", keccak),
    ("merlin: one message, one challenge", merlin_short),
    ("merlin: 32 rounds of long messages", merlin_long),
    ("merlin: clone and append_u64", merlin_clone),
    ("ed25519: RFC 8032 test 1", ed25519_answer),
    ("ed25519: refusals", ed25519_refusals),
    ("chacha: RFC 8439 2.8.2", chacha_answer),
    ("hkdf: RFC 5869 case 1", hkdf_answer),
    ("shape: digits", digits),
    ("transcript: every label, in the order of the table", labels),
]


def main():
    failed = 0
    for name, check in CHECKS:
        try:
            good = check()
        except Exception:
            traceback.print_exc()
            good = False
        failed += not good
        print("ok    " if good else "FAILED", name)
    print("%d checks, %d failed" % (len(CHECKS), failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
