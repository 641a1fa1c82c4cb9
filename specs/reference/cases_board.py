"""The cases of 08-tree and 08-checkpoint."""

import base64

import canonical
import checkpoint
import ed25519
import tree
from cases import case, needs
from encoding import sha256
from samples import load, secret_key, small

SIZES = (0, 1, 2, 3, 257)


def leaves_of(n):
    """Leaf i is the decimal number i; leaf 0 of no length would be a leaf too."""
    return [b"" if i == 2 else b"leaf %d" % i for i in range(n)]


def trees():
    out = []
    for n in SIZES:
        leaves = leaves_of(n)
        root = tree.root(leaves)
        out.append(case("root of %d" % n, kind="root", leaves=leaves, root=root,
                        intermediate={"leaf_hashes": [tree.leaf(x) for x in leaves[:3]]}))
        for i in [i for i in (0, 1, 2, 127, 128, 254, 255, 256) if i < n]:
            out += _inclusion(n, i, leaves, root)
        for m in [m for m in (0, 1, 2, 3, 4, 7, 64, 128, 255, 256, 257) if m <= n]:
            out += _consistency(m, n, leaves, root)
    return out


def _inclusion(n, i, leaves, root):
    path = tree.inclusion(i, leaves)
    out = []

    def add(name, rule="", index=i, size=n, path=path, leaf=leaves[i], root=root):
        out.append(case("inclusion %d of %d: %s" % (i, n, name), lambda: needs(
            "LOG-2", tree.included(tree.leaf(leaf), index, size, path, root)), rule,
            kind="inclusion", leaf=leaf, index=index, size=size, path=path, root=root,
            intermediate={}))
    add("good")
    if n in (3, 257) and i in (0, 2, 256):
        add("another leaf", "LOG-2", leaf=leaves[i] + b"x")
        add("another root", "LOG-2", root=bytes(32))
        add("index is the size", "LOG-2", index=n)
        add("another index", "LOG-2", index=(i + 1) % n if i + 1 < n else 0)
        add("path too short", "LOG-2", path=path[:-1])
        add("path too long", "LOG-2", path=path + [bytes(32)])
        add("another path", "LOG-2", path=path[:-1] + [bytes(32)])
        add("size 0", "LOG-2", size=0, index=0)
        add("size 2^53-1", "LOG-2", size=2**53 - 1)
        if len(path) > 1:
            add("path turned round", "LOG-2", path=path[::-1])
    return out


def _consistency(m, n, leaves, root):
    path = tree.consistency(m, leaves)
    before = tree.root(leaves[:m])
    out = []

    def add(name, rule="", first=m, second=n, first_root=before, second_root=root, path=path):
        out.append(case("consistency %d to %d: %s" % (m, n, name), lambda: needs(
            "LOG-2", tree.consistent(first, second, first_root, second_root, path)), rule,
            kind="consistency", first=first, second=second, first_root=first_root,
            second_root=second_root, path=path, intermediate={}))
    add("good")
    if m == 0:
        add("another first root", "LOG-2", first_root=bytes(32))
        add("the first root of one entry", "LOG-2", first_root=tree.leaf(b""))
        add("path too long", "LOG-2", path=[root])
    if m == n == 0:
        add("another root twice", "LOG-2", first_root=bytes(32), second_root=bytes(32))
        add("another second root", "LOG-2", second_root=bytes(32))
    if m in (1, 2, 7, 256, 257) and n in (3, 257):
        add("another first root", "LOG-2", first_root=bytes(32))
        add("another second root", "LOG-2", second_root=bytes(32))
        add("path too long", "LOG-2", path=path + [bytes(32)])
        if path:
            add("path too short", "LOG-2", path=path[:-1])
            add("another path", "LOG-2", path=path[:-1] + [bytes(32)])
            add("sizes exchanged", "LOG-2", first=n, second=m, first_root=root,
                second_root=before)
    return out


class _Note:
    """A checkpoint put together line by line."""

    def __init__(self, size=4211):
        self.manifest = small()
        self.loaded = load(self.manifest)
        self.root = sha256(b"root of a log")
        self.text = checkpoint.note_text(self.loaded.id, size, self.root)

    def log(self, name="collector", text=None, secret=None):
        return checkpoint.sign_log(name, secret or secret_key("collector"), text or self.text)

    def witness(self, name, time=1795000100, text=None):
        return checkpoint.cosign(name, secret_key(name), time, text or self.text)

    def note(self, *lines, text=None):
        return (text or self.text) + "\n" + "".join(lines)

    def case(self, name, note, rule="", finished=False, **intermediate):
        data = note if isinstance(note, bytes) else note.encode()
        if not rule:
            size, root, cosigners = checkpoint.read(self.loaded, data, finished)
            intermediate.update(size=size, root=root, cosigners=[list(c) for c in cosigners],
                                note_text=self.text)
        fields = {"note": note} if isinstance(note, str) else {"note_bytes": note}
        return case(name, lambda: checkpoint.read(self.loaded, data, finished), rule,
                    finished=finished, intermediate=intermediate, **fields)


def checkpoints():
    n = _Note()
    log, w1, w2, w3 = n.log(), n.witness("w1"), n.witness("w2", 1795000101), n.witness("w3")
    hashes = {name: checkpoint.key_hash(name, kind, ed25519.public_key(secret_key(name)))
              for name, kind in (("collector", 1), ("w1", 4), ("w2", 4), ("w3", 4))}
    good = n.note(log, w1, w2)
    out = [n.case("a quorum", good, key_hashes=hashes),
           n.case("the first and the third", n.note(log, w1, w3)),
           n.case("all, finished", n.note(log, w1, w2, w3), finished=True)]
    empty = _Note(0)
    out.append(empty.case("size 0", empty.note(empty.log(), empty.witness("w1"),
                                               empty.witness("w2"))))
    out += [
        n.case("LOG-4 a quorum, finished", good, "LOG-4", True),
        n.case("LOG-4 one witness", n.note(log, w1), "LOG-4"),
        n.case("LOG-4 no witness", n.note(log), "LOG-4"),
        n.case("LOG-4 out of order", n.note(log, w2, w1), "LOG-4"),
        n.case("LOG-4 one twice", n.note(log, w1, w1), "LOG-4"),
        n.case("LOG-4 a stranger", n.note(log, w1, w2, n.witness("w9")), "LOG-4"),
        n.case("LOG-4 the collector again", n.note(log, w1, w2, log), "LOG-4"),
        n.case("LOG-4 a mixer's signature", n.note(log, w1, w2, n.witness("m1")), "LOG-4"),
        n.case("LOG-4 a cosignature on another text", n.note(
            log, w1, n.witness("w2", text=n.text.replace("4211", "4212"))), "LOG-4"),
        n.case("LOG-4 another time than signed", n.note(log, w1, _altered(w2, 8)), "LOG-4"),
        n.case("LOG-4 another key hash", n.note(log, w1, _altered(w2, 0)), "LOG-4"),
        n.case("LOG-4 signed as a log", n.note(log, w1, checkpoint.sign_log(
            "w2", secret_key("w2"), n.text)), "LOG-4"),
        n.case("LOG-3 no collector", n.note(w1, w2), "LOG-3"),
        n.case("LOG-3 the collector second", n.note(w1, log, w2), "LOG-3"),
        n.case("LOG-3 another name", n.note(n.log("board"), w1, w2), "LOG-3"),
        n.case("LOG-3 another key", n.note(n.log(secret=secret_key("m1")), w1, w2), "LOG-3"),
        n.case("LOG-3 a signature on another text", n.note(
            n.log(text=n.text.replace("4211", "4212")), w1, w2), "LOG-3"),
        n.case("LOG-3 another key hash", n.note(_altered(log, 0), w1, w2), "LOG-3"),
        n.case("LOG-3 type 4", n.note(checkpoint.cosign(
            "collector", secret_key("collector"), 1795000100, n.text), w1, w2), "LOG-3")]

    def signed(text):
        return n.note(n.log(text=text), n.witness("w1", text=text), n.witness("w2", text=text),
                      text=text)
    root = base64.b64encode(n.root).decode()
    origin = n.text.split("\n")[0]
    for name, rule, text in (
            ("another origin", "LOG-1", n.text.replace("haal/", "haal/0", 1)),
            ("an origin in capitals", "LOG-1", n.text.replace(origin, origin.upper())),
            ("an extension line", "LOG-1", n.text + "more\n"),
            ("a leading zero", "LOG-6", n.text.replace("4211", "04211")),
            ("a plus", "LOG-6", n.text.replace("4211", "+4211")),
            ("no size", "LOG-6", n.text.replace("4211", "")),
            ("size 2^64", "LOG-6", n.text.replace("4211", str(2**64))),
            ("a root of 31 bytes", "LOG-6",
             n.text.replace(root, base64.b64encode(n.root[:31]).decode())),
            ("no padding", "LOG-6", n.text.replace("=", "")),
            ("loose bits in base64", "LOG-6", _loose(n.text))):
        out.append(n.case("%s %s" % (rule, name), signed(text), rule))
    out += [
        n.case("LOG-6 no last line end", good[:-1], "LOG-6"),
        n.case("LOG-6 an empty line at the end", good + "\n", "LOG-6"),
        n.case("LOG-6 a hyphen", n.note(log, w1.replace("\u2014", "-"), w2), "LOG-6"),
        n.case("LOG-6 two spaces", n.note(log, w1.replace(" w1", "  w1"), w2), "LOG-6"),
        n.case("LOG-6 no signatures", n.text, "LOG-6"),
        n.case("LOG-6 not UTF-8", good.encode() + b"\xff\n", "LOG-6")]
    return out, {"manifest": canonical.write(n.manifest)}


def _altered(line, at):
    """The line with one bit of its blob turned."""
    head, _, blob = line[:-1].rpartition(" ")
    data = bytearray(base64.b64decode(blob))
    data[at + 3] ^= 1
    return head + " " + base64.b64encode(data).decode() + "\n"


def _loose(text):
    """The root with a bit set that base64 does not use."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    i = text.index("=") - 1
    return text[:i] + letters[letters.index(text[i]) | 1] + text[i + 1:]
