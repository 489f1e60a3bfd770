"""kill -9 at random moments of training, resumed to the end: are the weights those of a run that was never killed?

    python benchmarks/kill.py [--trials N] [--kills N] [--seed N] [--json]

A trial is a training of 60 steps in a process of its own, which writes a checkpoint after every step, ended by SIGKILL
at a random moment (in a step, or in the writing) and started again. It passes if the last checkpoint (weights, averaged
weights, optimizer) equals an undisturbed run's bit for bit. Exits with 1 unless all pass.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from small_training import RECIPE, checkpoint, kill_and_resume, same, train  # pyright: ignore[reportMissingImports]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--kills", type=int, default=1, help="in a trial")
    parser.add_argument("--seed", type=int, help="of the moments (default: others at every call)")
    parser.add_argument("--json", action="store_true", help="print one flat object and nothing else")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    chance = random.Random(asked.seed)
    passed = 0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["VAEDEMO_RUNS"] = str(Path(folder, "undisturbed"))
        train()
        wanted = checkpoint(Path(folder, "undisturbed"))
        for trial in range(asked.trials):
            runs = Path(folder, f"trial-{trial}")
            seen = kill_and_resume(runs, RECIPE.steps, asked.kills, chance)
            equal = same(checkpoint(runs), wanted)
            passed += equal
            if not asked.json:
                print(f"killed after steps {seen}: {'the same' if equal else 'DIFFERENT'}", flush=True)
    counts = {"trials": asked.trials, "same": passed}
    print(json.dumps(counts) if asked.json else f"{passed} of {asked.trials} the same")
    return int(passed < asked.trials)


if __name__ == "__main__":
    sys.exit(main())
