"""Page 10: intents, openings with their proof, and how openings are combined.

A row is a list of points A, B_1 … B_w; of a summed unit there is one, and its
points may be the identity.
"""

from dataclasses import dataclass

from ceremony import lagrange
from encoding import Fault, Reader, list_of, malformed, point, scalar, u8, u16, u32, u64
from ristretto import G, IDENTITY, L as ORDER, multi_scalar
from transcript import Proof


def row_bytes(row):
    return b"".join(map(point, row))


@dataclass
class Statement:
    """What an opening is about, but for its factors."""

    election: bytes
    key: bytes
    session: bytes
    counted: bytes
    size: int
    root: bytes
    unit: int
    stage_hash: bytes
    trustee: int
    X: list
    rows: list

    @property
    def N(self):
        return len(self.rows)

    @property
    def w(self):
        return len(self.X)

    def begin(self, factors):
        t = Proof("opening")
        t.append("election", self.election)
        t.append("key", self.key)
        t.append("session", self.session)
        t.append("counted", self.counted)
        t.number("size", self.size)
        t.append("root", self.root)
        t.number("unit", self.unit)
        t.append("stage_hash", self.stage_hash)
        t.number("trustee", self.trustee)
        t.number("N", self.N)
        t.number("w", self.w)
        t.list("X", self.X)
        t.list("row", map(row_bytes, self.rows))
        t.list("F", map(row_bytes, factors))
        return t


def factors_of(st, shares):
    """F_i,c = x_c · A_i."""
    return [[x * row[0] for x in shares] for row in st.rows]


def _weights(st, factors):
    """The transcript after the short challenges, and what they combine to."""
    t = st.begin(factors)
    rho = [t.short("rho") for _ in range(st.N)]
    sigma = [t.short("sigma") for _ in range(st.w)]
    X = multi_scalar(sigma, st.X)
    A = multi_scalar(rho, [row[0] for row in st.rows])
    F = IDENTITY
    for c, s in enumerate(sigma):
        F = F + s * multi_scalar(rho, [row[c] for row in factors])
    return t, {"rho": rho, "sigma": sigma, "X_star": X, "A_star": A, "F_star": F}


def prove(st, factors, shares, k):
    """T_1, T_2, z as bytes; and every value on the way."""
    t, v = _weights(st, factors)
    x = sum(s * share for s, share in zip(v["sigma"], shares)) % ORDER
    T_1, T_2 = k * G, k * v["A_star"]
    t.append("T_1", T_1)
    t.append("T_2", T_2)
    e = t.challenge("e")
    z = (k + e * x) % ORDER
    return point(T_1) + point(T_2) + scalar(z), v | {"x_star": x, "T_1": T_1, "T_2": T_2, "e": e,
                                                     "z": z}


def write(st, factors, proof):
    return (u8(40) + u8(1) + u16(st.trustee) + u32(st.unit) + st.stage_hash + u32(st.N)
            + u16(st.w) + b"".join(map(row_bytes, factors)) + proof)


def check(st, data):
    """OPEN-5, then OPEN-4: the factors."""
    r = Reader(data)
    r.head(40)
    stated = (r.number(2), r.number(4), r.bytes(32), r.number(4), r.number(2))
    if stated != (st.trustee, st.unit, st.stage_hash, st.N, st.w):
        raise Fault("OPEN-5")
    factors = [[r.point() for _ in range(st.w)] for _ in range(st.N)]
    T_1, T_2, z = r.point(), r.point(), r.scalar()
    r.end()
    t, v = _weights(st, factors)
    t.append("T_1", T_1)
    t.append("T_2", T_2)
    e = t.challenge("e")
    if z * G != T_1 + e * v["X_star"] or z * v["A_star"] != T_2 + e * v["F_star"]:
        raise Fault("OPEN-4")
    return factors


def combine(rows, openings):
    """COMBINE-1: the points m·G of each row, from factors by trustee."""
    quorum = list(openings)
    out = []
    for i, row in enumerate(rows):
        points = []
        for c, B in enumerate(row[1:]):
            for j in quorum:
                B = B - lagrange(j, quorum) * openings[j][i][c]
            points.append(B)
        out.append(points)
    return out


def decode(points, largest):
    """DECODE-1."""
    known, total = {}, IDENTITY
    for m in range(largest + 1):
        known[point(total)] = m
        total = total + G
    try:
        return [[known[point(p)] for p in row] for row in points]
    except KeyError:
        raise Fault("DECODE-1", "no such number") from None


def write_intent(trustee, size, root, counted, units):
    """units: pairs of unit and stage hash."""
    return (u8(39) + u8(1) + u16(trustee) + u64(size) + root + counted
            + list_of(u32(unit) + stage for unit, stage in units))


def check_intent(trustee, size, root, counted, stages, data):
    """OPEN-2: the units that the intent is right for. `stages` has the stage hash
    that everyone computes, by unit."""
    r = Reader(data)
    r.head(39)
    stated = (r.number(2), r.number(8), r.bytes(32), r.bytes(32))
    units = [(r.number(4), r.bytes(32)) for _ in range(r.count(36))]
    r.end()
    numbers = [unit for unit, _ in units]
    if numbers != sorted(set(numbers)):
        raise malformed("DEC-9", "units are not ascending")
    if stated != (trustee, size, root, counted):
        raise Fault("OPEN-2", "another trustee, checkpoint or counted set")
    if any(stages.get(unit) != stage for unit, stage in units):
        raise Fault("OPEN-2", "a unit or a stage that is not there")
    return numbers
