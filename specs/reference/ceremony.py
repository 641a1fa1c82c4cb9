"""Page 05: the key ceremony, played by a trustee with given secrets and replayed by
everyone from the messages on the board.
"""

from dataclasses import dataclass

import chacha
import equality
import hkdf
import knowledge
from encoding import (Fault, H, Reader, hash_to_group, point, scalar, sha256, u8, u16, u32)
from ristretto import G, IDENTITY, L as ORDER

COMMIT, REVEAL, DEAL, CONFIRM, COMPLAINT, DRILL = range(32, 38)


def head(kind, session, trustee):
    return u8(kind) + u8(1) + session + u16(trustee)


def evaluate(polynomial, z):
    """f(z) for coefficients from the lowest."""
    return sum(a * z**d for d, a in enumerate(polynomial)) % ORDER


def evaluate_points(commitments, z):
    """Σ z^d · C_d."""
    total = IDENTITY
    for d, C in enumerate(commitments):
        total = total + (z**d) * C
    return total


def share_key(S, election, session, dealer, recipient, R):
    """The key that a share is encrypted under, and the info it was made with."""
    info = (b"haal/1/share\0" + election + session + u16(dealer) + u16(recipient) + R)
    return hkdf.hkdf(b"", S, info, 32), info


@dataclass
class Trustee:
    """A trustee with everything it will ever draw, index from 1."""

    index: int
    polynomials: list     # a[c][d]
    nonces: list          # of the POKs, k[c][d]
    salt: bytes
    ephemeral: list       # k for each recipient

    @classmethod
    def draw(cls, index, secrets, n, t, W):
        def table():
            return [[secrets.scalar() for _ in range(t)] for _ in range(W)]
        return cls(index, table(), table(), secrets.bytes(), [secrets.scalar() for _ in range(n)])

    def reveal(self, election, session):
        out = head(REVEAL, session, self.index) + self.salt
        for c, column in enumerate(self.polynomials, 1):
            for d, a in enumerate(column):
                C = a * G
                t = knowledge.begin(election, session, self.index, c, d, C)
                out += point(C) + knowledge.prove(t, a, self.nonces[c - 1][d])[0]
        return out

    def commit(self, n, t, W, election, session):
        return (head(COMMIT, session, self.index) + u16(n) + u16(t) + u16(W)
                + H("reveal", self.reveal(election, session)))

    def plain_share(self, recipient):
        return b"".join(scalar(evaluate(f, recipient)) for f in self.polynomials)

    def deal(self, election, session, share_keys):
        out = head(DEAL, session, self.index)
        for j, (E, k) in enumerate(zip(share_keys, self.ephemeral), 1):
            R = point(k * G)
            key, _ = share_key(point(k * E), election, session, self.index, j, R)
            out += R + chacha.seal(key, bytes(12), b"", self.plain_share(j))
        return out


def confirm(session, trustee, key):
    return head(CONFIRM, session, trustee) + key


def complaint(election, session, trustee, dealer, deal, W, e, k):
    """The complaint about one's part of a deal, with the nonce k of its proof."""
    at = 36 + (trustee - 1) * (32 * W + 48)
    R = Reader(deal[at:at + 32]).point()
    S = e * R
    t = equality.begin_complaint(election, session, dealer, trustee, R, e * G, S)
    return (head(COMPLAINT, session, trustee) + u16(dealer) + point(S)
            + equality.prove(t, R, e, k)[0])


def key_id(election, session, n, messages):
    """messages: commit, reveal, deal of trustee 1, then of 2, …"""
    return H("key", election + session + u32(n) + b"".join(map(sha256, messages)))


class Session:
    """One session as everyone replays it. `take` raises a Fault for a message that
    breaks a rule; `at_fault` then names the trustee whose fault it is."""

    def __init__(self, manifest, session, W):
        trustees = manifest.json["trustees"]
        self.election, self.session, self.W = manifest.id, session, W
        self.n, self.t = len(trustees["members"]), trustees["threshold"]
        self.share_keys = [Reader(bytes.fromhex(m["share_key"])).point()
                           for m in trustees["members"]]
        self.messages = {kind: {} for kind in range(COMMIT, DRILL + 1)}
        self.commitments = {}         # trustee: C[c][d]
        self.at_fault = None
        self.key = self.H = self.X = None

    def _need(self, rule, condition, trustee, text=""):
        if not condition:
            self.at_fault = trustee
            raise Fault(rule, text)

    def take(self, author, data):
        self.at_fault = author
        r = Reader(data)
        kind = data[0] if data else 0
        if kind not in self.messages or kind == DRILL:
            r.head(COMMIT)            # says what is wrong
            raise Fault("DEC-6")
        r.head(kind)
        session, trustee = r.bytes(32), r.number(2)
        self._need("KEY-1", session == self.session and trustee == author, author, "head")
        self._need("KEY-1", author not in self.messages[kind], author, "a second one")
        before = min(kind, CONFIRM) - 1
        self._need("KEY-1", kind == COMMIT or len(self.messages[before]) == self.n, author,
                   "another round")
        {COMMIT: self._commit, REVEAL: self._reveal, DEAL: self._deal, CONFIRM: self._confirm,
         COMPLAINT: self._complaint}[kind](author, data, r)
        self.messages[kind][author] = data
        if kind == DEAL and len(self.messages[DEAL]) == self.n:
            self._all_dealt()

    def _commit(self, author, data, r):
        stated = (r.number(2), r.number(2), r.number(2))
        r.bytes(32)
        r.end()
        self._need("KEY-2", stated == (self.n, self.t, self.W), author)

    def _reveal(self, author, data, r):
        self._need("KEY-3", H("reveal", data) == self.messages[COMMIT][author][-32:], author)
        r.bytes(32)
        count, rest = divmod(r.left(), 96)
        self._need("KEY-4", rest or count == self.W * self.t, author)
        columns = []
        for c in range(1, self.W + 1):
            columns.append([])
            for d in range(self.t):
                C, proof = r.point(), r.bytes(64)
                t = knowledge.begin(self.election, self.session, author, c, d, C)
                self._need("KEY-5", knowledge.verify(t, C, proof), author)
                columns[-1].append(C)
        r.end()
        self.commitments[author] = columns

    def _deal(self, author, data, r):
        for _ in range(self.n):
            r.point()
            r.bytes(32 * self.W + 16)
        r.end()

    def _all_dealt(self):
        """KEY-6, and the key everyone computes."""
        everyone = range(1, self.n + 1)
        self.H, self.X = [], {j: [] for j in everyone}
        for c in range(self.W):
            sums = [IDENTITY] * self.t
            for i in everyone:
                sums = [a + b for a, b in zip(sums, self.commitments[i][c])]
            self.H.append(sums[0])
            for j in everyone:
                self.X[j].append(evaluate_points(sums, j))
        points = [point(p) for p in self.H + [p for j in everyone for p in self.X[j]]]
        self._need("KEY-6", bytes(32) not in points and len(set(points)) == len(points), None)
        self.key = key_id(self.election, self.session, self.n, [
            self.messages[kind][i] for i in everyone for kind in (COMMIT, REVEAL, DEAL)])

    def _confirm(self, author, data, r):
        key = r.bytes(32)
        r.end()
        self._need("KEY-8", key == self.key, author)

    def confirmed(self):
        return len(self.messages[CONFIRM]) == self.n

    def share_is_good(self, dealer, recipient, S):
        """KEY-7 with the shared point S."""
        at = 36 + (recipient - 1) * (32 * self.W + 48)
        part = self.messages[DEAL][dealer][at:at + 32 * self.W + 48]
        key, _ = share_key(S, self.election, self.session, dealer, recipient, part[:32])
        try:
            r = Reader(chacha.open_sealed(key, bytes(12), b"", part[32:]))
            return all(r.scalar() * G == evaluate_points(C, recipient)
                       for C in self.commitments[dealer])
        except ValueError:
            return False

    def _complaint(self, author, data, r):
        """KEY-9: whoever is at fault, the session ends."""
        dealer, S, proof = r.number(2), r.point(), r.bytes(96)
        r.end()
        self._need("KEY-9", 1 <= dealer <= self.n, author, "no such dealer")
        at = 36 + (author - 1) * (32 * self.W + 48)
        R, E = Reader(self.messages[DEAL][dealer][at:at + 32]).point(), self.share_keys[author - 1]
        t = equality.begin_complaint(self.election, self.session, dealer, author, R, E, S)
        self._need("KEY-9", equality.verify(t, R, E, S, proof), author, "the proof fails")
        good = self.share_is_good(dealer, author, point(S))
        self._need("KEY-9", False, author if good else dealer)


# Drills.

def drill_point(election, key, drill, nonce):
    return hash_to_group("drill", election + key + u32(drill) + nonce)


def drill_answer(election, session, key, drill, trustee, D, shares, nonces):
    out = head(DRILL, session, trustee) + u32(drill)
    for c, (x, k) in enumerate(zip(shares, nonces), 1):
        Y = x * D
        t = equality.begin_drill(election, key, drill, trustee, c, D, x * G, Y)
        out += point(Y) + equality.prove(t, D, x, k)[0]
    return out


def check_drill(s, author, data, drill, nonce):
    """DRILL-1 against a confirmed session; the points Y."""
    r = Reader(data)
    r.head(DRILL)
    stated = (r.bytes(32), r.number(2), r.number(4))
    if stated != (s.session, author, drill):
        raise Fault("KEY-1", "head")
    D = drill_point(s.election, s.key, drill, nonce)
    Ys = []
    for c in range(1, s.W + 1):
        Y, proof = r.point(), r.bytes(96)
        X = s.X[author][c - 1]
        t = equality.begin_drill(s.election, s.key, drill, author, c, D, X, Y)
        if not equality.verify(t, D, X, Y, proof):
            raise Fault("DRILL-1")
        Ys.append(Y)
    r.end()
    return Ys


def lagrange(j, quorum):
    """λ_j at zero for the indices of a quorum (page 10)."""
    out = 1
    for m in quorum:
        if m != j:
            out = out * m * pow(m - j, -1, ORDER) % ORDER
    return out
