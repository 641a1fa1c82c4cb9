"""Keccak-f[1600] and the part of STROBE-128 that merlin builds on.

STROBE (version 1.0.2) turns the Keccak permutation into a running state that
absorbs labelled data and yields pseudorandom bytes. Of its operations only three
are here: meta_ad (framing data), ad (data) and prf (output). None of them sends
anything anywhere, so STROBE's notion of direction is left out.
"""

import struct

_MASK = 2**64 - 1


def _round_constants():
    """The 24 iota constants, from the degree-8 shift register of FIPS 202."""
    constants = []
    register = 1
    for _ in range(24):
        constant = 0
        for j in range(7):
            if register & 1:
                constant |= 1 << (2**j - 1)
            register <<= 1
            if register & 0x100:
                register ^= 0x171
        constants.append(constant)
    return constants


def _rho_pi():
    """The walk of rho and pi: a list of (target lane, rotation) in order.

    Lane (x, y) has the number x + 5y. The walk starts at lane (1, 0); each
    step moves the lane carried along into the next target.
    """
    steps = []
    x, y = 1, 0
    for t in range(24):
        x, y = y, (2 * x + 3 * y) % 5
        steps.append((x + 5 * y, (t + 1) * (t + 2) // 2 % 64))
    return steps


_CONSTANTS = _round_constants()
_STEPS = _rho_pi()


def _rotate(lane, n):
    """A 64-bit lane turned left by n bits."""
    return (lane << n | lane >> (64 - n)) & _MASK


def keccak_f1600(state):
    """The permutation, in place, on a bytearray of 200 bytes."""
    a = list(struct.unpack("<25Q", state))
    for constant in _CONSTANTS:
        # theta: mix each column with its neighbours.
        c = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
        d = [c[x - 1] ^ _rotate(c[(x + 1) % 5], 1) for x in range(5)]
        a = [a[i] ^ d[i % 5] for i in range(25)]
        # rho and pi: turn the lanes and move them about.
        carried = a[1]
        for target, turn in _STEPS:
            a[target], carried = _rotate(carried, turn), a[target]
        # chi: the only nonlinear step, row by row.
        for y in range(0, 25, 5):
            row = a[y:y + 5]
            for x in range(5):
                a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5])
        # iota: break the symmetry.
        a[0] ^= constant
    state[:] = struct.pack("<25Q", *a)


# Bytes of the state open to data: 200 less two times 16, less two for framing.
RATE = 166

# The operation flags in use.
_I, _A, _C, _M = 1, 2, 4, 16


class Strobe128:
    """A STROBE state at the 128-bit security level."""

    def __init__(self, protocol):
        self.state = bytearray(200)
        self.state[:6] = bytes([1, RATE + 2, 1, 0, 1, 96])
        self.state[6:18] = b"STROBEv1.0.2"
        keccak_f1600(self.state)
        self.pos = 0
        self.pos_begin = 0
        self.flags = 0
        self.meta_ad(protocol, False)

    def clone(self):
        """A second, independent state that stands where this one stands."""
        twin = object.__new__(Strobe128)
        twin.state = bytearray(self.state)
        twin.pos = self.pos
        twin.pos_begin = self.pos_begin
        twin.flags = self.flags
        return twin

    def meta_ad(self, data, more):
        """Absorb framing data; more=True goes on with the last operation."""
        self._begin(_M | _A, more)
        self._absorb(data)

    def ad(self, data, more):
        """Absorb data; more=True goes on with the last operation."""
        self._begin(_A, more)
        self._absorb(data)

    def prf(self, n, more):
        """Yield n pseudorandom bytes; more=True goes on with the last one."""
        self._begin(_I | _A | _C, more)
        return self._squeeze(n)

    def _begin(self, flags, more):
        if more:
            if flags != self.flags:
                raise ValueError("only an operation of the same kind can go on")
            return
        old_begin = self.pos_begin
        self.pos_begin = self.pos + 1
        self.flags = flags
        self._absorb(bytes([old_begin, flags]))
        if flags & _C and self.pos != 0:
            self._run()

    def _run(self):
        self.state[self.pos] ^= self.pos_begin
        self.state[self.pos + 1] ^= 0x04
        self.state[RATE + 1] ^= 0x80
        keccak_f1600(self.state)
        self.pos = 0
        self.pos_begin = 0

    def _absorb(self, data):
        for byte in data:
            self.state[self.pos] ^= byte
            self.pos += 1
            if self.pos == RATE:
                self._run()

    def _squeeze(self, n):
        out = bytearray()
        for _ in range(n):
            out.append(self.state[self.pos])
            self.state[self.pos] = 0
            self.pos += 1
            if self.pos == RATE:
                self._run()
        return bytes(out)
