"""Merlin transcripts, byte for byte as the Rust crate merlin 3.0 makes them.

A transcript takes in labelled messages in order and gives out challenges that
depend on every label, every length and every message before them. It makes an
interactive proof non-interactive: where the verifier would send a random
challenge, both sides ask the transcript for one.

All labels and messages are bytes. Inside, each message becomes

    meta_ad(label || length as 4 little-endian bytes), ad(message)

and each challenge the same framing followed by prf(length).
"""

from strobe import Strobe128

_PROTOCOL = b"Merlin v1.0"


def _framing(label, length):
    """The framing bytes: the label and then the length, 32 bits."""
    if length >= 2**32:
        raise ValueError("the length must fit in 32 bits")
    return bytes(label) + length.to_bytes(4, "little")


class Transcript:
    """A running transcript, begun with the label of the application."""

    def __init__(self, label):
        self._strobe = Strobe128(_PROTOCOL)
        self.append_message(b"dom-sep", label)

    def clone(self):
        """A second, independent transcript with the same past."""
        twin = object.__new__(Transcript)
        twin._strobe = self._strobe.clone()
        return twin

    def append_message(self, label, message):
        """Take in a message under a label."""
        if isinstance(message, int):
            raise TypeError("a message is bytes; see append_u64")
        message = bytes(message)
        self._strobe.meta_ad(_framing(label, len(message)), False)
        self._strobe.ad(message, False)

    def append_u64(self, label, n):
        """Take in a number as a message of 8 little-endian bytes."""
        if not 0 <= n < 2**64:
            raise ValueError("the number must fit in 64 bits")
        self.append_message(label, n.to_bytes(8, "little"))

    def challenge_bytes(self, label, n):
        """Give out n bytes of challenge under a label."""
        self._strobe.meta_ad(_framing(label, n), False)
        return self._strobe.prf(n, False)
