"""The cases of 14-questions: a log that any check but those of proofs accepts, the
proof files that it gives, and complaints about it."""

import base64
import json

import canonical
import casting
import checkpoint
import orders
import questions
import tally
import tree
from ballot import ballot_hash, write_head
from cases import case
from encoding import H, sha256, sign, u8, u32, u64
from manifest import Manifest
from samples import Secrets, load, secret_key, small

FROM = 1795000000
MEMBERS = [(1, "kask"), (2, "tamm")]


class _Log:
    """Entries in the making, with every key at hand. Proofs in ballots are zeros."""

    def __init__(self, manifest):
        self.text = canonical.write(manifest)
        self.manifest = load(manifest)
        self.id = self.manifest.id
        secrets = Secrets("questions")
        self.names = sorted(secrets.bytes() for _ in range(6))
        self.roll = [(name, i % 2) for i, name in enumerate(self.names)]
        self.entries, self.blobs, self.orders = [], [], 0
        self.ballots, self.annulled = [], []
        self.entries.append(u8(1) + u8(1) + self.id + u8(2) + b"".join(
            u8(i) + sign(secret_key(name), "manifest", self.id, b"") for i, name in MEMBERS))
        root = tree.root([casting.roll_line(*line) for line in self.roll])
        self.order("roll", 1, argument=root, blob=casting.write_roll(self.roll))
        self.order("open", 10, argument=bytes(31) + b"k")

    def order(self, kind, after, value=0, argument=bytes(32), blob=None):
        self.orders += 1
        if blob is not None:
            self.blobs.append(blob)
        name = sha256(blob) if blob is not None else bytes(32)
        body = orders.body(self.orders, kind, FROM + after, value, argument, name)
        self.entries.append(orders.write(
            self.id, body, [(i, secret_key(name)) for i, name in MEMBERS]))

    def ballot(self, voter):
        """The voter's next ballot."""
        chain = [b for b in self.ballots if b["voter"] == self.names[voter]]
        number, previous = len(chain) + 1, chain[-1]["hash"] if chain else bytes(32)
        data = write_head(self.id, bytes(31) + b"k", voter % 2, self.names[voter], number,
                          previous)
        data += bytes(sum(s.part_size() for *_, s in self.manifest.parts(voter % 2)))
        return data, {"voter": self.names[voter], "district": voter % 2, "number": number,
                      "previous": previous, "hash": ballot_hash(data)}

    def batch(self, after, *voters, challenged=()):
        found = []
        for voter in voters:
            data, facts = self.ballot(voter)
            self.ballots.append(facts)
            found.append((facts["hash"], u8(5) + u8(1) + envelope(data) + data))
        for voter in challenged:
            data, facts = self.ballot(voter)
            m = sum(s.w for *_, s in self.manifest.parts(voter % 2))
            found.append((facts["hash"], u8(6) + u8(1) + data + bytes(32) + u32(0) * m))
        self.entries.append(u8(4) + u8(1) + u64(FROM + after) + u32(len(found)))
        self.entries += [entry for _, entry in sorted(found)]

    def close(self):
        self.order("close", 1000)
        self.annulled = [self.names[1]]
        self.order("annul", 1100, 1, blob=casting.write_annulments([(self.names[1], 1)]))
        self.order("seal", 1200)
        box = tally.counted_set(self.manifest, self.roll, self.ballots, self.annulled)
        self.leaves = box["leaves"]
        self.entries.append(u8(7) + u8(1) + box["hash"] + box["closing_root"])

    def where(self, hash_):
        """Index of a ballot's entry."""
        return next(i for i, e in enumerate(self.entries) if e[0] in (5, 6) and (
            questions._ballot_of(self.manifest, e) == hash_))


def envelope(ballot):
    return H("envelope", bytes(32) + b"container of " + ballot_hash(ballot))


def head(log, entries, after=1300, who=("w1", "w2", "w3"), secret="collector", text=None):
    text = text or checkpoint.note_text(log.id, len(entries), tree.root(entries))
    lines = [checkpoint.sign_log("collector", secret_key(secret), text)]
    lines += [checkpoint.cosign(w, secret_key(w), FROM + after + 10 * i, text)
              for i, w in enumerate(who)]
    return text + "\n" + "".join(lines)


def town(manifest):
    """Voter 0 votes twice, 1 is annulled, 2 challenges and votes, 3 and 4 vote, 5 does not."""
    log = _Log(manifest)
    log.batch(100, 0, 1, challenged=[2])
    log.batch(200, 0, 2, 3)
    log.batch(300, 4)
    return log


APPROVE = {"kind": "approve"}
WITH = small(APPROVE, 1)
WITHOUT = {**WITH, "witnesses": {"members": [], "quorum": 0, "faulty": 0}}


def question_cases():
    log = town(WITH)
    voting = list(log.entries)
    log.close()
    closed = list(log.entries)
    records = {
        "voting": {"manifest": log.text, "entries": voting, "blobs": log.blobs[:1],
                   "checkpoint": head(log, voting, 400)},
        "closed": {"manifest": log.text, "entries": closed, "blobs": log.blobs,
                   "checkpoint": head(log, closed)}}
    return (_proofs(log, voting, closed) + _complaints(log, records),
            {"manifest": log.text, "election": log.id.hex(), "records": json.loads(json.dumps(
                records, default=bytes.hex))})


# Proof files.

class _Proofs:
    def __init__(self, log):
        self.log, self.out = log, []

    def text(self, proof):
        return json.dumps(proof, ensure_ascii=False, separators=(",", ":"), default=bytes.hex)

    def add(self, name, proof, rule="", expect=None, election=None, **intermediate):
        """`@manifest` in the text of a case stands for the manifest's text."""
        text = proof if isinstance(proof, str) else self.text(proof)
        file = text.replace('"@manifest"', json.dumps(self.log.text)).encode()
        election = election or self.log.id
        if not rule:
            intermediate = questions.check_proof(file, election)
        self.out.append(case(
            "proof: " + name, lambda: questions.check_proof(file, election), rule, expect,
            kind="proof", file=text, election=election, intermediate=intermediate))


def _changed(proof, path, value):
    """A copy with another value at a path of names and positions."""
    copy = json.loads(json.dumps(proof, default=bytes.hex))
    at = copy
    for name in path[:-1]:
        at = at[name]
    if value is _GONE:
        del at[path[-1]]
    else:
        at[path[-1]] = value(at[path[-1]]) if callable(value) else _hexed(value)
    return copy


def _hexed(value):
    return json.loads(json.dumps(value, default=bytes.hex))


_GONE = object()


def _turned(text):
    """The hex text with one bit of its first byte turned."""
    return "%02x" % (int(text[:2], 16) ^ 1) + text[2:]


def _entry(entries, index):
    return {"index": index, "bytes": entries[index], "path": tree.inclusion(index, entries)}


def _status(log, closed, voter, last, older=None):
    leaf = log.leaves[voter]
    proof = {"haal": 1, "kind": "status", "manifest": "@manifest", "checkpoint": last,
             "entries": [_entry(closed, len(closed) - 1)],
             "leaf": {"position": voter, "lines": len(log.leaves), "pseudonym": leaf[:32],
                      "ballot": leaf[32:64], "status": leaf[64],
                      "path": tree.inclusion(voter, log.leaves)}}
    if older is not None:
        proof["entries"].append(_entry(closed, older))
    return proof


def _inclusion(closed, index, last):
    return {"haal": 1, "kind": "inclusion", "manifest": "@manifest", "checkpoint": last,
            "entries": [_entry(closed, index)]}


def _proofs(log, voting, closed):
    p = _Proofs(log)
    last = head(log, closed)
    by_voter = {}
    for b in log.ballots:
        by_voter.setdefault(log.names.index(b["voter"]), []).append(log.where(b["hash"]))
    first, second = by_voter[0]
    challenged = next(i for i, e in enumerate(closed) if e[0] == 6)
    counted = _status(log, closed, 3, last)
    superseded = _status(log, closed, 0, last, first)
    inclusion = _inclusion(closed, first, last)
    opened = _inclusion(closed, challenged, last)
    p.add("counted", counted)
    p.add("annulled", _status(log, closed, 1, last))
    p.add("nobody voted", _status(log, closed, 5, last))
    p.add("superseded", superseded)
    p.add("in the log", inclusion)
    p.add("in a log that goes on", _inclusion(voting, first, head(log, voting, 400)))
    p.add("challenged", opened)
    p.add("a quorum of witnesses", {**counted, "checkpoint": head(log, closed, who=("w1", "w3"))})
    p.add("spread over lines", json.dumps(counted, indent=2, default=bytes.hex))
    _forms(p, counted, inclusion)
    _heads(p, log, closed, inclusion)
    _entries(p, log, closed, superseded, inclusion, opened)
    _leaves(p, log, closed, last, counted, superseded, first, second, challenged)
    _forks(p, log, voting, closed)
    return p.out


def _forms(p, counted, inclusion):
    """PROOF-1."""
    def bad(name, proof, **more):
        p.add("PROOF-1 " + name, proof, "PROOF-1", **more)
    for name in counted:
        bad("no " + name, _changed(counted, [name], _GONE))
    for name in counted["leaf"]:
        bad("no leaf." + name, _changed(counted, ["leaf", name], _GONE))
    for name in counted["entries"][0]:
        bad("no entry " + name, _changed(counted, ["entries", 0, name], _GONE))
    bad("a field more", {**counted, "note": ""})
    bad("a field more in leaf", _changed(counted, ["leaf", "note"], 0))
    bad("a field of another kind", {**inclusion, "leaf": counted["leaf"]})
    text = p.text(counted)
    bad("a field twice", text[:-1] + ',"haal":1}')
    bad("a field of leaf twice", text.replace('"status":1', '"status":1,"status":1'))
    bad("haal 2", {**counted, "haal": 2})
    bad("an unknown kind", {**counted, "kind": "receipt"})
    bad("no such kind here", {**counted, "kind": "inclusion"})
    bad("kind is a number", {**counted, "kind": 1})
    bad("another manifest", {**counted, "manifest": p.log.text.replace("Test", "Best")})
    bad("a manifest that breaks a rule", {**counted, "manifest": "{}"})
    bad("another election id", counted, election=bytes(32))
    for name, value in (("a point", "3.0"), ("an exponent", "3e0"), ("a sign", "-3"),
                        ("minus zero", "-0"), ("a leading zero", "03"), ("2^53", str(2**53)),
                        ("text", '"3"'), ("null", "null"), ("true", "true")):
        bad("position with " + name, text.replace('"position":3', '"position":' + value))
    for name, value in (("capitals", str.upper), ("a digit more", lambda h: h + "0"),
                        ("a byte less", lambda h: h[2:]), ("another letter", lambda h: "g" + h[1:]),
                        ("null", lambda h: None)):
        bad("pseudonym with " + name, _changed(counted, ["leaf", "pseudonym"], value))
    bad("bytes of an odd length", _changed(counted, ["entries", 0, "bytes"], lambda h: h + "0"))
    bad("a path of text", _changed(counted, ["leaf", "path"], "00"))
    bad("a short hash in a path", _changed(counted, ["leaf", "path", 0], lambda h: h[2:]))
    bad("no entry", {**counted, "entries": []})
    bad("three entries", {**counted, "entries": counted["entries"] * 3})
    bad("two entries where one is asked", {**inclusion, "entries": inclusion["entries"] * 2})
    bad("entries is an object", {**counted, "entries": counted["entries"][0]})
    bad("an array", "[" + text + "]")
    bad("nothing", "")
    bad("text after it", text + "x")
    bad("a byte order mark", "\ufeff" + text)
    bad("half a surrogate", text.replace('"@manifest"', '"\\ud800"'))
    bad("very deep", text[:-1] + ',"x":' + "[" * 2000 + "]" * 2000 + "}")


def _heads(p, log, closed, inclusion):
    """PROOF-2."""
    def bad(name, text):
        p.add("PROOF-2 " + name, {**inclusion, "checkpoint": text}, "PROOF-2", "refused")
    good = head(log, closed)
    note = checkpoint.note_text(log.id, len(closed), tree.root(closed))
    bad("LOG-1 another election", head(log, closed, text=note.replace("haal/", "haal/0", 1)))
    bad("LOG-1 an extension line", head(log, closed, text=note + "more\n"))
    bad("LOG-3 another key", head(log, closed, secret="m1"))
    bad("LOG-3 no collector", note + "\n" + "".join(good.split("\n\n")[1].splitlines(True)[1:]))
    bad("LOG-4 one witness", head(log, closed, who=("w1",)))
    bad("LOG-4 out of order", head(log, closed, who=("w2", "w1")))
    bad("LOG-4 one twice", head(log, closed, who=("w1", "w1")))
    bad("LOG-4 a stranger", head(log, closed, who=("w1", "w2", "m1")))
    bad("LOG-6 no last line end", good[:-1])
    bad("LOG-6 a leading zero", head(log, closed, text=note.replace("\n", "\n0", 1)))
    bad("LOG-6 nothing", "")
    size = "\n%d\n" % len(closed)
    bad("another size than signed", good.replace(size, "\n%d\n" % (len(closed) + 1), 1))


def _entries(p, log, closed, superseded, inclusion, opened):
    """PROOF-3."""
    def bad(name, proof, path, value):
        p.add("PROOF-3 " + name, _changed(proof, path, value), "PROOF-3", "refused")
    for name, proof in (("status", superseded), ("inclusion", inclusion)):
        bad(name + ": another index", proof, ["entries", 0, "index"], lambda i: i - 1)
        bad(name + ": index is the size", proof, ["entries", 0, "index"], len(closed))
        bad(name + ": path too short", proof, ["entries", 0, "path"], lambda h: h[:-1])
        bad(name + ": path too long", proof, ["entries", 0, "path"], lambda h: h + h[:1])
        bad(name + ": another path", proof, ["entries", 0, "path", 0], _turned)
        bad(name + ": no path", proof, ["entries", 0, "path"], [])
        bad(name + ": another byte", proof, ["entries", 0, "bytes"],
            lambda h: h[:-2] + "%02x" % (int(h[-2:], 16) ^ 1))
        bad(name + ": no bytes", proof, ["entries", 0, "bytes"], "")
        bad(name + ": a byte more", proof, ["entries", 0, "bytes"], lambda h: h + "00")
    bad("the older ballot: another path", superseded, ["entries", 1, "path", 0], _turned)
    batch = next(i for i, e in enumerate(closed) if e[0] == 4)
    challenged = next(i for i, e in enumerate(closed) if e[0] == 6)
    ballot = next(i for i, e in enumerate(closed) if e[0] == 5)
    bad("status: a ballot where the closing entry must be", superseded, ["entries", 0],
        _hexed(_entry(closed, ballot)))
    bad("status: a closing entry as the older ballot", superseded, ["entries", 1],
        _hexed(_entry(closed, len(closed) - 1)))
    bad("status: a challenged ballot as the older one", superseded, ["entries", 1],
        _hexed(_entry(closed, challenged)))
    bad("inclusion: a batch", inclusion, ["entries", 0], _hexed(_entry(closed, batch)))
    bad("inclusion: an order", inclusion, ["entries", 0], _hexed(_entry(closed, 1)))
    # Entries that the log holds although no rule allows them.
    good, shown = closed[ballot], closed[challenged]
    foreign = good[:36] + bytes(32) + good[68:]
    for name, data in (("version 2", good[:1] + b"\2" + good[2:]), ("type 8", b"\x08" + good[1:]),
                       ("a ballot short by a byte", good[:-1]),
                       ("a ballot with a byte more", good + b"\0"),
                       ("a ballot of its head alone", good[:34 + 136]),
                       ("a ballot of nothing", good[:34]),
                       ("a ballot of type 17", good[:34] + b"\x11" + good[35:]),
                       ("a ballot of version 2", good[:35] + b"\2" + good[36:]),
                       ("a ballot of another election", foreign),
                       ("a district that is not there", good[:100] + b"\0\2" + good[102:]),
                       ("a challenged ballot without its seed", shown[:-36]),
                       ("a challenged ballot with a byte more", shown + b"\0"),
                       ("an entry of one byte", good[:1]), ("an empty entry", b"")):
        entries = closed + [data]
        p.add("PROOF-3 in the log: " + name, _inclusion(entries, len(closed), head(log, entries)),
              "PROOF-3", "refused")
    for name, data in (("a short closing entry", closed[-1][:-1]),
                       ("a closing entry with a byte more", closed[-1] + b"\0"),
                       ("a closing entry of version 2", b"\7\2" + closed[-1][2:])):
        entries = closed + [data]
        proof = _status(log, entries, 3, head(log, entries))
        p.add("PROOF-3 in the log: " + name, proof, "PROOF-3", "refused")
    bad("challenged: another byte of the seed", opened, ["entries", 0, "bytes"],
        lambda h: h[:-20] + "01" + h[-18:])


def _leaves(p, log, closed, last, counted, superseded, first, second, challenged):
    """PROOF-4."""
    def bad(name, path, value, proof=counted):
        p.add("PROOF-4 " + name, _changed(proof, path, value), "PROOF-4", "refused")
    bad("another position", ["leaf", "position"], 2)
    bad("position is the number of lines", ["leaf", "position"], 6)
    bad("other lines", ["leaf", "lines"], 9)
    bad("no lines", ["leaf", "lines"], 0)
    bad("another pseudonym", ["leaf", "pseudonym"], _turned)
    bad("another ballot", ["leaf", "ballot"], _turned)
    bad("annulled for counted", ["leaf", "status"], 2)
    bad("none for counted", ["leaf", "status"], 0)
    bad("status 3", ["leaf", "status"], 3)
    bad("status 2^53-1", ["leaf", "status"], 2**53 - 1)
    bad("path too short", ["leaf", "path"], lambda h: h[:-1])
    bad("path too long", ["leaf", "path"], lambda h: h + h[:1])
    bad("another path", ["leaf", "path", 0], _turned)
    bad("no ballot, but counted", ["leaf", "ballot"], "00" * 32)
    nobody = _status(log, closed, 5, last)
    bad("nobody, but with a ballot", ["leaf", "ballot"], "01" * 32, nobody)
    p.add("PROOF-4 the older ballot of another voter",
          _status(log, closed, 3, last, first), "PROOF-4", "refused")
    p.add("PROOF-4 the last ballot as the older one",
          _status(log, closed, 0, last, second), "PROOF-4", "refused")
    # A closing root by which a voter of this ballot has cast none.
    leaves = [log.leaves[0][:32] + bytes(33)] + log.leaves[1:]
    entries = closed[:-1] + [closed[-1][:34] + tree.root(leaves)]
    other = type("Log", (), {"leaves": leaves})
    p.add("PROOF-4 an older ballot of a voter who has cast none",
          _status(other, entries, 0, head(log, entries), first), "PROOF-4", "refused")
    # Leaves that the closing root holds although no rule allows them.
    for name, leaf in (("status 3", log.leaves[3][:64] + b"\3"),
                       ("status 0 with a ballot", log.leaves[3][:64] + b"\0"),
                       ("status 1 without a ballot", log.leaves[5][:64] + b"\1"),
                       ("status 2 without a ballot", log.leaves[5][:64] + b"\2")):
        leaves = log.leaves[:3] + [leaf] + log.leaves[4:]
        entries = closed[:-1] + [closed[-1][:34] + tree.root(leaves)]
        other = type("Log", (), {"leaves": leaves})
        p.add("PROOF-4 under the closing root: " + name,
              _status(other, entries, 3, head(log, entries)), "PROOF-4", "refused")


def _forks(p, log, voting, closed):
    """PROOF-5 and PROOF-6."""
    other = list(closed)
    other[5] = other[5][:-1] + b"\1"
    short, long_ = voting, other
    none = {"leaf": None, "path": None}

    def side(entries, index, **more):
        return {"checkpoint": head(log, entries, **more), "leaf": tree.leaf(entries[index]),
                "path": tree.inclusion(index, entries)}

    def elsewhere(entries):
        """Signed by the same collector for another election."""
        text = checkpoint.note_text(bytes(32), len(entries), tree.root(entries))
        return head(log, entries, text=text)

    def fork(a, b, index):
        return {"haal": 1, "kind": "fork", "manifest": "@manifest", "a": a, "b": b,
                "index": index}
    equal = fork({"checkpoint": head(log, closed), **none},
                 {"checkpoint": head(log, other, who=("w2", "w3")), **none}, None)
    leaf = fork(side(short, 5), side(long_, 5, who=("w1",)), 5)
    p.add("fork of one size", equal)
    p.add("fork at a leaf", leaf)
    p.add("fork at a leaf, the larger first", fork(side(long_, 5), side(short, 5), 5))
    p.add("fork without witnesses", fork(side(short, 5, who=()), side(long_, 5, who=()), 5))
    p.add("fork with a witness out of order", fork(side(short, 5, who=("w2", "w1")),
                                                   side(long_, 5, who=("w1", "w2")), 5))
    p.add("fork with a cosignature of another text", _changed(
        leaf, ["a", "checkpoint"], lambda t: t + head(log, closed, who=("w3",)).splitlines(True)[-1]))

    def bad(name, proof, rule="PROOF-5", expect="refused"):
        p.add(rule + " " + name, proof, rule, expect)
    bad("null in part: index", _changed(leaf, ["index"], None), "PROOF-1", "malformed")
    bad("null in part: a leaf", _changed(leaf, ["a", "leaf"], None), "PROOF-1", "malformed")
    bad("null in part: a path", _changed(leaf, ["b", "path"], None), "PROOF-1", "malformed")
    bad("index without leaves", _changed(equal, ["index"], 5), "PROOF-1", "malformed")
    bad("no field a", _changed(leaf, ["a"], _GONE), "PROOF-1", "malformed")
    bad("a side with a field more", _changed(leaf, ["a", "note"], 0), "PROOF-1", "malformed")
    for s in "ab":
        bad("fork: %s is not the collector's" % s, _changed(leaf, [s, "checkpoint"], head(
            log, short if s == "a" else long_, secret="m1")), "PROOF-2")
        bad("fork: %s is of another log" % s, _changed(
            leaf, [s, "checkpoint"], elsewhere(short if s == "a" else long_)), "PROOF-2")
        bad("another leaf of " + s, _changed(leaf, [s, "leaf"], _turned))
        bad("another path of " + s, _changed(leaf, [s, "path", 0], _turned))
        bad("path too short of " + s, _changed(leaf, [s, "path"], lambda h: h[:-1]))
        bad("path too long of " + s, _changed(leaf, [s, "path"], lambda h: h + h[:1]))
    bad("one log", fork(side(short, 5), side(closed, 5), 5))
    bad("one checkpoint twice", fork({"checkpoint": head(log, closed), **none},
                                     {"checkpoint": head(log, closed, 1400), **none}, None))
    bad("two sizes without a leaf", fork({"checkpoint": head(log, short), **none},
                                         {"checkpoint": head(log, long_), **none}, None))
    bad("one size with a leaf", fork(side(closed, 5), side(other, 5), 5))
    bad("another index", _changed(leaf, ["index"], 6))
    bad("index of the smaller size", _changed(leaf, ["index"], len(short)))

    root = tree.root(long_[:len(short)])
    rewritten = {"haal": 1, "kind": "rewritten", "manifest": "@manifest",
                 "old": head(log, short), "new": head(log, long_, who=("w3",)), "root": root,
                 "path": tree.consistency(len(short), long_)}
    p.add("rewritten", rewritten)
    four = {**rewritten, "old": head(log, other[:3] + [b"\4\1x"]), "new": head(log, closed),
            "root": tree.root(closed[:4]), "path": tree.consistency(4, closed)}
    p.add("rewritten, from a power of two", four)
    for name in ("old", "new", "root", "path"):
        bad("rewritten: no " + name, _changed(rewritten, [name], _GONE), "PROOF-1", "malformed")
    for name, path, value in (
            ("another root", ["root"], _turned), ("another path", ["path", 0], _turned),
            ("path too short", ["path"], lambda h: h[:-1]),
            ("path too long", ["path"], lambda h: h + h[:1]), ("no path", ["path"], [])):
        bad(name, _changed(rewritten, path, value), "PROOF-6")
    bad("another root, from a power of two", _changed(four, ["root"], _turned), "PROOF-6")
    bad("one log", {**rewritten, "new": head(log, closed), "root": tree.root(short),
                    "path": tree.consistency(len(short), closed)}, "PROOF-6")
    bad("the newer first", {**rewritten, "old": rewritten["new"], "new": rewritten["old"]},
        "PROOF-6")
    bad("of one size", {**rewritten, "old": head(log, closed), "root": tree.root(long_),
                        "path": []}, "PROOF-6")
    bad("an old log of nothing", {**rewritten, "old": head(log, []), "root": bytes(32),
                                  "path": []}, "PROOF-6")
    bad("rewritten: old is not the collector's",
        {**rewritten, "old": head(log, short, secret="m1")}, "PROOF-2")
    bad("rewritten: old is of another log", {**rewritten, "old": elsewhere(short)}, "PROOF-2")
    bad("rewritten: new is of another log", {**rewritten, "new": elsewhere(long_)}, "PROOF-2")
    bad("rewritten: new is not the collector's",
        {**rewritten, "new": head(log, long_, secret="m1")}, "PROOF-2")


# Complaint files.

class _Complaints:
    def __init__(self, log, records):
        self.log, self.records, self.out = log, records, []
        self.logs = {name: log for name in records}

    def complaint(self, about, deadline, **change):
        """About a ballot of the log, or bytes that might be one."""
        return {"haal": 1, "kind": "complaint", "election": self.log.id,
                "ballot_hash": ballot_hash(about), "deadline": FROM + deadline,
                "promise": b64(casting.promise(self.log.id, ballot_hash(about),
                                               FROM + deadline, secret_key("collector"))),
                "ballot": b64(about), "container": b64(b"container of " + ballot_hash(about)),
                "salt": bytes(32), "checkpoint": None, "receipt": None, **change}

    def add(self, name, complaint, answer=None, record="closed", rule="", expect=None):
        """`answer`: the rule that decides and whose fault it is."""
        text = complaint if isinstance(complaint, str) else json.dumps(
            complaint, ensure_ascii=False, separators=(",", ":"), default=bytes.hex)
        r, found = self.records[record], []

        def judge():
            found.append(questions.judge(Manifest(r["manifest"].encode()), r["entries"],
                                         r["checkpoint"], text.encode()))
        made = case("complaint: " + name, judge, rule, expect, kind="complaint", record=record,
                    file=text)
        if not rule:
            assert found[0] == answer, (name, found[0], answer)
            made["intermediate"] = {"rule": found[0][0], "at_fault": found[0][1]}
        self.out.append(made)


def b64(data):
    return base64.b64encode(data).decode()


def _complaints(log, records):
    c = _Complaints(log, records)
    entries = records["closed"]["entries"]
    ballots = {i: e[34:] for i, e in enumerate(entries) if e[0] == 5}
    at, ballot = next((i, b) for i, b in ballots.items()
                      if ballot_hash(b) == log.ballots[0]["hash"])
    missing, _ = log.ballot(5)
    shown = next(e for e in entries if e[0] == 6)
    shown = shown[2:2 + len(ballot)]
    bare = {"ballot": None, "container": None, "salt": None}
    nobody, collector = ("ASK-7", "nobody"), "collector"
    c.add("ASK-7 in time", c.complaint(ballot, 500), nobody)
    c.add("ASK-7 on the last second", c.complaint(ballot, 100), nobody)
    c.add("ASK-7 without the ballot", c.complaint(ballot, 500, **bare), nobody)
    c.add("ASK-7 challenged", c.complaint(shown, 500, container=None, salt=None), nobody)
    c.add("ASK-7 spread over lines", json.dumps(c.complaint(ballot, 500), indent=2,
                                                default=bytes.hex), nobody)
    c.add("ASK-8 a second late", c.complaint(ballot, 99), ("ASK-8", collector))
    c.add("ASK-8 challenged", c.complaint(shown, 99, **bare), ("ASK-8", collector))
    # Times of the witnesses on `voting`: 400, 410, 420; two are a quorum, so it is 410.
    for deadline, answer in ((409, ("ASK-9", collector)), (410, ("ASK-10", None)),
                             (411, ("ASK-10", None))):
        c.add("%s due at %d" % (answer[0], deadline), c.complaint(missing, deadline), answer,
              "voting")
    c.add("ASK-9 without the ballot", c.complaint(missing, 409, **bare), ("ASK-9", collector),
          "voting")
    alone = town(WITHOUT)
    _alone(c, alone, missing)
    _bad_files(c, ballot)
    _seen(c, log, entries, at, ballot, missing)
    return c.out


def _alone(c, alone, missing):
    """Without witnesses the last batch or order says the time."""
    c.records["alone"] = {"manifest": alone.text, "entries": list(alone.entries),
                          "blobs": list(alone.blobs),
                          "checkpoint": head(alone, alone.entries, who=())}
    alone.close()
    c.records["alone, closed"] = {"manifest": alone.text, "entries": list(alone.entries),
                                  "blobs": list(alone.blobs),
                                  "checkpoint": head(alone, alone.entries, who=())}
    whole, c.log = c.log, alone
    missing, _ = alone.ballot(5)
    for record, deadline, answer in (
            ("alone", 299, ("ASK-9", "collector")), ("alone", 300, ("ASK-10", None)),
            ("alone, closed", 1199, ("ASK-9", "collector")),
            ("alone, closed", 1200, ("ASK-10", None))):
        c.add("%s no witnesses, %s, due at %d" % (answer[0], record, deadline),
              c.complaint(missing, deadline), answer, record)
    c.log = whole


def _bad_files(c, ballot):
    """ASK-5."""
    good = c.complaint(ballot, 500, receipt={"index": 3, "path": [bytes(32)], "checkpoint": ""})

    def bad(name, complaint, expect="malformed"):
        c.add("ASK-5 " + name, complaint, rule="ASK-5", expect=expect)
    for name in good:
        bad("no " + name, _changed(good, [name], _GONE))
    for name in good["receipt"]:
        bad("no receipt." + name, _changed(good, ["receipt", name], _GONE))
    bad("a field more", {**good, "complaint": "It is late."})
    bad("a field more in receipt", _changed(good, ["receipt", "size"], 7))
    text = json.dumps(good, default=bytes.hex)
    bad("a field twice", text[:-1] + ', "haal": 1}')
    for name, path, value in (
            ("haal 2", ["haal"], 2), ("another kind", ["kind"], "proof"),
            ("deadline 2^53", ["deadline"], 2**53), ("deadline is text", ["deadline"], "1"),
            ("deadline is null", ["deadline"], None), ("promise is null", ["promise"], None),
            ("promise in hex", ["promise"], "zz"), ("salt in capitals", ["salt"], "AA" * 32),
            ("salt of 31 bytes", ["salt"], "00" * 31), ("ballot is a number", ["ballot"], 1),
            ("ballot without padding", ["ballot"], "QQ"),
            ("ballot with loose bits", ["ballot"], "QR=="),
            ("ballot with a line end", ["ballot"], "QQ==\n"),
            ("ballot in the other alphabet", ["ballot"], "__8="),
            ("checkpoint is a number", ["checkpoint"], 7), ("receipt is text", ["receipt"], ""),
            ("receipt.path with a short hash", ["receipt", "path", 0], "00")):
        bad(name, _changed(good, path, value))
    bad("an array", "[%s]" % text)
    bad("nothing", "")
    for name, path, value in (
            ("another election", ["election"], _turned),
            ("another ballot hash", ["ballot_hash"], _turned),
            ("another deadline", ["deadline"], lambda d: d + 1),
            ("another ballot", ["ballot"], b64(b"another")),
            ("an empty ballot", ["ballot"], ""), ("an empty promise", ["promise"], "")):
        bad(name, _changed(good, path, value), "refused")
    promise = base64.b64decode(good["promise"])
    other = casting.promise(bytes(32), ballot_hash(ballot), FROM + 500, secret_key("collector"))
    strange = casting.promise(c.log.id, ballot_hash(ballot), FROM + 500, secret_key("m1"))
    bad("another ballot hash and no ballot", {**_changed(good, ["ballot_hash"], _turned),
                                              "ballot": None}, "refused")
    # Signed in this election, and about another.
    crossed = promise[:2] + bytes(32) + promise[34:74]
    crossed += sign(secret_key("collector"), "promise", c.log.id, crossed)
    bad("a promise that names another election", {**good, "promise": b64(crossed)}, "refused")
    bad("promise and complaint name another election",
        {**good, "promise": b64(crossed), "election": bytes(32)}, "refused")
    for name, data in (("a promise with a byte more", promise + b"\0"),
                       ("a promise short by a byte", promise[:-1]),
                       ("a promise of type 51", b"\x33" + promise[1:]),
                       ("a promise of version 2", promise[:1] + b"\2" + promise[2:]),
                       ("a promise with a bit of its signature turned",
                        promise[:-1] + bytes([promise[-1] ^ 1])),
                       ("a promise in another election", other),
                       ("a promise signed by another", strange)):
        bad(name, {**good, "promise": b64(data)}, "refused")


def _seen(c, log, entries, at, ballot, missing):
    """ASK-6: checkpoints and receipts, held against the record."""
    other = list(entries)
    other[at] = other[at][:-1] + b"\1"
    guilty = ("ASK-6", "collector")

    def add(name, answer, checkpoint=None, receipt=None, of=ballot, **more):
        c.add(name, c.complaint(of, 500, checkpoint=checkpoint, receipt=receipt, **more), answer)
    add("ASK-6 a checkpoint of the same size", guilty, head(log, other))
    add("ASK-6 an older checkpoint", guilty, head(log, other[:8]))
    add("ASK-6 an older checkpoint without witnesses", guilty, head(log, other[:8], who=()))
    add("ASK-6 before ASK-9", guilty, head(log, other[:8]), of=missing)
    fine = ("ASK-7", "nobody")
    add("ASK-7 the record's checkpoint", fine, head(log, entries))
    add("ASK-7 an older checkpoint of this log", fine, head(log, entries[:8]))
    add("ASK-7 a larger checkpoint", fine, head(log, other + [b"\4\1"]))
    add("ASK-7 a checkpoint signed by another", fine, head(log, other[:8], secret="m1"))
    add("ASK-7 a checkpoint of another election", fine, head(
        log, other[:8], text=checkpoint.note_text(bytes(32), 8, tree.root(other[:8]))))
    add("ASK-7 a checkpoint without a last line end", fine, head(log, other[:8])[:-1])
    add("ASK-7 a checkpoint of nothing", fine, head(log, [], text="haal/%s\n0\n%s\n" % (
        log.id.hex(), b64(bytes(32)))))
    # A receipt of a log in which another ballot stands at this index.
    wanted = b"\5\1" + H("envelope", bytes(32) + b"container of " + ballot_hash(missing)) + missing
    forked = entries[:at] + [wanted] + entries[at + 1:]

    def receipt(log_entries, index=at, **change):
        return {"index": index, "path": tree.inclusion(index, log_entries),
                "checkpoint": head(log, log_entries), **change}
    late = ("ASK-9", "collector")
    larger = forked + [b"\4\1"]
    add("ASK-6 a receipt", guilty, receipt=receipt(forked), of=missing)
    add("ASK-6 a receipt of a larger log", guilty, receipt=receipt(larger), of=missing)
    add("ASK-6 a receipt's checkpoint alone", guilty, receipt=receipt(forked, path=[]), of=missing)
    add("ASK-6 the checkpoint of a receipt for a challenged ballot", guilty,
        receipt=receipt(forked), of=missing, container=None, salt=None)
    add("ASK-7 an honoured receipt", fine, receipt=receipt(entries))
    add("ASK-7 a receipt of a larger log that holds it too", fine, receipt=receipt(entries + [b"x"]))
    for name, made in (
            ("whose path is another", receipt(larger, path=tree.inclusion(at - 1, larger))),
            ("with another index", receipt(larger, index=at - 1,
                                           path=tree.inclusion(at, larger))),
            ("beyond the record", receipt(entries + [wanted], index=len(entries))),
            ("not signed by the collector", receipt(
                larger, checkpoint=head(log, larger, secret="m1")))):
        c.add("ASK-9 a receipt " + name, c.complaint(missing, 500, receipt=made), late)
    for name in ("ballot", "container", "salt"):
        c.add("ASK-9 a larger receipt without " + name, c.complaint(
            missing, 500, receipt=receipt(larger), **{name: None}), late)
    c.add("ASK-9 a larger receipt with another salt", c.complaint(
        missing, 500, receipt=receipt(larger), salt=b"\1" * 32), late)
