"""Page 10: the counted set, the closing root, the units, the counting methods and
the result.
"""

import canonical
import casting
import tree
from encoding import Fault, H, list_of, u8
from manifest import COUNTS

NONE, COUNTED, ANNULLED = 0, 1, 2


def counted_set(manifest, roll, ballots, annulled, changes=()):
    """SET-1 to SET-6.

    roll: pairs of pseudonym and district. ballots: dicts with voter, district,
    number, previous and hash, in the order of the log; without changes in any
    order. annulled: pseudonyms. changes: pairs of the number of ballots that stand
    before an amend, and its change set.
    """
    now, whole, chains, changes, version = dict(roll), dict(roll), {}, list(changes), 0
    for at in range(len(ballots) + 1):
        while changes and changes[0][0] == at:
            now = casting.change(now, changes.pop(0)[1])
            whole.update(now)
            version += 1
        if at == len(ballots):
            break
        b = ballots[at]
        if now.get(b["voter"]) != b["district"]:
            raise Fault("SET-2")
        chains.setdefault(b["voter"], []).append(dict(b, version=version))
    last, superseded, district_of = {}, [], {b["hash"]: b["district"] for b in ballots}
    for voter, chain in chains.items():
        chain.sort(key=lambda b: b["number"])
        before = bytes(32)
        for i, b in enumerate(chain, 1):
            if b["number"] != i or b["previous"] != before:
                raise Fault("SET-1")
            before = b["hash"]
        if any(b["version"] < a["version"] for a, b in zip(chain, chain[1:])):
            raise Fault("SET-6")
        superseded += [b["hash"] for b in chain[:-1]]
        last[voter] = before
    counted = sorted(h for v, h in last.items() if v not in annulled)
    leaves, per_district = [], [0] * len(manifest.json["districts"])
    for voter in sorted(whole):
        status = NONE if voter not in last else ANNULLED if voter in annulled else COUNTED
        leaves.append(voter + last.get(voter, bytes(32)) + u8(status))
        if status == COUNTED:
            per_district[district_of[last[voter]]] += 1
    return {"counted": counted, "superseded": sorted(superseded),
            "annulled": sorted(h for v, h in last.items() if v in annulled),
            "hash": H("counted", manifest.id + list_of(counted)),
            "leaves": leaves, "closing_root": tree.root(leaves), "per_district": per_district}


def units(manifest, per_district):
    """UNIT-1 to UNIT-3: the units in order, each a dict."""
    m = manifest.json
    names = [d["id"] for d in m["districts"]]
    out = []
    for contest in m["contests"]:
        found = []
        for chosen in contest["lists"]:
            found += _units_of_list(chosen, names, per_district, m["k_min"])
        for state, group, chosen in sorted(found, key=lambda f: f[1][0]):
            shape = next(s for c, _, _, s in manifest.parts(group[0]) if c == contest["id"])
            out.append({"unit": len(out), "contest": contest["id"], "state": state,
                        "districts": [names[d] for d in group], "w": shape.w,
                        "ballots": sum(per_district[d] for d in group),
                        "options": [o["id"] for o in chosen["options"]]})
    return out


def _units_of_list(chosen, names, per_district, k_min):
    found, groups, open_group = [], [], []
    for d, name in enumerate(names):
        if name not in chosen["districts"]:
            continue
        if per_district[d] == 0:
            found.append(("empty", [d], chosen))
            continue
        open_group.append(d)
        if sum(per_district[x] for x in open_group) >= k_min:
            groups.append(open_group)
            open_group = []
    if open_group and groups:
        groups[-1] += open_group
    elif open_group:
        found.append(("withheld", open_group, chosen))
    return found + [("opened", group, chosen) for group in groups]


def plurality(n, rows):
    """COUNT-2 on rows of one integer."""
    return [sum(row[0] == i for row in rows) for i in range(n)]


def instant_runoff(n, rows):
    """COUNT-3: the rounds, and the position of the winner or None."""
    ballots = []
    for row in rows:
        seen = []
        for place in row:
            if place and place - 1 not in seen:
                seen.append(place - 1)
        ballots.append(seen)
    left, rounds = list(range(n)), []
    while True:
        counts = [0] * n
        for ballot in ballots:
            for option in ballot:
                if option in left:
                    counts[option] += 1
                    break
        rounds.append(counts)
        if sum(counts) == 0:
            return rounds, None
        best = max(left, key=lambda o: counts[o])
        if 2 * counts[best] > sum(counts) or len(left) == 1:
            return rounds, best
        # The smallest now, then in the round before, …; then the later in the list.
        left.remove(min(left, key=lambda o: ([r[o] for r in reversed(rounds)], -o)))


def unit_result(manifest, unit, rows):
    """One unit of the result. rows: the opened integers, row by row; for a summed
    unit the one row of sums."""
    kind = next(c["rule"]["kind"] for c in manifest.json["contests"]
                if c["id"] == unit["contest"])
    n, count = len(unit["options"]), COUNTS[kind]
    out = {"ballots": unit["ballots"], "contest": unit["contest"], "counts": [],
           "districts": unit["districts"], "rounds": [], "state": unit["state"],
           "unit": unit["unit"], "winner": ""}
    if unit["state"] == "withheld":
        return out
    if unit["state"] == "empty":
        out["counts"] = [0] * (unit["w"] if count == "sum" else n)
    elif count == "sum":
        out["counts"] = list(rows[0])
    elif count == "plurality":
        out["counts"] = plurality(n, rows)
    else:
        out["rounds"], winner = instant_runoff(n, rows)
        out["counts"] = out["rounds"][-1]
        out["winner"] = "" if winner is None else unit["options"][winner]
    return out


def result(manifest, counted_hash, results):
    """The bytes of the result (COUNT-4)."""
    return canonical.write({"haal": 1, "election": manifest.id.hex(),
                            "counted": counted_hash.hex(), "units": results}).encode()
