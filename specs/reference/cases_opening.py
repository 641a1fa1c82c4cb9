"""The cases of 10-opening: openings, their combination, intents."""

import opening
import shuffle
from cases import case, needs, number, numbers
from encoding import u16, u32, u64
from opening import Statement
from ristretto import G, IDENTITY, L as ORDER, decode
from samples import Secrets


class _Election:
    """Shares of a key that a dealer of these vectors knows; 2 of 3."""

    def __init__(self, W):
        self.secrets = Secrets("opening %d" % W)
        s = self.secrets
        self.election, self.key, self.session, self.counted, self.root = (
            s.bytes() for _ in range(5))
        self.polynomials = [[s.scalar(), s.scalar()] for _ in range(W)]
        self.H = [a[0] * G for a in self.polynomials]

    def shares(self, j):
        return [(a[0] + j * a[1]) % ORDER for a in self.polynomials]

    def encrypt(self, m):
        r = self.secrets.scalar()
        return [r * G] + [x * G + r * k for x, k in zip(m, self.H)]

    def statement(self, j, rows, unit=3):
        w = len(rows[0]) - 1
        stage = shuffle.rows_hash(rows)
        return Statement(self.election, self.key, self.session, self.counted, 1234, self.root,
                         unit, stage, j, [x * G for x in self.shares(j)[:w]], rows)


def _fields(st, data):
    return {"election": st.election, "key": st.key, "session": st.session,
            "counted": st.counted, "size": st.size, "root": st.root, "unit": st.unit,
            "stage_hash": st.stage_hash, "trustee": st.trustee, "X": st.X,
            "rows": [opening.row_bytes(row) for row in st.rows], "message": data}


def openings():
    out = []
    tables = (("a sum, w = 3", [[70, 40, 10]]), ("one row, w = 1", [[4]]),
              ("three rows, w = 1", [[0], [2], [1]]), ("two rows, w = 2", [[1, 2], [0, 0]]))
    for name, table in tables:
        e = _Election(len(table[0]))
        rows = [e.encrypt(m) for m in table]
        messages = {}
        for j in (1, 2, 3):
            st, data, inside = _open(e, rows, j)
            messages[j] = data
            out.append(case("%s: trustee %d" % (name, j), lambda: opening.check(st, data),
                            kind="opening", intermediate=inside, **_fields(st, data)))
        out += _combined(name, e, rows, table, messages)
    return out + _identity_column() + _refused_openings() + _intents()


def _open(e, rows, j):
    st = e.statement(j, rows)
    shares = e.shares(j)[:st.w]
    factors = opening.factors_of(st, shares)
    k = e.secrets.scalar()
    proof, v = opening.prove(st, factors, shares, k)
    inside = {"x": numbers(shares), "k": number(k), "rho": numbers(v["rho"]),
              "sigma": numbers(v["sigma"]), "F": [opening.row_bytes(f) for f in factors],
              **{n: v[n] for n in ("X_star", "A_star", "F_star", "T_1", "T_2")},
              **{n: number(v[n]) for n in ("x_star", "e", "z")}}
    return st, opening.write(st, factors, proof), inside


def _combined(name, e, rows, table, messages):
    out = []
    largest = max(max(m) for m in table)
    for quorum in ((1, 2), (3, 1), (2, 3)):
        points = opening.combine(rows, {j: opening.check(e.statement(j, rows), messages[j])
                                        for j in quorum})

        def check(limit):
            return opening.decode(points, limit)
        if check(largest) != table:
            raise AssertionError(name)
        fields = {"kind": "combine", "quorum": list(quorum), "X": {
            str(j): e.statement(j, rows).X for j in quorum}, "rows": [
                opening.row_bytes(r) for r in rows], "messages": {
                    str(j): messages[j] for j in quorum}}
        out.append(case("%s: combined by %d and %d" % (name, *quorum), lambda: check(largest),
                        max=largest, intermediate={"m": table, "points": points, "lambda": {
                            str(j): number(opening.lagrange(j, quorum)) for j in quorum}},
                        **fields))
    out.append(case("%s: nothing in 0..max" % name, lambda: check(largest - 1), "DECODE-1",
                    max=largest - 1, intermediate={"points": points}, **fields))
    return out


def _identity_column():
    """A sum whose B is the identity opens like any other; one whose A is does not."""
    e = _Election(2)
    r = e.secrets.scalar()
    m = -r * e.polynomials[0][0] % ORDER      # B_1 = m·G + r·H_1 is the identity
    rows = [[r * G, m * G + r * e.H[0], 5 * G + r * e.H[1]]]
    st, data, inside = _open(e, rows, 1)
    out = [case("a sum with B_1 the identity", lambda: opening.check(st, data), kind="opening",
                intermediate=inside, **_fields(st, data))]
    rows = [[IDENTITY, 7 * G, IDENTITY]]
    out.append(case("OPEN-7: A is the identity", lambda: needs(
        "DECODE-1", opening.decode([rows[0][1:]], 7) == [[7, 0]]), kind="combine", quorum=[],
        X={}, messages={}, rows=[opening.row_bytes(rows[0])], max=7,
        intermediate={"m": [[7, 0]], "stage_hash": shuffle.rows_hash(rows)}))
    return out


def _refused_openings():
    e = _Election(2)
    rows = [e.encrypt(m) for m in ([1, 2], [0, 3])]
    st, good, _ = _open(e, rows, 2)
    out = []

    def add(name, rule, data=good, **change):
        now = Statement(**{**st.__dict__, **change})
        out.append(case("refused: " + name, lambda: opening.check(now, data), rule,
                        kind="opening", intermediate={}, **_fields(now, data)))
    for field in ("election", "key", "session", "counted", "root"):
        add("another " + field, "OPEN-4", **{field: bytes(32)})
    add("another size", "OPEN-4", size=1235)
    add("another X", "OPEN-4", X=[x * G for x in e.shares(1)])
    add("X exchanged", "OPEN-4", X=st.X[::-1])
    add("rows exchanged", "OPEN-4", rows=rows[::-1])
    add("another row", "OPEN-4", rows=[rows[0], e.encrypt([0, 3])])
    for name, at, new in (("trustee", 2, u16(1)), ("unit", 4, u32(4)), ("stage hash", 8, bytes(32)),
                          ("N", 40, u32(1)), ("w", 44, u16(1))):
        add("another %s in the message" % name, "OPEN-5", good[:at] + new + good[at + len(new):])
    add("trustee and message 1", "OPEN-4", good[:2] + u16(1) + good[4:], trustee=1)
    names = ["F_1,1", "F_1,2", "F_2,1", "F_2,2", "T_1", "T_2"]
    for i, name in enumerate(names):
        at = 46 + 32 * i
        moved = (decode(good[at:at + 32]) + G).encode()
        add(name + " plus G", "OPEN-4", good[:at] + moved + good[at + 32:])
        add(name + " is the identity", "DEC-2", good[:at] + bytes(32) + good[at + 32:])
    z = int.from_bytes(good[-32:], "little")
    add("z plus 1", "OPEN-4", good[:-32] + ((z + 1) % ORDER).to_bytes(32, "little"))
    add("z plus l", "DEC-3", good[:-32] + (z + ORDER).to_bytes(32, "little"))
    add("F_1,1 is negative", "DEC-1", good[:46] + b"\1" + bytes(31) + good[78:])
    add("type 41", "DEC-6", b"\x29" + good[1:])
    add("trailing byte", "DEC-4", good + b"\0")
    add("short", "DEC-5", good[:-1])
    # Factors that are wrong and proved as well as anyone can.
    shares, D = e.shares(2), 9 * G
    honest = opening.factors_of(st, shares)

    def forged(name, factors):
        proof, _ = opening.prove(st, factors, shares, e.secrets.scalar())
        add(name, "OPEN-4", opening.write(st, factors, proof))
    forged("a vote moved between columns",
           [[honest[0][0] + D, honest[0][1] - D], honest[1]])
    forged("a vote moved between rows",
           [[honest[0][0] + D, honest[0][1]], [honest[1][0] - D, honest[1][1]]])
    forged("a vote moved across both",
           [[honest[0][0], honest[0][1] + D], [honest[1][0] - D, honest[1][1]]])
    forged("one factor wrong", [[honest[0][0] + G, honest[0][1]], honest[1]])
    forged("factors of another share", opening.factors_of(st, e.shares(1)))
    return out


def _intents():
    s = Secrets("intents")
    root, counted = s.bytes(), s.bytes()
    stages = {0: s.bytes(), 2: s.bytes(), 5: s.bytes()}
    units = sorted(stages.items())
    good = opening.write_intent(2, 1234, root, counted, units)
    out = []

    def add(name, data=good, rule=""):
        out.append(case("intent: " + name, lambda: opening.check_intent(
            2, 1234, root, counted, stages, data), rule, kind="intent", trustee=2, size=1234,
            root=root, counted=counted, stages=[list(u) for u in units], message=data,
            intermediate={}))
    add("all units")
    add("one unit", opening.write_intent(2, 1234, root, counted, units[1:2]))
    add("no units", opening.write_intent(2, 1234, root, counted, []))
    for name, data in (
            ("another trustee", opening.write_intent(1, 1234, root, counted, units)),
            ("another size", opening.write_intent(2, 1235, root, counted, units)),
            ("another root", opening.write_intent(2, 1234, bytes(32), counted, units)),
            ("another counted set", opening.write_intent(2, 1234, root, bytes(32), units)),
            ("a unit that is not opened", opening.write_intent(
                2, 1234, root, counted, [*units, (6, bytes(32))])),
            ("another stage", opening.write_intent(
                2, 1234, root, counted, [units[0], (2, bytes(32))]))):
        add(name, data, "OPEN-2")
    add("units out of order", opening.write_intent(2, 1234, root, counted, units[::-1]), "DEC-9")
    add("a unit twice", opening.write_intent(2, 1234, root, counted, [units[0], units[0]]), "DEC-9")
    add("type 40", b"\x28" + good[1:], "DEC-6")
    add("a count of 2^32-1", good[:76] + b"\xff" * 4 + good[80:], "DEC-5")
    add("trailing byte", good + b"\0", "DEC-4")
    add("short", good[:-1], "DEC-5")
    if good[4:12] != u64(1234):
        raise AssertionError
    return out
