"""Page 03: the manifest and its rules, MAN-1 to MAN-14, MAN-16 and MAN-17."""

import base64
import binascii
import functools
import re

import canonical
import ed25519
from encoding import Fault, check_text, is_id, malformed, read_point, sha256
from shape import shape_of

# The fields of every object, each with its type: a dict is an object, a list of
# one is a list, `int`, `str` and `bool` are themselves; a name that ends with `?` may
# be left out. Options of a rule: below.
_FIELDS = {
    "haal": int, "kind": str, "title": str,
    "voting": {"from": int, "until": int},
    "committee": {"members": [{"name": str, "key": str}], "quorum": int},
    "collector": {"name": str, "key": str},
    "witnesses": {"members": [{"name": str, "key": str}], "quorum": int, "faulty": int},
    "trustees": {"members": [{"name": str, "key": str, "share_key": str}],
                 "threshold": int, "override": bool},
    "mixers": {"members": [{"name": str, "key": str}], "required": int},
    "eid": {"profile": str, "anchors": [str], "policies?": [str],
            "ocsp?": {"age": int, "clock": int, "nonce": bool},
            "stamp?": {"anchors": [str], "clock": int, "policies": [str], "seconds": int}},
    "board": {"batch_seconds": int, "batch_smallest": int},
    "check": {"minutes": int, "releases": int},
    "k_min": int,
    "districts": [{"id": str, "title": str}],
    "contests": [{"id": str, "title": str, "rule": "rule", "count": str,
                  "lists": [{"districts": [str],
                             "options": [{"id": str, "title": str, "group": str}]}]}],
}
_RULES = {
    "choose": {"min": int, "max": int, "blank": bool},
    "approve": {}, "score": {"most": int}, "budget": {"total": int},
    "list": {}, "rank": {"places": int}}
COUNTS = {"choose": "sum", "approve": "sum", "score": "sum", "budget": "sum",
          "list": "plurality", "rank": "instant-runoff"}
MIXED = ("list", "rank")
SMALLEST_BALLOT = 136


def _need(rule, condition, text=""):
    if not condition:
        raise Fault(rule, text)


def _unique(values):
    return len(set(values)) == len(values)


def _check_fields(value, want, where):
    """MAN-2 and the types; MAN-3 for a number that is not whole."""
    if want == "rule":
        _need("MAN-2", isinstance(value, dict) and value.get("kind") in list(_RULES), where)
        want = {"kind": str, **_RULES[value["kind"]]}
    if isinstance(want, dict):
        _need("MAN-2", isinstance(value, dict), where)
        want = {name.rstrip("?"): kind for name, kind in want.items()
                if not name.endswith("?") or name[:-1] in value}
        _need("MAN-2", set(value) == set(want), where)
        for name in want:
            _check_fields(value[name], want[name], where + "." + name)
    elif isinstance(want, list):
        _need("MAN-2", isinstance(value, list), where)
        for item in value:
            _check_fields(item, want[0], where + "[]")
    elif want is int:
        _need("MAN-2", isinstance(value, (int, float)) and not isinstance(value, bool), where)
        _need("MAN-3", isinstance(value, int) and 0 <= value < 2**53, where)
    else:
        _need("MAN-2", isinstance(value, want), where)


def _check_title(string, least, what):
    try:
        check_text(string)
    except Fault as fault:
        raise Fault("MAN-5", what + ": " + str(fault)) from None
    _need("MAN-5", least <= len(string.encode()) <= 200, what)


def _bytes32(string):
    _need("MAN-6", re.fullmatch("[0-9a-f]{64}", string) is not None, "not 32 bytes in hex")
    return bytes.fromhex(string)


def _is_certificate(der):
    """An outer look: SEQUENCE of a SEQUENCE, a SEQUENCE and a BIT STRING, no more."""
    def element(at):
        tag, n = der[at], der[at + 1]
        start = at + 2
        if n >= 0x80:
            size = n & 0x7F
            n, start = int.from_bytes(der[start:start + size], "big"), start + size
        return tag, start, start + n
    try:
        tag, at, end = element(0)
        tags = []
        while at < end:
            inner, _, at = element(at)
            tags.append(inner)
        return tag == 0x30 and at == end == len(der) and tags == [0x30, 0x30, 0x03]
    except IndexError:
        return False


class Manifest:
    """A manifest that satisfies the rules."""

    def __init__(self, data):
        self.id = sha256(data)
        try:
            if len(data) > 2**24:
                raise canonical.NotCanonical("above 16 MiB")
            self.json = canonical.read(data)
        except canonical.NotCanonical as error:
            raise malformed("MAN-1", str(error)) from None
        self._check()

    def district(self, position):
        return self.json["districts"][position]["id"]

    @functools.cache
    def parts(self, position):
        """(contest id, rule, number of options, shape) for each contest of a district."""
        return [(contest["id"], contest["rule"], len(a["options"]),
                 shape_of(contest["rule"], len(a["options"])))
                for contest in self.json["contests"] for a in contest["lists"]
                if self.district(position) in a["districts"]]

    def columns(self):
        """W: the largest w."""
        return max(shape_of(c["rule"], len(a["options"])).w
                   for c in self.json["contests"] for a in c["lists"])

    def _check(self):
        m = self.json
        _check_fields(m, _FIELDS, "manifest")
        _need("MAN-2", m["kind"] in ("election", "practice"), "kind")
        _need("MAN-2", m["eid"]["profile"] in ("cades-b", "asic-e"), "profile")
        self._check_numbers(m)
        roles = [m[r] for r in ("committee", "witnesses", "trustees", "mixers")]
        people = [m["collector"]] + [p for role in roles for p in role["members"]]
        self._check_names(m, people)
        self._check_texts(m)
        keys = [_bytes32(p["key"]) for p in people]
        _need("MAN-6", _unique(keys) and all(map(ed25519.decode_key, keys)), "key")
        shares = [_bytes32(p["share_key"]) for p in m["trustees"]["members"]]
        _need("MAN-6", _unique(shares), "share key twice")
        for share in shares:
            try:
                read_point(share)
            except Fault as fault:
                raise Fault("MAN-6", str(fault)) from None
        self._check_quorums(m)
        self._check_contests(m)
        for position in range(len(m["districts"])):
            size = SMALLEST_BALLOT + sum(s.part_size() for *_, s in self.parts(position))
            _need("MAN-13", size <= 60000, "a ballot of %d bytes" % size)
        n, t, w = len(m["trustees"]["members"]), m["trustees"]["threshold"], self.columns()
        for name, size in (("reveal", 68 + 96 * w * t), ("deal", 36 + n * (48 + 32 * w))):
            _need("MAN-17", size <= 2**20, "a %s of %d bytes" % (name, size))
        self._check_anchors(m["eid"]["anchors"])
        self._check_evidence(m["eid"])

    @staticmethod
    def _check_numbers(m):
        _need("MAN-3", m["haal"] == 1, "haal")
        _need("MAN-3", m["voting"]["from"] < m["voting"]["until"], "voting")
        for role, field in (("committee", "quorum"), ("trustees", "threshold"),
                            ("witnesses", "quorum"), ("mixers", "required")):
            _need("MAN-3", m[role][field] >= 1 or not m[role]["members"], "a quorum of none")
        for role, most in (("committee", 255), ("trustees", 1000), ("witnesses", 1000), ("mixers", 1000)):
            _need("MAN-3", len(m[role]["members"]) <= most, "too many members")
        _need("MAN-3", m["witnesses"]["faulty"] <= 1000, "faulty")
        _need("MAN-3", 1 <= m["board"]["batch_seconds"] <= 3600, "batch_seconds")
        _need("MAN-3", 1 <= m["board"]["batch_smallest"] <= 10000, "batch_smallest")
        _need("MAN-3", 1 <= m["check"]["minutes"] <= 1440, "minutes")
        _need("MAN-3", 1 <= m["check"]["releases"] <= 10, "releases")
        _need("MAN-3", 1 <= m["k_min"] <= 1000, "k_min")
        for part, field, least, most in (("ocsp", "age", 1, 864000), ("ocsp", "clock", 10, 600),
                                         ("stamp", "seconds", 10, 86400), ("stamp", "clock", 10, 600)):
            if part in m["eid"]:
                _need("MAN-3", least <= m["eid"][part][field] <= most, part + "." + field)

    @staticmethod
    def _check_names(m, people):
        lists = [a["options"] for c in m["contests"] for a in c["lists"]]
        for group in [m["districts"], m["contests"], *lists]:
            ids = [x["id"] for x in group]
            _need("MAN-4", _unique(ids) and all(map(is_id, ids)), "ids")
        names = [p["name"] for p in people]
        _need("MAN-4", _unique(names) and all(map(is_id, names)), "names")

    @staticmethod
    def _check_texts(m):
        for titled in [m, *m["districts"], *m["contests"]]:
            _check_title(titled["title"], 1, "title")
        for options in [a["options"] for c in m["contests"] for a in c["lists"]]:
            for option in options:
                _check_title(option["title"], 1, "title")
                _check_title(option["group"], 0, "group")
            _need("MAN-5", _unique([(o["group"], o["title"]) for o in options]), "alike")

    @staticmethod
    def _check_quorums(m):
        n = {r: len(m[r]["members"]) for r in ("committee", "witnesses", "trustees", "mixers")}
        _need("MAN-7", n["committee"] and n["trustees"], "a role without members")
        _need("MAN-7", m["committee"]["quorum"] <= n["committee"], "committee")
        _need("MAN-7", m["witnesses"]["quorum"] <= n["witnesses"], "witnesses")
        _need("MAN-7", m["mixers"]["required"] <= n["mixers"], "mixers")
        t, override = m["trustees"]["threshold"], m["trustees"]["override"]
        mixed = any(c["rule"]["kind"] in MIXED for c in m["contests"])
        _need("MAN-7", not mixed or m["mixers"]["required"] >= 2 or override, "one mixer")
        _need("MAN-8", 1 <= t <= n["trustees"] if override else 2 <= t < n["trustees"])
        w = m["witnesses"]
        _need("MAN-9", n["witnesses"] == 0 or 2 * w["quorum"] > n["witnesses"] + w["faulty"])

    @staticmethod
    def _check_contests(m):
        districts = [d["id"] for d in m["districts"]]
        _need("MAN-10", 1 <= len(districts) <= 65535 and 1 <= len(m["contests"]) <= 255)
        seen = set()
        for contest in m["contests"]:
            named = [d for a in contest["lists"] for d in a["districts"]]
            _need("MAN-10", all(a["districts"] for a in contest["lists"]), "an idle list")
            _need("MAN-10", _unique(named) and set(named) <= set(districts), "districts")
            _need("MAN-10", _unique([canonical.write(a["options"]) for a in contest["lists"]]),
                  "two lists of the same options")
            seen |= set(named)
            for a in contest["lists"]:
                _check_rule(contest["rule"], len(a["options"]))
            _need("MAN-12", contest["count"] == COUNTS[contest["rule"]["kind"]])
        _need("MAN-10", seen == set(districts), "a district without a contest")

    @classmethod
    def _check_evidence(cls, eid):
        """MAN-14 and MAN-16 for the fields of page 07c."""
        if "policies" in eid:
            _check_policies(eid["policies"])
        if "stamp" in eid:
            cls._check_anchors(eid["stamp"]["anchors"])
            _check_policies(eid["stamp"]["policies"])

    @staticmethod
    def _check_anchors(anchors):
        ders = []
        for anchor in anchors:
            try:
                der = base64.b64decode(anchor, validate=True)
            except binascii.Error:
                raise Fault("MAN-14", "not base64") from None
            _need("MAN-14", base64.b64encode(der).decode() == anchor, "not canonical base64")
            _need("MAN-14", _is_certificate(der), "not a certificate")
            ders.append(der)
        _need("MAN-14", ders and _unique(ders), "none, or one twice")


def _check_policies(policies):
    """MAN-16."""
    _need("MAN-16", 1 <= len(policies) <= 16 and _unique(policies), "none, too many, or one twice")
    for oid in policies:
        form = re.fullmatch(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){1,19}", oid, re.ASCII)
        _need("MAN-16", form and len(oid) <= 64, "not a dotted OID")
        numbers = list(map(int, oid.split(".")))
        _need("MAN-16", numbers[0] <= 2 and numbers[1] <= 39 and max(numbers) < 2**32, "not a dotted OID")


def _check_rule(rule, n):
    """MAN-11."""
    kind = rule["kind"]
    good = 1 <= n <= (10000 if kind == "list" else 500)
    if kind == "choose":
        good &= 1 <= rule["max"] <= n and rule["min"] <= rule["max"]
        good &= rule["min"] >= 1 or not rule["blank"]
    elif kind in ("score", "budget"):
        good &= 1 <= rule["most" if kind == "score" else "total"] <= 1000
    elif kind == "list":
        good &= n >= 2
    elif kind == "rank":
        good &= 1 <= rule["places"] <= n
    _need("MAN-11", good, "%s of %d" % (kind, n))
