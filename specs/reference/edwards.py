"""The field modulo 2^255 - 19 and the twisted Edwards curve over it.

This is the curve -x^2 + y^2 = 1 + d x^2 y^2 ("edwards25519"), the ground on
which both ristretto255 and Ed25519 stand. A field element is a plain Python
integer in the range 0 .. P-1. A curve point is a tuple (X, Y, Z, T) in extended
coordinates: the affine point is x = X/Z, y = Y/Z, and T = XY/Z. The addition
law used here has no exceptional cases, so no branch ever looks at a point.

Nothing here runs in constant time. It is meant to be read and compared with,
never to hold a secret of a real election.
"""

# The field prime.
P = 2**255 - 19

# The order of the prime-order subgroup, which is also the order of ristretto255.
L = 2**252 + 27742317777372353535851937790883648493


def inverse(a):
    """1/a in the field; zero maps to zero, as the standards want it."""
    return pow(a, P - 2, P)


def is_negative(a):
    """A field element is called negative when its canonical form is odd."""
    return a % P % 2 == 1


def absolute(a):
    """Whichever of a and -a is not negative."""
    a %= P
    return P - a if a % 2 == 1 else a


# The curve constant, its double, and the non-negative square root of -1.
D = -121665 * inverse(121666) % P
D2 = 2 * D % P
SQRT_M1 = absolute(pow(2, (P - 1) // 4, P))


def sqrt_ratio(u, v):
    """The pair (True, sqrt(u/v)), or (False, sqrt(i*u/v)) if u/v has no root.

    Here i is SQRT_M1. The root returned is always the non-negative one.
    With u = 0 the answer is (True, 0); with v = 0 and u not 0, (False, 0).
    """
    u %= P
    v %= P
    v3 = v * v * v % P
    root = u * v3 * pow(u * v3 * v3 * v, (P - 5) // 8, P) % P
    check = v * root * root % P
    plain = check == u
    flipped = check == -u % P
    flipped_i = check == -u * SQRT_M1 % P
    if flipped or flipped_i:
        root = root * SQRT_M1 % P
    return plain or flipped, absolute(root)


def field_from_bytes(data):
    """32 little-endian bytes as an integer, the top bit ignored, NOT reduced."""
    if len(data) != 32:
        raise ValueError("a field element takes exactly 32 bytes")
    return int.from_bytes(data, "little") % 2**255


def field_to_bytes(a):
    """The canonical 32 little-endian bytes of a field element."""
    return (a % P).to_bytes(32, "little")


IDENTITY = (0, 1, 1, 0)


def add(p, q):
    """The sum of two points."""
    x1, y1, z1, t1 = p
    x2, y2, z2, t2 = q
    a = (y1 - x1) * (y2 - x2) % P
    b = (y1 + x1) * (y2 + x2) % P
    c = t1 * t2 % P * D2 % P
    d = 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(p):
    """A point added to itself, a little faster than add(p, p)."""
    x, y, z, _ = p
    xx = x * x % P
    yy = y * y % P
    h = xx + yy
    e = h - (x + y) * (x + y)
    g = xx - yy
    f = 2 * z * z + g
    e %= P
    f %= P
    return e * f % P, g * h % P, f * g % P, e * h % P


def negate(p):
    """The point with x turned to -x."""
    x, y, z, t = p
    return -x % P, y, z, -t % P


def multiply(n, p):
    """n times p for an integer n >= 0, by windows of four bits."""
    if n < 0:
        raise ValueError("the multiplier must not be negative")
    table = [IDENTITY, p]
    while len(table) < 16:
        table.append(add(table[-1], p))
    result = IDENTITY
    for digit in "%x" % n:
        for _ in range(4):
            result = double(result)
        result = add(result, table[int(digit, 16)])
    return result


def same_point(p, q):
    """True if two tuples stand for the same point of the curve itself."""
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (
        p[1] * q[2] - q[1] * p[2]) % P == 0


def from_affine(x, y):
    """The extended form of an affine point."""
    return x, y, 1, x * y % P


def recover_x(y, want_negative):
    """The x that belongs to y, with the wanted sign; None if there is none."""
    square, x = sqrt_ratio(y * y - 1, D * y * y + 1)
    if not square:
        return None
    if x == 0 and want_negative:
        return None
    return -x % P if want_negative else x


# The generator: y = 4/5 with the non-negative x.
_BASE_Y = 4 * inverse(5) % P
BASE = from_affine(recover_x(_BASE_Y, False), _BASE_Y)

# _base_table[i][j] = j * 16^i * BASE, filled at first use.
_base_table = []


def multiply_base(n):
    """n times the generator for 0 <= n < 2^256, with a table of its multiples."""
    if not 0 <= n < 2**256:
        raise ValueError("the multiplier must fit in 256 bits")
    if not _base_table:
        step = BASE
        for _ in range(64):
            row = [IDENTITY]
            while len(row) < 16:
                row.append(add(row[-1], step))
            _base_table.append(row)
            step = add(row[-1], step)
    result = IDENTITY
    for row in _base_table:
        result = add(result, row[n % 16])
        n //= 16
    return result
