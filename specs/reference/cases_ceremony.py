"""The cases of 05-key-ceremony: a 2-of-3 run with all secrets, and runs that fail.

`posts` are the messages in the order of the log, each with its author. When a run
is refused, its last message is the one at which it is, `rule` says why, and
`at_fault` names the trustee (0: nobody in particular).
"""

import copy

import canonical
import ceremony
from cases import case, number, numbers
from ceremony import COMMIT, CONFIRM, DEAL, DRILL, REVEAL, Session, Trustee
from encoding import Fault, H, point, scalar, u16
from ristretto import G, L as ORDER
from samples import Secrets, load, share_secret, small

MANIFEST = small({"kind": "choose", "min": 1, "max": 1, "blank": False}, 2)
LOADED = load(MANIFEST)
ELECTION = LOADED.id
N, T, W = 3, 2, 2
SECRETS = Secrets("ceremony")
SESSION = SECRETS.bytes()
TRUSTEES = [Trustee.draw(i, SECRETS, N, T, W) for i in range(1, N + 1)]
E = [share_secret("t%d" % i) for i in range(1, N + 1)]
SHARE_KEYS = [e * G for e in E]


def play(trustees=TRUSTEES, spoil=lambda kind, i, data: data, upto=CONFIRM):
    """The posts of a run; `spoil` may change each message as it is made."""
    reveals = {t.index: spoil(REVEAL, t.index, t.reveal(ELECTION, SESSION)) for t in trustees}
    posts = []
    for t in trustees:
        data = (ceremony.head(COMMIT, SESSION, t.index) + u16(N) + u16(T) + u16(W)
                + H("reveal", reveals[t.index]))
        posts.append((t.index, spoil(COMMIT, t.index, data)))
    if upto >= REVEAL:
        posts += reveals.items()
    if upto >= DEAL:
        posts += [(t.index, spoil(DEAL, t.index, t.deal(ELECTION, SESSION, SHARE_KEYS)))
                  for t in trustees]
    if upto >= CONFIRM:
        key = key_of(posts)
        posts += [(t.index, spoil(CONFIRM, t.index, ceremony.confirm(SESSION, t.index, key)))
                  for t in trustees]
    return posts


def key_of(posts):
    return ceremony.key_id(ELECTION, SESSION, N, [
        data for i in range(1, N + 1) for author, data in posts[:3 * N] if author == i])


def replay(posts):
    """Takes all posts; the Fault may come with the last one only."""
    s = Session(LOADED, SESSION, W)
    for i, (author, data) in enumerate(posts):
        try:
            s.take(author, data)
        except Fault:
            if i + 1 < len(posts):
                raise AssertionError("refused at post %d of %d" % (i, len(posts))) from None
            return s, s.at_fault or 0
    return s, None


def _case(name, posts, rule="", at_fault=None, **intermediate):
    def check():
        s = Session(LOADED, SESSION, W)
        for author, data in posts:
            s.take(author, data)
    if replay(posts)[1] != at_fault:
        raise AssertionError("%s: at fault is %s" % (name, replay(posts)[1]))
    fields = {} if at_fault is None else {"at_fault": at_fault}
    return case(name, check, rule, kind="run", posts=[
        {"author": a, "message": d} for a, d in posts], intermediate=intermediate, **fields)


def ceremonies():
    posts = play()
    s, _ = replay(posts)
    if not s.confirmed():
        raise AssertionError("the run should be confirmed")
    out = [_case("a whole run", posts, **_inside(s))]
    out.append(_case("without the last confirm: open still", posts[:-1], confirmed=False))
    out.append(_case("messages of a round in another order",
                     [posts[i] for i in (2, 0, 1, 4, 5, 3, 8, 6, 7, 10, 11, 9)], confirmed=True,
                     key=s.key))
    out += _early() + _reveals() + _late(posts) + _complaints() + _drills(s)
    return out, {"manifest": canonical.write(MANIFEST), "session": SESSION.hex(), "W": W}


def shares_of(j):
    """x_{j,c} for each column."""
    return [sum(ceremony.evaluate(t.polynomials[c], j) for t in TRUSTEES) % ORDER
            for c in range(W)]


def _inside(s):
    trustees = []
    for t in TRUSTEES:
        deals = []
        for j in range(1, N + 1):
            R, S = t.ephemeral[j - 1] * G, t.ephemeral[j - 1] * SHARE_KEYS[j - 1]
            key, info = ceremony.share_key(point(S), ELECTION, SESSION, t.index, j, point(R))
            deals.append({"k": number(t.ephemeral[j - 1]), "R": R, "S": S, "info": info,
                          "share_key": key, "plaintext": t.plain_share(j)})
        trustees.append({
            "a": [numbers(column) for column in t.polynomials],
            "k": [numbers(column) for column in t.nonces], "salt": t.salt,
            "C": [[a * G for a in column] for column in t.polynomials], "deals": deals,
            "e": number(E[t.index - 1]), "x": numbers(shares_of(t.index)), "X": s.X[t.index]})
    for j in range(1, N + 1):
        if [x * G for x in shares_of(j)] != s.X[j]:
            raise AssertionError("shares and X do not belong together")
    return {"trustees": trustees, "key": s.key, "H": s.H, "confirmed": True}


def _early():
    """Faults of the first message of a round."""
    commit = play(upto=COMMIT)[0][1]
    reveal = play(upto=REVEAL)[N][1]
    out = []
    for name, data, rule in (
            ("KEY-1 another session", commit[:2] + bytes(32) + commit[34:], "KEY-1"),
            ("KEY-1 another author", commit[:34] + u16(2) + commit[36:], "KEY-1"),
            ("KEY-1 a reveal before the commits", reveal, "KEY-1"),
            ("KEY-2 another n", commit[:36] + u16(4) + commit[38:], "KEY-2"),
            ("KEY-2 another t", commit[:38] + u16(3) + commit[40:], "KEY-2"),
            ("KEY-2 another W", commit[:40] + u16(1) + commit[42:], "KEY-2"),
            ("DEC-6 type 31", b"\x1f" + commit[1:], "DEC-6"),
            ("DEC-6 version 2", b"\x20\x02" + commit[2:], "DEC-6"),
            ("DEC-4 trailing byte", commit + b"\0", "DEC-4"),
            ("DEC-5 short", commit[:-1], "DEC-5")):
        out.append(_case(name, [(1, data)], rule, 1))
    posts = play(upto=COMMIT)
    out.append(_case("KEY-1 a second commit", posts[:1] + [(1, commit[:-1] + b"\0")], "KEY-1", 1))
    out.append(_case("KEY-1 a deal before the reveals", posts + [
        (2, TRUSTEES[1].deal(ELECTION, SESSION, SHARE_KEYS))], "KEY-1", 2))
    return out


def _reveals():
    """Faults of trustee 2's reveal."""
    out = []

    def add(name, rule, change, at_fault=2):
        posts = play(spoil=lambda kind, i, data: change(data) if (kind, i) == (REVEAL, 2)
                     else data, upto=REVEAL)
        out.append(_case(name, posts[:N + 2], rule, at_fault))
    first = 68        # the first commitment of a reveal
    posts = play(upto=REVEAL)
    good = posts[N + 1][1]
    out.append(_case("KEY-3 another salt than committed", posts[:N + 1] + [
        (2, good[:36] + bytes(32) + good[68:])], "KEY-3", 2))
    add("KEY-4 a coefficient more", "KEY-4", lambda d: d + d[-96:])
    add("KEY-4 a coefficient less", "KEY-4", lambda d: d[:-96])
    add("KEY-5 another z", "KEY-5", lambda d: d[:first + 64] + bytes(32) + d[first + 96:])
    add("KEY-5 another commitment", "KEY-5",
        lambda d: d[:first] + point(TRUSTEES[0].polynomials[0][0] * G) + d[first + 32:])
    add("KEY-5 the first two columns exchanged", "KEY-5",
        lambda d: d[:first] + d[first + 192:first + 384] + d[first:first + 192])
    add("KEY-5 a commitment and its proof taken from trustee 1", "KEY-5",
        lambda d: d[:first] + posts[N][1][first:first + 96] + d[first + 96:])
    add("DEC-2 a coefficient of zero", "DEC-2", lambda d: d[:-96] + bytes(32) + d[-64:])
    add("DEC-1 a commitment that is no point", "DEC-1",
        lambda d: d[:first] + b"\1" + bytes(31) + d[first + 32:])
    add("DEC-3 z + l", "DEC-3", lambda d: d[:-32] + (
        int.from_bytes(d[-32:], "little") + ORDER).to_bytes(32, "little"))
    return out


def _late(posts):
    """Faults of deals and confirms, and keys that no honest ceremony gives."""
    out = []
    deal = posts[2 * N][1]
    for name, data, rule in (
            ("DEC-2 R is the identity", deal[:36] + bytes(32) + deal[68:], "DEC-2"),
            ("DEC-4 a deal with a trailing byte", deal + b"\0", "DEC-4"),
            ("DEC-5 a deal for two", deal[:-112], "DEC-5")):
        out.append(_case(name, posts[:2 * N] + [(1, data)], rule, 1))
    out.append(_case("KEY-1 a confirm before the last deal", posts[:3 * N - 1] + [posts[3 * N]],
                     "KEY-1", 1))
    out.append(_case("KEY-1 a second confirm", posts[:3 * N + 1] + [posts[3 * N]], "KEY-1", 1))
    out.append(_case("KEY-8 another key id", posts[:3 * N + 1] + [
        (2, ceremony.confirm(SESSION, 2, bytes(32)))], "KEY-8", 2))

    def rigged(column, degree, value):
        trustees = copy.deepcopy(TRUSTEES)
        trustees[2].polynomials[column][degree] = value % ORDER
        return trustees
    a = [t.polynomials for t in TRUSTEES]
    others = a[0][0][0] + a[1][0][0]
    out.append(_case("KEY-6 H_1 is the identity", play(rigged(0, 0, -others), upto=DEAL),
                     "KEY-6", 0))
    second = sum(p[1][0] for p in a)
    out.append(_case("KEY-6 H_1 is H_2", play(rigged(0, 0, second - others), upto=DEAL),
                     "KEY-6", 0))
    slope = a[0][0][1] + a[1][0][1]
    constant = sum(p[0][0] for p in a)
    out.append(_case("KEY-6 X_1,1 is the identity",
                     play(rigged(0, 1, -slope - constant), upto=DEAL), "KEY-6", 0))
    out.append(_case("KEY-6 all X of column 1 are H_1",
                     play(rigged(0, 1, -slope), upto=DEAL), "KEY-6", 0))
    return out


def _complaints():
    k = Secrets("complaint").scalar()
    out = []

    def complain(posts, dealer=1, e=E[1], trustee=2):
        return ceremony.complaint(ELECTION, SESSION, trustee, dealer, posts[2 * N + dealer - 1][1],
                                  W, e, k)
    honest = play(upto=DEAL)
    good = complain(honest)
    out.append(_case("KEY-9 the share is good: the complainer", honest + [(2, good)], "KEY-9", 2))
    out.append(_case("KEY-9 after a confirm", honest + [
        (1, ceremony.confirm(SESSION, 1, key_of(honest))), (2, good)], "KEY-9", 2))
    out.append(_case("KEY-9 a wrong proof: the complainer", honest + [(2, good[:-32] + scalar(1))],
                     "KEY-9", 2))
    out.append(_case("KEY-9 another S: the complainer", honest + [
        (2, good[:38] + point(G) + good[70:])], "KEY-9", 2))
    out.append(_case("KEY-9 no such dealer: the complainer", honest + [
        (2, good[:36] + u16(4) + good[38:])], "KEY-9", 2))

    def spoilt(change):
        """Trustee 1 deals trustee 2 something else than it should."""
        dealer = copy.deepcopy(TRUSTEES[0])
        plain = change(dealer.plain_share(2))
        dealer.plain_share = lambda j: plain if j == 2 else TRUSTEES[0].plain_share(j)
        return play([dealer, *TRUSTEES[1:]], upto=DEAL)

    def plus_one(d):
        return scalar(int.from_bytes(d[:32], "little") + 1) + d[32:]
    for name, change in (
            ("a wrong share", plus_one),
            ("a wrong share of the second column",
             lambda d: d[:32] + scalar(int.from_bytes(d[32:], "little") + 1)),
            ("a share that is not reduced",
             lambda d: (int.from_bytes(d[:32], "little") + ORDER).to_bytes(32, "little") + d[32:])):
        posts = spoilt(change)
        out.append(_case("KEY-9 %s: the dealer" % name, posts + [(2, complain(posts))], "KEY-9", 1))
    posts = play(spoil=lambda kind, i, d: d[:-1] + bytes([d[-1] ^ 1])
                 if (kind, i) == (DEAL, 3) else d, upto=DEAL)
    out.append(_case("KEY-9 a wrong tag: the dealer", posts + [
        (3, complain(posts, 3, E[2], 3))], "KEY-9", 3))
    return out


def _drills(s):
    """Drill answers of trustee 2 to drill 1, after the whole run."""
    secrets = Secrets("drill")
    nonce, D = secrets.bytes(), None
    D = ceremony.drill_point(ELECTION, s.key, 1, nonce)
    ks = [[secrets.scalar() for _ in range(W)] for _ in range(N)]

    def answer(j, shares=None, drill=1, point_=D):
        return ceremony.drill_answer(ELECTION, SESSION, s.key, drill, j, point_,
                                     shares or shares_of(j), ks[j - 1])
    out = []

    def add(name, data, rule="", author=2, **intermediate):
        out.append(case("drill: " + name, lambda: ceremony.check_drill(s, author, data, 1, nonce),
                        rule, kind="drill", drill=1, nonce=nonce, author=author, key=s.key,
                        X=s.X[author], answer=data, intermediate=intermediate))
    for j in range(1, N + 1):
        data = answer(j)
        add("trustee %d" % j, data, author=j, D=D, x=numbers(shares_of(j)), k=numbers(ks[j - 1]),
            Y=ceremony.check_drill(s, j, data, 1, nonce))
    _check_quorums(s, [ceremony.check_drill(s, j, answer(j), 1, nonce) for j in (1, 2, 3)])
    good = answer(2)
    add("a wrong share, proved honestly", answer(2, [1, 2]), "DRILL-1")
    add("another trustee's share", answer(2, shares_of(1)), "DRILL-1")
    add("columns exchanged", answer(2, shares_of(2)[::-1]), "DRILL-1")
    add("another D", answer(2, None, 1, G), "DRILL-1")
    add("another z", good[:-32] + scalar(5), "DRILL-1")
    add("another drill number", answer(2, None, 2), "KEY-1")
    add("another author", answer(2), "KEY-1", author=1)
    add("another session", good[:2] + bytes(32) + good[34:], "KEY-1")
    add("Y is the identity", good[:40] + bytes(32) + good[72:], "DEC-2")
    add("type 36", bytes([DRILL - 1]) + good[1:], "DEC-6")
    add("trailing byte", good + b"\0", "DEC-4")
    add("short", good[:-1], "DEC-5")
    return out


def _check_quorums(s, Ys):
    """DRILL-2, and that the secret key interpolates to H."""
    D = None
    for quorum in ((1, 2), (1, 3), (2, 3)):
        for c in range(W):
            x = sum(ceremony.lagrange(j, quorum) * shares_of(j)[c] for j in quorum)
            if x * G != s.H[c]:
                raise AssertionError("the shares do not interpolate")
            parts = [ceremony.lagrange(j, quorum) * Ys[j - 1][c] for j in quorum]
            total = (c, parts[0] + parts[1])
            D = D or {}
            if D.setdefault(c, total) != total:
                raise AssertionError("two quorums differ")
