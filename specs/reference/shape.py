"""Page 04, Shapes: from the rule of a contest to encrypted integers and bits."""

from dataclasses import dataclass

from encoding import Fault, u8, u16, u32


def digits(most):
    """The coefficients whose sums are exactly 0..most, ascending."""
    count = 0
    while 2**count < most + 1:
        count += 1
    return [(most + 2**j) // 2**(j + 1) for j in range(count - 1, -1, -1)]


@dataclass
class Shape:
    """w integers; bits as (integer from 1 or 0 for none, coefficient)."""

    w: int
    bits: list
    constraint: tuple = None      # (L, c): the coefficients and the total

    @property
    def k(self):
        return len(self.bits)

    def encode(self):
        out = u16(self.w) + u16(self.k)
        for integer, coefficient in self.bits:
            out += u16(integer) + u32(coefficient)
        if self.constraint is None:
            return out + u8(0)
        L, c = self.constraint
        return out + u8(1) + b"".join(u32(x) for x in L) + u32(c)

    def integers(self, values):
        """M times a vector over the bits (bits, or anything that stands for them)."""
        m = [0] * self.w
        for (integer, coefficient), value in zip(self.bits, values):
            if integer:
                m[integer - 1] += coefficient * value
        return m

    def total(self, values):
        """L times a vector over the bits."""
        return sum(x * value for x, value in zip(self.constraint[0], values))

    def part_size(self):
        return 32 * (self.w + self.k + 10)


def shape_of(rule, n):
    """The shape of a rule (as the manifest has it) for n options."""
    kind = rule["kind"]
    if kind == "choose":
        slack = rule["max"] - rule["min"]
        bits = [(i, 1) for i in range(1, n + 1)]
        L = [1] * n
        if rule["blank"]:
            bits.append((n + 1, 1))
            L.append(rule["max"])
        return Shape(len(bits), bits + [(0, 0)] * slack, (L + [1] * slack, rule["max"]))
    if kind == "approve":
        return Shape(n, [(i, 1) for i in range(1, n + 1)])
    if kind == "score":
        return Shape(n, _columns(n, digits(rule["most"])))
    if kind == "budget":
        bits = _columns(n, digits(rule["total"]))
        return Shape(n, bits, ([x for _, x in bits], rule["total"]))
    if kind == "list":
        return Shape(1, _columns(1, digits(n - 1)))
    if kind == "rank":
        return Shape(rule["places"], _columns(rule["places"], digits(n)))
    raise ValueError("no such kind: " + kind)


def _columns(count, coefficients):
    return [(i, x) for i in range(1, count + 1) for x in coefficients]


def largest(rule, n):
    """The largest value of one integer (page 10, DECODE-1)."""
    kind = rule["kind"]
    if kind in ("choose", "approve"):
        return 1
    return {"score": rule.get("most"), "budget": rule.get("total"),
            "list": n - 1, "rank": n}[kind]


def check_selection(rule, n, m):
    """SHAPE-1: the vector m must be one that the rule allows."""
    if len(m) != shape_of(rule, n).w:
        raise Fault("SHAPE-1", "wrong number of integers")
    if any(not 0 <= x <= largest(rule, n) for x in m):
        raise Fault("SHAPE-1", "an integer is out of range")
    if rule["kind"] == "choose":
        blank = rule["blank"] and m[n] == 1
        chosen = sum(m[:n])
        if blank and chosen:
            raise Fault("SHAPE-1", "the blank and an option")
        if not blank and not rule["min"] <= chosen <= rule["max"]:
            raise Fault("SHAPE-1", "too few or too many options")
    if rule["kind"] == "budget" and sum(m) != rule["total"]:
        raise Fault("SHAPE-1", "the sum is not the total")


def bits_of(shape, m):
    """The fixed bits of a selection that was checked before."""
    left = list(m)
    bits = [0] * shape.k
    for j in range(shape.k - 1, -1, -1):
        integer, coefficient = shape.bits[j]
        if integer and coefficient <= left[integer - 1]:
            left[integer - 1] -= coefficient
            bits[j] = 1
    if any(left):
        raise Fault("SHAPE-1", "no bits make this integer")
    if shape.constraint:
        missing = shape.constraint[1] - shape.total(bits)
        for j in range(shape.k):
            if shape.bits[j][0] == 0 and missing > 0:
                bits[j] = 1
                missing -= 1
        if missing:
            raise Fault("SHAPE-1", "the constraint cannot be met")
    return bits
