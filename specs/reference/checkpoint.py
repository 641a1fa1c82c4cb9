"""Page 08: checkpoints as signed notes (C2SP), with cosignatures of witnesses."""

import base64
import binascii
import re

import ed25519
from encoding import Fault, sha256, u64

LOG, COSIGNATURE = 1, 4


def key_hash(name, kind, key):
    """LOG-5."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + key)[:4]


def note_text(election, size, root):
    return "haal/%s\n%d\n%s\n" % (election.hex(), size, base64.b64encode(root).decode())


def cosigned(time, text):
    """What a witness signs."""
    return ("cosignature/v1\ntime %d\n" % time + text).encode()


def _line(name, kind, key, blob):
    return "\u2014 %s %s\n" % (name, base64.b64encode(key_hash(name, kind, key) + blob).decode())


def sign_log(name, secret, text):
    return _line(name, LOG, ed25519.public_key(secret), ed25519.sign(secret, text.encode()))


def cosign(name, secret, time, text):
    signature = ed25519.sign(secret, cosigned(time, text))
    return _line(name, COSIGNATURE, ed25519.public_key(secret), u64(time) + signature)


def read(manifest, data, finished=False):
    """LOG-1 to LOG-6: size, root, and each cosigning witness with its time."""
    size, root, text, signatures = head(manifest, data)
    cosigners = _cosigners(manifest, text, signatures)
    witnesses = manifest.json["witnesses"]
    if len(cosigners) < (len(witnesses["members"]) if finished else witnesses["quorum"]):
        raise Fault("LOG-4", "too few cosignatures")
    return size, root, cosigners


def head(manifest, data):
    """LOG-1, LOG-3, LOG-6: size, root, what is signed, and the lines of witnesses."""
    try:
        note = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Fault("LOG-6", "not UTF-8") from None
    text, gap, tail = note.partition("\n\n")
    lines = text.split("\n")
    if lines[0] != "haal/" + manifest.id.hex():
        raise Fault("LOG-1", "another origin")
    if not gap or not tail.endswith("\n"):
        raise Fault("LOG-6", "no signatures, or an unfinished line")
    if len(lines) > 3:
        raise Fault("LOG-1", "an extension line")
    if len(lines) < 3 or not re.fullmatch("0|[1-9][0-9]{0,19}", lines[1], re.ASCII) or (
            int(lines[1]) >= 2**64):
        raise Fault("LOG-6", "the size")
    root = _base64(lines[2])
    if len(root) != 32:
        raise Fault("LOG-6", "the root")
    signatures = [_signature(line) for line in tail[:-1].split("\n")]
    text += "\n"
    collector = manifest.json["collector"]
    name, blob = signatures[0]
    key = bytes.fromhex(collector["key"])
    if name != collector["name"] or blob[:4] != key_hash(name, LOG, key) or not (
            ed25519.verify(key, text.encode(), blob[4:])):
        raise Fault("LOG-3")
    return int(lines[1]), root, text, signatures[1:]


def witnesses_of(manifest, text, signatures):
    """Each witness with a line that verifies, with the greatest time of such lines."""
    out = {}
    for member in manifest.json["witnesses"]["members"]:
        for name, blob in signatures:
            time = int.from_bytes(blob[4:12], "big")
            if name == member["name"] and _cosignature(member, text, blob):
                out[name] = max(time, out.get(name, 0))
    return out


def _cosigners(manifest, text, signatures):
    members = manifest.json["witnesses"]["members"]
    names = [m["name"] for m in members]
    out, last = [], -1
    for name, blob in signatures:
        if name not in names or names.index(name) <= last:
            raise Fault("LOG-4", "not a witness, twice, or out of order")
        last = names.index(name)
        if not _cosignature(members[last], text, blob):
            raise Fault("LOG-4", "a line that does not verify")
        out.append((name, int.from_bytes(blob[4:12], "big")))
    return out


def _cosignature(member, text, blob):
    """Does a line's blob verify as this witness's?"""
    key = bytes.fromhex(member["key"])
    time = int.from_bytes(blob[4:12], "big")
    return blob[:4] == key_hash(member["name"], COSIGNATURE, key) and (
        ed25519.verify(key, cosigned(time, text), blob[12:]))


def _base64(string):
    try:
        data = base64.b64decode(string, validate=True)
    except (binascii.Error, ValueError):
        raise Fault("LOG-6", "base64") from None
    if base64.b64encode(data).decode() != string:
        raise Fault("LOG-6", "base64")
    return data


def _signature(line):
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "\u2014" or not parts[1]:
        raise Fault("LOG-6", "a line that is no signature")
    return parts[1], _base64(parts[2])
