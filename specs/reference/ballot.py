"""Pages 04 (BIT) and 06: one part of a ballot with its proof, and whole ballots.

A part travels as a dict of points and scalars under the names of the page. The
functions that draw, commit and prove are apart, so that a test can hand in bits
or randomness that no honest program would use.
"""

from base64 import b32encode
from dataclasses import dataclass

from encoding import (Fault, H, Reader, hash_to_group, malformed, point, scalar, u8, u16, u32)
from ristretto import G, L as ORDER, multi_scalar
from shape import bits_of, check_selection
from transcript import Proof

POINTS = ("V", "T_A", "T_B", "T_V", "C", "D")
HEAD = 136


@dataclass
class Context:
    """The constant fields of the transcript `ballot`."""

    election: bytes
    key: bytes
    contest: str
    district: str
    shape: object
    H: list
    voter: bytes
    number: int
    previous: bytes

    def begin(self):
        t = Proof("ballot")
        t.append("election", self.election)
        t.append("key", self.key)
        t.append("contest", self.contest.encode())
        t.append("district", self.district.encode())
        t.append("shape", self.shape.encode())
        t.list("H", self.H)
        t.append("voter", self.voter)
        t.number("number", self.number)
        t.append("previous", self.previous)
        return t


def base(j):
    """P_j."""
    return hash_to_group("ballot-base", u32(j))


def draw(t, shape, seed, bits):
    """Everything random about a part, from the private clone of its transcript."""
    t = t.clone()
    t.append("seed", seed)
    t.append("bits", bytes(bits))
    d = {"r": t.challenge("r"), "s": t.challenge("s")}
    if shape.constraint:
        a = [t.challenge("a") for _ in range(shape.k - 1)]
        first = -sum(x * y for x, y in zip(shape.constraint[0][1:], a)) % ORDER
        d["a"] = [first] + a
    else:
        d["a"] = [t.challenge("a") for _ in range(shape.k)]
    for name in ("rho_r", "rho_s", "rho_c", "rho_d"):
        d[name] = t.challenge(name)
    return d


def prove(t, shape, keys, bits, d):
    """BIT-1 to BIT-3: the part, with y and x beside its fields."""
    k = shape.k
    bases = [base(j) for j in range(k + 1)]
    m = shape.integers(bits)
    p = {"A": d["r"] * G, "B": [x * G + d["r"] * key for x, key in zip(m, keys)],
         "V": multi_scalar([d["s"]] + list(bits), bases)}
    t.append("A", p["A"])
    t.list("B", p["B"])
    t.append("V", p["V"])
    y = p["y"] = t.challenge("y")
    powers = [pow(y, i, ORDER) for i in range(1, shape.w + 1)]
    a = d["a"]
    Ma = shape.integers(a)
    p["T_A"] = d["rho_r"] * G
    p["T_B"] = (sum(u * v for u, v in zip(powers, Ma)) * G
                + d["rho_r"] * multi_scalar(powers, keys))
    p["T_V"] = multi_scalar([d["rho_s"]] + a, bases)
    p["C"] = multi_scalar([d["rho_c"]] + [u * (1 - 2 * b) for u, b in zip(a, bits)], bases)
    p["D"] = multi_scalar([d["rho_d"]] + [-u * u for u in a], bases)
    for name in ("T_A", "T_B", "T_V", "C", "D"):
        t.append(name, p[name])
    x = p["x"] = t.challenge("x")
    p["f"] = [(x * b + u) % ORDER for b, u in zip(bits, a)]
    p["z_r"] = (x * d["r"] + d["rho_r"]) % ORDER
    p["z_s"] = (x * d["s"] + d["rho_s"]) % ORDER
    p["z_c"] = (x * d["rho_c"] + d["rho_d"]) % ORDER
    return p


def write_part(p):
    return b"".join(point(v) for v in [p["A"], *p["B"], *(p[n] for n in POINTS)]) + b"".join(
        scalar(v) for v in [*p["f"], p["z_r"], p["z_s"], p["z_c"]])


def read_part(reader, shape):
    p = {"A": reader.point(), "B": [reader.point() for _ in range(shape.w)]}
    for name in POINTS:
        p[name] = reader.point()
    p["f"] = [reader.scalar() for _ in range(shape.k)]
    for name in ("z_r", "z_s", "z_c"):
        p[name] = reader.scalar()
    return p


def verify(t, shape, keys, p):
    """BIT-4 to BIT-8: the names of the equations that fail."""
    t.append("A", p["A"])
    t.list("B", p["B"])
    t.append("V", p["V"])
    y = t.challenge("y")
    for name in ("T_A", "T_B", "T_V", "C", "D"):
        t.append(name, p[name])
    x = t.challenge("x")
    powers = [pow(y, i, ORDER) for i in range(1, shape.w + 1)]
    f, bases = p["f"], [base(j) for j in range(shape.k + 1)]
    failed = []
    if x * p["A"] + p["T_A"] != p["z_r"] * G:
        failed.append("BIT-4")
    left = multi_scalar([x * u for u in powers], p["B"]) + p["T_B"]
    in_clear = sum(u * v for u, v in zip(powers, shape.integers(f)))
    if left != in_clear * G + p["z_r"] * multi_scalar(powers, keys):
        failed.append("BIT-5")
    if x * p["V"] + p["T_V"] != multi_scalar([p["z_s"]] + f, bases):
        failed.append("BIT-6")
    if x * p["C"] + p["D"] != multi_scalar([p["z_c"]] + [u * (x - u) for u in f], bases):
        failed.append("BIT-7")
    if shape.constraint and (shape.total(f) - x * shape.constraint[1]) % ORDER:
        failed.append("BIT-8")
    return failed


# Whole ballots. An election is anything with: id, key, keys (H), and the methods
# of manifest.Manifest: parts(district) giving (contest id, rule, n, shape).

def write_head(election, key, district, voter, number, previous):
    return (u8(16) + u8(1) + election + key + u16(district) + voter + u32(number) + previous)


def make(manifest, key, keys, district, voter, number, previous, selections, seed):
    """The bytes of a ballot, and for each part what was drawn and computed."""
    out = write_head(manifest.id, key, district, voter, number, previous)
    inside = []
    for (contest, rule, n, shape), m in zip(manifest.parts(district), selections, strict=True):
        check_selection(rule, n, m)
        bits = bits_of(shape, m)
        context = Context(manifest.id, key, contest, manifest.district(district), shape,
                          keys[:shape.w], voter, number, previous)
        t = context.begin()
        d = draw(t, shape, seed, bits)
        p = prove(t, shape, context.H, bits, d)
        out += write_part(p)
        inside.append({"context": context, "bits": bits, "drawn": d, "part": p})
    return out, inside


def read(manifest, key, keys, data, seen=()):
    """ACCEPT: BAL-1 to BAL-6 in order; the ballot as a dict."""
    if len(data) < HEAD:
        raise malformed("BAL-1", "DEC-5")
    r = Reader(data)
    r.head(16)
    b = {"election": r.bytes(32), "key": r.bytes(32), "district": r.number(2),
         "voter": r.bytes(32), "number": r.number(4), "previous": r.bytes(32)}
    known = b["district"] < len(manifest.json["districts"])
    if known:
        size = HEAD + sum(s.part_size() for _, _, _, s in manifest.parts(b["district"]))
        if len(data) != size:
            raise malformed("BAL-1", "DEC-4" if len(data) > size else "DEC-5")
    if b["election"] != manifest.id or b["key"] != key or not known:
        raise Fault("BAL-2")
    if b["number"] < 1 or (b["number"] == 1) != (b["previous"] == bytes(32)):
        raise Fault("BAL-3")
    try:
        b["parts"] = [read_part(r, s) for _, _, _, s in manifest.parts(b["district"])]
    except Fault as fault:
        raise malformed("BAL-4", fault.rule) from None
    for (contest, _, _, shape), p in zip(manifest.parts(b["district"]), b["parts"]):
        context = Context(b["election"], b["key"], contest, manifest.district(b["district"]),
                          shape, keys[:shape.w], b["voter"], b["number"], b["previous"])
        failed = verify(context.begin(), shape, context.H, p)
        if failed:
            raise Fault("BAL-5", " ".join(failed))
    nonces = list(seen) + [point(p["A"]) for p in b["parts"]]
    if len(set(nonces)) < len(nonces):
        raise Fault("BAL-6")
    return b


def ballot_hash(data):
    return H("ballot", data)


def tracker(data):
    name = b32encode(ballot_hash(data)[:15]).decode().lower()
    return "-".join(name[i:i + 4] for i in range(0, 24, 4))


def write_opened(ballot, seed, selections):
    return ballot + seed + b"".join(u32(x) for m in selections for x in m)


def read_opened(manifest, key, keys, data):
    """CHAL-1 on an opened ballot."""
    if len(data) < HEAD:
        raise malformed("DEC-5")
    district = int.from_bytes(data[66:68], "big")
    if district >= len(manifest.json["districts"]):
        raise Fault("BAL-2")
    shapes = [s for _, _, _, s in manifest.parts(district)]
    r = Reader(data)
    ballot = r.bytes(HEAD + sum(s.part_size() for s in shapes))
    seed = r.bytes(32)
    selections = [[r.number(4) for _ in range(s.w)] for s in shapes]
    r.end()
    b = read(manifest, key, keys, ballot)
    try:
        again, _ = make(manifest, key, keys, district, b["voter"], b["number"], b["previous"],
                        selections, seed)
    except Fault as fault:
        raise Fault("CHAL-1", fault.rule) from None
    if again != ballot:
        raise Fault("CHAL-1")
    return b
