"""The cases of 04-ballot-proof: BIT by itself, and everything that it must refuse."""

from ballot import POINTS, Context, draw, prove, read_part, verify, write_part
from cases import case, needs, number, numbers
from cases_proofs import RULES, SELECTIONS
from encoding import Reader
from ristretto import G, L as ORDER, scalar_inverse
from samples import Secrets
from shape import Shape, bits_of, shape_of


def context_fields(c):
    return {"election": c.election, "key": c.key, "contest": c.contest, "district": c.district,
            "shape": c.shape.encode(), "H": c.H, "voter": c.voter, "number": c.number,
            "previous": c.previous}


def inside(bits, d, p):
    """Everything that a prover draws and computes, under the names of the page."""
    return {"bits": bits, "r": number(d["r"]), "s": number(d["s"]), "a": numbers(d["a"]),
            **{n: number(d[n]) for n in ("rho_r", "rho_s", "rho_c", "rho_d")},
            "A": p["A"], "B": p["B"], **{n: p[n] for n in POINTS},
            "y": number(p["y"]), "x": number(p["x"]), "f": numbers(p["f"]),
            **{n: number(p[n]) for n in ("z_r", "z_s", "z_c")}}


def sample_context(name, shape):
    secrets = Secrets("proof " + name)
    c = Context(secrets.bytes(), secrets.bytes(), "mayor", "north", shape,
                [secrets.scalar() * G for _ in range(shape.w)], secrets.bytes(), 1, bytes(32))
    return c, secrets.bytes()


def check_part(c, part):
    """The part read and verified; the Fault names BIT-4 … BIT-8 as they fail."""
    r = Reader(part)
    p = read_part(r, c.shape)
    r.end()
    failed = verify(c.begin(), c.shape, c.H, p)
    needs(" ".join(failed), not failed)


def ballot_proof():
    out = []
    for name in ("choose 1 of 5 or blank", "choose 2..4 of 6", "choose 0..2 of 3", "approve 4",
                 "score 3 by 5", "budget 3 by 10", "list of 153", "rank 3 of 5"):
        shape = shape_of(*RULES[name])
        for m in SELECTIONS[name][0][:2]:
            c, seed = sample_context(name, shape)
            t = c.begin()
            bits = bits_of(shape, m)
            d = draw(t, shape, seed, bits)
            p = prove(t, shape, c.H, bits, d)
            part = write_part(p)
            out.append(case("%s: %s" % (name, m), lambda: check_part(c, part), part=part,
                            seed=seed, selection=m, intermediate=inside(bits, d, p),
                            **context_fields(c)))
    return out + _forged()


def _forged():
    """Parts whose transcript is sound and whose statement is not: `rule` names each
    equation that fails, and only those."""
    out = []

    def add(name, rule, shape, bits, change=lambda c, d: None, spoil=lambda p: None):
        c, seed = sample_context(name, shape)
        t = c.begin()
        d = draw(t, shape, seed, [0] * shape.k)
        change(c, d)
        p = prove(t, shape, c.H, bits, d)
        spoil(p)
        out.append(case(name, lambda: check_part(c, write_part(p)), rule, "refused",
                        part=write_part(p), intermediate={}, **context_fields(c)))

    one = shape_of(*RULES["choose 1 of 5 or blank"])
    approve = shape_of(*RULES["approve 4"])

    def bump(name):
        def spoil(p):
            p[name] = (p[name] + 1) % ORDER
        return spoil
    add("a 2 and a -1 under the constraint", "BIT-7", one, [2, -1, 0, 0, 0, 0])
    add("a 2 without a constraint", "BIT-7", approve, [2, 0, 0, 1])
    add("a -1 without a constraint", "BIT-7", approve, [0, 0, 0, -1])
    add("two of one", "BIT-8", one, [1, 1, 0, 0, 0, 0])
    add("none of one", "BIT-8", one, [0, 0, 0, 0, 0, 0])
    add("an option and the blank", "BIT-8", one, [0, 0, 1, 0, 0, 1])

    def crooked(c, d):
        d["a"][0] = (d["a"][0] + 1) % ORDER
    add("a that does not keep the constraint", "BIT-8", one, [1, 0, 0, 0, 0, 0], crooked)
    add("z_r", "BIT-4 BIT-5", one, [1, 0, 0, 0, 0, 0], spoil=bump("z_r"))
    add("z_s", "BIT-6", one, [1, 0, 0, 0, 0, 0], spoil=bump("z_s"))
    add("z_c", "BIT-7", one, [1, 0, 0, 0, 0, 0], spoil=bump("z_c"))

    def f(p):
        p["f"][0] = (p["f"][0] + 1) % ORDER
    add("f_1", "BIT-5 BIT-6 BIT-7 BIT-8", one, [1, 0, 0, 0, 0, 0], spoil=f)
    add("f_1 without a constraint", "BIT-5 BIT-6 BIT-7", approve, [1, 0, 0, 0], spoil=f)
    return out + _wrong_statements(one) + [_merged()]


def _wrong_statements(shape):
    """A, B, V or C that is not what the proof beside it is about."""
    out = []
    for name, rule in (("A", "BIT-4"), ("B", "BIT-5"), ("V", "BIT-6"), ("C", "BIT-7"),
                       ("T_A", "BIT-4"), ("T_B", "BIT-5"), ("T_V", "BIT-6"), ("D", "BIT-7")):
        c, seed = sample_context("wrong " + name, shape)
        bits = [1] + [0] * (shape.k - 1)
        t = _Shifted(c.begin(), name)
        d = draw(t.proof, shape, seed, bits)
        p = prove(t, shape, c.H, bits, d)
        p[name] = [p["B"][0] + G] + p["B"][1:] if name == "B" else p[name] + G
        part = write_part(p)
        out.append(case("%s plus G" % name, lambda: check_part(c, part), rule, "refused",
                        part=part, intermediate={}, **context_fields(c)))
    return out


class _Shifted:
    """A transcript that takes in one point plus G, and so hides the change."""

    def __init__(self, proof, label):
        self.proof, self.label = proof, label

    def append(self, label, value):
        self.proof.append(label, value + G if label == self.label else value)

    def list(self, label, items):
        if label == self.label:
            items = [items[0] + G] + items[1:]
        self.proof.list(label, items)

    def challenge(self, label):
        return self.proof.challenge(label)


def _merged():
    """BIT-10: who knows h satisfies the sum of BIT-4 and BIT-5 for any m."""
    shape = Shape(1, [(1, 1)])
    c, seed = sample_context("merged", shape)
    secrets = Secrets("merged")
    h, r_1, r_2, m, bit = secrets.scalar(), secrets.scalar(), secrets.scalar(), 1000, 1
    c.H = [h * G]
    d = draw(c.begin(), shape, seed, [bit])
    A, B = r_1 * G, m * G + r_2 * c.H[0]
    # The y of this transcript, and then the r that fits it.
    t = c.begin()
    d_y = dict(d)
    V = prove(c.begin(), shape, c.H, [bit], d)["V"]
    t.append("A", A)
    t.list("B", [B])
    t.append("V", V)
    y = t.clone().challenge("y")
    d_y["r"] = (r_1 + y * (m - bit) + y * r_2 * h) * scalar_inverse(1 + y * h) % ORDER
    p = prove(_Told(c.begin(), A, [B]), shape, c.H, [bit], d_y)
    p["A"], p["B"] = A, [B]
    x = p["x"]
    if (x * (A + y * B) + p["T_A"] + p["T_B"]
            != (y * p["f"][0] + p["z_r"]) * G + (p["z_r"] * y) * c.H[0]) or p["y"] != y:
        raise AssertionError("the merged equation should hold")
    part = write_part(p)
    return case("the merged equation holds (BIT-10)", lambda: check_part(c, part),
                "BIT-4 BIT-5", "refused", part=part, **context_fields(c),
                intermediate={"h": number(h), "r_1": number(r_1), "r_2": number(r_2), "m": m,
                              "r": number(d_y["r"]), "y": number(y), "x": number(x)})


class _Told(_Shifted):
    """A transcript that takes in A and B as told."""

    def __init__(self, proof, A, B):
        self.proof, self.told = proof, {"A": A, "B": B}

    def append(self, label, value):
        self.proof.append(label, self.told.get(label, value))

    def list(self, label, items):
        self.proof.list(label, self.told.get(label, items))
