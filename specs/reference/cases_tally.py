"""The cases of 10-set and 10-count."""

import canonical
import tally
from cases import case
from casting import ADDED, MOVED, REMOVED
from encoding import H
from samples import CHOOSE, Secrets, contest, election, load, options, small

DISTRICTS = ["d%d" % i for i in range(6)]


def _manifest(k_min=3):
    """Six districts; one contest with one list, one with two."""
    return election([
        contest("mayor", CHOOSE, [(DISTRICTS, options(3))]),
        contest("council", {"kind": "list"},
                [(["d5", "d0", "d2"], options(4)), (["d1", "d3", "d4"], options(5))])],
        DISTRICTS, k_min)


class _Box:
    """A roll and the ballots under it."""

    def __init__(self):
        self.secrets = Secrets("box")
        self.names = sorted(self.secrets.bytes() for _ in range(8))
        self.roll = [(name, i % 2) for i, name in enumerate(self.names)]
        self.ballots = []

    def cast(self, voter, times=1, district=None):
        before, number = bytes(32), 0
        for b in self.ballots:
            if b["voter"] == self.names[voter]:
                before, number = b["hash"], b["number"]
        for _ in range(times):
            number += 1
            where = voter % 2 if district is None else district
            b = {"voter": self.names[voter], "district": where, "number": number,
                 "previous": before, "hash": H("ballot", self.secrets.bytes())}
            self.ballots.append(b)
            before = b["hash"]
        return self

    def turned(self, start=0):
        """From there on in reverse order of the log."""
        self.ballots[start:] = self.ballots[start:][::-1]
        return self

    def swapped(self, one, other):
        """Two ballots in each other's place of the log."""
        b = self.ballots
        b[one], b[other] = b[other], b[one]
        return self

    def renumbered(self, index):
        """This ballot as a first one, in the other district."""
        b = self.ballots[index]
        b.update(number=1, previous=bytes(32), district=1 - b["district"])
        return self


def sets():
    manifest = small()
    loaded = load(manifest)
    box = _Box().cast(0).cast(1, 3).cast(2).cast(5, 2).cast(6).cast(1)
    out = []

    def add(name, ballots=box.ballots, rule="", annulled=(), roll=box.roll, changes=()):
        found = {}

        def check():
            found.update(tally.counted_set(loaded, roll, ballots, annulled, changes))
        out.append(case(name, check, rule, kind="set", manifest=canonical.write(manifest),
                        roll=[list(line) for line in roll], ballots=ballots,
                        annulled=list(annulled), intermediate=found,
                        changes=[{"ballots_before": at, "lines": [list(c) for c in lines]}
                                 for at, lines in changes]))
    add("one and several ballots")
    add("no ballots", [])
    add("nobody on the roll", [], roll=[])
    add("in reverse order of the log", box.ballots[::-1])
    add("annulments", annulled=[box.names[1], box.names[2], box.names[7]])

    def changed(index, **change):
        ballots = [dict(b) for b in box.ballots]
        ballots[index].update(change)
        return ballots
    add("SET-1 a gap", box.ballots[:2] + box.ballots[3:], "SET-1")
    add("SET-1 the first is missing", box.ballots[:1] + box.ballots[2:], "SET-1")
    add("SET-1 a number twice", changed(2, number=1), "SET-1")
    add("SET-1 a ballot twice", box.ballots + box.ballots[:1], "SET-1")
    add("SET-1 another hash before", changed(2, previous=box.ballots[0]["hash"]), "SET-1")
    add("SET-1 number 0", changed(0, number=0), "SET-1")
    add("SET-1 a hash before the first", changed(0, previous=box.ballots[4]["hash"]), "SET-1")
    add("SET-2 not on the roll", changed(0, voter=bytes(32)), "SET-2")
    add("SET-2 another district", changed(0, district=1), "SET-2")
    _amended(add)
    return out + _unit_cases()


def _amended(add):
    """Voters who come, go and move while ballots are cast; voter i begins in district i % 2."""
    def box():
        return _Box().cast(0).cast(1, 2).cast(2)
    names = box().names
    new = H("ballot", b"a newcomer")
    moved, gone = [(names[0], MOVED, 1)], [(names[1], REMOVED, 1)]
    here = len(box().ballots)

    def add_all(name, made, changes, rule="", annulled=()):
        add("amended: " + name, made.ballots, rule, annulled, made.roll, changes)
    add_all("moved, and not voted again", box(), [(here, moved)])
    add_all("moved, and voted again", box().cast(0, district=1), [(here, moved)])
    add_all("moved there and back, voted each time",
            box().cast(0, district=1).cast(0, district=0),
            [(here, moved), (here + 1, [(names[0], MOVED, 0)])])
    add_all("moved, and annulled", box(), [(here, moved)], annulled=[names[0]])
    add_all("removed: the ballot stands", box(), [(here, gone)])
    add_all("removed, and annulled", box(), [(here, gone)], annulled=[names[1]])
    add_all("removed without a ballot", box(), [(here, [(names[6], REMOVED, 0)])])
    add_all("removed, back in another district, voted again", box().cast(1, district=0),
            [(here, gone), (here, [(names[1], ADDED, 0)])])
    newcomer = box()
    newcomer.names = newcomer.names + [new]
    newcomer.cast(8, 2, district=1)
    add_all("a newcomer votes twice", newcomer, [(1, [(new, ADDED, 1)])])
    add_all("a newcomer who does not vote", box(), [(0, [(new, ADDED, 1)])])
    add_all("changed before the first ballot", box(), [(0, [(names[7], MOVED, 0)])])
    add_all("SET-2 the old district after moving", box().cast(0), [(here, moved)], "SET-2")
    add_all("SET-2 the new district before moving", box().cast(0, district=1),
            [(here + 1, moved)], "SET-2")
    add_all("SET-2 cast after being removed", box().cast(1), [(here, gone)], "SET-2")
    add_all("SET-2 cast before being added", newcomer, [(here + 1, [(new, ADDED, 1)])], "SET-2")
    add_all("SET-2 removed before the first ballot", box(), [(0, [(names[0], REMOVED, 0)])],
            "SET-2")
    add_all("in reverse order between two versions", box().cast(0, 3, district=1).turned(here),
            [(here, moved), (here + 3, gone)])
    add_all("SET-6 a ballot from before a move takes the place of one from after it",
            _Box().cast(0, district=1).cast(0, district=0).turned(), [(1, moved)], "SET-6")
    add_all("SET-6 the same beside a move of somebody else", _Box().cast(0, 2).turned(), [(1, gone)],
            "SET-6")
    add_all("SET-6 the second of three", _Box().cast(0, 3).swapped(0, 1), [(1, gone)], "SET-6")
    add_all("SET-1 numbers begin again after moving",
            _Box().cast(1, 2).renumbered(1), [(1, [(names[1], MOVED, 0)])], "SET-1")


def _unit_cases():
    out = []
    manifest = _manifest()
    for per_district in ([3, 3, 3, 3, 3, 3], [0] * 6, [1, 1, 1, 1, 1, 1], [1, 0, 0, 1, 0, 0],
                         [9, 0, 1, 9, 1, 1], [2, 1, 2, 1, 2, 1], [1, 9, 1, 0, 9, 0],
                         [0, 0, 0, 2, 3, 2], [2, 0, 0, 0, 0, 1]):
        loaded = load(manifest)
        found = tally.units(loaded, per_district)
        out.append(case("units of %s" % per_district, kind="units",
                        manifest=canonical.write(manifest), per_district=per_district,
                        intermediate={"units": found}))
    return out


def counts():
    out = []
    for name, n, rows in (
            ("no rows", 3, []), ("one of each", 3, [[0], [1], [2]]),
            ("some", 4, [[3], [0], [3], [3], [1]])):
        out.append(case("plurality: " + name, kind="plurality", options=n, rows=rows,
                        intermediate={"counts": tally.plurality(n, rows)}))
    for name, n, rows, winner, rounds in _RUNOFFS:
        found = tally.instant_runoff(n, rows)
        if found != (rounds, winner):
            raise AssertionError("%s: %s" % (name, found))
        out.append(case("instant-runoff: " + name, kind="instant-runoff", options=n, rows=rows,
                        intermediate={"rounds": rounds, "winner": winner}))
    return out + _results()


# Name, options, rows, winner, rounds: counted by hand.
_RUNOFFS = [
    ("a majority at once", 3, [[1, 2, 0], [1, 0, 0], [2, 0, 0]], 0, [[2, 1, 0]]),
    ("one transfer", 3, [[1, 0, 0]] * 2 + [[2, 0, 0]] * 2 + [[3, 2, 0]], 1,
     [[2, 2, 1], [2, 3, 0]]),
    ("half is not a majority", 2, [[1, 0], [1, 0], [2, 0], [2, 0]], 0, [[2, 2], [2, 0]]),
    ("a tie: the later one goes", 3, [[1, 0], [1, 0], [2, 1], [3, 2]], 0,
     [[2, 1, 1], [2, 2, 0], [3, 0, 0]]),
    ("a tie: the round before decides", 4,
     [[1]] * 6 + [[2]] * 3 + [[3]] * 4 + [[4, 2]], 0,
     [[6, 3, 4, 1], [6, 4, 4, 0], [6, 0, 4, 0]]),
    ("exhausted rows do not count", 3, [[1, 0]] * 2 + [[2, 0]] * 2 + [[3, 0]], 0,
     [[2, 2, 1], [2, 2, 0], [2, 0, 0]]),
    ("places left out, options twice", 3, [[0, 0, 2], [2, 2, 1], [0, 1, 1], [3, 3, 2]], 1,
     [[1, 2, 1], [1, 3, 0]]),
    ("no preferences", 3, [[0, 0, 0]] * 4, None, [[0, 0, 0]]),
    ("no rows", 3, [], None, [[0, 0, 0]]),
    ("one option", 1, [[1], [0]], 0, [[1]]),
    ("one option, no preferences", 1, [[0]], None, [[0]]),
]


def _results():
    """Whole results: the manifest, the ballots of each district, the opened rows."""
    out = []
    manifest = election([
        contest("mayor", CHOOSE, [(["d0", "d1", "d2"], options(3))]),
        contest("council", {"kind": "list"}, [(["d1", "d0"], options(4)), (["d2"], options(2))]),
        contest("order", {"kind": "rank", "places": 2}, [(["d0", "d1", "d2"], options(3))]),
        contest("money", {"kind": "budget", "total": 10}, [(["d0", "d2"], options(2))])],
        ["d0", "d1", "d2"], 3)
    loaded = load(manifest)
    counted = H("counted", b"some set")
    for per_district, rows in (
            ([3, 0, 1], {0: [[2, 1, 0, 1]], 2: [[0], [3], [3]],
                         5: [[1, 2], [2, 1], [2, 0], [0, 0]], 7: [[31, 9]]}),
            ([0, 0, 0], {}), ([1, 1, 0], {}),
            ([2, 1, 3], {0: [[1, 1, 1, 0]], 1: [[0, 0, 0, 3]], 2: [[1], [1], [2]],
                         3: [[0], [0], [1]], 4: [[0, 0]] * 3, 5: [[1, 3], [3, 1], [3, 2]],
                         6: [[50, 0]]})):
        units = tally.units(loaded, per_district)
        want = {u["unit"] for u in units if u["state"] == "opened"}
        if want != set(rows):
            raise AssertionError("%s: %s" % (per_district, units))
        results = [tally.unit_result(loaded, u, rows.get(u["unit"])) for u in units]
        data = tally.result(loaded, counted, results)
        out.append(case("result of %s" % per_district, kind="result",
                        manifest=canonical.write(manifest), per_district=per_district,
                        counted=counted, rows={str(u): r for u, r in rows.items()},
                        intermediate={"result": data.decode()}))
    return out
