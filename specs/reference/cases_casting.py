"""The cases of 07-casting."""

import canonical
import casting
import tree
from cases import case
from encoding import Fault, H, signed_bytes
from ristretto import L as ORDER
from samples import Secrets, load, secret_key, small

MANIFEST = small()
LOADED = load(MANIFEST)
CODES = ["PNOEE-3800108571%d" % i for i in range(7)]


def _voters():
    """(pseudonym, district, blinding, person code), sorted by pseudonym."""
    secrets = Secrets("voters")
    out = []
    for i, code in enumerate(CODES):
        blinding = secrets.bytes()
        out.append((casting.pseudonym(LOADED.id, blinding, code), i % 2, blinding, code))
    return sorted(out)


VOTERS = _voters()
LINES = [v[:2] for v in VOTERS]
ROOT = tree.root([casting.roll_line(*line) for line in LINES])


def casting_cases():
    return (_pseudonyms() + _rolls() + _changes() + _lines() + _annulments() + _reinstatements()
            + _messages() + _promises(),
            {"manifest": canonical.write(MANIFEST), "election": LOADED.id.hex()})


def _pseudonyms():
    out = [case("pseudonym %d" % i, kind="pseudonym", blinding=b, person_code=c,
                intermediate={"pseudonym": p}) for i, (p, _, b, c) in enumerate(VOTERS)]
    for name, code in (("one byte", "x"), ("64 bytes", "!~" * 32)):
        out.append(case("pseudonym of " + name, kind="pseudonym", blinding=bytes(32),
                        person_code=code, intermediate={
                            "pseudonym": casting.pseudonym(LOADED.id, bytes(32), code)}))
    for name, code in (("nothing", ""), ("65 bytes", "x" * 65), ("a space", "PNOEE 1"),
                       ("not ASCII", "PNOEE-\u00f5"), ("a line end", "PNOEE-1\n")):
        out.append(case("pseudonym of " + name, lambda: casting.check_person_code(code),
                        "LOGIN-4", kind="pseudonym", blinding=bytes(32), person_code=code))
    return out


def _rolls():
    out = []

    def add(name, data, rule="", root=ROOT, **intermediate):
        out.append(case("roll: " + name, lambda: casting.read_roll(LOADED, data, root), rule,
                        kind="roll", roll=data, root=root, intermediate=intermediate))

    def root_of(lines):
        return tree.root([casting.roll_line(*line) for line in lines])
    good = casting.write_roll(LINES)
    add("good", good, lines=[list(line) for line in LINES])
    add("empty", casting.write_roll([]), root=tree.root([]))
    for name, lines in (("out of order", LINES[::-1]), ("a line twice", LINES[:1] + LINES),
                        ("a pseudonym in two districts",
                         sorted(LINES + [(LINES[0][0], 1 - LINES[0][1])])),
                        ("a district that is not there", LINES[:-1] + [(LINES[-1][0], 2)])):
        add(name, casting.write_roll(lines), "ROLL-1", root_of(lines))
    add("another root", good, "ROLL-1", bytes(32))
    add("a line less", casting.write_roll(LINES[:-1]), "ROLL-1")
    add("type 49", b"\x31" + good[1:], "DEC-6")
    add("trailing byte", good + b"\0", "DEC-4")
    add("short", good[:-1], "DEC-5")
    add("a count of 2^32-1", good[:2] + b"\xff" * 4 + good[6:], "DEC-5")
    return out


def _changes():
    names, where = [p for p, *_ in VOTERS], {p: d for p, d, *_ in VOTERS}
    secrets = Secrets("newcomers")
    new = sorted([secrets.bytes(), secrets.bytes()])
    out = []

    def root_of(lines):
        return tree.root([casting.roll_line(*line) for line in sorted(lines)])

    def add(name, changes, rule="", before=(), value=None, root=None, data=None, lines=LINES):
        """before: change sets that stand before this one, each a list of changes."""
        blobs, roots, roll = [], [], dict(lines)
        for earlier in before:
            roll = casting.change(roll, earlier)
            blobs.append(casting.write_changes(earlier))
            roots.append(root_of(roll.items()))
        if root is None:
            try:
                root = root_of(casting.change(roll, sorted(changes)).items())
            except Fault:
                root = root_of(roll.items())
        if data is None:
            data = casting.write_changes(changes)
        value = len(before) + 1 if value is None else value
        found = {}

        def check():
            rolls = casting.Rolls(lines)
            for i, (blob, of) in enumerate(zip(blobs, roots), 1):
                rolls.amend(LOADED, blob, i, of)
            rolls.amend(LOADED, data, value, root)
            found.update(lines=[list(line) for line in sorted(rolls.now.items())],
                         whole=[list(line) for line in sorted(rolls.whole.items())])
        out.append(case("changes: " + name, check, rule, kind="changes",
                        roll=[list(line) for line in lines], before=blobs, before_roots=roots,
                        value=value, root=root, changes=data, intermediate=found))
    a, r, m = casting.ADDED, casting.REMOVED, casting.MOVED
    gone, moved = (names[0], r, where[names[0]]), (names[3], m, 1 - where[names[3]])
    one, two = (new[0], a, 1), (new[1], a, 0)
    first = sorted([gone, moved, one])
    add("one added, one removed, one moved", first)
    add("nothing", [])
    add("everybody removed", [(p, r, where[p]) for p in names])
    add("the first voter of an empty roll", [one], lines=[])
    add("a second version", sorted([two, (new[0], m, 0)]), before=[first])
    add("nothing changes, and after it something", first, before=[[]])
    add("back again, in another district", [(names[0], a, 1 - where[names[0]])], before=[first])
    add("moved back", [(names[3], m, where[names[3]])], before=[first])
    add("added, removed, and added", [(new[0], a, 0)], before=[first, [(new[0], r, 1)]])
    add("value 0", first, "ROLL-4", value=0)
    add("a version left out", first, "ROLL-4", value=2)
    add("a version twice", [two], "ROLL-4", before=[first], value=1)
    add("added, and on the roll", [(names[2], a, where[names[2]])], "ROLL-5")
    add("added in another district", [(names[2], a, 1 - where[names[2]])], "ROLL-5")
    add("removed, and not on the roll", [(new[0], r, 1)], "ROLL-5")
    add("removed twice", [gone], "ROLL-5", before=[first])
    add("removed from another district", [(names[0], r, 1 - where[names[0]])], "ROLL-5")
    add("removed from where it was before", [(names[3], r, where[names[3]])], "ROLL-5",
        before=[first])
    add("moved, and not on the roll", [(new[0], m, 1)], "ROLL-5")
    add("moved to where it is", [(names[3], m, where[names[3]])], "ROLL-5")
    add("added in a district that is not there", [(new[0], a, 2)], "ROLL-5")
    add("moved to a district that is not there", [(names[3], m, 2)], "ROLL-5")
    good = casting.write_changes(first)
    add("the root from before", first, "ROLL-6", root=ROOT)
    add("the root of another change", first, "ROLL-6", root=root_of(LINES + [(new[1], 0)]))
    add("act 0", [(new[0], 0, 1)], "DEC-8")
    add("act 4", [(new[0], 4, 1)], "DEC-8")
    add("out of order", first[::-1], "DEC-9")
    add("one twice", [one, one], "DEC-9")
    add("one removed and added", [gone, (names[0], a, 1)], "DEC-9")
    add("trailing byte", first, "DEC-4", data=good + b"\0")
    add("short", first, "DEC-5", data=good[:-1])
    add("a count of 2^32-1", first, "DEC-5", data=good[:2] + b"\xff" * 4 + good[6:])
    add("type 48", first, "DEC-6", data=b"\x30" + good[1:])
    add("version 0", first, "DEC-6", data=good[:1] + b"\0" + good[2:])
    return out


def _lines():
    out = []
    for i, (p, d, b, c) in enumerate(VOTERS):
        path = tree.inclusion(i, [casting.roll_line(*line) for line in LINES])
        good = {"blinding": b, "person_code": c, "pseudonym": p, "district": d, "line": i,
                "lines": len(LINES), "path": path, "root": ROOT}

        def add(name, rule="", **change):
            f = {**good, **change}
            out.append(case("line %d: %s" % (i, name), lambda: casting.check_line(
                LOADED.id, f["blinding"], f["person_code"], f["pseudonym"], f["district"],
                f["line"], f["lines"], f["path"], f["root"]), rule, kind="line", **f,
                intermediate={}))
        add("good")
        if i == 2:
            add("another district", "ROLL-2", district=1 - d)
            add("another person code", "ROLL-2", person_code=CODES[0] + "0")
            add("another blinding", "ROLL-2", blinding=bytes(32))
            add("another voter's pseudonym", "ROLL-2", pseudonym=VOTERS[3][0])
            add("another line", "ROLL-2", line=3)
            add("another root", "ROLL-2", root=bytes(32))
            add("path too short", "ROLL-2", path=path[:-1])
    return out


def _annulments():
    names = [p for p, *_ in VOTERS]
    out = []

    def add(name, lines, rule="", before=(), value=None, data=None):
        data = data or casting.write_annulments(lines)
        value = len(lines) if value is None else value
        out.append(case("annulment: " + name, lambda: casting.read_annulments(
            data, names, before, value), rule, kind="annulment", roll=names, before=list(before),
            value=value, list=data, intermediate={}))
    lines = [(names[1], 1), (names[4], 2)]
    data = casting.write_annulments(lines)
    add("good", lines)
    add("empty", [])
    add("another list before", lines, before=[names[0]])
    add("not on the roll", sorted(lines + [(bytes(32), 1)]), "ANN-1")
    add("on two lists", lines, "ANN-1", before=[names[4]])
    add("value too high", lines, "ANN-2", value=3)
    add("value 0", lines, "ANN-2", value=0)
    add("reason 0", [(names[0], 0)], "DEC-8")
    add("reason 3", [(names[0], 3)], "DEC-8")
    add("out of order", lines[::-1], "DEC-9")
    add("one twice", [lines[0], (names[1], 2)], "DEC-9")
    add("trailing byte", lines, "DEC-4", data=data + b"\0")
    add("short", lines, "DEC-5", data=data[:-1])
    add("type 48", lines, "DEC-6", data=b"\x30" + data[1:])
    return out


def _reinstatements():
    names = [p for p, *_ in VOTERS]
    annulled = [names[1], names[4], names[5]]
    out = []

    def add(name, chosen, rule="", value=None, data=None):
        data = data or casting.write_reinstatements(chosen)
        value = len(chosen) if value is None else value
        out.append(case("reinstatement: " + name, lambda: casting.read_reinstatements(
            data, annulled, value), rule, kind="reinstatement", roll=names,
            annulled=annulled, value=value, list=data, intermediate={}))
    good = [names[1], names[5]]
    data = casting.write_reinstatements(good)
    add("good", good)
    add("all", annulled)
    add("empty", [])
    add("not annulled", [names[1], names[2]], "ANN-3")
    add("not on the roll", [bytes(32)], "ANN-3")
    add("value too high", good, "ANN-2", value=3)
    add("value 0", good, "ANN-2", value=0)
    add("out of order", good[::-1], "DEC-9")
    add("one twice", [names[1], names[1]], "DEC-9")
    add("trailing byte", good, "DEC-4", data=data + b"\0")
    add("short", good, "DEC-5", data=data[:-1])
    add("type 49", good, "DEC-6", data=b"\x31" + data[1:])
    return out


def _messages():
    nonce, salt = Secrets("nonce").bytes(), Secrets("salt").bytes()
    key = bytes.fromhex(MANIFEST["collector"]["key"])
    return [case("login message", kind="login", collector_key=key, nonce=nonce, intermediate={
                "message": casting.login_message(LOADED.id, key, nonce)}),
            case("envelope hash", kind="envelope", salt=salt, container=b"a container",
                 intermediate={"envelope": casting.envelope(salt, b"a container")})]


def _promises():
    secret, ballot = secret_key("collector"), H("ballot", b"a ballot")
    accepted = 1795000500
    good = casting.promise(LOADED.id, ballot, accepted + 62, secret)
    s = int.from_bytes(good[-32:], "little")
    out = []

    def add(name, data=good, rule="", ballot=ballot, **intermediate):
        out.append(case("promise: " + name, lambda: casting.read_promise(
            LOADED, data, ballot, accepted), rule, kind="promise", promise=data,
            ballot_hash=ballot, accepted=accepted, intermediate=intermediate))
    add("good", signed=signed_bytes("promise", LOADED.id, good[:-64]))
    add("an earlier deadline", casting.promise(LOADED.id, ballot, accepted + 10, secret))
    add("a deadline too far away",
        casting.promise(LOADED.id, ballot, accepted + 63, secret), "VOTER-4")
    add("another ballot", good, "VOTER-4", bytes(32))
    add("another election", casting.promise(bytes(32), ballot, accepted + 62, secret), "VOTER-4")
    add("another key", casting.promise(LOADED.id, ballot, accepted + 62, secret_key("w1")),
        "VOTER-4")
    add("another deadline than signed", good[:73] + b"\0" + good[74:], "VOTER-4")
    add("S + l", good[:-32] + (s + ORDER).to_bytes(32, "little"), "VOTER-4")
    add("type 49", b"\x31" + good[1:], "DEC-6")
    add("trailing byte", good + b"\0", "DEC-4")
    add("short", good[:-1], "DEC-5")
    return out
