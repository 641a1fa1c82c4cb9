"""RFC 8785: JSON in its one canonical form, written and read."""

import json
import re


def write(value):
    """The canonical form of a value, as a string."""
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, list):
        return "[" + ",".join(write(v) for v in value) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(_string(n) + ":" + write(value[n]) for n in names) + "}"


_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r",
          '"': '\\"', "\\": "\\\\"}


def _string(string):
    out = '"'
    for c in string:
        out += _SHORT.get(c) or ("\\u%04x" % ord(c) if c < " " else c)
    return out + '"'


def _number(n):
    """ECMAScript's way to write a double; a whole number stays a whole number."""
    n = float(n)
    if n == 0:
        return "0"
    if abs(n) < 1e21 and n == int(n):
        return str(int(n))
    digits = repr(n)
    if "e" not in digits and abs(n) >= 1e-6:
        return digits
    mantissa, _, exponent = ("%r" % n).partition("e")
    if not exponent or int(exponent) >= -6:
        # Between 1e-6 and 1e-4 the two ways to write differ.
        return ("%.25f" % n).rstrip("0")
    return mantissa + "e" + ("+" if int(exponent) > 0 else "") + str(int(exponent))


class NotCanonical(ValueError):
    pass


def _no_twins(pairs):
    if len(dict(pairs)) != len(pairs):
        raise NotCanonical("a name twice in one object")
    return dict(pairs)


def _refuse(constant):
    raise NotCanonical(constant + " is not JSON")


def read(data):
    """The value of canonical bytes; NotCanonical for every other file.

    Whole numbers come back as int and the others as float.
    """
    try:
        string = data.decode("utf-8")
        value = json.loads(string, object_pairs_hook=_no_twins, parse_constant=_refuse)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise NotCanonical(str(error)) from None
    # A lone surrogate can hide in an escape.
    if re.search("[\ud800-\udfff]", write(value)) or write(value) != string:
        raise NotCanonical("not in canonical form")
    return value
