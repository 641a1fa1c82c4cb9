"""The cases of page 04: shapes, POK and EQ."""

import equality
import knowledge
from cases import case, needs, number
from encoding import point, scalar
from ristretto import G, L as ORDER
from samples import Secrets
from shape import bits_of, check_selection, shape_of

RULES = {
    "choose 1 of 1": ({"kind": "choose", "min": 1, "max": 1, "blank": False}, 1),
    "choose 1 of 5 or blank": ({"kind": "choose", "min": 1, "max": 1, "blank": True}, 5),
    "choose 2..4 of 6": ({"kind": "choose", "min": 2, "max": 4, "blank": False}, 6),
    "choose 1..3 of 4 or blank": ({"kind": "choose", "min": 1, "max": 3, "blank": True}, 4),
    "choose 0..2 of 3": ({"kind": "choose", "min": 0, "max": 2, "blank": False}, 3),
    "approve 4": ({"kind": "approve"}, 4),
    "score 3 by 5": ({"kind": "score", "most": 5}, 3),
    "score 1 by 1000": ({"kind": "score", "most": 1000}, 1),
    "budget 3 by 10": ({"kind": "budget", "total": 10}, 3),
    "budget 2 by 1": ({"kind": "budget", "total": 1}, 2),
    "list of 2": ({"kind": "list"}, 2),
    "list of 153": ({"kind": "list"}, 153),
    "rank 3 of 5": ({"kind": "rank", "places": 3}, 5),
    "rank 1 of 1": ({"kind": "rank", "places": 1}, 1),
}
SELECTIONS = {
    "choose 1 of 1": ([[1]], [[0], [2], []]),
    "choose 1 of 5 or blank": (
        [[1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 1]],
        [[0] * 6, [1, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 0],
         [0, 0, 0, 0, 0, 2], [1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0]]),
    "choose 2..4 of 6": (
        [[1, 1, 0, 0, 0, 0], [0, 0, 0, 1, 1, 1], [1, 1, 0, 1, 0, 1]],
        [[1, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 0], [2, 0, 0, 0, 0, 0]]),
    "choose 1..3 of 4 or blank": (
        [[1, 0, 0, 0, 0], [1, 1, 0, 1, 0], [0, 0, 0, 0, 1]],
        [[0] * 5, [1, 1, 1, 1, 0], [1, 0, 0, 0, 1]]),
    "choose 0..2 of 3": ([[0, 0, 0], [0, 1, 0], [1, 0, 1]], [[1, 1, 1]]),
    "approve 4": ([[0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 1, 0]], [[0, 0, 2, 0]]),
    "score 3 by 5": ([[0, 0, 0], [5, 5, 5], [1, 2, 3], [4, 0, 0]], [[6, 0, 0]]),
    "score 1 by 1000": ([[0], [1], [500], [999], [1000]], [[1001]]),
    "budget 3 by 10": ([[10, 0, 0], [3, 3, 4], [0, 9, 1]], [[0, 0, 0], [5, 5, 1], [9, 0, 0]]),
    "budget 2 by 1": ([[1, 0], [0, 1]], [[1, 1], [0, 0]]),
    "list of 2": ([[0], [1]], [[2]]),
    "list of 153": ([[0], [1], [76], [127], [128], [152]], [[153]]),
    "rank 3 of 5": ([[0, 0, 0], [5, 1, 2], [1, 0, 3], [4, 4, 4]], [[6, 0, 0]]),
    "rank 1 of 1": ([[0], [1]], [[2]]),
}


def shapes():
    out = []
    for name, (rule, n) in RULES.items():
        shape = shape_of(rule, n)
        fields = {"contest_rule": rule, "options": n, "w": shape.w, "k": shape.k,
                  "encoding": shape.encode()}
        good, bad = SELECTIONS[name]
        for m in good:
            bits = bits_of(shape, m)
            if shape.integers(bits) != m:
                raise AssertionError(name)
            out.append(case("%s: %s" % (name, m), lambda: check_selection(rule, n, m),
                            selection=m, intermediate={"bits": bits}, **fields))
        for m in bad:
            out.append(case("%s: not %s" % (name, m), lambda: check_selection(rule, n, m),
                            "SHAPE-1", "refused", selection=m, **fields))
    return out


def knowledge_cases():
    secrets = Secrets("knowledge")
    election, session = secrets.bytes(), secrets.bytes()
    x, k = secrets.scalar(), secrets.scalar()
    fields = {"election": election, "session": session, "trustee": 2, "column": 1, "degree": 0,
              "X": x * G}
    proof, c = knowledge.prove(knowledge.begin(**fields), x, k)
    out = []

    def add(name, rule="", proof=proof, **change):
        now = {**fields, **change}
        out.append(case(name, lambda: needs("POK-1", knowledge.verify(
            knowledge.begin(**now), now["X"], proof)), rule, proof=proof, **now,
            intermediate={"x": number(x), "k": number(k), "T": k * G, "c": number(c)}
            if not rule else {}))
    add("good")
    for degree in (1, 70000):
        p, c = knowledge.prove(knowledge.begin(**{**fields, "degree": degree}), x, k)
        add("good, degree %d" % degree, degree=degree, proof=p)
    add("another election", "POK-1", election=bytes(32))
    add("another session", "POK-1", session=bytes(32))
    add("another trustee", "POK-1", trustee=1)
    add("another column", "POK-1", column=2)
    add("another degree", "POK-1", degree=1)
    add("another X", "POK-1", X=x * G + G)
    add("another T", "POK-1", proof=point(k * G + G) + proof[32:])
    z = int.from_bytes(proof[32:], "little")
    add("another z", "POK-1", proof=proof[:32] + scalar(z + 1))
    _undecodable(add, proof, 1)
    return out


def _undecodable(add, proof, points):
    """What no proof of some points and one scalar may be."""
    for i in range(points):
        head, tail = proof[:32 * i], proof[32 * i + 32:]
        add("point %d is the identity" % i, "DEC-2", proof=head + bytes(32) + tail)
        add("point %d is negative" % i, "DEC-1", proof=head + b"\1" + bytes(31) + tail)
    z = int.from_bytes(proof[32 * points:], "little")
    add("z + l", "DEC-3", proof=proof[:32 * points] + (z + ORDER).to_bytes(32, "little"))
    add("trailing byte", "DEC-4", proof=proof + b"\0")
    add("short", "DEC-5", proof=proof[:-1])


def equality_cases():
    secrets = Secrets("equality")
    election, key, session = secrets.bytes(), secrets.bytes(), secrets.bytes()
    x, k, D = secrets.scalar(), secrets.scalar(), secrets.scalar() * G
    statement = {"D": D, "X": x * G, "Y": x * D}
    kinds = {
        "drill": (equality.begin_drill, {"election": election, "key": key, "drill": 3,
                                         "trustee": 2, "column": 1}),
        "complaint": (equality.begin_complaint, {"election": election, "session": session,
                                                 "dealer": 1, "trustee": 3})}
    out = []
    for kind, (begin, context) in kinds.items():
        fields = {**context, **statement}
        proof, c = equality.prove(begin(**fields), D, x, k)

        def add(name, rule="", proof=proof, begin=begin, **change):
            now = {**fields, **change}
            out.append(case("%s: %s" % (kind, name), lambda: needs("EQ-1", equality.verify(
                begin(**now), now["D"], now["X"], now["Y"], proof)), rule, proof=proof,
                proof_name=kind, **now, intermediate={
                    "x": number(x), "k": number(k), "T_1": k * G, "T_2": k * D, "c": number(c)}
                if not rule else {}))
        add("good")
        for label, value in context.items():
            add("another " + label, "EQ-1",
                **{label: value + 1 if isinstance(value, int) else bytes(32)})
        for label, value in statement.items():
            add("another " + label, "EQ-1", **{label: value + G})
        add("unequal, made as if equal", "EQ-1", Y=(x + 1) * D, proof=equality.prove(
            begin(**{**fields, "Y": (x + 1) * D}), D, x, k)[0])
        for i in range(2):
            wrong = point((k * G, k * D)[i] + G)
            add("another T_%d" % (i + 1), "EQ-1",
                proof=proof[:32 * i] + wrong + proof[32 * i + 32:])
        z = int.from_bytes(proof[64:], "little")
        add("another z", "EQ-1", proof=proof[:64] + scalar(z + 1))
        _undecodable(add, proof, 2)
    drill, complaint = kinds["drill"], kinds["complaint"]
    # The values of one kind under the name of the other.
    swapped = {"election": election, "session": key, "dealer": 2, "trustee": 1, **statement}
    proof, _ = equality.prove(drill[0](**drill[1], **statement), D, x, k)
    out.append(case("complaint: the proof of a drill", lambda: needs("EQ-1", equality.verify(
        complaint[0](**swapped), D, x * G, x * D, proof)), "EQ-1", proof=proof,
        proof_name="complaint", intermediate={}, **swapped))
    return out
