"""A report on many opportunities: `python bench/report.py 10000 1000000`. Wanted: under 5 s and under 60 s and 2 GB."""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path


def export(path: Path, rows: int) -> None:
    """An export of so many opportunities, a third of them open. The same every time."""
    dice = random.Random(1)
    stages = ("Closed Won", "Closed Lost", "Negotiation")
    with path.open("w") as out:
        out.write("Opportunity ID,Owner,Stage,Created Date,Close Date,Amount\n")
        for i in range(rows):
            begun = date(2024, 1, 1) + timedelta(dice.randrange(600))
            over = begun + timedelta(dice.randrange(1, 120))
            out.write(
                f"D{i},Rep {i % 40},{dice.choice(stages)},{begun},{over},{dice.randrange(100, 90_000)}\n"
            )


def main() -> None:
    """Each size in a process of its own, from the file to the report."""
    for rows in map(int, sys.argv[1:] or ("10000", "1000000")):
        with tempfile.TemporaryDirectory() as room:
            export(Path(room) / "deals.csv", rows)
            start = time.perf_counter()
            run = [sys.executable, "-m", "fullkit", "diagnose", "deals.csv", "--out", "report.html"]
            subprocess.run(run, cwd=room, check=True, env=os.environ | {"FULLKIT_VAR": room})
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            print(
                f"{rows:,} opportunities: {time.perf_counter() - start:.1f} s, of the processor "
                f"{used.ru_utime + used.ru_stime:.1f} s, {used.ru_maxrss / 1024:.0f} MB at most so far"
            )


if __name__ == "__main__":
    main()
