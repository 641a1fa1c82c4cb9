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


ADDED, REMOVED, MOVED = 1, 2, 3


def write_changes(changes):
    """changes: triples of pseudonym, act and district."""
    return u8(51) + u8(1) + list_of(name + u8(act) + u16(d) for name, act, d in changes)


def read_changes(manifest, data):
    """The form of a change set, and its districts (ROLL-5)."""
    r = Reader(data)
    r.head(51)
    changes = [(r.bytes(32), r.number(1), r.number(2)) for _ in range(r.count(35))]
    r.end()
    names = [name for name, _, _ in changes]
    if any(act not in (ADDED, REMOVED, MOVED) for _, act, _ in changes):
        raise malformed("DEC-8", "an unknown act")
    if names != sorted(set(names)):
        raise malformed("DEC-9", "not sorted, or a pseudonym twice")
    if any(d >= len(manifest.json["districts"]) for _, _, d in changes):
        raise Fault("ROLL-5", "a district that is not there")
    return changes


def change(roll, changes):
    """ROLL-5 on the roll in force, a dict of pseudonym and district: the next version."""
    new = dict(roll)
    for name, act, district in changes:
        before = roll.get(name)
        if (before is not None) != (act != ADDED):
            raise Fault("ROLL-5", "on the roll already, or not on it")
        if act == REMOVED and before != district or act == MOVED and before == district:
            raise Fault("ROLL-5", "not from there, or moved to where it is")
        if act == REMOVED:
            del new[name]
        else:
            new[name] = district
    return new


class Rolls:
    """The roll and what orders *amend* make of it: ROLL-4 to ROLL-6."""

    def __init__(self, lines):
        self.now = dict(lines)
        self.whole = dict(lines)
        self.version = 0

    def amend(self, manifest, data, value, root):
        if value != self.version + 1:
            raise Fault("ROLL-4", "another version")
        new = change(self.now, read_changes(manifest, data))
        if tree.root([roll_line(*line) for line in sorted(new.items())]) != root:
            raise Fault("ROLL-6", "another root")
        self.now, self.version = new, value
        self.whole.update(new)


def write_annulments(lines):
    """lines: pairs of pseudonym and reason."""
    return u8(49) + u8(1) + list_of(name + u8(reason) for name, reason in lines)


def read_annulments(data, roll, before, value):
    """ANN-1 and ANN-2; `roll` has all of the whole roll, `before` those who are annulled."""
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


def write_reinstatements(names):
    return u8(52) + u8(1) + list_of(names)


def read_reinstatements(data, annulled, value):
    """ANN-2 and ANN-3; `annulled` are those who are."""
    r = Reader(data)
    r.head(52)
    names = [r.bytes(32) for _ in range(r.count(32))]
    r.end()
    if names != sorted(set(names)):
        raise malformed("DEC-9", "not sorted, or a pseudonym twice")
    if not set(names) <= set(annulled):
        raise Fault("ANN-3")
    if value != len(names):
        raise Fault("ANN-2")
    return names


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
