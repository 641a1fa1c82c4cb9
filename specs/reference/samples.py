"""What the test vectors are made of: secrets that anyone can compute, people with
keys, and small elections. None of it may ever serve a real election.
"""

import hashlib

import canonical
import ed25519
from encoding import u32
from manifest import COUNTS, Manifest
from ristretto import G, L as ORDER


class Secrets:
    """A counter under SHA-256: the same draws in the same order every time."""

    def __init__(self, name):
        self.name = name.encode()
        self.drawn = 0

    def bytes(self):
        """32 bytes."""
        self.drawn += 1
        return hashlib.sha256(b"haal test vectors\0" + self.name + b"\0"
                              + u32(self.drawn)).digest()

    def scalar(self):
        return int.from_bytes(self.bytes() + self.bytes(), "little") % ORDER

    def permutation(self, n):
        """The numbers 0..n-1 in some order."""
        return sorted(range(n), key=lambda _: self.bytes())


def secret_key(name):
    return Secrets("key of " + name).bytes()


def share_secret(name):
    return Secrets("share key of " + name).scalar()


def member(name):
    return {"name": name, "key": ed25519.public_key(secret_key(name)).hex()}


def trustee(name):
    return {**member(name), "share_key": (share_secret(name) * G).encode().hex()}


ANCHOR_A = (
    "MIIBXTCCAQOgAwIBAgIBATAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAtUZXN0IFJvb3QgQTAeFw0yNTAxMDEwMDAwMD"
    "BaFw00OTEyMzEyMzU5NTlaMBYxFDASBgNVBAMMC1Rlc3QgUm9vdCBBMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"
    "LmcLjatDZVpcmWyiVT0Hf5J4llXe70FSTRskiZUArMnBnCTjNct16KfMKSBAMPFEgWuj44LrGGyJr7i3psYorKNCME"
    "AwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYwHQYDVR0OBBYEFP9qWyg5FUgPb1u13E/fGoS1/m21MAoG"
    "CCqGSM49BAMCA0gAMEUCIHdPIheH+fONjpOoq06zAKjpy7WsSG5oOkHtLzx+yuwzAiEA+LjC9iw+hzLvy4ALS7UQxU"
    "eQX3Jge9S4li0c01HLT9A=")
ANCHOR_B = (
    "MIIBmjCCASCgAwIBAgIBATAKBggqhkjOPQQDAzAWMRQwEgYDVQQDDAtUZXN0IFJvb3QgQjAeFw0yNTAxMDEwMDAwMD"
    "BaFw00OTEyMzEyMzU5NTlaMBYxFDASBgNVBAMMC1Rlc3QgUm9vdCBCMHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE61PK"
    "QBBX19s6H7EqRbvseis25Qcuiq7vIcQ+WGlMvpdSyJ18jZ7ILm/S0jnTAW1Fl8OPpFYb/ehDCBhMQyCLJWe/wryhso"
    "PJh0pagfvF2i2CIYOrBPpSGYAZCfZL/Fhjo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIBBjAdBgNV"
    "HQ4EFgQU4DMjA0gVKLeZ93M32Ye9RX+DU1cwCgYIKoZIzj0EAwMDaAAwZQIxAIHZupSyAhWX7vqtLLM08TOwnDJPOv"
    "n0Jsp6kzyYt7Hxc//Im2St7uyQxiGxJWPC1wIwYsR9AZQvl/7L/AY7hmkIds9pleXFGBsuC4gmVCdpNa6Ou0lmwkmt"
    "M6NTMK2NTf6M")

NAMES = ["Ann", "Ben", "Cat", "Dag", "Eve", "Fay", "Gus", "Hal", "Ida", "Jan"]


def options(n, prefix=""):
    """n options: a few of them with names people have, the others numbered."""
    titles = NAMES if n <= len(NAMES) else ["Option %d" % i for i in range(1, n + 1)]
    return [{"id": "%so%d" % (prefix, i + 1), "title": titles[i], "group": ""}
            for i in range(n)]


def contest(name, rule, lists):
    """lists: pairs of districts and options."""
    return {"id": name, "title": "Contest " + name, "rule": rule, "count": COUNTS[rule["kind"]],
            "lists": [{"districts": d, "options": o} for d, o in lists]}


def election(contests, districts=("north",), k_min=2, trustees=3, threshold=2):
    """A manifest as a dict: a 2-of-3 committee, three witnesses, two mixers."""
    return {
        "haal": 1, "kind": "election", "title": "Test election",
        "voting": {"from": 1795000000, "until": 1795600000},
        "committee": {"members": [member(n) for n in ("kask", "tamm", "saar")], "quorum": 2},
        "collector": member("collector"),
        "witnesses": {"members": [member(n) for n in ("w1", "w2", "w3")], "quorum": 2,
                      "faulty": 0},
        "trustees": {"members": [trustee("t%d" % i) for i in range(1, trustees + 1)],
                     "threshold": threshold, "override": False},
        "mixers": {"members": [member(n) for n in ("m1", "m2")], "required": 2},
        "eid": {"profile": "cades-b", "anchors": [ANCHOR_A]},
        "board": {"batch_seconds": 1, "batch_smallest": 1},
        "check": {"minutes": 30, "releases": 3},
        "k_min": k_min,
        "districts": [{"id": d, "title": d.capitalize()} for d in districts],
        "contests": contests}


CHOOSE = {"kind": "choose", "min": 1, "max": 1, "blank": True}


def small(rule=CHOOSE, n=3):
    """One contest, two districts."""
    return election([contest("mayor", rule, [(["north", "south"], options(n))])],
                    ["north", "south"])


def load(manifest):
    return Manifest(canonical.write(manifest).encode())


def election_keys(count):
    """The key id and H_1..H_count of an election whose ceremony nobody held."""
    secrets = Secrets("election key")
    return secrets.bytes(), [secrets.scalar() for _ in range(count)]
