"""Page 02, Transcripts: merlin with the labels of the one table.

A Proof is a transcript begun for one proof. It keeps a list of its steps, so
that a test vector can show each of them.
"""

import merlin
from ristretto import Point, scalar_from_wide

# The table LABEL: a plain name is one message; `u` a number, `[]` a list, `>` a
# challenge, `~` a short challenge, `*N` and `*w` as often as N or w says.
LABELS = {
    "ballot": "election key contest district shape H[] voter number:u previous "
              "A B[] V y> T_A T_B T_V C D x>",
    "ballot-private": "election key contest district shape H[] voter number:u previous "
                      "seed bits r> s> a>*free rho_r> rho_s> rho_c> rho_d>",
    "knowledge": "election session trustee:u column:u degree:u X T c>",
    "drill": "election key drill:u trustee:u column:u D X Y T_1 T_2 c>",
    "complaint": "election session dealer:u trustee:u D X Y T_1 T_2 c>",
    "shuffle": "election key H[] counted unit:u stage:u mixer:u N:u w:u in[] out[] c[] "
               "u>*N c_hat[] t_1 t_2 t_3 t_4[] t_hat[] x>",
    "opening": "election key session counted size:u root unit:u stage_hash trustee:u N:u w:u "
               "X[] row[] F[] rho~*N sigma~*w T_1 T_2 e>",
}


class Proof:
    """A transcript with the name of its proof."""

    def __init__(self, name):
        self._merlin = merlin.Transcript(b"haal/1")
        self.steps = []
        self.append("proof", name.encode())

    def clone(self):
        twin = object.__new__(Proof)
        twin._merlin = self._merlin.clone()
        twin.steps = list(self.steps)
        return twin

    def append(self, label, value):
        """One message: bytes, or a point."""
        data = value.encode() if isinstance(value, Point) else bytes(value)
        self._merlin.append_message(label.encode(), data)
        self.steps.append({"op": "append", "label": label, "data": data.hex()})

    def number(self, label, n):
        self._merlin.append_u64(label.encode(), n)
        self.steps.append({"op": "append_u64", "label": label, "n": n})

    def list(self, label, items):
        items = list(items)
        self.number(label, len(items))
        for item in items:
            self.append(label, item)

    def challenge(self, label):
        """A challenge: 64 bytes, reduced modulo the group order."""
        data = self._merlin.challenge_bytes(label.encode(), 64)
        n = scalar_from_wide(data)
        self.steps.append({"op": "challenge", "label": label, "data": data.hex(),
                           "scalar": n.to_bytes(32, "little").hex()})
        return n

    def short(self, label):
        """A short challenge: 16 bytes."""
        data = self._merlin.challenge_bytes(label.encode(), 16)
        n = int.from_bytes(data, "little")
        self.steps.append({"op": "challenge", "label": label, "data": data.hex(),
                           "scalar": n.to_bytes(32, "little").hex()})
        return n


def labels_of(steps):
    """The labels of recorded steps, runs of one label drawn together."""
    out = []
    for step in steps[1:]:
        if not out or out[-1] != step["label"]:
            out.append(step["label"])
    return out


def labels_in_table(name):
    """The same for a line of the table."""
    return [field.split(":")[0].split("[")[0].split(">")[0].split("~")[0]
            for field in LABELS[name].split()]
