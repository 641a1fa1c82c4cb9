"""The cases of 16-second-device: codes as bytes and text, and whole checks."""

import check
from ballot import ballot_hash, tracker, write_opened
from cases import case
from cases_ballot import KEY, KEYS, Sample, one_contest, several
from casting import pseudonym
from encoding import H, u8
from samples import Secrets

PERSON = "PNOEE-38001085718"
INDEX = 4187


def check_cases():
    return _texts() + _codes() + _checks()


def _texts():
    secrets = Secrets("codes")
    data = check.write_code(1, 7, secrets.bytes(), secrets.bytes() + secrets.bytes()[:1])
    good = check.write_text(data)
    out = []

    def add(name, text, rule=""):
        expect = {} if rule else {"code": data}
        out.append(case("text: " + name, lambda: check.read_text(text), rule, kind="text",
                        text=text, intermediate=expect))
    add("good", good)
    add("small letters and spaces", good.lower().replace("-", " "))
    add("no hyphens", good.replace("-", ""))
    groups = good.split("-")

    def joined(at, new):
        return "-".join(groups[:at] + [new] + groups[at + 1:])

    def other(letter):
        return check.ALPHABET[(check.ALPHABET.index(letter) + 1) % 32]
    for at in range(5):
        g = groups[3]
        add("character %d of group 4 is another" % (at + 1),
            joined(3, g[:at] + other(g[at]) + g[at + 1:]), "CHECK-1")
        if at < 4 and g[at] != g[at + 1]:
            add("characters %d and %d of group 4 exchanged" % (at + 1, at + 2),
                joined(3, g[:at] + g[at + 1] + g[at] + g[at + 2:]), "CHECK-1")
    add("groups exchanged", "-".join([groups[1], groups[0]] + groups[2:]), "CHECK-1")
    add("a group less", "-".join(groups[:-1]), "CHECK-1")
    add("a character less", good[:-1], "CHECK-1")
    add("a zero", "0" + good[1:], "CHECK-1")
    add("a letter that is not ASCII", "\u00c4" + good[1:], "CHECK-1")
    return out


def _codes():
    secrets = Secrets("code bytes")
    election, masked = secrets.bytes(), secrets.bytes() + secrets.bytes()[:1]
    good = check.write_code(1, INDEX, election, masked)
    out = []

    def add(name, data, rule="", **intermediate):
        out.append(case("code: " + name, lambda: check.read_code(data), rule, kind="code",
                        code=data, intermediate=intermediate))
    add("good", good, code_kind=1, index=INDEX, election=election[:8], masked=masked,
        text=check.write_text(good))
    last = check.write_code(2, 2**32 - 1, election, masked + bytes(5))
    add("challenged, the last index", last, code_kind=2, index=2**32 - 1, election=election[:8],
        masked=masked + bytes(5), text=check.write_text(last))
    add("kind 0", check.write_code(0, INDEX, election, masked), "CHECK-1")
    add("kind 3", check.write_code(3, INDEX, election, masked), "CHECK-1")
    add("another sum", good[:-1] + bytes([good[-1] ^ 1]), "CHECK-1")
    add("a bit of the masked bytes", good[:20] + bytes([good[20] ^ 1]) + good[21:], "CHECK-1")
    add("five bytes less", check.write_code(1, INDEX, election, masked[:-5]), "CHECK-1")
    add("a byte more", check.write_code(1, INDEX, election, masked + b"\0"), "CHECK-1")
    add("nothing", b"", "CHECK-1")
    return out


class Checked(Sample):
    """A ballot on the board, its pad, and the code."""

    def __init__(self, name, manifest, selections, district=0):
        super().__init__("check " + name, manifest, district)
        secrets = Secrets("pad " + name)
        self.pad, self.blinding, self.envelope = secrets.bytes(), secrets.bytes(), secrets.bytes()
        self.voter = pseudonym(self.manifest.id, self.blinding, PERSON)
        self.selections = selections
        self.ballot, _ = self.make(selections)
        self.cast = u8(5) + u8(1) + self.envelope + self.ballot
        self.challenged = u8(6) + u8(1) + write_opened(self.ballot, self.seed, selections)

    def opening(self, seed=None, selections=None):
        return check.write_opening(self.manifest, self.district, seed or self.seed,
                                   selections or self.selections)

    def code(self, kind=1, opening=None, election=None, pad=None):
        opening = opening or self.opening()
        if kind == 1:
            opening = check.mask(opening, pad or self.pad, ballot_hash(self.ballot))
        data = check.write_code(kind, INDEX, election or self.manifest.id, opening)
        return check.write_text(data)

    def case(self, name, code, rule="", entry=None, pad=None, blinding=None, person=PERSON):
        entry, pad, blinding = entry or self.cast, pad or self.pad, blinding or self.blinding
        intermediate = {}
        if not rule:
            masked = check.read_code(check.read_text(code))[3]
            intermediate = {
                "seed": self.seed, "selections": self.selections, "opening": self.opening(),
                "masked": masked, "token": check.token(self.manifest.id, masked),
                "ballot_hash": ballot_hash(self.ballot), "tracker": tracker(self.ballot)}
        return case("check: " + name,
                    lambda: check.check(self.manifest, KEY, self.keys, code, entry, pad, blinding,
                                        person),
                    rule, kind="check", manifest=self.text, key=KEY, H=self.keys, code=code,
                    entry=entry, index=INDEX, pad=pad, blinding=blinding, person_code=person,
                    intermediate=intermediate)


def _checks():
    rules = (("choose 1 of 5 or blank", [[0, 0, 1, 0, 0, 0]]), ("choose 2..4 of 6", [[1, 0, 1, 0, 0, 1]]),
             ("approve 4", [[1, 0, 1, 1]]), ("score 3 by 5", [[5, 0, 3]]),
             ("budget 3 by 10", [[7, 0, 3]]), ("list of 153", [[101]]), ("rank 3 of 5", [[4, 0, 2]]))
    out = []
    for name, selections in rules:
        s = Checked(name, one_contest(name), selections)
        out.append(s.case(name, s.code()))
    south = Checked("south", several(), [[0, 0, 0, 0, 0, 1], [152], [1, 1, 1, 1, 0, 0], [1, 1, 1, 1],
                                         [1, 2, 3], [0, 10, 0], [1, 2, 3]], 1)
    out.append(south.case("several contests", south.code()))
    out.append(south.case("several contests, challenged", south.code(2), entry=south.challenged))
    s = Checked("refused", one_contest("choose 1 of 5 or blank"), [[0, 1, 0, 0, 0, 0]])
    ann = [[1, 0, 0, 0, 0, 0]]
    other = Checked("other", one_contest("choose 1 of 5 or blank"), s.selections)
    out += [
        s.case("nobody's person code", s.code(), person=""),
        s.case("challenged", s.code(2), entry=s.challenged),
        s.case("another pad", s.code(), "CHECK-12", pad=bytes(32)),
        s.case("another pad that gives a selection", s.code(opening=s.opening(seed=other.seed)),
               "CHECK-13"),
        s.case("another selection", s.code(opening=s.opening(selections=ann)), "CHECK-13"),
        s.case("two options", s.code(opening=s.opening(selections=[[1, 1, 0, 0, 0, 0]])),
               "CHECK-12"),
        s.case("an unused bit", s.code(opening=s.opening()[:-1]
                                       + bytes([s.opening()[-1] | 1])), "CHECK-12"),
        s.case("an opening of another length", s.code(opening=s.opening() + bytes(5)), "CHECK-12"),
        s.case("another voter's ballot", s.code(), "CHECK-12", entry=other.cast),
        s.case("another voter's ballot and code", other.code(), "CHECK-14", entry=other.cast,
               pad=other.pad, blinding=s.blinding),
        s.case("another person", s.code(), "CHECK-14", person="PNOEE-38001085719"),
        s.case("another election", s.code(election=H("ballot", b"")), "CHECK-2"),
        s.case("cast, but called challenged", s.code(2), "CHECK-11"),
        s.case("challenged, but called cast", s.code(), "CHECK-11", entry=s.challenged),
        s.case("challenged with another selection", s.code(2, s.opening(selections=ann)),
               "CHECK-13", entry=s.challenged),
        s.case("challenged, the entry opened with another seed", s.code(2), "CHECK-13",
               entry=u8(6) + u8(1) + write_opened(s.ballot, bytes(32), s.selections)),
    ]
    return out
