"""The cases of 03-manifest: one change each to a manifest that is accepted."""

import base64
import copy

import canonical
from cases import case
from cases_ballot import several
from manifest import Manifest
from samples import (ANCHOR_A, ANCHOR_B, CHOOSE, contest, election, member, options, small,
                     trustee)

RANK = {"kind": "rank", "places": 2}


def _case(name, file, rule="", intermediate=None):
    """A case of a manifest as text, or as bytes if it is not UTF-8."""
    data = file.encode("utf-8", "surrogatepass") if isinstance(file, str) else file
    fields = {"manifest": file} if isinstance(file, str) else {"manifest_bytes": file}
    return case(name, lambda: Manifest(data), rule, **fields, intermediate=intermediate or {})


def _accept(name, manifest):
    file = canonical.write(manifest)
    m = Manifest(file.encode())
    districts = [{"size": 136 + sum(s.part_size() for *_, s in m.parts(i)),
                  "parts": [{"contest": c, "shape": s.encode()} for c, _, _, s in m.parts(i)]}
                 for i in range(len(manifest["districts"]))]
    return _case(name, file, "", {"election": m.id, "W": m.columns(), "districts": districts})


def manifests():
    return _accepted() + _canonical() + _by_rule()


def _accepted():
    override = small(RANK)
    override["trustees"].update(override=True, threshold=3)
    override["mixers"]["required"] = 1
    out = [_accept("small", small()), _accept("several contests", several()),
           _accept("override: all trustees, one mixer", override)]
    one = small()
    one["trustees"] = {"members": [trustee("t1")], "threshold": 1, "override": True}
    out.append(_accept("override: one trustee", one))
    more = small()
    more["witnesses"] = _witnesses(5, 3)
    out.append(_accept("three of five witnesses", more))
    practice = small()
    practice.update(kind="practice", title="\u00d5ppehääletus \u2014 \"proov\" \\ / \U0001F5F3")
    practice["eid"]["anchors"] = [ANCHOR_A, ANCHOR_B]
    practice["contests"][0]["lists"][0]["options"][0]["group"] = "Erakond"
    out.append(_accept("practice, characters that are written as they are", practice))
    edge = small()
    edge.update(k_min=1000, title="x" * 200)
    edge["board"] = {"batch_seconds": 3600, "batch_smallest": 10000}
    edge["check"] = {"minutes": 1440, "releases": 10}
    edge["voting"]["until"] = 2**53 - 1
    edge["contests"][0]["rule"] = {"kind": "score", "most": 1000}
    out.append(_accept("at the edges", edge))
    for name, n, t, w in (("reveal", 68, 67, 163), ("deal", 71, 2, 460)):
        out.append(_accept("the longest " + name, _ceremony(n, t, w)))
    return out


def _ceremony(n, t, w):
    """An election of `n` trustees, threshold `t` and `w` columns."""
    return election([contest("all", {"kind": "approve"}, [(["north"], options(w))])],
                    trustees=n, threshold=t)


def _canonical():
    """MAN-1."""
    good = canonical.write(small())
    e_acute = canonical.write({**small(), "title": "caf\u00e9"})
    tries = [
        ("a newline at the end", good + "\n"),
        ("a space after a colon", good.replace(":", ": ", 1)),
        ("a byte order mark", "\ufeff" + good), ("cut off", good[:-1]), ("nothing", ""),
        ("names out of order", '{"title":"Test election",' + good[1:].replace(
            ',"title":"Test election"', "", 1)),
        ("a name twice", '{"board":{},' + good[1:]),
        ("an escape that is not needed", e_acute.replace("\u00e9", "\\u00e9")),
        ("an escaped slash", good.replace("Test election", "a\\/b")),
        ("a number as 1.0", good.replace('"haal":1', '"haal":1.0')),
        ("a number as 1e0", good.replace('"haal":1', '"haal":1e0')),
        ("minus zero", good.replace('"faulty":0', '"faulty":-0')),
        ("a leading zero", good.replace('"faulty":0', '"faulty":00')),
        ("2^53+1, which no double holds", good.replace("1795600000", str(2**53 + 1))),
        ("a lone surrogate escaped", good.replace("Test election", "a\\ud800")),
        ("not a number", good.replace('"faulty":0', '"faulty":NaN')),
        ("trailing comma", good[:-1] + ",}"),
        ("two values", good + good)]
    out = [_case("MAN-1 " + name, file, "MAN-1") for name, file in tries]
    broken = good.replace("Test election", "@").encode().replace(b"@", b"\xff\xfe")
    return out + [_case("MAN-1 not UTF-8", broken, "MAN-1")]


def _at(manifest, path):
    for step in path:
        manifest = manifest[step]
    return manifest


DROP = object()


def _changed(path, value, start=None):
    """A copy with one value put in, or taken out."""
    manifest = copy.deepcopy(start or small())
    holder = _at(manifest, path[:-1])
    if value is DROP:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return manifest


def _by_rule():
    out = []

    def add(rule, name, path, value, start=None):
        manifest = _changed(path, value, start)
        out.append(_case("%s %s" % (rule, name), canonical.write(manifest), rule))
    option = ["contests", 0, "lists", 0, "options", 0]
    _fields(add, option)
    _ranges(add)
    _names(add, option)
    _keys(add)
    _quorums(add)
    _districts(add)
    _rules(add)
    return out


def _fields(add, option):
    add("MAN-2", "a field more", ["extra"], 1)
    add("MAN-2", "a field more inside", ["board", "extra"], 1)
    add("MAN-2", "a field more in an option", [*option, "party"], "x")
    add("MAN-2", "a field of another kind of rule", ["contests", 0, "rule", "most"], 3)
    add("MAN-2", "no k_min", ["k_min"], DROP)
    add("MAN-2", "no group", [*option, "group"], DROP)
    add("MAN-2", "no share key", ["trustees", "members", 0, "share_key"], DROP)
    add("MAN-2", "a share key for a mixer", ["mixers", "members", 0, "share_key"], "00" * 32)
    add("MAN-2", "text for a number", ["k_min"], "2")
    add("MAN-2", "null for text", ["title"], None)
    add("MAN-2", "a number for true", ["trustees", "override"], 1)
    add("MAN-2", "an unknown kind", ["kind"], "poll")
    add("MAN-2", "an unknown kind of rule", ["contests", 0, "rule"], {"kind": "veto"})
    add("MAN-2", "an unknown profile", ["eid", "profile"], "xades")


def _ranges(add):
    for name, path, value in (
            ("haal 2", ["haal"], 2), ("a half", ["k_min"], 2.5), ("k_min 0", ["k_min"], 0),
            ("k_min 1001", ["k_min"], 1001), ("batch_seconds 0", ["board", "batch_seconds"], 0),
            ("batch_seconds 3601", ["board", "batch_seconds"], 3601),
            ("batch_smallest 10001", ["board", "batch_smallest"], 10001),
            ("minutes 0", ["check", "minutes"], 0), ("minutes 1441", ["check", "minutes"], 1441),
            ("releases 0", ["check", "releases"], 0),
            ("releases 11", ["check", "releases"], 11),
            ("until 2^53", ["voting", "until"], 2**53), ("from -1", ["voting", "from"], -1),
            ("until is from", ["voting", "until"], 1795000000),
            ("committee quorum 0", ["committee", "quorum"], 0),
            ("witness quorum 0", ["witnesses", "quorum"], 0),
            ("faulty -1", ["witnesses", "faulty"], -1),
            ("threshold 0", ["trustees", "threshold"], 0),
            ("required 0", ["mixers", "required"], 0)):
        add("MAN-3", name, path, value)


def _names(add, option):
    add("MAN-4", "a district's id in capitals", ["districts"],
        [{"id": "North", "title": "N"}, {"id": "south", "title": "S"}])
    add("MAN-4", "an id of 65", ["contests", 0, "id"], "x" * 65)
    add("MAN-4", "an empty id", [*option, "id"], "")
    add("MAN-4", "an option's id twice", [*option, "id"], "o2")
    add("MAN-4", "a contest's id twice", ["contests", 1, "id"], "mayor", several())
    add("MAN-4", "a district's id twice", ["districts"],
        [{"id": "north", "title": "N"}, {"id": "south", "title": "S"},
         {"id": "north", "title": "M"}])
    add("MAN-4", "a name in two roles", ["collector", "name"], "t1")
    add("MAN-4", "a name twice in one role", ["mixers", "members", 0, "name"], "m2")
    add("MAN-4", "a name with a space", ["collector", "name"], "the collector")
    for name, title in (("not NFC", "cafe\u0301"), ("a control character", "a\u0007b"),
                        ("right to left override", "a\u202eb"), ("a zero width space", "a\u200bb"),
                        ("a doubled space", "a  b"), ("a trailing space", "a "), ("empty", ""),
                        ("201 bytes", "x" * 201), ("202 bytes in 101", "\u00e9" * 101)):
        add("MAN-5", "title: " + name, ["title"], title)
    add("MAN-5", "group of 201 bytes", [*option, "group"], "x" * 201)
    add("MAN-5", "group with a soft hyphen", [*option, "group"], "a\u00adb")
    add("MAN-5", "two options alike", [*option, "title"], "Ben")
    add("MAN-5", "an option without a title", [*option, "title"], "")


def _keys(add):
    good = small()
    path = ["committee", "members", 0, "key"]
    for name, key in (("of small order", "01" + "00" * 31), ("not on the curve", "02" + "00" * 31),
                      ("not canonical", "f0" + "ff" * 30 + "7f"), ("in capitals", "D" * 64),
                      ("short", "11" * 31), ("not hex", "zz" * 32)):
        add("MAN-6", "a key " + name, path, key)
    add("MAN-6", "a key in two roles", path, good["collector"]["key"])
    share = ["trustees", "members", 0, "share_key"]
    add("MAN-6", "a share key twice", share, good["trustees"]["members"][1]["share_key"])
    add("MAN-6", "a share key that is the identity", share, "00" * 32)
    add("MAN-6", "a share key that is no point", share, "01" + "00" * 31)


def _quorums(add):
    add("MAN-7", "committee quorum 4 of 3", ["committee", "quorum"], 4)
    add("MAN-7", "witness quorum 4 of 3", ["witnesses", "quorum"], 4)
    add("MAN-7", "required 3 of 2", ["mixers", "required"], 3)
    add("MAN-7", "one mixer for a mixed contest", ["mixers", "required"], 1, small(RANK))
    add("MAN-7", "no committee", ["committee", "members"], [])
    add("MAN-7", "no trustees", ["trustees", "members"], [])
    add("MAN-8", "threshold 1", ["trustees", "threshold"], 1)
    add("MAN-8", "threshold n", ["trustees", "threshold"], 3)
    override = small()
    override["trustees"]["override"] = True
    add("MAN-8", "threshold n+1 with override", ["trustees", "threshold"], 4, override)
    add("MAN-9", "quorum 1 of 3", ["witnesses", "quorum"], 1)
    add("MAN-9", "quorum 2 of 3, one faulty", ["witnesses", "faulty"], 1)
    add("MAN-9", "quorum 1 of 2", ["witnesses"], _witnesses(2, 1))
    add("MAN-7", "no committee and no quorum", ["committee"], {"members": [], "quorum": 0})
    add("MAN-7", "no trustees and no threshold", ["trustees"],
        {"members": [], "threshold": 0, "override": True})
    add("MAN-3", "no witnesses, 1001 of them faulty", ["witnesses"],
        {"members": [], "quorum": 0, "faulty": 1001})
    add("MAN-3", "a committee of 256", ["committee", "members"],
        [member("member-%d" % i) for i in range(256)])


def _witnesses(n, quorum):
    return {"members": [member("w%d" % i) for i in range(1, n + 1)], "quorum": quorum, "faulty": 0}


def _districts(add):
    lists = ["contests", 0, "lists"]
    add("MAN-10", "no contests", ["contests"], [])
    add("MAN-10", "a list for nobody", [*lists, 1], {"districts": [], "options": options(2)},
        _two_lists())
    add("MAN-10", "a district in two lists", [*lists, 1, "districts"], ["north", "south"],
        _two_lists())
    add("MAN-10", "a district twice in a list", [*lists, 0, "districts"], ["north", "north"],
        _two_lists())
    add("MAN-10", "a district that is not there", [*lists, 0, "districts"],
        ["north", "south", "west"])
    add("MAN-10", "a district without a contest", [*lists, 0, "districts"], ["north"])
    add("MAN-10", "two lists of the same options", [*lists, 1, "options"], options(3),
        _two_lists())


def _two_lists():
    return election([contest("mayor", CHOOSE, [(["north"], options(3)),
                                               (["south"], options(2))])], ["north", "south"])


def _rules(add):
    rule = ["contests", 0, "rule"]

    def choose(least, most, blank):
        return {"kind": "choose", "min": least, "max": most, "blank": blank}
    for name, value in (("max above n", choose(1, 4, True)), ("max 0", choose(0, 0, False)),
                        ("min above max", choose(3, 2, False)),
                        ("a blank with min 0", choose(0, 1, True))):
        add("MAN-11", "choose: " + name, rule, value)
    add("MAN-11", "no options", ["contests", 0, "lists", 0, "options"], [])
    for kind, field, values in (("score", "most", (0, 1001)), ("budget", "total", (0, 1001)),
                                ("rank", "places", (0, 4))):
        for n in values:
            add("MAN-11", "%s: %s %d" % (kind, field, n), [*rule, field], n,
                small({"kind": kind, field: 1}))
    add("MAN-11", "list of 1", ["contests", 0, "lists", 0, "options"], options(1),
        small({"kind": "list"}))
    add("MAN-11", "approve of 501", ["contests", 0, "lists", 0, "options"], options(501),
        small({"kind": "approve"}))
    add("MAN-12", "choose by plurality", ["contests", 0, "count"], "plurality")
    add("MAN-12", "list by sum", ["contests", 0, "count"], "sum", small({"kind": "list"}))
    add("MAN-12", "an unknown count", ["contests", 0, "count"], "borda")
    add("MAN-13", "score of 180 by 1000", ["contests", 0, "lists", 0, "options"], options(180),
        small({"kind": "score", "most": 1000}))
    for name, n, t, w in (("a reveal", 44, 43, 254), ("a deal", 66, 2, 495)):
        add("MAN-17", name + " of more than 1 MiB", ["trustees", "threshold"], t,
            _ceremony(n, t, w))
    der = base64.b64decode(ANCHOR_A)
    for name, anchors in (
            ("no anchor", []), ("one twice", [ANCHOR_A, ANCHOR_A]), ("not base64", ["????"]),
            ("no padding", [ANCHOR_A.rstrip("=")]), ("a line break", [ANCHOR_A + "\n"]),
            ("not DER", [base64.b64encode(b"certificate").decode()]),
            ("a trailing byte", [base64.b64encode(der + b"\0").decode()]),
            ("cut off", [base64.b64encode(der[:-1]).decode()])):
        add("MAN-14", name, ["eid", "anchors"], anchors)
