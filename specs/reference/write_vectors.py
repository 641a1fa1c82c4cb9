"""Writes the test vectors in ../vectors; run it as `python3 write_vectors.py`.

With names of files (`06-ballot`) only those are written. With --check nothing is
written; the status is 1 if a file differs from what would be written. Every run
gives the same bytes.
"""

import concurrent.futures
import importlib
import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "vectors"

# File: (page, module, function).
FILES = {
    "02-encoding": ("02-encoding", "cases_encoding", "encoding"),
    "02-transcript": ("02-encoding", "cases_encoding", "transcript"),
    "03-manifest": ("03-manifest", "cases_manifest", "manifests"),
    "03-orders": ("03-manifest", "cases_orders", "order_cases"),
    "04-shapes": ("04-proofs", "cases_proofs", "shapes"),
    "04-knowledge": ("04-proofs", "cases_proofs", "knowledge_cases"),
    "04-equality": ("04-proofs", "cases_proofs", "equality_cases"),
    "04-ballot-proof": ("04-proofs", "cases_bit", "ballot_proof"),
    "05-key-ceremony": ("05-key-ceremony", "cases_ceremony", "ceremonies"),
    "06-ballot": ("06-ballot", "cases_ballot", "ballots"),
    "07-casting": ("07-casting", "cases_casting", "casting_cases"),
    "08-tree": ("08-board", "cases_board", "trees"),
    "08-checkpoint": ("08-board", "cases_board", "checkpoints"),
    "09-mixing": ("09-mixing", "cases_mixing", "mixes"),
    "10-set": ("10-tally", "cases_tally", "sets"),
    "10-opening": ("10-tally", "cases_opening", "openings"),
    "10-count": ("10-tally", "cases_tally", "counts"),
    "14-questions": ("14-questions", "cases_questions", "question_cases"),
    "16-second-device": ("16-second-device", "cases_check", "check_cases"),
}


def content(name):
    """The bytes of one file."""
    page, module, function = FILES[name]
    cases = getattr(importlib.import_module(module), function)()
    # What all cases of a file share stands beside them.
    cases, shared = cases if isinstance(cases, tuple) else (cases, {})
    names = [c["name"] for c in cases]
    if len(set(names)) < len(names):
        raise AssertionError("%s: a name twice" % name)
    value = {"spec": page + "@v1.0.0", "cases": cases, **shared}
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def main(arguments):
    check = "--check" in arguments
    names = [a for a in arguments if a != "--check"] or list(FILES)
    differ = []
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        for name, data in zip(names, pool.map(content, names)):
            path = FOLDER / (name + ".json")
            if check:
                if not path.exists() or path.read_bytes() != data:
                    differ.append(name)
                continue
            path.write_bytes(data)
            print("%8d  %s" % (len(data), path.name))
    if check and names == list(FILES):
        differ += sorted(p.stem + " (no writer)" for p in FOLDER.glob("*.json")
                         if p.stem not in FILES)
    for name in differ:
        print("differs:", name)
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
