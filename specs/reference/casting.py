"""Page 07: pseudonyms, the roll, annulment lists, the login message, the promise."""

import ed25519
import re
import tree
from encoding import (Fault, H, Reader, list_of, malformed, sign, signed_bytes, u8, u16, u64)


def check_person_code(code):
    if not re.fullmatch("[!-~]{1,64}", code, re.ASCII):
        raise Fault("LOGIN-4", "not a person code")


def pseudonym(election, blinding, code):
    check_person_code(code)
    return H("pseudonym", election + blinding + code.encode())


def envelope(salt, container):
    return H("envelope", salt + container)


def roll_line(name, district):
    return name + u16(district)


def write_roll(lines):
    """lines: pairs of pseudonym and district."""
    return u8(48) + u8(1) + list_of(roll_line(*line) for line in lines)


def read_roll(manifest, data, root):
    """ROLL-1: the pairs of pseudonym and district."""
    r = Reader(data)
    r.head(48)
    lines = [(r.bytes(32), r.number(2)) for _ in range(r.count(34))]
    r.end()
    names = [name for name, _ in lines]
    if names != sorted(set(names)):
        raise Fault("ROLL-1", "not sorted, or a pseudonym twice")
    if any(d >= len(manifest.json["districts"]) for _, d in lines):
        raise Fault("ROLL-1", "a district that is not there")
    if tree.root([roll_line(*line) for line in lines]) != root:
        raise Fault("ROLL-1", "another root")
    return lines


def check_line(election, blinding, code, name, district, index, size, path, root):
    """ROLL-2."""
    if pseudonym(election, blinding, code) != name:
        raise Fault("ROLL-2", "the opening gives another pseudonym")
    if not tree.included(tree.leaf(roll_line(name, district)), index, size, path, root):
        raise Fault("ROLL-2", "the line is not in the tree")


def write_annulments(lines):
    """lines: pairs of pseudonym and reason."""
    return u8(49) + u8(1) + list_of(name + u8(reason) for name, reason in lines)


def read_annulments(data, roll, before, value):
    """ANN-1 and ANN-2; `before` holds the pseudonyms of earlier lists."""
    r = Reader(data)
    r.head(49)
    lines = [(r.bytes(32), r.number(1)) for _ in range(r.count(33))]
    r.end()
    names = [name for name, _ in lines]
    if any(reason not in (1, 2) for _, reason in lines):
        raise malformed("DEC-8", "an unknown reason")
    if names != sorted(set(names)):
        raise malformed("DEC-9", "not sorted, or a pseudonym twice")
    if not set(names) <= set(roll) or set(names) & set(before):
        raise Fault("ANN-1")
    if value != len(lines):
        raise Fault("ANN-2")
    return lines


def login_message(election, collector_key, nonce):
    return b"haal/1/login\0" + election + collector_key + nonce


def promise(election, ballot_hash, deadline, secret):
    body = u8(50) + u8(1) + election + ballot_hash + u64(deadline)
    return body + sign(secret, "promise", election, body)


def read_promise(manifest, data, ballot_hash, accepted):
    """VOTER-4, for a ballot accepted at a time."""
    r = Reader(data)
    r.head(50)
    election, named, deadline, signature = r.bytes(32), r.bytes(32), r.number(8), r.bytes(64)
    r.end()
    key = bytes.fromhex(manifest.json["collector"]["key"])
    message = signed_bytes("promise", manifest.id, data[:-64])
    if election != manifest.id or named != ballot_hash:
        raise Fault("VOTER-4", "for another ballot")
    if not ed25519.verify(key, message, signature):
        raise Fault("VOTER-4", "a wrong signature")
    if deadline > accepted + 2 * manifest.json["board"]["batch_seconds"] + 60:
        raise Fault("VOTER-4", "a deadline too far away")
    return deadline
