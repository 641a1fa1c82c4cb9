"""Page 09: a mix with its proof (Terelius and Wikström).

Lists count from 0 here where the page counts from 1. A row is a list of points:
A, then B_1 … B_w.
"""

from dataclasses import dataclass

from encoding import Fault, H, Reader, hash_to_group, point, scalar, u8, u16, u32
from ristretto import G, IDENTITY, L as ORDER, multi_scalar
from transcript import Proof

SCALARS = ("s_1", "s_2", "s_3", "s_4")


def base(i):
    """h for 0, h_i for i."""
    return hash_to_group("shuffle-base", u32(i))


def row_bytes(row):
    return b"".join(map(point, row))


def rows_hash(rows):
    w = len(rows[0]) - 1
    return H("rows", u32(len(rows)) + u16(w) + b"".join(map(row_bytes, rows)))


@dataclass
class Statement:
    """What a mix is about: everything absorbed before `c`, but for the outputs."""

    election: bytes
    key: bytes
    H: list
    counted: bytes
    unit: int
    stage: int
    mixer: int
    rows: list

    @property
    def N(self):
        return len(self.rows)

    @property
    def w(self):
        return len(self.H)

    def begin(self, outputs):
        t = Proof("shuffle")
        t.append("election", self.election)
        t.append("key", self.key)
        t.list("H", self.H)
        t.append("counted", self.counted)
        t.number("unit", self.unit)
        t.number("stage", self.stage)
        t.number("mixer", self.mixer)
        t.number("N", self.N)
        t.number("w", self.w)
        t.list("in", map(row_bytes, self.rows))
        t.list("out", map(row_bytes, outputs))
        return t

    def head(self):
        return (u8(38) + u8(1) + u32(self.unit) + u16(self.stage) + u16(self.mixer)
                + rows_hash(self.rows) + u32(self.N) + u16(self.w))


def mix(st, psi, rho):
    """The outputs: row psi[i] re-encrypted with rho[i]."""
    return [[a + r * k for a, k in zip(st.rows[p], [G] + st.H)] for p, r in zip(psi, rho)]


def draw(st, secrets):
    """All randomness of a mix, in one order out of many."""
    def many():
        return [secrets.scalar() for _ in range(st.N)]
    return {"psi": secrets.permutation(st.N), "rho": many(), "r": many(), "R": many(),
            "omega": [secrets.scalar() for _ in range(4)], "omega_prime": many(), "tau": many()}


def prove(st, outputs, d, t=None):
    """MIX-1 to MIX-5: the proof as a dict, with u and x beside it."""
    t = t or st.begin(outputs)
    N, psi = st.N, d["psi"]
    h, hs = base(0), [base(i + 1) for i in range(N)]
    c = [None] * N
    for i in range(N):
        c[psi[i]] = d["r"][psi[i]] * G + hs[i]
    t.list("c", c)
    u = [t.challenge("u") for _ in range(N)]
    u_prime = [u[psi[i]] for i in range(N)]
    R, U = [0] + d["R"], [1]
    for v in u_prime:
        U.append(v * U[-1] % ORDER)
    c_hat = [R[i + 1] * G + U[i + 1] * h for i in range(N)]
    r_hat = [R[i + 1] - u_prime[i] * R[i] for i in range(N)]
    r_bar = sum(d["r"])
    r_tilde = sum(a * b for a, b in zip(u, d["r"]))
    r_prime = sum(a * b for a, b in zip(u_prime, d["rho"]))
    omega, omega_prime, tau = d["omega"], d["omega_prime"], d["tau"]
    omega_hat = [tau[i] - omega_prime[i] * R[i] for i in range(N)]
    p = {"c": c, "c_hat": c_hat, "t_1": omega[0] * G, "t_2": omega[1] * G,
         "t_3": omega[2] * G + multi_scalar(omega_prime, hs),
         "t_4": [multi_scalar(omega_prime, [row[k] for row in outputs]) - omega[3] * key
                 for k, key in enumerate([G] + st.H)],
         "t_hat": [tau[i] * G + (omega_prime[i] * U[i]) * h for i in range(N)]}
    x = _last_challenge(t, p)
    p["s_1"] = (omega[0] + x * r_bar) % ORDER
    p["s_2"] = (omega[1] + x * R[N]) % ORDER
    p["s_3"] = (omega[2] + x * r_tilde) % ORDER
    p["s_4"] = (omega[3] + x * r_prime) % ORDER
    p["s_hat"] = [(a + x * b) % ORDER for a, b in zip(omega_hat, r_hat)]
    p["s_prime"] = [(a + x * b) % ORDER for a, b in zip(omega_prime, u_prime)]
    return p | {"u": u, "x": x}


def _last_challenge(t, p):
    t.list("c_hat", p["c_hat"])
    for name in ("t_1", "t_2", "t_3"):
        t.append(name, p[name])
    t.list("t_4", p["t_4"])
    t.list("t_hat", p["t_hat"])
    return t.challenge("x")


def write(st, outputs, p):
    points = [*p["c"], *p["c_hat"], p["t_1"], p["t_2"], p["t_3"], *p["t_4"], *p["t_hat"]]
    scalars = [*(p[n] for n in SCALARS), *p["s_hat"], *p["s_prime"]]
    return (st.head() + b"".join(map(row_bytes, outputs)) + b"".join(map(point, points))
            + b"".join(map(scalar, scalars)))


def read(st, author, data):
    """MIX-12, and the outputs and the proof decoded."""
    r = Reader(data)
    r.head(38)
    unit, stage, mixer, rows = r.number(4), r.number(2), r.number(2), r.bytes(32)
    N, w = r.number(4), r.number(2)
    if (unit, stage, mixer, rows, N, w) != (st.unit, st.stage, author, rows_hash(st.rows),
                                            st.N, st.w) or stage < 1:
        raise Fault("MIX-12")
    outputs = [[r.point() for _ in range(w + 1)] for _ in range(N)]

    def points(n):
        return [r.point() for _ in range(n)]
    p = {"c": points(N), "c_hat": points(N), "t_1": r.point(), "t_2": r.point(),
         "t_3": r.point(), "t_4": points(w + 1), "t_hat": points(N)}
    for name in SCALARS:
        p[name] = r.scalar()
    p["s_hat"] = [r.scalar() for _ in range(N)]
    p["s_prime"] = [r.scalar() for _ in range(N)]
    r.end()
    return outputs, p


def failing(st, outputs, p):
    """MIX-6 to MIX-11: the names of the equations that fail."""
    t = st.begin(outputs)
    t.list("c", p["c"])
    u = [t.challenge("u") for _ in range(st.N)]
    x = _last_challenge(t, p)
    h, hs = base(0), [base(i + 1) for i in range(st.N)]
    product = 1
    for v in u:
        product = product * v % ORDER
    sp, failed = p["s_prime"], []
    total = sum(p["c"], IDENTITY) - sum(hs, IDENTITY)
    if p["s_1"] * G != p["t_1"] + x * total:
        failed.append("MIX-6")
    if p["s_2"] * G != p["t_2"] + x * (p["c_hat"][-1] - product * h):
        failed.append("MIX-7")
    if p["s_3"] * G + multi_scalar(sp, hs) != p["t_3"] + x * multi_scalar(u, p["c"]):
        failed.append("MIX-8")
    for k, key in enumerate([G] + st.H):
        left = multi_scalar(sp, [row[k] for row in outputs]) - p["s_4"] * key
        right = p["t_4"][k] + x * multi_scalar(u, [row[k] for row in st.rows])
        name = "MIX-10" if k else "MIX-9"
        if left != right and name not in failed:
            failed.append(name)
    for i in range(st.N):
        before = p["c_hat"][i - 1] if i else h
        if p["s_hat"][i] * G + sp[i] * before != p["t_hat"][i] + x * p["c_hat"][i]:
            failed.append("MIX-11")
            break
    return failed


def check(st, author, data, seen=()):
    """A whole mix: the outputs, and the encodings of its c. `seen` holds those of
    the mixes that count already (MIX-15)."""
    outputs, p = read(st, author, data)
    c = [point(v) for v in p["c"]]
    rows = [row_bytes(row) for row in st.rows]
    if any(row_bytes(row) in rows for row in outputs) or set(c) & set(seen):
        raise Fault("MIX-15")
    failed = failing(st, outputs, p)
    if failed:
        raise Fault(" ".join(failed))
    return outputs, c


def replay(st, posts, required):
    """MIX-13, MIX-14, MIX-16 over the posts (author, message) about one unit.

    For each post "" if it counts, else the rule; and the rows after the last stage.
    """
    verdicts, mixers, seen = [], [], []
    rows = [st.rows]                      # inputs of stage 1, 2, …
    for author, data in posts:
        stage = int.from_bytes(data[6:8], "big")
        now = Statement(st.election, st.key, st.H, st.counted, st.unit, stage, author,
                        rows[stage - 1] if 1 <= stage <= len(rows) else rows[-1])
        try:
            if len(mixers) == required and stage > required:
                raise Fault("MIX-16")
            if stage > len(rows):
                raise Fault("MIX-12", "its input is not there")
            outputs, c = check(now, author, data, seen)
            if stage < len(rows):
                raise Fault("MIX-13", "the stage is taken")
            if author in mixers:
                raise Fault("MIX-14")
            rows.append(outputs)
            mixers.append(author)
            seen += c
            verdicts.append("")
        except Fault as fault:
            verdicts.append(fault.rule)
    return verdicts, rows[-1] if len(mixers) == required else None
