"""Page 14: complaint files and proof files, and how they are judged."""

import base64
import binascii
import json
import re

import checkpoint
import ed25519
import tree
from ballot import ballot_hash
from encoding import Fault, H, Reader, malformed, signed_bytes, u8
from manifest import Manifest

CLOSING, BALLOT, CHALLENGED = 7, 5, 6
LARGEST_COMPLAINT, LARGEST_PROOF = 4 << 20, 64 << 20
ENTRY = {"index": int, "bytes": bytes, "path": [32]}
SIDE = {"checkpoint": str, "leaf": (32,), "path": ([32],)}
PROOFS = {
    "status": {"checkpoint": str, "entries": [ENTRY],
               "leaf": {"position": int, "lines": int, "pseudonym": 32, "ballot": 32,
                        "status": int, "path": [32]}},
    "inclusion": {"checkpoint": str, "entries": [ENTRY]},
    "fork": {"a": SIDE, "b": SIDE, "index": (int,)},
    "rewritten": {"old": str, "new": str, "root": 32, "path": [32]}}
COMPLAINT = {"election": 32, "ballot_hash": 32, "deadline": int, "promise": "base64",
             "ballot": ("base64",), "container": ("base64",), "salt": (32,),
             "checkpoint": (str,),
             "receipt": ({"index": int, "path": [32], "checkpoint": str},)}


# Strict JSON.

def _object(pairs):
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a field twice")
    return value


def _int(text):
    if text.startswith("-"):
        raise ValueError("a sign")
    return int(text)


def _refused(text):
    raise ValueError("not a whole number: " + text)


def parse(data, most):
    """The JSON value of a file, or a ValueError."""
    if len(data) > most:
        raise ValueError("too long")
    value = json.loads(data.decode("utf-8"), object_pairs_hook=_object, parse_int=_int,
                       parse_float=_refused, parse_constant=_refused)
    json.dumps(value, ensure_ascii=False).encode()      # no lone surrogates
    return value


def _take(value, want, where):
    """The value as `want` says: a tuple of one may be null, a number is bytes in hex."""
    def need(condition):
        if not condition:
            raise ValueError(where)
    if isinstance(want, tuple):
        return None if value is None else _take(value, want[0], where)
    if isinstance(want, dict):
        need(isinstance(value, dict) and set(value) == set(want))
        return {name: _take(value[name], want[name], where + "." + name) for name in want}
    if isinstance(want, list):
        need(isinstance(value, list))
        return [_take(item, want[0], where + "[]") for item in value]
    if want is int:
        need(isinstance(value, int) and not isinstance(value, bool) and value < 2**53)
        return value
    need(isinstance(value, str))
    if want is str:
        return value
    if want == "base64":
        out = base64.b64decode(value, validate=True)
        need(base64.b64encode(out).decode() == value)
        return out
    need(re.fullmatch("(?:[0-9a-f]{2})*", value, re.ASCII))
    out = bytes.fromhex(value)
    need(want is bytes or len(out) == want)
    return out


# Proof files.

def read_proof(data):
    """The form of a proof file. PROOF-1."""
    try:
        value = parse(data, LARGEST_PROOF)
        if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
            raise ValueError("no kind")
        fields = PROOFS.get(value["kind"])
        if fields is None:
            raise ValueError("an unknown kind")
        proof = _take(value, {"haal": int, "kind": str, "manifest": str, **fields}, "proof")
        if proof["haal"] != 1:
            raise ValueError("haal")
        if "entries" in proof and len(proof["entries"]) not in (
                (1, 2) if proof["kind"] == "status" else (1,)):
            raise ValueError("entries")
        if proof["kind"] == "fork":
            rest = [proof["index"]] + [proof[s][f] for s in "ab" for f in ("leaf", "path")]
            if len({x is None for x in rest}) > 1:
                raise ValueError("null in part")
    except (ValueError, binascii.Error, RecursionError) as error:
        raise malformed("PROOF-1", str(error)) from None
    return proof


def check_proof(data, election):
    """PROOF-1 to PROOF-6: what the file shows."""
    proof = read_proof(data)
    text = proof["manifest"].encode()
    try:
        manifest = Manifest(text)
    except Fault as fault:
        raise Fault("PROOF-1", str(fault)) from None
    if manifest.id != election:
        raise Fault("PROOF-1", "another election")
    return {"status": _status, "inclusion": _inclusion, "fork": _fork,
            "rewritten": _rewritten}[proof["kind"]](manifest, proof)


def _checkpoint(manifest, text, quorum):
    try:
        if len(text.encode()) > 1 << 20:
            raise Fault("LOG-6", "too long")
        if quorum:
            checkpoint.read(manifest, text.encode())
        return checkpoint.head(manifest, text.encode())
    except Fault as fault:
        raise Fault("PROOF-2", str(fault)) from None


def _entry(manifest, proof, number, kinds):
    """PROOF-3: the entry's type, and what it holds."""
    size, root, *_ = _checkpoint(manifest, proof["checkpoint"], True)
    entry = proof["entries"][number]
    data = entry["bytes"]
    if not tree.included(tree.leaf(data), entry["index"], size, entry["path"], root):
        raise Fault("PROOF-3", "not included")
    try:
        r = Reader(data)
        kind = data[0] if data else 0
        if kind not in kinds:
            raise Fault("PROOF-3", "type %d" % kind)
        r.head(kind)
        if kind == CLOSING:
            out = {"counted": r.bytes(32), "root": r.bytes(32)}
        else:
            out = _ballot(manifest, r, kind)
        r.end()
    except Fault as fault:
        raise Fault("PROOF-3", str(fault)) from None
    return {"type": kind, **out}


def _ballot(manifest, r, kind):
    if kind == BALLOT:
        r.bytes(32)
    start = r.at
    head = Reader(r.data[start:])
    head.head(16)
    election, _, district, voter = (head.bytes(32), head.bytes(32), head.number(2),
                                    head.bytes(32))
    if election != manifest.id or district >= len(manifest.json["districts"]):
        raise Fault("BAL-2")
    shapes = [shape for *_, shape in manifest.parts(district)]
    data = r.bytes(136 + sum(shape.part_size() for shape in shapes))
    if kind == CHALLENGED:
        r.bytes(32 + 4 * sum(shape.w for shape in shapes))
    return {"hash": ballot_hash(data), "voter": voter}


def _inclusion(manifest, proof):
    entry = _entry(manifest, proof, 0, (BALLOT, CHALLENGED))
    return {"ballot": entry["hash"], "pseudonym": entry["voter"],
            "status": "challenged" if entry["type"] == CHALLENGED else "in-the-log"}


def _status(manifest, proof):
    _checkpoint(manifest, proof["checkpoint"], True)
    closing = _entry(manifest, proof, 0, (CLOSING,))
    older = _entry(manifest, proof, 1, (BALLOT,)) if len(proof["entries"]) > 1 else None
    leaf = proof["leaf"]
    if leaf["status"] > 2 or (leaf["status"] == 0) != (leaf["ballot"] == bytes(32)):
        raise Fault("PROOF-4", "status")
    data = leaf["pseudonym"] + leaf["ballot"] + u8(leaf["status"])
    if not tree.included(tree.leaf(data), leaf["position"], leaf["lines"], leaf["path"],
                         closing["root"]):
        raise Fault("PROOF-4", "not in the closing tree")
    out = {"pseudonym": leaf["pseudonym"], "ballot": leaf["ballot"],
           "status": ("none", "counted", "annulled")[leaf["status"]]}
    if older:
        if (older["voter"] != leaf["pseudonym"] or older["hash"] == leaf["ballot"]
                or leaf["status"] == 0):
            raise Fault("PROOF-4", "not an older ballot of this voter")
        out.update(ballot=older["hash"], status="superseded")
    elif leaf["status"] == 0:
        out["ballot"] = None
    return out


def _convicted(manifest, *heads):
    both = [checkpoint.witnesses_of(manifest, text, lines) for _, _, text, lines in heads]
    return [name for name in both[0] if name in both[1]]


def _fork(manifest, proof):
    a, b = (_checkpoint(manifest, proof[s]["checkpoint"], False) for s in "ab")
    index = proof["index"]
    if index is None:
        good = a[0] == b[0] and a[1] != b[1]
    else:
        good = a[0] != b[0] and proof["a"]["leaf"] != proof["b"]["leaf"] and all(
            tree.included(proof[s]["leaf"], index, head[0], proof[s]["path"], head[1])
            for s, head in (("a", a), ("b", b)))
    if not good:
        raise Fault("PROOF-5")
    return {"witnesses": _convicted(manifest, a, b)}


def _rewritten(manifest, proof):
    old, new = (_checkpoint(manifest, proof[s], False) for s in ("old", "new"))
    if not 0 < old[0] < new[0] or proof["root"] == old[1] or not (
            tree.consistent(old[0], new[0], proof["root"], new[1], proof["path"])):
        raise Fault("PROOF-6")
    return {"witnesses": _convicted(manifest, old, new)}


# Complaint files.

def read_complaint(data):
    """The form of a complaint file. ASK-5."""
    try:
        value = _take(parse(data, LARGEST_COMPLAINT),
                      {"haal": int, "kind": str, **COMPLAINT}, "complaint")
        if value["haal"] != 1 or value["kind"] != "complaint":
            raise ValueError("kind")
    except (ValueError, binascii.Error, RecursionError) as error:
        raise malformed("ASK-5", str(error)) from None
    return value


def _promise(manifest, c):
    r = Reader(c["promise"])
    r.head(50)
    election, named, deadline, signature = r.bytes(32), r.bytes(32), r.number(8), r.bytes(64)
    r.end()
    key = bytes.fromhex(manifest.json["collector"]["key"])
    if (election, named, deadline) != (manifest.id, c["ballot_hash"], c["deadline"]):
        raise Fault("ASK-5", "a promise of something else")
    if not ed25519.verify(key, signed_bytes("promise", manifest.id, c["promise"][:-64]),
                          signature):
        raise Fault("ASK-5", "a wrong signature")


def judge(manifest, entries, last, data):
    """ASK-5 to ASK-10 in a sound record: (rule, at fault). `last` is its checkpoint."""
    c = read_complaint(data)
    if c["election"] != manifest.id:
        raise Fault("ASK-5", "another election")
    try:
        _promise(manifest, c)
    except Fault as fault:
        raise Fault("ASK-5", str(fault)) from None
    if c["ballot"] is not None and ballot_hash(c["ballot"]) != c["ballot_hash"]:
        raise Fault("ASK-5", "another ballot")
    if _is_forked(manifest, entries, c):
        return "ASK-6", "collector"
    time = None
    for data in entries:
        if data[0] == 4:
            time = int.from_bytes(data[2:10], "big")
        if data[0] in (BALLOT, CHALLENGED) and (
                _ballot_of(manifest, data) == c["ballot_hash"]):
            return ("ASK-7", "nobody") if time <= c["deadline"] else ("ASK-8", "collector")
    if _time(manifest, entries, last) > c["deadline"]:
        return "ASK-9", "collector"
    return "ASK-10", None


def _ballot_of(manifest, data):
    r = Reader(data)
    r.bytes(2)
    return _ballot(manifest, r, data[0])["hash"]


def _is_forked(manifest, entries, c):
    """ASK-6."""
    receipt = c["receipt"]
    for text, path in ((c["checkpoint"], None), receipt and (
            receipt["checkpoint"], receipt["path"]) or (None, None)):
        try:
            size, root, *_ = checkpoint.head(manifest, (text or "").encode())
        except Fault:
            continue
        if 0 < size <= len(entries) and tree.root(entries[:size]) != root:
            return True
        if path is None or None in (c["ballot"], c["container"], c["salt"]):
            continue
        entry = u8(BALLOT) + u8(1) + H("envelope", c["salt"] + c["container"]) + c["ballot"]
        index = receipt["index"]
        if index < len(entries) and entries[index] != entry and tree.included(
                tree.leaf(entry), index, size, path, root):
            return True
    return False


def _time(manifest, entries, last):
    """The time of a checkpoint."""
    _, _, text, lines = checkpoint.head(manifest, last.encode())
    quorum = manifest.json["witnesses"]["quorum"]
    times = sorted(checkpoint.witnesses_of(manifest, text, lines).values(), reverse=True)
    if quorum:
        return times[quorum - 1]
    for data in reversed(entries):
        if data[0] == 4:
            return int.from_bytes(data[2:10], "big")
        if data[0] == 2:
            return int.from_bytes(data[7:15], "big")
    return 0
