"""The cases of 06-ballot: whole ballots, refusals, and opened ballots."""

import canonical
from ballot import (HEAD, Context, ballot_hash, draw, make, prove, read, read_opened, tracker,
                    write_head, write_opened, write_part)
from cases import case
from cases_bit import inside
from cases_proofs import RULES
from encoding import u16, u32
from ristretto import G, L as ORDER, decode
from samples import Secrets, contest, election, election_keys, load, options
from shape import bits_of

KEY, SECRETS = election_keys(12)
KEYS = [x * G for x in SECRETS]
BAD_POINT = b"\1" + bytes(31)


def one_contest(name):
    """An election of one contest with this rule."""
    rule, n = RULES[name]
    return election([contest("mayor", rule, [(["north"], options(n))])])


def several():
    """An election with two districts and every kind of contest."""
    return election([
        contest("mayor", {"kind": "choose", "min": 1, "max": 1, "blank": True},
                [(["north", "south"], options(5))]),
        contest("council", {"kind": "list"},
                [(["south"], options(153, "s")), (["north"], options(20, "n"))]),
        contest("board", {"kind": "choose", "min": 2, "max": 4, "blank": False},
                [(["south"], options(6))]),
        contest("ideas", {"kind": "approve"}, [(["north", "south"], options(4))]),
        contest("marks", {"kind": "score", "most": 5}, [(["south"], options(3))]),
        contest("money", {"kind": "budget", "total": 10}, [(["south"], options(3))]),
        contest("order", {"kind": "rank", "places": 3}, [(["south"], options(5))])],
        ["north", "south"])


class Sample:
    """A voter of an election, and what a case says about both."""

    def __init__(self, name, manifest, district=0, number=1):
        secrets = Secrets("ballot " + name)
        self.text = canonical.write(manifest)
        self.manifest = load(manifest)
        self.district, self.number = district, number
        self.voter, self.seed = secrets.bytes(), secrets.bytes()
        self.previous = secrets.bytes() if number > 1 else bytes(32)
        self.keys = KEYS[:self.manifest.columns()]

    def make(self, selections):
        return make(self.manifest, KEY, self.keys, self.district, self.voter, self.number,
                    self.previous, selections, self.seed)

    def case(self, name, ballot, rule="", expect=None, seen=(), intermediate=None):
        return case(name, lambda: read(self.manifest, KEY, self.keys, ballot, seen), rule, expect,
                    kind="ballot", manifest=self.text, key=KEY, H=self.keys, ballot=ballot,
                    seen=list(seen), intermediate=intermediate or {})

    def opened(self, name, data, rule="", expect=None):
        return case(name, lambda: read_opened(self.manifest, KEY, self.keys, data), rule, expect,
                    kind="opened", manifest=self.text, key=KEY, H=self.keys, opened=data,
                    intermediate={})


def ballots():
    return _accepted() + _refused() + _reused() + _opened()


def _good(sample, name, selections):
    ballot, parts = sample.make(selections)
    intermediate = {
        "election": sample.manifest.id, "district": sample.district, "voter": sample.voter,
        "number": sample.number, "previous": sample.previous, "seed": sample.seed,
        "selections": selections, "ballot_hash": ballot_hash(ballot), "tracker": tracker(ballot),
        "parts": [{"contest": p["context"].contest, "district": p["context"].district,
                   "shape": p["context"].shape.encode(),
                   **inside(p["bits"], p["drawn"], p["part"])} for p in parts]}
    return sample.case(name, ballot, intermediate=intermediate)


def _accepted():
    out = []
    for name, selections in (
            ("choose 1 of 5 or blank", [[0, 0, 1, 0, 0, 0]]),
            ("choose 2..4 of 6", [[1, 0, 1, 0, 0, 1]]), ("approve 4", [[1, 0, 1, 1]]),
            ("score 3 by 5", [[5, 0, 3]]), ("budget 3 by 10", [[7, 0, 3]]),
            ("list of 153", [[101]]), ("rank 3 of 5", [[4, 0, 2]])):
        out.append(_good(Sample(name, one_contest(name)), name, selections))
    blank = "choose 1 of 5 or blank"
    out.append(_good(Sample("blank", one_contest(blank)), blank + ": the blank",
                     [[0, 0, 0, 0, 0, 1]]))
    out.append(_good(Sample("seventh", one_contest(blank), number=7), blank + ": number 7",
                     [[1, 0, 0, 0, 0, 0]]))
    out.append(_good(Sample("north", several(), 0), "several contests, north",
                     [[1, 0, 0, 0, 0, 0], [19], [0, 0, 0, 0]]))
    out.append(_good(Sample("south", several(), 1), "several contests, south",
                     [[0, 0, 0, 0, 0, 1], [152], [1, 1, 1, 1, 0, 0], [1, 1, 1, 1], [1, 2, 3],
                      [0, 10, 0], [1, 2, 3]]))
    return out


def _refused():
    """Everything that can be wrong with one ballot of one small contest."""
    s = Sample("refused", one_contest("choose 1 of 5 or blank"))
    good, _ = s.make([[0, 1, 0, 0, 0, 0]])
    shape = s.manifest.parts(0)[0][3]
    names = (["A"] + ["B_%d" % (i + 1) for i in range(shape.w)]
             + ["V", "T_A", "T_B", "T_V", "C", "D"])
    scalars = ["f_%d" % (j + 1) for j in range(shape.k)] + ["z_r", "z_s", "z_c"]
    out = [s.case("the good one", good)]

    def put(at, new):
        return good[:at] + new + good[at + len(new):]
    for i, name in enumerate(names):
        at = HEAD + 32 * i
        other = put(at, _plus_g(good[at:at + 32]))
        out.append(s.case(name + " plus G", other, "BAL-5", "refused"))
        out.append(s.case(name + " is the identity", put(at, bytes(32)), "BAL-4", "malformed"))
    for i in (0, 1, 7, 12):
        at = HEAD + 32 * i
        out.append(s.case(names[i] + " is negative", put(at, BAD_POINT), "BAL-4", "malformed"))
        out.append(s.case(names[i] + " is not canonical", put(at, b"\xff" * 32), "BAL-4",
                          "malformed"))
    for i, name in enumerate(scalars):
        at = HEAD + 32 * (len(names) + i)
        n = int.from_bytes(good[at:at + 32], "little")
        out.append(s.case(name + " plus 1", put(at, ((n + 1) % ORDER).to_bytes(32, "little")),
                          "BAL-5", "refused"))
        out.append(s.case(name + " plus l", put(at, (n + ORDER).to_bytes(32, "little")), "BAL-4",
                          "malformed"))
    out += _head_cases(s, good, put)
    out += _false_proofs(s, shape)
    return out


def _plus_g(data):
    return (decode(data) + G).encode()


def _head_cases(s, good, put):
    return [
        s.case("type 17", put(0, b"\x11"), "DEC-6", "malformed"),
        s.case("version 2", put(1, b"\2"), "DEC-6", "malformed"),
        s.case("another election in the bytes", put(2, bytes(32)), "BAL-2", "refused"),
        s.case("another key in the bytes", put(34, bytes(32)), "BAL-2", "refused"),
        s.case("a district that is not there", put(66, u16(1)), "BAL-2", "refused"),
        s.case("another voter in the bytes", put(68, bytes(32)), "BAL-5", "refused"),
        s.case("number 0", put(100, u32(0)), "BAL-3", "refused"),
        s.case("number 2 without a previous ballot", put(100, u32(2)), "BAL-3", "refused"),
        s.case("number 1 with a previous ballot", put(104, b"\1" * 32), "BAL-3", "refused"),
        s.case("number 2 and a previous ballot in the bytes", put(100, u32(2) + b"\1" * 32),
               "BAL-5", "refused"),
        s.case("trailing byte", good + b"\0", "BAL-1", "malformed"),
        s.case("a part twice", good + good[HEAD:], "BAL-1", "malformed"),
        s.case("short by a byte", good[:-1], "BAL-1", "malformed"),
        s.case("short by a scalar", good[:-32], "BAL-1", "malformed"),
        s.case("the head alone", good[:HEAD], "BAL-1", "malformed"),
        s.case("one byte", good[:1], "BAL-1", "malformed"),
        s.case("nothing", b"", "BAL-1", "malformed")]


def _context(s, position=0):
    name, _, _, shape = s.manifest.parts(s.district)[position]
    return Context(s.manifest.id, KEY, name, s.manifest.district(s.district), shape,
                   s.keys[:shape.w], s.voter, s.number, s.previous)


def _part(c, seed, bits, d=None):
    t = c.begin()
    d = d or draw(t, c.shape, seed, [b % 2 for b in bits])
    return prove(t, c.shape, c.H, bits, d)


def _false_proofs(s, shape):
    """A correct proof about something else, with this ballot's head before it."""
    head = write_head(s.manifest.id, KEY, 0, s.voter, s.number, s.previous)
    one = [0, 1, 0, 0, 0, 0]
    out = []

    def add(name, bits=one, **change):
        c = _context(s)
        for field, value in change.items():
            setattr(c, field, value)
        out.append(s.case(name, head + write_part(_part(c, s.seed, bits)), "BAL-5", "refused"))
    add("a 2 and a -1", [2, -1, 0, 0, 0, 0])
    add("a 2 alone", [2, 0, 0, 0, 0, 0])
    add("two options", [1, 1, 0, 0, 0, 0])
    add("nothing chosen", [0] * 6)
    add("proof for another contest", contest="council")
    add("proof for another district", district="south")
    add("proof for another voter", voter=bytes(32))
    add("proof for another number", number=2)
    add("proof for another previous ballot", previous=b"\1" * 32)
    add("proof for another election", election=bytes(32))
    add("proof for another key id", key=bytes(32))
    add("proof under another key", H=[KEYS[1], KEYS[0]] + KEYS[2:6])
    return out


def _reused():
    """BAL-6, and parts that stand in each other's place."""
    two = election([contest(c, {"kind": "choose", "min": 1, "max": 1, "blank": False},
                            [(["north"], options(2))]) for c in ("first", "second")])
    s = Sample("reused", two)
    good, inner = s.make([[1, 0], [0, 1]])
    a = inner[0]["part"]["A"]
    size = len(good[HEAD:]) // 2
    out = [s.case("two contests", good),
           s.case("two contests in the wrong order",
                  good[:HEAD] + good[HEAD + size:] + good[HEAD:HEAD + size], "BAL-5", "refused"),
           s.case("the first contest twice", good[:HEAD + size] + good[HEAD:HEAD + size],
                  "BAL-5", "refused"),
           s.case("an A seen elsewhere", good, "BAL-6", "refused", seen=[a.encode()])]
    # The nonce of the first part once more in the second, with sound proofs.
    c = _context(s, 1)
    d = draw(c.begin(), c.shape, s.seed, [0, 1])
    d["r"] = inner[0]["drawn"]["r"]
    again = write_part(_part(c, s.seed, [0, 1], d))
    out.append(s.case("one A in both contests", good[:HEAD + size] + again, "BAL-6", "refused"))
    return out


def _opened():
    out = []
    for name, selections in (("choose 1 of 5 or blank", [[0, 1, 0, 0, 0, 0]]),
                             ("rank 3 of 5", [[2, 0, 5]])):
        s = Sample("opened " + name, one_contest(name))
        good, _ = s.make(selections)
        out.append(s.opened("opened: " + name, write_opened(good, s.seed, selections)))
    s = Sample("opened several", several(), 1)
    chosen = [[0, 0, 0, 0, 1, 0], [0], [1, 1, 0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0], [1, 2, 7],
              [0, 0, 0]]
    good, _ = s.make(chosen)
    out.append(s.opened("opened: several contests", write_opened(good, s.seed, chosen)))
    s = Sample("opened choose 1 of 5 or blank", one_contest("choose 1 of 5 or blank"))
    m = [[0, 1, 0, 0, 0, 0]]
    good, _ = s.make(m)
    record = write_opened(good, s.seed, m)
    c = _context(s)
    d = draw(c.begin(), c.shape, s.seed, m[0])
    d["s"] = (d["s"] + 1) % ORDER
    crooked = good[:HEAD] + write_part(_part(c, s.seed, m[0], d))
    bits = bits_of(c.shape, m[0])
    d = draw(c.begin(), c.shape, bytes(32), bits)
    other = good[:HEAD] + write_part(_part(c, s.seed, bits, d))
    return out + [
        s.opened("opened: another seed", write_opened(good, bytes(32), m), "CHAL-1"),
        s.opened("opened: another selection",
                 write_opened(good, s.seed, [[1, 0, 0, 0, 0, 0]]), "CHAL-1"),
        s.opened("opened: a selection outside the rule",
                 write_opened(good, s.seed, [[1, 1, 0, 0, 0, 0]]), "CHAL-1"),
        s.opened("opened: an integer of 2^32-1",
                 write_opened(good, s.seed, [[2**32 - 1, 0, 0, 0, 0, 0]]), "CHAL-1"),
        s.opened("opened: a sound ballot with an s of its own",
                 write_opened(crooked, s.seed, m), "CHAL-1"),
        s.opened("opened: a sound ballot from another seed",
                 write_opened(other, s.seed, m), "CHAL-1"),
        s.opened("opened: trailing byte", record + b"\0", "DEC-4", "malformed"),
        s.opened("opened: short", record[:-1], "DEC-5", "malformed"),
        s.opened("opened: no seed", good, "DEC-5", "malformed")]
