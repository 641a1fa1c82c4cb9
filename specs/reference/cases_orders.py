"""The cases of 03-orders: single orders, and whole sequences of a log.

A sequence is a list of steps: an `order`; `confirmed`, the key id of a ceremony
that ended well; `answered`, the number of a drill that all trustees answered
correctly; `batch`, its time, for a batch of ballots; `closing`; `tally_post` for a mix, an
intent or an opening. The rule is broken by the last step, and by none before it.
"""

import canonical
import orders
from cases import case
from encoding import Fault, sha256
from samples import Secrets, load, secret_key, small

MANIFEST = small()
LOADED = load(MANIFEST)
TEXT = canonical.write(MANIFEST)
KEY = Secrets("orders").bytes()
BLOB = sha256(b"a blob")
ROOT = sha256(b"a root")
FROM, UNTIL = MANIFEST["voting"]["from"], MANIFEST["voting"]["until"]


def signers(*members):
    names = [m["name"] for m in MANIFEST["committee"]["members"]]
    return [(i, secret_key(names[(i - 1) % 3])) for i in members]


def make(number, kind, time, members=(1, 2), **fields):
    return orders.write(LOADED.id, orders.body(number, kind, time, **fields), signers(*members))


def order_cases():
    return _single() + _sequences(), {"manifest": TEXT}


def _order(name, data, rule="", **intermediate):
    return case(name, lambda: orders.read(LOADED, data), rule, kind="order",
                order=data, intermediate=intermediate)


_FIELDS = {"roll": {"argument": ROOT, "blob": BLOB}, "ceremony": {"argument": ROOT},
           "drill": {"argument": ROOT}, "open": {"argument": KEY}, "extend": {"value": UNTIL + 9},
           "note": {"blob": BLOB}, "annul": {"value": 3, "blob": BLOB},
           "amend": {"value": 1, "argument": ROOT, "blob": BLOB},
           "reinstate": {"value": 3, "blob": BLOB},
           "result": {"argument": ROOT, "blob": BLOB}}


def _single():
    out = []
    for i, kind in enumerate(orders.KINDS):
        data = make(i + 1, kind, FROM + i, **_FIELDS.get(kind, {}))
        out.append(_order(kind, data, signed=orders.signed_bytes("order", LOADED.id, data[:87])))
    out.append(_order("three signatures", make(1, "close", FROM, (1, 2, 3))))
    good = make(1, "close", FROM, (1, 3))
    out += [
        _order("one signature", make(1, "close", FROM, (1,)), "ORD-1"),
        _order("no signature", make(1, "close", FROM, ()), "ORD-1"),
        _order("member 0", make(1, "close", FROM, (0, 1)), "ORD-1"),
        _order("member 4 of 3", make(1, "close", FROM, (1, 2, 4)), "ORD-1"),
        _order("two good and one wrong signature",
               make(1, "close", FROM, (1, 2, 3))[:-1] + b"\x7f", "ORD-1"),
        _order("signed for another election", orders.write(
            bytes(32), orders.body(1, "close", FROM), signers(1, 2)), "ORD-1"),
        _order("another time than signed", good[:14] + b"\xff" + good[15:], "ORD-1"),
        _order("members out of order", make(1, "close", FROM, (2, 1)), "DEC-9"),
        _order("one member twice", make(1, "close", FROM, (1, 1)), "DEC-9"),
        _order("type 3", b"\3" + good[1:], "DEC-6"),
        _order("version 0", b"\2\0" + good[2:], "DEC-6"),
        _order("kind 0", good[:6] + b"\0" + good[7:], "DEC-8"),
        _order("kind 16", good[:6] + b"\x10" + good[7:], "DEC-8"),
        _order("trailing byte", good + b"\0", "DEC-4"), _order("short", good[:-1], "DEC-5"),
        _order("count above what is there", good[:87] + b"\3" + good[88:], "DEC-5"),
        _order("nothing", b"", "DEC-5")]
    for kind in orders.KINDS:
        for field, value in (("value", 1), ("argument", ROOT), ("blob", BLOB)):
            if field not in orders.USES.get(kind, ""):
                data = make(1, kind, FROM, **{**_FIELDS.get(kind, {}), field: value})
                out.append(_order("%s with %s" % (kind, field), data, "ORD-4"))
        if "blob" in orders.USES.get(kind, ""):
            data = make(1, kind, FROM, **{**_FIELDS[kind], "blob": bytes(32)})
            out.append(_order("%s that names no blob" % kind, data, "ORD-4"))
    return out


class _Log:
    """Steps that build on each other; orders get the next number and a later time."""

    def __init__(self):
        self.steps, self.number, self.time = [], 0, FROM

    def copy(self):
        log = _Log()
        log.steps, log.number, log.time = list(self.steps), self.number, self.time
        return log

    def order(self, kind, **fields):
        log = self.copy()
        log.number = fields.pop("number", log.number + 1)
        log.time = fields.pop("time", log.time + 10)
        data = make(log.number, kind, log.time, **{**_FIELDS.get(kind, {}), **fields})
        log.steps.append({"order": data})
        return log

    def step(self, **step):
        log = self.copy()
        log.steps.append(step)
        return log

    def run(self):
        state = orders.State(LOADED, [BLOB])
        for i, step in enumerate(self.steps):
            try:
                self._one(state, step)
            except Fault as fault:
                if i + 1 < len(self.steps):
                    raise AssertionError("step %d: %s" % (i, fault)) from None
                raise
        return state

    @staticmethod
    def _one(state, step):
        (name, value), = step.items()
        if name == "closing":
            state.closing()
        elif name == "tally_post":
            state.tally_post()
        else:
            {"order": state.order, "confirmed": state.confirm, "answered": state.answered,
             "batch": state.batch}[name](value)


def _stages():
    """The regular way of an election: a log at each of its phases."""
    s = {"setup": _Log()}
    s["rolled"] = s["setup"].order("roll")
    s["confirmed"] = s["rolled"].order("ceremony").step(confirmed=KEY)
    s["drilled"] = s["confirmed"].order("drill").step(answered=1)
    s["voting"] = s["drilled"].order("open")
    s["suspended"] = s["voting"].order("suspend")
    s["last"] = s["voting"].step(batch=FROM + 100).order("last-login")
    s["closed"] = s["last"].order("close", time=FROM + 1000)
    s["seal"] = s["closed"].order("annul").order("drill").order("seal")
    s["sealed"] = s["seal"].step(closing=True)
    s["done"] = s["sealed"].step(tally_post=True).order("result")
    return s


def _sequences():
    s = _stages()
    out = []

    def add(name, log, rule=""):
        state = {}

        def check():
            at = log.run()
            state.update(phase=at.phase, suspended=at.suspended, until=at.until)
        out.append(case(name, check, rule, kind="sequence", blobs=[BLOB],
                        steps=log.steps, intermediate=state))
    for name in s:
        add("up to " + name, s[name])
    add("suspended and resumed", s["suspended"].order("resume").step(batch=FROM + 100))
    add("extended, closed at the new end", s["voting"].order("extend").order(
        "close", time=UNTIL + 9))
    add("closed at the end", s["voting"].order("close", time=UNTIL))
    add("two orders of one time", s["setup"].order("roll", time=FROM).order("note", time=FROM))
    add("a second ceremony, drilled again", s["drilled"].order("ceremony").step(
        confirmed=ROOT).order("drill").step(answered=2).order("open", argument=ROOT))
    add("PHASE-8 a note after the result", s["done"].order("note"), "PHASE-8")
    add("ORD-2 a number twice", s["rolled"].order("ceremony", number=1), "ORD-2")
    add("ORD-2 a number left out", s["rolled"].order("ceremony", number=3), "ORD-2")
    add("ORD-2 the first is 2", s["setup"].order("roll", number=2), "ORD-2")
    add("ORD-3 a time before", s["rolled"].order("ceremony", time=FROM + 9), "ORD-3")
    allowed = {k: v.split() for k, v in orders.PHASES.items()}
    for phase, stage in (("setup", "drilled"), ("voting", "voting"), ("last", "last"),
                         ("closed", "closed"), ("sealed", "sealed"), ("done", "done")):
        for kind in orders.KINDS:
            # After the seal an annulment, or its opposite, breaks PHASE-1 and PHASE-5 alike.
            if phase not in allowed[kind] and (kind, phase) not in (
                    ("annul", "sealed"), ("annul", "done"),
                    ("reinstate", "sealed"), ("reinstate", "done")):
                rule = "PHASE-8" if phase == "done" else "PHASE-1"
                add("%s %s in %s" % (rule, kind, phase), s[stage].order(kind), rule)
    add("PHASE-1 suspend twice", s["suspended"].order("suspend"), "PHASE-1")
    add("PHASE-1 resume in voting", s["voting"].order("resume"), "PHASE-1")
    add("PHASE-2 no roll", s["setup"].order("ceremony").step(confirmed=KEY).order("drill").step(
        answered=1).order("open"), "PHASE-2")
    add("PHASE-1 two rolls", s["drilled"].order("roll"), "PHASE-1")
    add("amended in setup", s["drilled"].order("amend").order("open"))
    add("amended in voting and in last", s["voting"].order("amend").order("last-login").order(
        "amend", value=2))
    add("amended while suspended", s["suspended"].order("amend"))
    add("PHASE-1 amend before the roll", s["setup"].order("amend"), "PHASE-1")
    for name in ("voting", "last", "closed"):
        add("annulled and reinstated in " + name, s[name].order("annul").order("reinstate"))
    add("PHASE-2 no ceremony", s["rolled"].order("open"), "PHASE-2")
    add("PHASE-2 no drill", s["confirmed"].order("open"), "PHASE-2")
    add("PHASE-2 a drill without all answers", s["confirmed"].order("drill").order("open"),
        "PHASE-2")
    add("PHASE-2 another key", s["drilled"].order("open", argument=ROOT), "PHASE-2")
    add("PHASE-2 a later ceremony is not drilled", s["drilled"].order("ceremony").step(
        confirmed=ROOT).order("open", argument=ROOT), "PHASE-2")
    add("PHASE-2 an earlier key", s["drilled"].order("ceremony").step(
        confirmed=ROOT).order("drill").step(answered=2).order("open"), "PHASE-2")
    early = _Log()
    early.time = FROM - 1000
    early = early.order("roll").order("ceremony").step(confirmed=KEY).order("drill").step(
        answered=1)
    add("PHASE-3 open too early", early.order("open"), "PHASE-3")
    add("open at once", early.order("open", time=FROM))
    add("PHASE-3 open too late", s["drilled"].order("open", time=UNTIL + 1), "PHASE-3")
    add("opened at the end", s["drilled"].order("open", time=UNTIL))
    add("closed while suspended", s["suspended"].order("close"))
    add("PHASE-3 close too late", s["voting"].order("close", time=UNTIL + 1), "PHASE-3")
    add("PHASE-3 extend to the same", s["voting"].order("extend", value=UNTIL), "PHASE-3")
    add("PHASE-3 extend to an earlier end", s["voting"].order("extend").order(
        "extend", value=UNTIL + 8), "PHASE-3")
    add("PHASE-4 a batch before open", s["drilled"].step(batch=FROM + 100), "PHASE-4")
    add("PHASE-4 a batch after close", s["closed"].step(batch=FROM + 1000), "PHASE-4")
    add("PHASE-4 a batch while suspended", s["suspended"].step(batch=FROM + 100), "PHASE-4")
    add("PHASE-4 a batch of a time before open", s["voting"].step(batch=FROM), "PHASE-4")
    add("PHASE-4 a batch of a time after close", s["voting"].step(batch=FROM + 100).order(
        "close", time=FROM + 99), "PHASE-4")
    for name, log in (("a note", s["seal"].order("note")), ("a result", s["seal"].order("result")),
                      ("a mix", s["seal"].step(tally_post=True))):
        add("PHASE-5 %s before the closing entry" % name, log, "PHASE-5")
    add("PHASE-6 a mix before seal", s["closed"].step(tally_post=True), "PHASE-6")
    add("PHASE-6 a mix in voting", s["voting"].step(tally_post=True), "PHASE-6")
    for kind, stage in (("roll", "setup"), ("note", "voting"), ("annul", "closed"),
                        ("amend", "voting"), ("reinstate", "closed"), ("result", "sealed")):
        add("ENTRY-7 the blob that %s names is not there" % kind,
            s[stage].order(kind, blob=sha256(b"another blob")), "ENTRY-7")
    add("ENTRY-6 closing without seal", s["closed"].step(closing=True), "ENTRY-6")
    add("ENTRY-6 closing twice", s["sealed"].step(closing=True), "ENTRY-6")
    return out
