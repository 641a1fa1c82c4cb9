"""How a case of a test vector is put together, and held against this reference."""

from encoding import Fault
from ristretto import Point


def hexed(value):
    """Bytes and points as hex, at any depth; whole numbers stay as they are."""
    if isinstance(value, Point):
        return value.encode().hex()
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, dict):
        return {name: hexed(v) for name, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [hexed(v) for v in value]
    return value


def number(n):
    """A scalar as its 32 bytes."""
    return n.to_bytes(32, "little")


def numbers(ns):
    return [number(n) for n in ns]


def case(name, check=None, rule="", expect=None, **fields):
    """One case. `check` is run: it must accept, or fail with exactly this rule."""
    try:
        result = check() if check else None
        got, detail = "", ""
        if result is False:
            raise AssertionError("%s: a check answers with a Fault" % name)
        outcome = "accept"
    except Fault as fault:
        got, outcome = fault.rule, fault.expect
        detail = str(fault).partition(": ")[2]
    if got != rule:
        raise AssertionError("%s: wanted %r, the reference says %r (%s)"
                             % (name, rule, got, detail))
    if expect and expect != outcome:
        raise AssertionError("%s: wanted %s, got %s" % (name, expect, outcome))
    return hexed({"name": name, "expect": outcome, "rule": rule, **fields})


def needs(rule, condition, detail=""):
    """A Fault of this rule unless the condition holds."""
    if not condition:
        raise Fault(rule, detail)
