"""The group ristretto255 (RFC 9496) and its scalars.

A group element is a Point. Points are written additively: p + q, p - q, -p,
and n * p for an integer n (any integer; it is reduced modulo L). Two points are
equal when they are the same element of the group, whatever curve point stands
for them inside.

A scalar is a plain Python integer, kept in the range 0 .. L-1 by whoever
computes with it. Every decoding that can fail raises DecodeError, which is a
ValueError.
"""

import edwards
from edwards import D, L, P, SQRT_M1, absolute, is_negative, sqrt_ratio


class DecodeError(ValueError):
    """The bytes are not the one valid encoding of anything."""


# The constants of RFC 9496, section 4.1. The curve parameter a is -1. The RFC
# picks the odd ("negative") root of a*d - 1, and the even root of 1/(a - d).
_ONE_MINUS_D_SQ = (1 - D * D) % P
_D_MINUS_ONE_SQ = (D - 1) ** 2 % P
_SQRT_AD_MINUS_ONE = P - sqrt_ratio(-D - 1, 1)[1]
_INVSQRT_A_MINUS_D = sqrt_ratio(1, -1 - D)[1]


class Point:
    """One element of ristretto255."""

    __slots__ = ("xyzt",)

    def __init__(self, xyzt):
        self.xyzt = xyzt

    def __add__(self, other):
        return Point(edwards.add(self.xyzt, other.xyzt))

    def __sub__(self, other):
        return Point(edwards.add(self.xyzt, edwards.negate(other.xyzt)))

    def __neg__(self):
        return Point(edwards.negate(self.xyzt))

    def __rmul__(self, n):
        if not isinstance(n, int):
            return NotImplemented
        if self.xyzt is edwards.BASE:
            return Point(edwards.multiply_base(n % L))
        return Point(edwards.multiply(n % L, self.xyzt))

    def __eq__(self, other):
        if not isinstance(other, Point):
            return NotImplemented
        x1, y1, _, _ = self.xyzt
        x2, y2, _, _ = other.xyzt
        return (x1 * y2 - y1 * x2) % P == 0 or (y1 * y2 - x1 * x2) % P == 0

    def __hash__(self):
        return hash(self.encode())

    def __repr__(self):
        return "Point(%s)" % self.encode().hex()

    def is_identity(self):
        """True for the neutral element."""
        return self == IDENTITY

    def encode(self):
        """The 32 bytes of this element (RFC 9496, section 4.3.2)."""
        x0, y0, z0, t0 = self.xyzt
        u1 = (z0 + y0) * (z0 - y0) % P
        u2 = x0 * y0 % P
        # No check of the flag: the argument is always a square here.
        _, invsqrt = sqrt_ratio(1, u1 * u2 * u2)
        den1 = invsqrt * u1 % P
        den2 = invsqrt * u2 % P
        z_inv = den1 * den2 * t0 % P
        if is_negative(t0 * z_inv):
            x = y0 * SQRT_M1 % P
            y = x0 * SQRT_M1 % P
            den_inv = den1 * _INVSQRT_A_MINUS_D % P
        else:
            x, y, den_inv = x0, y0, den2
        if is_negative(x * z_inv):
            y = -y
        return edwards.field_to_bytes(absolute(den_inv * (z0 - y)))


IDENTITY = Point(edwards.IDENTITY)
G = Point(edwards.BASE)


def encode(point):
    """The 32 bytes of a point; the same as point.encode()."""
    return point.encode()


def decode(data):
    """The group element with this encoding (RFC 9496, section 4.3.1).

    Refuses everything but the one canonical encoding of an element. The
    identity, 32 zero bytes, is a valid answer here; see decode_point.
    """
    if len(data) != 32:
        raise DecodeError("a point takes exactly 32 bytes")
    s = int.from_bytes(data, "little")
    if s >= P:
        raise DecodeError("the field element of the point is not canonical")
    if is_negative(s):
        raise DecodeError("the field element of the point is negative")
    ss = s * s % P
    u1 = (1 - ss) % P
    u2 = (1 + ss) % P
    u2_sqr = u2 * u2 % P
    v = (-(D * u1 * u1) - u2_sqr) % P
    square, invsqrt = sqrt_ratio(1, v * u2_sqr)
    den_x = invsqrt * u2 % P
    den_y = invsqrt * den_x * v % P
    x = absolute(2 * s * den_x)
    y = u1 * den_y % P
    t = x * y % P
    if not square or is_negative(t) or y == 0:
        raise DecodeError("the bytes encode no point")
    return Point((x, y, 1, t))


def decode_point(data):
    """Like decode, but the identity is refused as well."""
    point = decode(data)
    if point.is_identity():
        raise DecodeError("the point is the identity")
    return point


def _map(t):
    """The Elligator map from one field element (RFC 9496, section 4.3.4)."""
    r = SQRT_M1 * t * t % P
    u = (r + 1) * _ONE_MINUS_D_SQ % P
    v = (-1 - r * D) * (r + D) % P
    square, s = sqrt_ratio(u, v)
    if square:
        c = -1
    else:
        s = -absolute(s * t) % P
        c = r
    n = (c * (r - 1) * _D_MINUS_ONE_SQ - v) % P
    w0 = 2 * s * v % P
    w1 = n * _SQRT_AD_MINUS_ONE % P
    w2 = (1 - s * s) % P
    w3 = (1 + s * s) % P
    return Point((w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P))


def from_uniform_bytes(data):
    """A group element from 64 uniform bytes, its logarithm known to nobody.

    The one-way map of RFC 9496: each half is read as a field element, with the
    top bit dropped and the rest reduced modulo P; both are mapped and added.
    """
    if len(data) != 64:
        raise ValueError("the one-way map takes exactly 64 bytes")
    return (_map(edwards.field_from_bytes(data[:32]))
            + _map(edwards.field_from_bytes(data[32:])))


def multi_scalar(scalars, points):
    """The sum of scalar * point over two lists of one length, the plain way."""
    scalars, points = list(scalars), list(points)
    if len(scalars) != len(points):
        raise ValueError("as many scalars as points are needed")
    total = IDENTITY
    for scalar, point in zip(scalars, points):
        total = total + scalar * point
    return total


def scalar_from_canonical(data):
    """A scalar from 32 little-endian bytes; refuses L and anything above."""
    if len(data) != 32:
        raise DecodeError("a scalar takes exactly 32 bytes")
    n = int.from_bytes(data, "little")
    if n >= L:
        raise DecodeError("the scalar is not reduced")
    return n


def scalar_from_wide(data):
    """A scalar from 64 little-endian bytes, reduced modulo L."""
    if len(data) != 64:
        raise ValueError("a wide scalar takes exactly 64 bytes")
    return int.from_bytes(data, "little") % L


def scalar_to_bytes(n):
    """The canonical 32 little-endian bytes of a scalar, reduced first."""
    return (n % L).to_bytes(32, "little")


def scalar_inverse(n):
    """1/n modulo L; zero has none."""
    if n % L == 0:
        raise ZeroDivisionError("zero has no inverse")
    return pow(n, -1, L)
