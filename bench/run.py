"""`make bench`: every figure of bench/README.md, measured in one run. `make bench ARGS="fair deal"` runs some parts.

Parts: cost (statements of a verb), fair (64 callers at once), deal (10,000 against 1,000,000 waiting), verbs (per
second over HTTP), rest (memory). Each on SQLite and on PostgreSQL. About 12 minutes in all on a machine of one's own.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

HERE = Path(__file__).parent
PORT = int(os.environ.get("FULLKIT_BENCH_PORT", "18764"))
FEW, MANY = 10_000, 1_000_000
EACH = 3_000


@contextmanager
def house(database: str, *, waiting: int, each: int = 0) -> Iterator[dict[str, Any]]:
    """A served company on a database of its own. Gives its keys and the server's process."""
    var = Path(tempfile.mkdtemp(prefix="fullkit-bench-"))
    env = os.environ | {
        "FULLKIT_VAR": str(var),
        "FULLKIT_LOG_LEVEL": "WARNING",
        "PYTHONPATH": str(HERE.parent),
    }
    env.pop("DATABASE_URL", None)
    server = None
    if database == "postgres":
        from tests.postgres import Server

        server = Server(["max_connections=100"])
        env["DATABASE_URL"] = server.url
    try:
        run = [sys.executable, "-m", "bench.prepare", str(waiting), str(each)]
        prepared = subprocess.run(run, env=env, check=True, capture_output=True, text=True, cwd=HERE.parent)
        keys = json.loads(prepared.stdout.splitlines()[-1])
        up = subprocess.Popen(
            [sys.executable, "-m", "fullkit", "up", "--port", str(PORT), "--empty"],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert up.stdout is not None
            while not (line := up.stdout.readline()).startswith("http"):
                if not line:
                    raise RuntimeError("the server did not start")
            yield keys | {
                "pid": up.pid,
                "env": env,
                "database": None if server is None else server.process.pid,
            }
        finally:
            up.terminate()
            up.wait(30)
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(var, ignore_errors=True)


def call(
    keys: list[str], round_: str, seconds: float, shared: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Let callers ask for a while."""
    run = [sys.executable, "-m", "bench.callers", str(PORT), str(seconds), round_, json.dumps(shared or {})]
    done = subprocess.run(
        run, input="\n".join(keys), capture_output=True, text=True, check=True, cwd=HERE.parent
    )
    said: dict[str, Any] = json.loads(done.stdout)
    errors = [c["error"] for c in said["callers"] if c["error"]]
    if errors:
        raise RuntimeError(f"{round_}: {errors[0]}")
    return said


def fair(database: str) -> list[tuple[str, str, str]]:
    """64 callers at once."""
    with house(database, waiting=60_000) as here:
        said = call(here["clerks"], "deal", 20)
    took = [t for c in said["callers"] for t in c["took"]]
    shares = [len(c["took"]) for c in said["callers"]]
    got = [n for c in said["callers"] for n in c["got"]]
    mean, slowest = statistics.fmean(took), max(took)
    ratio = max(shares) / max(min(shares), 1)
    return [
        (
            f"{database}: deals by 64 callers at once",
            f"{len(took)} ({len(took) / said['seconds']:.0f}/s)",
            "",
        ),
        (f"{database}: packets dealt twice", f"{len(got) - len(set(got))}", "0"),
        (f"{database}: largest to smallest share", f"{ratio:.2f}", "< 1.5"),
        (
            f"{database}: slowest call to the mean",
            f"{slowest / mean:.1f} ({slowest * 1000:.0f} ms to {mean * 1000:.0f} ms)",
            "< 3",
        ),
    ]


def milli(seconds: float) -> str:
    """`12 ms`."""
    return f"{seconds * 1000:.0f} ms"


def deal(database: str) -> list[tuple[str, str, str]]:
    """The same calls with 10,000 and with 1,000,000 waiting."""
    medians: dict[str, list[float]] = {}
    for waiting in (FEW, MANY):
        with house(database, waiting=waiting) as here:
            said = call(here["clerks"][:1], "only_deal", 6)
            medians.setdefault("deal", []).append(statistics.median(said["callers"][0]["took"]))
            for name, seconds in pages(here).items():
                medians.setdefault(name, []).append(seconds)
    return [
        (
            f"{database}: {name}, median with 1,000,000 waiting to 10,000",
            f"{many / few:.2f} ({many * 1000:.1f} ms to {few * 1000:.1f} ms)",
            "<= 1.5",
        )
        for name, (few, many) in medians.items()
    ]


def pages(here: dict[str, Any]) -> dict[str, float]:
    """Median seconds of the inbox page and of a customer's page, signed in."""
    run = [sys.executable, "-m", "bench.pages", str(PORT)]
    done = subprocess.run(run, env=here["env"], capture_output=True, text=True, check=True, cwd=HERE.parent)
    return dict(json.loads(done.stdout))


def verbs(database: str) -> list[tuple[str, str, str]]:
    """Verbs a second with 1 and 8 clients, and what a call costs in time of the processor."""
    wanted = {"arrive": 4 * 130, "advance": 4 * 117, "read_fifty": 4 * 41}
    rows = []
    with house(database, waiting=200_000, each=EACH) as here:
        for round_ in ("arrive", "deal", "advance", "converse", "read_fifty"):
            selling = round_ in ("advance", "converse")
            crowd = here["sellers"] if selling else here["clerks"][:8]
            shared = {"evidence": here["evidence"]} if selling else None
            for clients in (1, 8):
                before = spent(here)
                said = call(crowd[:clients], round_, 5, shared)
                used = [now - then for now, then in zip(spent(here), before, strict=True)]
                # A round may hold calls that are not timed; what counts is how fast the timed one is answered.
                count = sum(len(c["took"]) for c in said["callers"])
                busy = sum(sum(c["took"]) for c in said["callers"]) / clients
                rate = count / busy if round_ in ("deal", "converse", "advance") else count / said["seconds"]
                goal = f">= {wanted[round_]}" if round_ in wanted and clients == 8 else ""
                calls = sum(c["asked"] for c in said["callers"])
                cost = " + ".join(f"{1000 * each / calls:.1f}" for each in used if each)
                per = calls / sum(used)
                found = f"{rate:.0f}/s; a call takes {cost} ms of one core, {per:.0f} calls a second of it"
                rows.append((f"{database}: {round_}, {clients} clients", found, goal))
        rows.append(
            (f"{database}: memory of all server processes after that", f"{memory(here['pid']):.0f} MB", "")
        )
    return rows


def cost(database: str) -> list[tuple[str, str, str]]:
    """Statements of each verb, the key at the door and the log included."""
    with house(database, waiting=1_000, each=20) as here:
        run = [sys.executable, "-m", "bench.cost"]
        keys = json.dumps({name: here[name] for name in ("clerks", "sellers", "evidence")})
        done = subprocess.run(
            run, input=keys, env=here["env"], capture_output=True, text=True, check=True, cwd=HERE.parent
        )
    return [
        (f"{database}: {verb}, statements (of them writing)", f"{asked} ({writes})", "")
        for verb, (asked, writes) in json.loads(done.stdout).items()
    ]


def spent(here: dict[str, Any]) -> list[float]:
    """Seconds of processor time so far of the server's processes, and of the database's."""
    tick = os.sysconf("SC_CLK_TCK")
    totals = []
    for root in (here["pid"], here["database"]):
        fields = [
            Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            for one in (family(root) if root else [])
        ]
        totals.append(sum(int(f[11]) + int(f[12]) for f in fields) / tick)
    return totals


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found, asked = [pid], [pid]
    while asked:
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(asked.pop())], capture_output=True, text=True, check=False
        ).stdout.split()
        asked += [int(c) for c in children]
        found += [int(c) for c in children]
    return found


def memory(pid: int) -> float:
    """Megabytes that the server and its children hold (proportional set size)."""
    total = 0
    for one in family(pid):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def rest(database: str) -> list[tuple[str, str, str]]:
    """Memory of a server that nobody asks anything."""
    with house(database, waiting=10_000) as here:
        time.sleep(3)
        rows = [(f"{database}: memory at rest", f"{memory(here['pid']):.0f} MB", "< 300 MB")]
    return rows


def measures(database: str) -> list[tuple[str, str, str]]:
    """The measures of the log beside PM4Py and plain SQL."""
    from bench.measures import measures as measured

    return measured(database)


PARTS = {"measures": measures, "cost": cost, "rest": rest, "fair": fair, "deal": deal, "verbs": verbs}


def machine() -> str:
    """What it was measured on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    named = (line.partition(":")[2].strip() for line in lines if "model name" in line)
    model = next(named, "unknown processor")
    load = os.getloadavg()[1]
    return f"{os.cpu_count()} cores ({model}), Python {sys.version.split()[0]}, load before {load:.1f}"


def main() -> None:
    """Run the parts named, or all, and print the table."""
    named = [a for a in sys.argv[1:] if a in PARTS] or list(PARTS)
    databases = [a for a in sys.argv[1:] if a in ("sqlite", "postgres")] or ["sqlite", "postgres"]
    print(
        f"{time.strftime('%Y-%m-%d')}, {machine()}\n\n| what | measured | wanted |\n| --- | --- | --- |",
        flush=True,
    )
    for part in named:
        print(f"| load average before `{part}` | {os.getloadavg()[0]:.1f} | |", flush=True)
        for database in databases:
            for what, measured, goal in PARTS[part](database):
                print(f"| {what} | {measured} | {goal} |", flush=True)


if __name__ == "__main__":
    main()
