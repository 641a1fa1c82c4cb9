"""The cases of 09-mixing. `rule` names every equation of the proof that fails."""

import shuffle
from cases import case, number, numbers
from encoding import point, u32
from ristretto import G, L as ORDER
from samples import Secrets
from shuffle import Statement


def statement(N, w, name="mix"):
    """Rows under a key with known secrets, sorted by their bytes."""
    secrets = Secrets("%s %d %d" % (name, N, w))
    election, key, counted = secrets.bytes(), secrets.bytes(), secrets.bytes()
    H = [secrets.scalar() * G for _ in range(w)]
    rows = []
    for i in range(N):
        r = secrets.scalar()
        rows.append([r * G] + [(10 * i + c) * G + r * k for c, k in enumerate(H)])
    rows.sort(key=shuffle.row_bytes)
    return Statement(election, key, H, counted, 4, 1, 2, rows), secrets


def fields_of(st, author, data, seen=()):
    return {"election": st.election, "key": st.key, "H": st.H, "counted": st.counted,
            "unit": st.unit, "stage": st.stage, "author": author,
            "rows": [shuffle.row_bytes(row) for row in st.rows], "seen": list(seen),
            "message": data}


def _case(name, st, data, rule="", author=2, seen=(), **intermediate):
    return case(name, lambda: shuffle.check(st, author, data, seen), rule, kind="mix",
                intermediate=intermediate, **fields_of(st, author, data, seen))


def _inside(st, d, p):
    out = {"psi": [i + 1 for i in d["psi"]], "input": shuffle.rows_hash(st.rows),
           "u": numbers(p["u"]), "x": number(p["x"])}
    for name in ("rho", "r", "R", "omega", "omega_prime", "tau"):
        out[name] = numbers(d[name])
    for name in ("c", "c_hat", "t_1", "t_2", "t_3", "t_4", "t_hat"):
        out[name] = p[name]
    return out | {n: number(p[n]) for n in shuffle.SCALARS} | {
        "s_hat": numbers(p["s_hat"]), "s_prime": numbers(p["s_prime"])}


def mixes():
    out = []
    for N in (1, 2, 3):
        for w in (1, 2):
            st, secrets = statement(N, w)
            d = shuffle.draw(st, secrets)
            outputs = shuffle.mix(st, d["psi"], d["rho"])
            p = shuffle.prove(st, outputs, d)
            data = shuffle.write(st, outputs, p)
            out.append(_case("N = %d, w = %d" % (N, w), st, data, **_inside(st, d, p)))
    out.append(case("bases", kind="bases", intermediate={
        "h": shuffle.base(0), "h_i": [shuffle.base(i) for i in range(1, 5)]}))
    return out + _altered() + _statements() + _forged() + _unit()


def _good():
    st, secrets = statement(2, 2)
    d = shuffle.draw(st, secrets)
    outputs = shuffle.mix(st, d["psi"], d["rho"])
    p = shuffle.prove(st, outputs, d)
    return st, d, outputs, p, shuffle.write(st, outputs, p)


def _altered():
    """Every point and every scalar of one mix."""
    st, d, outputs, p, good = _good()
    names = ["A'_1", "B'_1,1", "B'_1,2", "A'_2", "B'_2,1", "B'_2,2", "c_1", "c_2", "c_hat_1",
             "c_hat_2", "t_1", "t_2", "t_3", "t_4,0", "t_4,1", "t_4,2", "t_hat_1", "t_hat_2"]
    scalars = ["s_1", "s_2", "s_3", "s_4", "s_hat_1", "s_hat_2", "s_prime_1", "s_prime_2"]
    # What a response is used in; everything else changes the challenges.
    uses = ["MIX-6", "MIX-7", "MIX-8", "MIX-9 MIX-10", "MIX-11", "MIX-11",
            "MIX-8 MIX-9 MIX-10 MIX-11", "MIX-8 MIX-9 MIX-10 MIX-11"]
    every = "MIX-6 MIX-7 MIX-8 MIX-9 MIX-10 MIX-11"
    start = len(st.head())
    flat = [v for row in outputs for v in row] + [
        *p["c"], *p["c_hat"], p["t_1"], p["t_2"], p["t_3"], *p["t_4"], *p["t_hat"]]
    out = []

    def put(i, new):
        at = start + 32 * i
        return good[:at] + new + good[at + 32:]
    for i, (name, v) in enumerate(zip(names, flat, strict=True)):
        out.append(_case(name + " plus G", st, put(i, point(v + G)), every))
        out.append(_case(name + " is the identity", st, put(i, bytes(32)), "DEC-2"))
    out.append(_case("A'_1 is negative", st, put(0, b"\1" + bytes(31)), "DEC-1"))
    out.append(_case("t_hat_2 is not canonical", st, put(17, b"\xff" * 32), "DEC-1"))
    for i, (name, rule) in enumerate(zip(scalars, uses)):
        at = start + 32 * (len(names) + i)
        n = int.from_bytes(good[at:at + 32], "little")
        out.append(_case(name + " plus 1", st,
                         put(len(names) + i, ((n + 1) % ORDER).to_bytes(32, "little")), rule))
        out.append(_case(name + " plus l", st,
                         put(len(names) + i, (n + ORDER).to_bytes(32, "little")), "DEC-3"))
    return out


def _statements():
    """The header, and a good proof held against another statement."""
    st, d, outputs, p, good = _good()
    every = "MIX-6 MIX-7 MIX-8 MIX-9 MIX-10 MIX-11"
    out = []

    def other(**change):
        return Statement(**{**st.__dict__, **change})
    out.append(_case("another election", other(election=bytes(32)), good, every))
    out.append(_case("another key id", other(key=bytes(32)), good, every))
    out.append(_case("another counted set", other(counted=bytes(32)), good, every))
    out.append(_case("another H", other(H=st.H[::-1]), good, every))
    for name, data in (("unit", good[:2] + u32(5) + good[6:]),
                       ("stage", good[:7] + b"\2" + good[8:]),
                       ("mixer", good[:9] + b"\1" + good[10:]),
                       ("input", good[:10] + bytes(32) + good[42:]),
                       ("N", good[:45] + b"\3" + good[46:]), ("w", good[:47] + b"\1" + good[48:])):
        out.append(_case("another %s in the message" % name, st, data, "MIX-12"))
    out.append(_case("posted by another mixer", st, good, "MIX-12", author=1))
    out.append(_case("another mixer, and its number in the message", other(mixer=1),
                     good[:9] + b"\1" + good[10:], every, author=1))
    out.append(_case("rows in another order", other(rows=st.rows[::-1]), good, "MIX-12"))
    out.append(_case("stage 0", other(stage=0), good[:7] + b"\0" + good[8:], "MIX-12"))
    out.append(_case("type 39", st, b"\x27" + good[1:], "DEC-6"))
    out.append(_case("trailing byte", st, good + b"\0", "DEC-4"))
    out.append(_case("short", st, good[:-1], "DEC-5"))
    out.append(_case("the head alone", st, good[:48], "DEC-5"))
    out.append(_case("a c seen before", st, good, "MIX-15", seen=[point(p["c"][1])]))
    return out


class _Told:
    """A transcript that takes in given points, whatever the prover computed."""

    def __init__(self, t, label, index):
        self.t, self.label, self.index = t, label, index

    def append(self, label, value):
        self.t.append(label, value + G if label == self.label else value)

    def list(self, label, items):
        items = list(items)
        if label == self.label:
            items[self.index] = items[self.index] + G
        self.t.list(label, items)

    def challenge(self, label):
        return self.t.challenge(label)


def _forged():
    """Mixes whose transcript is sound and whose statement is not."""
    st, d, outputs, p, good = _good()
    out = []
    for label, index, rule in (
            ("c", 0, "MIX-6 MIX-8"), ("c_hat", 0, "MIX-11"), ("c_hat", 1, "MIX-7 MIX-11"),
            ("t_1", None, "MIX-6"), ("t_2", None, "MIX-7"), ("t_3", None, "MIX-8"),
            ("t_4", 0, "MIX-9"), ("t_4", 1, "MIX-10"), ("t_4", 2, "MIX-10"),
            ("t_hat", 0, "MIX-11"), ("t_hat", 1, "MIX-11")):
        q = shuffle.prove(st, outputs, d, _Told(st.begin(outputs), label, index))
        if index is None:
            q[label] = q[label] + G
        else:
            q[label][index] = q[label][index] + G
        name = label if index is None else "%s, number %d," % (label, index + 1)
        out.append(_case("%s is wrong and absorbed" % name, st, shuffle.write(st, outputs, q),
                         rule))

    def add(name, rule, wrong, d=d):
        out.append(_case(name, st, shuffle.write(st, wrong, shuffle.prove(st, wrong, d)), rule))
    first, second = outputs
    D = 5 * G
    add("one vote changed", "MIX-10", [[first[0], first[1] + G, first[2]], second])
    add("a vote moved from column 2 to column 1", "MIX-10",
        [[first[0], first[1] + D, first[2] - D], second])
    add("a vote moved from row 2 to row 1", "MIX-10",
        [[first[0], first[1] + D, first[2]], [second[0], second[1] - D, second[2]]])
    add("columns exchanged", "MIX-10", [[a, c, b] for a, b, c in outputs])
    add("an A with a nonce of its own", "MIX-9", [[first[0] + G, *first[1:]], second])
    twice = [d["psi"][0], d["psi"][0]]
    add("one row twice, the other gone", "MIX-9 MIX-10", shuffle.mix(st, twice, d["rho"]))
    lazy = {**d, "rho": [0, d["rho"][1]]}
    same = shuffle.mix(st, lazy["psi"], lazy["rho"])
    add("a row that is not re-encrypted", "MIX-15", same, lazy)
    # A matrix that is no permutation: c_1 = c_2 = h_1, as far as one gets.
    none = {**d, "psi": [0, 1]}
    q = shuffle.prove(st, shuffle.mix(st, [0, 1], d["rho"]), none,
                      _NoPermutation(st, none))
    out.append(_case("c with one base twice", st, shuffle.write(
        st, shuffle.mix(st, [0, 1], d["rho"]), q), "MIX-6 MIX-8"))
    return out


class _NoPermutation(_Told):
    """Takes in, and leaves in the proof, c_2 = r_2·G + h_1."""

    def __init__(self, st, d):
        super().__init__(st.begin(shuffle.mix(st, d["psi"], d["rho"])), None, None)
        self.c_2 = d["r"][1] * G + shuffle.base(1)

    def list(self, label, items):
        if label == "c":
            items[1] = self.c_2
        self.t.list(label, items)


def _unit():
    """All posts about one unit; `verdicts` has "" for one that counts, else the rule."""
    st, secrets = statement(2, 1, "unit")

    def one(stage, mixer, rows):
        now = Statement(st.election, st.key, st.H, st.counted, st.unit, stage, mixer, rows)
        d = shuffle.draw(now, secrets)
        outputs = shuffle.mix(now, d["psi"], d["rho"])
        p = shuffle.prove(now, outputs, d)
        return outputs, p, shuffle.write(now, outputs, p)
    rows_1, _, first = one(1, 1, st.rows)
    spoilt = first[:-32] + bytes(32)
    _, _, late = one(1, 2, st.rows)
    _, _, again = one(2, 1, rows_1)
    rows_2, _, second = one(2, 2, rows_1)
    _, _, third = one(3, 2, rows_2)
    out = []

    def add(name, posts, want):
        verdicts, rows = shuffle.replay(st, posts, 2)
        if verdicts != want:
            raise AssertionError("%s: %s" % (name, verdicts))
        fields = fields_of(st, 0, b"")
        for unused in ("author", "message", "seen", "stage"):
            del fields[unused]
        out.append(case(name, kind="unit", required=2, posts=[
            {"author": a, "message": m} for a, m in posts], intermediate={
                "verdicts": verdicts, "mixed": rows is not None,
                "rows": [shuffle.row_bytes(r) for r in rows] if rows else []}, **fields))
    add("unit: two stages", [(1, first), (2, second)], ["", ""])
    add("unit: one stage is not enough", [(1, first)], [""])
    add("unit: stage 2 before stage 1", [(2, second), (1, first), (2, second)],
        ["MIX-12", "", ""])
    add("unit: a mix that fails leaves its stage free", [(1, spoilt), (1, first), (2, second)],
        ["MIX-8 MIX-9 MIX-10 MIX-11", "", ""])
    add("unit: two for one stage", [(1, first), (2, late), (2, second)], ["", "MIX-13", ""])
    add("unit: one mixer twice", [(1, first), (1, again), (2, second)], ["", "MIX-14", ""])
    add("unit: a stage more than required", [(1, first), (2, second), (2, third)],
        ["", "", "MIX-16"])
    return out
