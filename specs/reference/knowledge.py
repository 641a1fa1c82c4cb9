"""Page 04, POK: knowledge of a discrete logarithm (Schnorr)."""

from encoding import Reader, point, scalar
from ristretto import G
from transcript import Proof


def begin(election, session, trustee, column, degree, X):
    t = Proof("knowledge")
    t.append("election", election)
    t.append("session", session)
    t.number("trustee", trustee)
    t.number("column", column)
    t.number("degree", degree)
    t.append("X", X)
    return t


def prove(t, x, k):
    """The 64 bytes T, z for the witness x and the nonce k; and c."""
    T = k * G
    t.append("T", T)
    c = t.challenge("c")
    return point(T) + scalar(k + c * x), c


def verify(t, X, proof):
    """POK-1; a Fault if the bytes do not even decode."""
    r = Reader(proof)
    T, z = r.point(), r.scalar()
    r.end()
    t.append("T", T)
    return z * G == T + t.challenge("c") * X
