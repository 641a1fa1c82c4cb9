"""Page 03, Orders and Phases: one order, and the state that orders move."""

import struct

import ed25519
from encoding import Fault, Reader, malformed, signed_bytes, u8, u32, u64

KINDS = ["roll", "ceremony", "drill", "open", "last-login", "close", "suspend", "resume",
         "extend", "note", "annul", "seal", "result", "amend", "reinstate"]
# The fields that a kind uses; the others are zero (ORD-4).
USES = {"roll": "argument blob", "ceremony": "argument", "drill": "argument",
        "open": "argument", "extend": "value", "note": "blob", "annul": "value blob",
        "result": "argument blob", "amend": "value argument blob", "reinstate": "value blob"}
# The phases that allow a kind (PHASE-1); a note in any but done.
PHASES = {"roll": "setup", "ceremony": "setup", "drill": "setup voting last closed",
          "open": "setup", "last-login": "voting", "close": "voting last",
          "suspend": "voting last", "resume": "voting last", "extend": "voting last",
          "amend": "setup voting last", "annul": "voting last closed",
          "reinstate": "voting last closed", "seal": "closed", "result": "sealed",
          "note": "setup voting last closed sealed"}


def body(number, kind, time, value=0, argument=bytes(32), blob=bytes(32)):
    """What is signed: the bytes from type to blob."""
    return (u8(2) + u8(1) + u32(number) + u8(KINDS.index(kind) + 1) + u64(time) + u64(value)
            + argument + blob)


def write(election, unsigned, signers):
    """signers: pairs of a member's index and secret key."""
    message = signed_bytes("order", election, unsigned)
    return unsigned + u8(len(signers)) + b"".join(
        u8(i) + ed25519.sign(secret, message) for i, secret in signers)


def read(manifest, data):
    """One order by itself: DEC, ORD-1, ORD-4 without the record's blobs."""
    r = Reader(data)
    r.head(2)
    number, kind, time, value = struct.unpack(">IBQQ", r.bytes(21))
    argument, blob = r.bytes(32), r.bytes(32)
    signatures = [(r.number(1), r.bytes(64)) for _ in range(r.number(1))]
    r.end()
    if not 1 <= kind <= len(KINDS):
        raise malformed("DEC-8", "kind %d" % kind)
    members = [i for i, _ in signatures]
    if members != sorted(set(members)):
        raise malformed("DEC-9", "members are not ascending")
    order = {"number": number, "kind": KINDS[kind - 1], "time": time, "value": value,
             "argument": argument, "blob": blob}
    committee = manifest.json["committee"]
    message = signed_bytes("order", manifest.id, data[:87])
    for i, signature in signatures:
        if not 1 <= i <= len(committee["members"]):
            raise Fault("ORD-1", "no such member")
        key = bytes.fromhex(committee["members"][i - 1]["key"])
        if not ed25519.verify(key, message, signature):
            raise Fault("ORD-1", "a wrong signature")
    if len(signatures) < committee["quorum"]:
        raise Fault("ORD-1", "too few signatures")
    unused = {"value", "argument", "blob"} - set(USES.get(order["kind"], "").split())
    if any(order[f] not in (0, bytes(32)) for f in unused):
        raise Fault("ORD-4", "a field that is not used")
    if "blob" in USES.get(order["kind"], "") and order["blob"] == bytes(32):
        raise Fault("ORD-4", "names no blob")
    return order


class State:
    """What orders and the other entries of the log have led to so far."""

    def __init__(self, manifest, blobs=()):
        self.manifest, self.blobs = manifest, blobs
        self.phase, self.suspended = "setup", False
        self.until = manifest.json["voting"]["until"]
        self.number = self.time = self.rolls = self.drills = 0
        self.confirmed = self.drilled = None      # key ids
        self.opened_at = self.last_batch = 0
        self.wants_closing = False

    def order(self, data):
        o = read(self.manifest, data)
        kind = o["kind"]
        if self.phase == "done":
            raise Fault("PHASE-8")
        if o["number"] != self.number + 1:
            raise Fault("ORD-2")
        if o["time"] < self.time or max(o["time"], o["value"]) >= 1 << 53:
            raise Fault("ORD-3")
        if "blob" in USES.get(kind, "") and o["blob"] not in self.blobs:
            raise Fault("ENTRY-7", "no such blob")
        self._not_before_closing()
        if self.phase not in PHASES[kind].split():
            raise Fault("PHASE-1", "%s in %s" % (kind, self.phase))
        if self.suspended if kind == "suspend" else kind == "resume" and not self.suspended:
            raise Fault("PHASE-1", "suspended already, or not")
        getattr(self, "_" + kind.replace("-", "_"), lambda o: None)(o)
        self.number, self.time = o["number"], o["time"]

    def _roll(self, o):
        if self.rolls:
            raise Fault("PHASE-1", "a second roll")
        self.rolls += 1

    def _amend(self, o):
        if not self.rolls:
            raise Fault("PHASE-1", "before the roll")

    def _drill(self, o):
        self.drills += 1

    def _open(self, o):
        if self.rolls != 1 or not (self.confirmed == self.drilled == o["argument"]):
            raise Fault("PHASE-2")
        if not self.manifest.json["voting"]["from"] <= o["time"] <= self.until:
            raise Fault("PHASE-3")
        self.phase, self.opened_at = "voting", o["time"]

    def _last_login(self, o):
        self.phase = "last"

    def _close(self, o):
        if o["time"] > self.until:
            raise Fault("PHASE-3")
        if self.last_batch > o["time"]:
            raise Fault("PHASE-4")
        self.phase, self.suspended = "closed", False

    def _suspend(self, o):
        self.suspended = True

    def _resume(self, o):
        self.suspended = False

    def _extend(self, o):
        if o["value"] <= self.until:
            raise Fault("PHASE-3")
        self.until = o["value"]

    def _seal(self, o):
        self.phase, self.wants_closing = "sealed", True

    def _result(self, o):
        self.phase = "done"

    def confirm(self, key):
        """A session of the ceremony ends well."""
        self.confirmed = key

    def answered(self, drill):
        """All trustees have answered this drill correctly."""
        if drill == self.drills:
            self.drilled = self.confirmed

    def batch(self, time):
        self._not_before_closing()
        if self.phase not in ("voting", "last") or self.suspended or time < self.opened_at:
            raise Fault("PHASE-4")
        self.last_batch = time

    def closing(self):
        if not self.wants_closing:
            raise Fault("ENTRY-6")
        self.wants_closing = False

    def tally_post(self):
        """A mix, an intent or an opening."""
        self._not_before_closing()
        if self.phase not in ("sealed", "done"):
            raise Fault("PHASE-6")

    def _not_before_closing(self):
        if self.wants_closing:
            raise Fault("PHASE-5", "the closing entry comes next")
