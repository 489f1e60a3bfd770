"""Seeded nonsense for the whole server: what it answers with a traceback, with 5xx, or not within half a minute.

    python benchmarks/fuzz.py [--calls 10000] [--seed 0] [--only NUMBER] [--json]

Raw routes and named endpoints in turn, eight calls at a time, against `python app.py` in a process of its own; the
calls are those of tests/fuzzing.py. 503 counts as an answer where it says that a model is not here.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import tempfile
import time

from harness import ROOT, Server

sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
import fuzzing  # noqa: E402  # pyright: ignore[reportMissingImports]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="the one call of this number, and its answer")
    parser.add_argument("--json", action="store_true", help="print one flat object and nothing else")
    asked = parser.parse_args()
    numbers = range(asked.calls) if asked.only is None else [asked.only]
    with tempfile.TemporaryFile("w+") as said:
        server = Server(said)
        try:
            begun = time.perf_counter()
            faults, slowest = asyncio.run(fuzzing.faults(server.address, numbers, asked.seed))
            took = time.perf_counter() - begun
        finally:
            server.stop()
        said.seek(0)
        log = said.read()
    tracebacks = re.findall(r"^Traceback .*?^\S*(?:Error|Exception)\b.*?$", log, re.MULTILINE | re.DOTALL)
    figures = {
        "calls": len(numbers),
        "faults": len(faults),
        "tracebacks": log.count("Traceback (most recent call last)"),
        "slowest_s": round(slowest[0], 2),
        "seconds": round(took, 1),
    }
    if asked.json:
        print(json.dumps(figures))
    else:
        print("\n".join([*faults, *dict.fromkeys(tracebacks), f"slowest: {slowest[1]}"]))
        print("\n".join(f"{key:<11} {value}" for key, value in figures.items()))
    return int(bool(faults or figures["tracebacks"]))


if __name__ == "__main__":
    sys.exit(main())
