#!/usr/bin/env python3
"""The mutants of `cargo mutants`, all built into one program and switched on one at a time by HAAL_MUTANT.

What there is to change and how is what `cargo mutants --list --json` says. Each changed piece of code becomes a choice between the right code
and its mutants; mutants that do not compile are left out, one build after the other, until the rest does. Then every test is run once alone, to
learn how long it takes and which mutants it reaches, and each mutant is tried on the tests that reach it, the quickest first, until one fails.
A mutant costs a fraction of a second in place of a build. Called by `tests/mutants`; see tests/mutants.md."""
import collections, json, os, pathlib, queue, re, resource, subprocess, sys, threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCOPES = {
    "libraries": {"ballot": "voter-app/ballot", "envelope": "voter-app/envelope", "board": "collector/board", "trustee": "tally/trustee"},
    "verifier": {"verifier": "verifier"},
}
RUNTIME = """
#[doc(hidden)]
#[allow(missing_docs, clippy::all)]
pub mod __mutants {
    use std::io::Write;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{LazyLock, Mutex};
    static ACTIVE: LazyLock<u32> = LazyLock::new(|| std::env::var("HAAL_MUTANT").ok().and_then(|v| v.parse().ok()).unwrap_or(0));
    static REACHED: LazyLock<Option<Mutex<std::fs::File>>> = LazyLock::new(|| {
        let path = std::env::var("HAAL_REACHED").ok()?;
        Some(Mutex::new(std::fs::OpenOptions::new().append(true).create(true).open(path).ok()?))
    });
    static SEEN: [AtomicBool; COUNT] = [const { AtomicBool::new(false) }; COUNT];
    /// True if the active mutant is none of `a..=b`.
    pub fn o(a: u32, b: u32) -> bool {
        if let Some(file) = &*REACHED {
            if !SEEN[a as usize].swap(true, Ordering::Relaxed) {
                let _ = file.lock().unwrap().write_all(format!("{a} {b}\\n").as_bytes());
            }
        }
        *ACTIVE < a || *ACTIVE > b
    }
    pub fn m(a: u32) -> bool {
        *ACTIVE == a
    }
}
"""


class Switch:
    def __init__(self, scope, folder, only):
        self.crates, self.out, self.only = SCOPES[scope], folder, only
        self.source, self.tree, self.build = folder / "source", folder / "tree", folder / "build"
        self.dropped, self.names, self.fixed = set(), {}, []
        level = os.environ.get("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
        self.env = {**os.environ, "CARGO_TARGET_DIR": str(self.build), "CARGO_PROFILE_DEV_OPT_LEVEL": level, "CARGO_PROFILE_DEV_DEBUG": "0"}

    def copy(self):
        """Two copies without what git ignores, so that nobody's edits meet with this: `source` stays, `tree` is changed."""
        subprocess.run(["rm", "-rf", self.source, self.tree], check=True)
        files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
        self.source.mkdir(parents=True)
        tar = subprocess.Popen(["tar", "c", "--null", "-T", "-"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        untar = subprocess.Popen(["tar", "x"], cwd=self.source, stdin=tar.stdout)
        tar.stdin.write(files)
        tar.stdin.close()
        untar.wait()
        subprocess.run(["cp", "-r", self.source, self.tree], check=True)
        spans = ROOT / "tests/mutation/spans"
        subprocess.run(["cargo", "build", "-q"], cwd=spans, env={**os.environ, "CARGO_TARGET_DIR": str(self.out.parent / "spans")}, check=True)
        listed = subprocess.run(["cargo", "mutants", "--list", "--json"], cwd=self.source, capture_output=True, text=True, check=True).stdout
        folders = tuple(f"{f}/" for f in self.crates.values())
        self.mutants = [m for m in json.loads(listed) if m["file"].startswith(folders)]

    def operators(self, file):
        spans = self.out.parent / "spans/debug/spans"
        for line in subprocess.run([spans, self.source / file], capture_output=True, text=True, check=True).stdout.splitlines():
            yield [int(n) for n in line.rsplit(" ", 7)[1:]]

    def instrument(self):
        """Writes all sources with their choices; numbers the mutants."""
        self.names, self.fixed, following = {}, [], 1
        files = collections.defaultdict(list)
        for m in self.mutants:
            files[m["file"]].append(m)
        for file, mutants in files.items():
            text = (self.source / file).read_text()
            starts = [0]
            for line in text.split("\n"):
                starts.append(starts[-1] + len(line) + 1)
            at = lambda line, column: starts[line - 1] + column
            operators = {at(n[0], n[1]): (at(n[2], n[3]), at(n[4], n[5]), n[6]) for n in self.operators(file)}
            places = {}  # (begin, end, kind) -> [(name, replacement)]
            for m in mutants:
                name, genre, new = m["name"], m["genre"], m["replacement"]
                if name in self.dropped:
                    continue
                begin, end = (at(m["span"][k]["line"], m["span"][k]["column"] - 1) for k in ("start", "end"))
                if genre == "FnValue" and "::std::iter::" not in new and "const " not in text[max(0, text.rfind("fn ", 0, begin) - 12):begin]:
                    places.setdefault((begin, begin, "fn"), []).append((name, f"return {new};"))
                elif genre in ("BinaryOperator", "UnaryOperator") and begin in operators and not operators[begin][2]:
                    first, last, _ = operators[begin]
                    places.setdefault((first, last, f"op{begin}"), []).append((name, text[first:begin] + new + text[end:last]))
                elif genre == "MatchArmGuard":
                    places.setdefault((begin, end, "guard"), []).append((name, new))
                elif genre == "MatchArm":
                    places.setdefault((begin, end, "arm"), []).append((name, ""))
                else:
                    self.fixed.append(name)  # cannot be switched while the program runs
            inserts, wraps = collections.defaultdict(str), []
            for (begin, end, kind), alternatives in places.items():
                numbered = []
                for name, new in alternatives:
                    self.names[following] = name
                    numbered.append((following, new))
                    following += 1
                low, high = numbered[0][0], numbered[-1][0]
                if kind == "fn":
                    body = "".join(f"if crate::__mutants::m({i}) {{ /*#{i}*/{new}/*#*/ }} " for i, new in numbered)
                    inserts[begin] += f"if !crate::__mutants::o({low},{high}) {{ {body} }} "
                elif kind == "arm":
                    arrow, guard = head_of_arm(text, begin)
                    ask = f"/*#{low}*/crate::__mutants::o({low},{high})"
                    inserts[guard or arrow] += f" {ask} && (" if guard else f" if {ask} "
                    if guard:
                        inserts[arrow] += ") "
                    inserts[arrow] += "/*#*/"
                else:
                    wraps.append((begin, end, low, high, numbered, kind != "guard"))
            wraps.sort(key=lambda w: (w[0], -w[1], w[5]))
            (self.tree / file).write_text(choices(text, 0, len(text), wraps, inserts))
        for folder in self.crates.values():
            library = self.tree / folder / "src/lib.rs"
            if "mod __mutants" not in library.read_text():
                library.write_text(library.read_text() + RUNTIME.replace("COUNT", str(following)))

    def fit(self):
        """Leaves out what does not compile."""
        libraries = [x for name in self.crates for x in ("-p", name)]
        kept = self.out / "dropped.json"
        if kept.exists():
            self.dropped = set(json.loads(kept.read_text()))
        while True:
            for folder in self.crates.values():
                subprocess.run(["cp", "-r", self.source / folder / "src/.", self.tree / folder / "src"], check=True)
            self.instrument()
            command = ["cargo", "build", "-q", "--lib", "--keep-going", "--message-format=json", *libraries]
            built = subprocess.run(command, cwd=self.tree, env=self.env, capture_output=True, text=True)
            messages = [m["message"] for m in map(json.loads, built.stdout.splitlines()) if m.get("reason") == "compiler-message"]
            wrong = {self.names[i] for m in messages if m["level"] == "error" for i in self.blamed(m)}
            print(f"{len(self.names)} mutants built in, {len(wrong)} of them do not compile", flush=True)
            if not wrong:
                if built.returncode:
                    sys.exit(built.stderr[-4000:])
                return
            self.dropped |= wrong
            kept.write_text(json.dumps(sorted(self.dropped)))

    def blamed(self, message):
        spans = sorted(message["spans"], key=lambda s: not s["is_primary"]) + [s for c in message["children"] for s in c["spans"]]
        for span in spans:
            file = self.tree / span["file_name"]
            if not file.exists():
                continue
            code = file.read_bytes()
            begun = re.findall(rb"/\*#(\d+)\*/", code[: span["byte_start"] + 1])
            if begun and code.find(b"/*#*/", code.rfind(b"/*#" + begun[-1], 0, span["byte_start"] + 1)) >= span["byte_start"]:
                return [int(begun[-1])]
            if message.get("code") and message["code"]["code"] == "E0004":  # an arm that is needed
                after = code[span["byte_start"]:]
                return [int(i) for i in re.findall(rb"/\*#(\d+)\*/crate::__mutants::o", after[: after.find(b"\n        }\n")])]
        return []

    def programs(self):
        """Test programs, each with its folder."""
        packages = [x for name in self.crates for x in ("-p", name)]
        command = ["cargo", "test", "-q", "--no-run", "--message-format=json", "--lib", "--tests", *packages]
        made = subprocess.run(command, cwd=self.tree, env=self.env, capture_output=True, text=True, check=True).stdout
        for m in map(json.loads, made.splitlines()):
            if m.get("executable") and m["profile"]["test"]:
                yield m["executable"], os.path.dirname(m["manifest_path"])

    def learn(self):
        """Every test once: its time, and what it reaches."""
        self.tests, seen = [], self.out / "reached"
        for program, folder in self.programs():
            list_ = lambda *a: {l[:-6] for l in subprocess.run([program, "--list", *a], cwd=folder, capture_output=True, text=True).stdout.splitlines() if l.endswith(": test")}
            for test in sorted(list_() - list_("--ignored")):
                seen.unlink(missing_ok=True)
                code, cpu = run(program, folder, [test], {"HAAL_REACHED": str(seen)}, 600)
                if code:
                    print(f"left out, because it fails without a mutant: {test}", flush=True)
                    continue
                pairs = [map(int, line.split()) for line in seen.read_text().splitlines()] if seen.exists() else []
                self.tests.append((cpu, program, folder, test, {i for a, b in pairs for i in range(a, b + 1)}))
        print(f"{len(self.tests)} tests, {sum(t[0] for t in self.tests):.0f} s", flush=True)

    def judge(self, i):
        """Quick tests of one program together, slow ones alone; own programs first."""
        groups = collections.defaultdict(list)
        for t in self.tests:
            if i in t[4]:
                groups[t[1], t[3] if t[0] > 0.12 else ""].append(t)
        own = self.names[i].split("/src/")[0]
        for group in sorted(groups.values(), key=lambda g: (not g[0][2].endswith(own), sum(t[0] for t in g))):
            cpu = sum(t[0] for t in group)
            code, _ = run(group[0][1], group[0][2], [t[3] for t in group], {"HAAL_MUTANT": str(i)}, max(2, cpu * 5 + 1))
            if code:
                return "timeout" if code in (-24, -9) else "caught"
        return "missed" if groups else "unreached"

    def all(self):
        results = self.out / "results.jsonl"
        known = {r["name"]: r["outcome"] for r in map(json.loads, results.read_text().splitlines())} if results.exists() else {}
        todo, lock = queue.Queue(), threading.Lock()
        for i, name in sorted(self.names.items()):
            if known.get(name, "missed") in ("missed", "unreached") and self.only in name:
                todo.put(i)

        def work():
            while not todo.empty():
                try:
                    i = todo.get_nowait()
                except queue.Empty:
                    return
                outcome = self.judge(i)
                with lock, results.open("a") as file:
                    known[self.names[i]] = outcome
                    file.write(json.dumps({"name": self.names[i], "outcome": outcome}) + "\n")
                    if outcome in ("missed", "unreached"):
                        print(f"{outcome}: {self.names[i]}", flush=True)

        together(work)
        if "verifier" in self.crates:
            self.kit(known, results)
            self.suites(known, results)
        table = collections.Counter(known[n] for n in self.names.values() if n in known)
        table.update({"unviable": len(self.dropped), "not switchable": len(self.fixed)})
        print(dict(table))
        for name in self.fixed:
            print(f"not switchable, for cargo mutants itself: {name}")

    def kit(self, known, results):
        """What no test of the verifier notices is tried on the conformance kit: does the program say anything else about a record?"""
        subprocess.run(["cargo", "build", "-q", "-p", "verifier", "--bin", "verifier"], cwd=self.tree, env=self.env, check=True)
        program, folder, seen = self.build / "debug/verifier", self.out / "kit", self.out / "reached"
        subprocess.run(["rm", "-rf", folder], check=True)
        subprocess.run(["cargo", "run", "-q", "--bin", "conformance", "--", "--out", folder], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        cases = []
        for case in json.loads((folder / "index.json").read_text())["cases"]:
            evidence = ["--evidence", folder / case["name"] / "evidence"] if case["evidence"] else []
            command = [program, "check", folder / case["name"] / "record", "--election-id", case["election"], "--json", "--no-cache", *evidence]
            seen.unlink(missing_ok=True)
            right = report(command, {"HAAL_REACHED": str(seen)})
            pairs = [map(int, line.split()) for line in seen.read_text().splitlines()] if seen.exists() else []
            cases.append((command, right, {i for a, b in pairs for i in range(a, b + 1)}))

        def found(i):
            met = [c for c in cases if i in c[2]]
            return "caught by the kit" if any(report(command, {"HAAL_MUTANT": str(i)}) != right for command, right, _ in met) else None

        self.try_left(known, results, found)

    def suites(self, known, results):
        """And on the tests that run the program about questions and while it watches: they take their programs from the folder above their own."""
        command = ["cargo", "test", "-q", "--no-run", "--message-format=json", "--workspace", "--test", "questions", "--test", "watching"]
        made = [json.loads(line) for line in subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()]
        made = {m["target"]["name"]: m["executable"] for m in made if m.get("executable") and m["profile"]["test"]}
        folder, seen, suites = self.out / "suites", self.out / "reached", []
        (folder / "deps").mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", self.build / "debug/verifier", folder], check=True)
        for name in ("questions", "watching"):
            program = folder / "deps" / name
            subprocess.run(["cp", made[name], program], check=True)
            seen.unlink(missing_ok=True)
            code, cpu = run(program, ROOT / "tests", [], {"HAAL_REACHED": str(seen)}, 600)
            if code:
                print(f"left out, because it fails without a mutant: {name}", flush=True)
                continue
            pairs = [map(int, line.split()) for line in seen.read_text().splitlines()] if seen.exists() else []
            suites.append((name, program, {i for a, b in pairs for i in range(a, b + 1)}))

        def found(i):
            for name, program, reached in suites:
                if i in reached and run(program, ROOT / "tests", [], {"HAAL_MUTANT": str(i)}, 600)[0]:
                    return f"caught by {name}"
            return None

        self.try_left(known, results, found)

    def try_left(self, known, results, found):
        left, lock = [(i, n) for i, n in sorted(self.names.items()) if known.get(n) in ("missed", "unreached") and self.only in n], threading.Lock()

        def work():
            while True:
                with lock:
                    if not left:
                        return
                    i, name = left.pop(0)
                outcome = found(i)
                with lock, results.open("a") as file:
                    known[name] = outcome or known[name]
                    file.write(json.dumps({"name": name, "outcome": known[name]}) + "\n")
                    print(f"{outcome or 'left'}: {name}", flush=True)

        together(work)


def together(work):
    """The same work on every core, until it is done."""
    threads = [threading.Thread(target=work) for _ in range(os.cpu_count() or 1)]
    [t.start() for t in threads]
    [t.join() for t in threads]


def head_of_arm(text, i):
    """Where the arrow of a match arm stands, and where its guard begins if it has one."""
    depth, guard = 0, None
    while depth or not text.startswith("=>", i):
        c = text[i]
        if c == '"':
            i += 1
            while text[i] != '"':
                i += 2 if text[i] == "\\" else 1
        elif c == "'" and text[i + 2] == "'":
            i += 2
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif not depth and not guard and re.match(r"\sif\s", text[i : i + 4]):
            guard = i + 3
        i += 1
    return i, guard


def choices(text, begin, end, wraps, inserts):
    """`text[begin:end]` with its insertions, and each wrapped place as a choice."""
    out, position, i = [], begin, 0

    def plain(a, b):
        for p in sorted(p for p in inserts if a <= p < b):
            out.append(text[a:p])
            out.append(inserts.pop(p))
            a = p
        out.append(text[a:b])

    while i < len(wraps):
        first, last, low, high, numbered, _ = wraps[i]
        inner = i + 1
        while inner < len(wraps) and wraps[inner][0] < last:
            inner += 1
        plain(position, first)
        right = choices(text, first, last, wraps[i + 1 : inner], inserts)
        others = ""
        for k, (n, new) in enumerate(numbered):
            ask = f"if crate::__mutants::m({n}) " if k < len(numbered) - 1 else ""
            others += f" else {ask}{{ /*#{n}*/{new}/*#*/ }}"
        out.append(f"(if crate::__mutants::o({low},{high}) {{ {right} }}{others})")
        position, i = last, inner
    plain(position, end)
    return "".join(out)


def environment(env):
    return {**os.environ, **env, "RAYON_NUM_THREADS": "1", "RUST_BACKTRACE": "0"}


def limits(cpu):
    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (int(cpu), int(cpu) + 2))
        resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    return limit


def report(command, env):
    """What a verifier says about a record: exit code, checks, rules and places, without its words."""
    done = subprocess.run(command, env=environment(env), preexec_fn=limits(30), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        checks = json.loads(done.stdout)["checks"]
    except (ValueError, KeyError):
        return done.returncode, done.stdout
    places = lambda notes: [(n["rule"], n["place"]) for n in notes]
    return done.returncode, [(c["id"], c["state"], c["count"], c["failed"], places(c["failures"]), places(c["findings"])) for c in checks]


def run(program, folder, tests, env, cpu):
    """Exit code and seconds of CPU; the limit is in seconds of CPU too, so that a busy machine makes no mutant look caught."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    which = ["--exact", *tests, "--test-threads=1"] if tests else []
    p = subprocess.Popen([program, *which], cwd=folder, env=environment(env), preexec_fn=limits(cpu), **quiet)
    _, status, used = os.wait4(p.pid, 0)
    p.returncode = 0
    return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime


if __name__ == "__main__":
    scope, only = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    folder = ROOT / "target/mutants" / scope
    folder.mkdir(parents=True, exist_ok=True)
    switch = Switch(scope, folder, only)
    switch.copy()
    switch.fit()
    switch.learn()
    switch.all()
