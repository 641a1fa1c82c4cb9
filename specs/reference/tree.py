"""RFC 6962 Merkle trees: root, inclusion and consistency proofs, and their checks."""

from encoding import sha256


def leaf(data):
    return sha256(b"\0" + data)


def node(left, right):
    return sha256(b"\1" + left + right)


def _split(n):
    """The largest power of two below n."""
    return 1 << (n - 1).bit_length() - 1


def root(leaves):
    """MTH of section 2.1 over leaf data."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaf(leaves[0])
    k = _split(len(leaves))
    return node(root(leaves[:k]), root(leaves[k:]))


def inclusion(m, leaves):
    """PATH of section 2.1.1: the audit path of leaf m."""
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if m < k:
        return inclusion(m, leaves[:k]) + [root(leaves[k:])]
    return inclusion(m - k, leaves[k:]) + [root(leaves[:k])]


def consistency(m, leaves):
    """PROOF of section 2.1.2, for 0 < m <= the number of leaves; from 0, nothing."""
    if m == 0:
        return []
    return _subproof(m, leaves, True)


def _subproof(m, leaves, whole):
    if m == len(leaves):
        return [] if whole else [root(leaves)]
    k = _split(len(leaves))
    if m <= k:
        return _subproof(m, leaves[:k], whole) + [root(leaves[k:])]
    return _subproof(m - k, leaves[k:], False) + [root(leaves[:k])]


def included(leaf_hash, index, size, path, wanted):
    """RFC 9162, section 2.1.3.2."""
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf_hash
    for p in path:
        if sn == 0:
            return False
        if fn % 2 == 1 or fn == sn:
            r = node(p, r)
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn // 2, sn // 2
        else:
            r = node(r, p)
        fn, sn = fn // 2, sn // 2
    return sn == 0 and r == wanted


def consistent(first, second, first_root, second_root, path):
    """RFC 9162, section 2.1.4.2; equal sizes need equal roots and no path. The tree of no
    entries, which it leaves out, is the beginning of every tree."""
    if first == 0:
        return not path and first_root == root([]) and (second > 0 or second_root == root([]))
    if first == second:
        return not path and first_root == second_root
    if not 0 < first < second or not path:
        return False
    path = list(path)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    fn, sn = first - 1, second - 1
    while fn % 2 == 1:
        fn, sn = fn // 2, sn // 2
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn % 2 == 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn // 2, sn // 2
        else:
            sr = node(sr, c)
        fn, sn = fn // 2, sn // 2
    return sn == 0 and fr == first_root and sr == second_root
