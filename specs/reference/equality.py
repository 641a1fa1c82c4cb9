"""Page 04, EQ: equality of two discrete logarithms (Chaum and Pedersen)."""

from encoding import Reader, point, scalar
from ristretto import G
from transcript import Proof


def begin_drill(election, key, drill, trustee, column, D, X, Y):
    t = Proof("drill")
    t.append("election", election)
    t.append("key", key)
    t.number("drill", drill)
    t.number("trustee", trustee)
    t.number("column", column)
    return _statement(t, D, X, Y)


def begin_complaint(election, session, dealer, trustee, D, X, Y):
    t = Proof("complaint")
    t.append("election", election)
    t.append("session", session)
    t.number("dealer", dealer)
    t.number("trustee", trustee)
    return _statement(t, D, X, Y)


def _statement(t, D, X, Y):
    t.append("D", D)
    t.append("X", X)
    t.append("Y", Y)
    return t


def prove(t, D, x, k):
    """The 96 bytes T_1, T_2, z for the witness x and the nonce k; and c."""
    T_1, T_2 = k * G, k * D
    t.append("T_1", T_1)
    t.append("T_2", T_2)
    c = t.challenge("c")
    return point(T_1) + point(T_2) + scalar(k + c * x), c


def verify(t, D, X, Y, proof):
    """EQ-1; a Fault if the bytes do not even decode."""
    r = Reader(proof)
    T_1, T_2, z = r.point(), r.point(), r.scalar()
    r.end()
    t.append("T_1", T_1)
    t.append("T_2", T_2)
    c = t.challenge("c")
    return z * G == T_1 + c * X and z * D == T_2 + c * Y
