"""A log of a sales process that nobody kept: 13 activities, loops of rework, about 10.3 events to a case."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import numpy as np

from fullkit.flow import schema

ACTIVITIES = (
    "captured", "released", "first call", "interest", "survey", "survey held", "design", "design agreed", "quoted",
    "quote discussed", "negotiated", "order placed", "handed over",
)  # fmt: skip
ON, SKIP, BACK = 0.75, 0.07, 0.12
"""Chances that a case goes on, skips an activity, or goes back up to three; else it ends there."""
BEGIN = np.datetime64("2024-01-01T00:00:00", "us")
SPAN = 700 * 86_400_000_000
DAY = 86_400_000_000


def events(count: int, seed: int = 3) -> dict[str, np.ndarray]:
    """About so many events, in the order of time. The same seed gives the same log."""
    dice = np.random.default_rng(seed)
    cases = round(count / 10.3)
    case, state = np.arange(cases), np.zeros(cases, dtype=np.int64)
    at = dice.integers(0, SPAN, cases)
    packets, states, times = [], [], []
    while len(case):
        packets.append(case)
        states.append(state.astype(np.uint8))
        times.append(at)
        draw = dice.random(len(case))
        back = np.maximum(state - dice.integers(1, 4, len(case)), 1)
        after = np.where(draw < ON, state + 1, np.where(draw < ON + SKIP, state + 2, back))
        goes = (after < len(ACTIVITIES)) & (draw < ON + SKIP + BACK)
        waits = dice.exponential(30 * 3_600_000_000, len(case)).astype(np.int64) + 60_000_000
        case, state, at = case[goes], after[goes], (at + waits)[goes]
    packet, code, at = np.concatenate(packets), np.concatenate(states), np.concatenate(times)
    order = np.argsort(at, kind="stable")
    return {"packet": packet[order] + 1, "code": code[order], "at": at[order]}


def write(folder: Path, count: int) -> None:
    """`log.parquet`: the event table in the order of time, as a log is appended. `mirror.parquet`: as it is mirrored.

    Both hold every column of flow/schema.py.
    """
    told = events(count)
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute("SET preserve_insertion_order = true")
        told["at"] = BEGIN + told["at"].astype("timedelta64[us]")
        names = "['" + "', '".join(ACTIVITIES) + "']"
        con.execute(f"""
            CREATE TABLE told AS
            SELECT row_number() OVER ()::BIGINT AS id, packet::BIGINT AS packet, "at", {names}[code + 1] AS activity,
                   "at"::DATE AS day, date_trunc('week', "at")::DATE AS week, 'growth' AS chain, 'hunting' AS process,
                   'opportunity' AS packet_type,
                   CASE code WHEN 0 THEN 'packet.arrived' WHEN 1 THEN 'handoff.accepted' WHEN 12 THEN 'packet.closed'
                             ELSE 'stage.advanced' END AS kind,
                   CASE code WHEN 1 THEN 'release' END AS handoff_kind, CASE code WHEN 12 THEN 'won' END AS outcome,
                   epoch("at") / 60 * 40 / 168 AS worked, 'inside_sales' AS department, packet % 97 AS actor,
                   CASE WHEN code BETWEEN 2 AND 11 THEN {names}[code + 1] END AS stage,
                   CASE WHEN code BETWEEN 2 AND 11 THEN {names}[code + 2] END AS to_stage
            FROM told""")
        held = {row[0] for row in con.execute("SELECT column_name FROM (DESCRIBE told)").fetchall()}
        columns = ", ".join(
            f'CAST({c.name if c.name in held else "NULL"} AS {c.type}) AS "{c.name}"' for c in schema.LOG
        ).replace("CAST(at ", 'CAST("at" ')
        for name, order in (("log", "id"), ("mirror", 'packet, "at", id')):
            con.execute(
                f"COPY (SELECT {columns} FROM told ORDER BY {order}) TO '{folder / name}.parquet'"
                " (FORMAT parquet, COMPRESSION zstd)"
            )


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
