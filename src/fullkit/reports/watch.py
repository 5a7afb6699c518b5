"""What is held against a limit: sentences that stand above a manager's questions when they are true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from duckdb import DuckDBPyConnection

from fullkit.flow.measure import run
from fullkit.flow.measures import ALL, WATCHED
from fullkit.playbook.plant import Plant
from fullkit.reports.answers import Rows, percent
from fullkit.rules import capacity, inertia, stages

WEEKS = 4
"""Whole weeks that are looked at, where a longer past would hide what is true now."""


@dataclass(frozen=True)
class Watched:
    """One number and the limit it is held against."""

    key: str
    rule: str
    says: str
    """The number in a sentence, and what it means when it is past its limit."""
    limit: str
    """The limit in words; empty where the method names none."""
    definition: str
    fires: bool


def ask(con: DuckDBPyConnection, plant: Plant, params: Mapping[str, Any], monday: date) -> dict[str, Rows]:
    """The rows behind the watches of the side that sells; empty where a company has no such people."""
    lately = {"since": monday - timedelta(weeks=WEEKS), "until": monday - timedelta(days=1)}
    sellers = {"roles": [r.key for r in plant.playbook.roles if r.selling == "inside"]}
    field = {"roles": [r.key for r in plant.playbook.roles if r.selling == "field"]}
    given: dict[str, dict[str, Any]] = {
        "minutes_by_inertia": lately | sellers,
        "spells": lately | sellers,
        "briefings": lately | {name: params[name] for name in ("chain", "process")},
        "field_time": lately | field,
        "won_by_inertia": {"since": params["since"], "until": params["until"], "types": _deals(plant)},
    }
    return {key: run(con, WATCHED[key], **its) for key, its in given.items()}


def _deals(plant: Plant) -> list[str]:
    """The types that are a transaction somebody could win or lose: what is sold, what arrives unsorted, its quotes."""
    arrivals, book = plant.playbook.arrivals, plant.playbook
    quotes = [h.makes for h in book.handoffs if h.makes and book.packet_type[h.makes].inbound]
    made = [t for t in quotes if arrivals.yours_to_win in _sources(plant, t)]
    return list(dict.fromkeys([arrivals.yours_to_win, arrivals.undecided, *made]))


def _sources(plant: Plant, made: str) -> set[str]:
    return {source for h in plant.playbook.handoffs if h.makes == made for source in h.makes_from}


def watched(rows: Mapping[str, Rows], plant: Plant, monday: date) -> tuple[Watched, ...]:
    """Everything there is a number for, what is past its limit first."""
    switches = plant.playbook.switches
    found = [
        _too_good(rows["conversion_by_time"], switches.conversion_too_high),
        _yours_to_lose(rows["minutes_by_inertia"], switches.yours_to_lose_alarm),
        *_hours(_lately(rows.get("selling_share", []), monday), rows.get("selling_share", []), monday),
        _field(rows["field_time"]),
        _blocks(rows["spells"]),
        _briefings(rows["briefings"], plant),
        _back_test(rows["won_by_inertia"]),
    ]
    return tuple(sorted((one for one in found if one is not None), key=lambda one: not one.fires))


def _lately(rows: Rows, monday: date) -> Rows:
    return [r for r in rows if monday - timedelta(weeks=WEEKS) <= r["week"] < monday]


def _too_good(rows: Rows, upper: float) -> Watched | None:
    """R19: near 100 % is a warning."""
    found = capacity.too_good(sum(r["won"] for r in rows), sum(r["closed"] for r in rows), upper=upper)
    if found is None:
        return None
    says = (
        f"Of the released opportunities that closed {percent(found.rate)} were won "
        f"(95 % interval {percent(found.low)} to {percent(found.high)})."
    )
    if found.too_good:
        says += " There are too few or too easy ones: look for deals that are ours to lose."
    words = ALL["conversion_by_time"].definition
    return Watched(
        "too_good", "R19", says, f"The whole interval above {percent(upper)}", words, found.too_good
    )


def _yours_to_lose(rows: Rows, limit: float) -> Watched | None:
    """R10: salespeople work on what is ours to win."""
    minutes = {r["inertia"]: r["minutes"] for r in rows}
    share = inertia.yours_to_lose_share(minutes)
    if share is None:
        return None
    fires = inertia.yours_to_lose_alarm(minutes, limit=limit)
    says = f"{percent(share)} of the salespeople's conversation minutes went on deals that are ours to lose."
    if fires:
        says += " Customer service can win these by answering fast."
    words = WATCHED["minutes_by_inertia"].definition
    return Watched("yours_to_lose", "R10", says, f"More than {percent(limit)}", words, fires)


def _hours(lately: Rows, rows: Rows, monday: date) -> list[Watched]:
    """R16 and R102: what the logged hours go on."""
    words, found = ALL["selling_share"].definition, []
    history = [r["selling"] for r in rows if r["week"] < monday and r["selling"] is not None]
    if capacity.selling_share_fell(history):
        says = f"The selling share of logged time fell to {percent(history[-1])}, below what the weeks before vary by."
        found.append(
            Watched("selling_fell", "R16", says, "Below the lower natural process limit", words, True)
        )
    total = sum(r["minutes"] or 0 for r in lately)
    repair = sum((r["repair"] or 0) * (r["minutes"] or 0) for r in lately)
    share = capacity.repair_share(repair, total)
    if share is not None:
        low, high = (percent(edge) for edge in capacity.REPAIR_BAND)
        says = (
            f"{percent(share.share)} of the hours logged went on repairing order-to-delivery, {share.band} the "
            f"published band of {low} to {high}: {repair / 60:.1f} hours in {WEEKS} weeks could be sold in again."
        )
        fires = share.band != "below"
        found.append(Watched("repair", "R102", says, f"{low} or more", words, fires))
    return found


def _field(rows: Rows) -> Watched | None:
    """R38: sales is an inside activity."""
    share = capacity.field_share(rows[0]["field"], rows[0]["worked"]) if rows else None
    if share is None:
        return None
    limit, words = capacity.FIELD_LIMIT, WATCHED["field_time"].definition
    says = f"{percent(share)} of the field salespeople's week is spent in the field."
    if share > limit:
        says += " Ask of each visit whether the step could be taken from inside."
    return Watched("field", "R38", says, f"More than {percent(limit)}", words, share > limit)


def _blocks(rows: Rows) -> Watched | None:
    """R13: switching costs effort. The method names no limit."""
    found = capacity.blocks(
        [capacity.Spell(r["day"], r["mode"], r["minutes"], person=r["actor"]) for r in rows]
    )
    if found is None:
        return None
    says = (
        f"Salespeople stay {found.mean_minutes:.0f} minutes at one kind of work and switch "
        f"{found.switches_per_day:.1f} times a day."
    )
    return Watched("blocks", "R13", says, "", WATCHED["spells"].definition, False)


def _briefings(rows: Rows, plant: Plant) -> Watched | None:
    """R37: a briefing keeps the minutes it was sold for."""
    promised = {s.key: s.promised_minutes for p in plant.playbook.processes for s in p.stages}
    held = [
        (minutes, r["minutes"])
        for r in rows
        if (minutes := promised.get(r["stage"])) is not None
        for _ in range(r["held"])
    ]
    share = stages.overrun_share(held)
    if share is None:
        return None
    says = f"{percent(share)} of {len(held)} conversations with promised minutes ran over them."
    return Watched("briefings", "R37", says, "", WATCHED["briefings"].definition, False)


def _back_test(rows: Rows) -> Watched | None:
    """R9: ours to lose must convert far above ours to win and barely with touches; if not, the rule is wrong."""
    found = inertia.back_test(
        (r["inertia"], r["won"], r["touches"]) for r in rows for _ in range(r["arrived"])
    )
    if found is None:
        return None
    says = (
        f"Ours to lose was bought in {percent(found.yours_to_lose)} of cases, ours to win in "
        f"{percent(found.yours_to_win)}; more touches moved the former by {percent(found.moved_by_touches)}."
    )
    if not found.holds:
        says += " The rule that tells them apart is wrong here: look at its two intervals in the playbook."
    limit = "Less than twice as often, or moved by more than 15 %"
    return Watched("back_test", "R9", says, limit, WATCHED["won_by_inertia"].definition, not found.holds)
