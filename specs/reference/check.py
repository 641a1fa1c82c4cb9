"""Page 16: the code for the second device, its text, and what the device checks."""

from base64 import b32decode, b32encode

from ballot import ballot_hash, make
from casting import pseudonym
from encoding import Fault, H, Reader, malformed, u8, u32

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
CAST, CHALLENGED = 1, 2


def _integers(manifest, district):
    """How many bits each integer of a ballot of the district has, in order."""
    out = []
    for _, _, _, shape in manifest.parts(district):
        out.append([sum(1 for integer, _ in shape.bits if integer == i)
                    for i in range(1, shape.w + 1)])
    return out


def _opening_length(widths):
    bits = sum(sum(part) for part in widths)
    least = 32 + (bits + 7) // 8
    return least + (-(17 + least)) % 5


def write_opening(manifest, district, seed, selections):
    widths = _integers(manifest, district)
    bits = "".join(format(m, "0%db" % n) for part, values in zip(widths, selections, strict=True)
                   for n, m in zip(part, values, strict=True))
    length = _opening_length(widths) - 32
    return seed + int(bits.ljust(8 * length, "0"), 2).to_bytes(length, "big")


def read_opening(manifest, district, data):
    """CHECK-12 but for the rule of the contests: seed and selections."""
    widths = _integers(manifest, district)
    if len(data) != _opening_length(widths):
        raise Fault("CHECK-12", "another length")
    bits = "".join(format(b, "08b") for b in data[32:])
    selections = []
    for part in widths:
        selections.append([])
        for n in part:
            selections[-1].append(int(bits[:n], 2))
            bits = bits[n:]
    if "1" in bits:
        raise Fault("CHECK-12", "an unused bit is set")
    return data[:32], selections


def mask(data, pad, name):
    """XOR with the mask of a pad and a ballot hash; twice gives the data back."""
    stream = b"".join(H("check-mask", pad + name + u32(i)) for i in range(len(data) // 32 + 1))
    return bytes(a ^ b for a, b in zip(data, stream))


def token(election, masked):
    return H("check-token", election + masked)


def write_code(kind, index, election, masked):
    head = u8(kind) + u32(index) + election[:8] + masked
    return head + H("check-code", head)[:4]


def read_code(data):
    """CHECK-1 on bytes: kind, index, eight bytes of the election, masked."""
    if not 50 <= len(data) <= 60000 or len(data) % 5:
        raise malformed("CHECK-1", "length")
    r = Reader(data)
    kind, index, election = r.number(1), r.number(4), r.bytes(8)
    masked, total = r.bytes(r.left() - 4), r.bytes(4)
    if H("check-code", data[:-4])[:4] != total:
        raise malformed("CHECK-1", "sum")
    if kind not in (CAST, CHALLENGED):
        raise malformed("CHECK-1", "kind")
    return kind, index, election, masked


def check_character(group, place):
    c = 0
    for v in group:
        c ^= ALPHABET.index(v)
        c = (c << 1) ^ (0b100101 if c & 16 else 0)
    return ALPHABET[c ^ place % 32]


def write_text(data):
    letters = b32encode(data).decode()
    groups = [letters[i:i + 4] for i in range(0, len(letters), 4)]
    return "-".join(g + check_character(g, p) for p, g in enumerate(groups))


def read_text(string):
    """CHECK-1 on a text: the bytes."""
    letters = string.replace("-", "").replace(" ", "").upper()
    if not string.isascii() or any(c not in ALPHABET for c in letters):
        raise malformed("CHECK-1", "a character")
    if len(letters) % 10:
        raise malformed("CHECK-1", "a group is not whole")
    groups = [letters[i:i + 5] for i in range(0, len(letters), 5)]
    for place, group in enumerate(groups):
        if check_character(group[:4], place) != group[4]:
            raise malformed("CHECK-1", "group %d" % (place + 1))
    return b32decode("".join(g[:4] for g in groups))


def check(manifest, key, keys, code, entry, pad=None, blinding=None, person=None):
    """CHECK-2 and CHECK-11 to CHECK-14 on a code as text and the entry at its index."""
    kind, _, election, masked = read_code(read_text(code))
    if election != manifest.id[:8]:
        raise Fault("CHECK-2")
    if entry[0] != (5 if kind == CAST else 6):
        raise Fault("CHECK-11")
    data = entry[34:] if kind == CAST else entry[2:]
    district = int.from_bytes(data[66:68], "big")
    size = 136 + sum(s.part_size() for _, _, _, s in manifest.parts(district))
    ballot, rest = data[:size], data[size:]
    opening = mask(masked, pad, ballot_hash(ballot)) if kind == CAST else masked
    seed, selections = read_opening(manifest, district, opening)
    voter, number, previous = ballot[68:100], int.from_bytes(ballot[100:104], "big"), ballot[104:136]
    try:
        again, _ = make(manifest, key, keys, district, voter, number, previous, selections, seed)
    except Fault:
        raise Fault("CHECK-12", "SHAPE-1") from None
    if again != ballot:
        raise Fault("CHECK-13", "another ballot")
    if kind == CHALLENGED and rest != seed + b"".join(u32(x) for m in selections for x in m):
        raise Fault("CHECK-13", "another opening")
    if kind == CAST and person and pseudonym(manifest.id, blinding, person) != voter:
        raise Fault("CHECK-14")
    return selections
