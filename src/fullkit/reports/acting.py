"""Findings that say where to act: each is sure, by its interval and its number of cases, before it may compete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fullkit.flow import survival
from fullkit.flow.chance import share_interval
from fullkit.flow.defects import trend
from fullkit.flow.durations import STAGE_LEAD_TIME
from fullkit.flow.graph import DIRECTLY_FOLLOWS
from fullkit.flow.handoffs import FIRST_TIME_FULL_KIT, MISSING_ITEMS
from fullkit.flow.pursuit import CONVERSION_BY_TIME
from fullkit.flow.queues import STARVATION
from fullkit.flow.times import ON_TIME
from fullkit.reports.known import ENOUGH, GAP, Candidate, Known, Maker, Rows, between, lapse, pair, rarely
from fullkit.reports.pictures import number, percent
from fullkit.reports.report import Finding


def _constraint(known: Known) -> Iterator[Candidate]:
    """R20: named only where the intervals of its evidence leave chance out."""
    weighed = known.weighed
    if weighed is None or weighed.verdict.place is None:
        return
    worth = []
    if weighed.lost:
        worth.append(f"Queues that stayed short cost {weighed.lost:,.0f} in the period.")
    if weighed.per_hour is not None:
        worth.append(f"An hour of selling brings {weighed.per_hour:,.0f}.")
    nexts = {
        "fulfilment": "What delivers, and at which step orders pile up; more leads would only lengthen the wait.",
        "service": "Which transactions salespeople do, and which of them customer service can take over first.",
        "handoff": "The item that kits lack most; see to it before the handoff begins.",
        "feeding": "Who fills the queue each morning, and from what; not the skill of salespeople.",
        "scheduling": "Who offers and who books slots, and why they stay empty.",
        "selling": "What salespeople's hours go on; every hour that is not selling costs sales directly.",
    }
    yield Candidate("constraint", 6, 1.0, Finding(
        says=weighed.verdict.says,
        definition="Places are judged from the end of the chain to its beginning, each by its own measure (R20).",
        uncertainty="Ranges are 95 % intervals; a place is named only when its whole range is past the limit.",
        next=" ".join([nexts[weighed.verdict.place], *worth]),
        picture=known.pictures.get("constraint", ""),
    ))  # fmt: skip


def _waits(known: Known) -> Iterator[Candidate]:
    """Where it waits longest: the stage with the most time in it, what still stands there counted."""
    stages = _by(known.rows.get(STAGE_LEAD_TIME.key, ()), "stage")
    found = []
    for stage, rows in stages.items():
        ended = sum(int(r["packets"]) for r in rows if r["is_over"])
        if ended >= ENOUGH:
            curve = survival.survival(
                [float(r["hours"]) for r in rows],
                [bool(r["is_over"]) for r in rows],
                [int(r["packets"]) for r in rows],
            )
            found.append((sum(float(r["hours"]) * int(r["packets"]) for r in rows), stage, curve, ended))
    total = sum(f[0] for f in found)
    if len(found) < 2 or not total:
        return
    hours, stage, curve, ended = max(found, key=lambda f: (f[0], f[1]))
    half, (low, high) = curve.quantile(0.5), curve.quantile_interval(0.5)
    middle = f"; the median stay is {number(half)} working hours" if half is not None else ""
    yield Candidate("time", 4, hours / total, Finding(
        says=f"Most time passes in {stage}: {percent(hours / total)} of all hours{middle}.",
        definition=STAGE_LEAD_TIME.definition,
        uncertainty=f"95 % interval of the median {between(low, high)} working hours, over {ended:,} ended stays.",
        next=f"What {known.noun} wait for in {stage}, and who could end that wait.",
        picture=known.pictures.get(STAGE_LEAD_TIME.key, ""),
    ))  # fmt: skip


def _longest_step(known: Known) -> Iterator[Candidate]:
    """In a log of activities: the step in which most time passes."""
    rows = [r for r in known.rows.get(DIRECTLY_FOLLOWS.key, ()) if r["times"] >= ENOUGH and r["median_hours"]]
    total = sum(float(r["median_hours"]) * int(r["times"]) for r in rows)
    if len(rows) < 2 or not total:
        return
    top = max(rows, key=lambda r: (float(r["median_hours"]) * int(r["times"]), r["activity"], r["next"]))
    share = float(top["median_hours"]) * int(top["times"]) / total
    yield Candidate("time", 4, share, Finding(
        says=f"The wait that weighs most is from {top['activity']} to {top['next']}: {int(top['times']):,} "
        "times, a median "
        f"of {lapse(float(top['median_hours']))}.",
        definition=DIRECTLY_FOLLOWS.definition,
        uncertainty=f"All {int(top['times']):,} steps are in it; weighed by the median times how often, "
        f"{percent(share)} of that of all steps that happened {ENOUGH} times or more.",
        next="What happens between the two, and whether anything must.",
        picture=known.pictures.get(DIRECTLY_FOLLOWS.key, ""),
    ))  # fmt: skip


def _speed(known: Known) -> Iterator[Candidate]:
    """R17: whether those that end late are won less, or more, often."""
    rows = [r for r in known.rows.get(CONVERSION_BY_TIME.key, ()) if r["weeks"] is not None]
    closed = sum(int(r["closed"]) for r in rows)
    chance = trend([(float(r["weeks"]), int(r["closed"]), int(r["won"])) for r in rows])
    if closed < 2 * ENOUGH or chance is None or chance >= 0.01:
        return
    early, late, weeks = _halves(rows)
    if min(early[1], late[1]) < ENOUGH:
        return
    shares = [won / n for won, n in (early, late)]
    apart = abs(shares[0] - shares[1])
    if apart < 0.05:
        return
    ranges = [share_interval(*one) for one in (early, late)]
    falls = shares[1] < shares[0]
    yield Candidate("time", 4 if falls else 2, apart, Finding(
        says=f"Of {known.noun} that end within {weeks} weeks {percent(shares[0])} are won, of the later ones "
        f"{percent(shares[1])}.",
        definition=CONVERSION_BY_TIME.definition,
        uncertainty=f"95 % intervals {pair(ranges[0])} and {pair(ranges[1])}; a trend like this comes "
        "by chance "
        f"{rarely(chance)}.",
        next="The longest wait between steps; shorten it before training anyone (R17)." if falls else
        "Why the early ones are lost: what ends fast here is mostly a loss, so speed alone is not the cure.",
        picture=known.pictures.get(CONVERSION_BY_TIME.key, ""),
    ))  # fmt: skip


def _kits(known: Known) -> Iterator[Candidate]:
    """First-time-full-kit, and the item that is missing most."""
    rows = known.rows.get(FIRST_TIME_FULL_KIT.key, ())
    offered, full = (sum(int(r[name]) for r in rows) for name in ("offered", "full_kits"))
    if offered < ENOUGH:
        return
    low, high = share_interval(full, offered)
    if high > 1 - GAP:
        return
    missing = max(known.rows.get(MISSING_ITEMS.key, ()), key=lambda r: (r["times"], r["item"]), default=None)
    yield Candidate("handoffs", 5, 1 - full / offered, Finding(
        says=f"{percent(full / offered)} of {offered:,} handoffs had a full kit when first offered"
        + (f"; missing most is {missing['item']} ({missing['times']:,} times)." if missing else "."),
        definition=FIRST_TIME_FULL_KIT.definition,
        uncertainty=f"95 % interval {pair((low, high))}.",
        next=f"Where {missing['item']} could be had before the handoff begins." if missing else "What kits lack.",
        picture=known.pictures.get(FIRST_TIME_FULL_KIT.key, ""),
    ))  # fmt: skip


def _promises(known: Known) -> Iterator[Candidate]:
    """The black backlog beside the promises that were kept."""
    rows = known.rows.get(ON_TIME.key, ())
    promised, kept = (sum(int(r[name] or 0) for r in rows) for name in ("promised", "on_time"))
    last = max((r["week"] for r in rows), default=None)
    black = sum(int(r["black_backlog"] or 0) for r in rows if r["week"] == last)
    if promised < ENOUGH or not black:
        return
    low, high = share_interval(kept, promised)
    yield Candidate("promises", 5, min(1.0, black / promised), Finding(
        says=f"{black:,} open packets are past their promise, while {percent(kept / promised)} of what was "
        "closed was on "
        "time.",
        definition=ON_TIME.definition,
        uncertainty=f"95 % interval of the share on time {pair((low, high))}, over {promised:,}; the "
        "backlog is counted.",
        next="The oldest of them, and the cause named most often; lateness hides in what is still open.",
        picture=known.pictures.get(ON_TIME.key, ""),
    ))  # fmt: skip


def _starved(known: Known) -> Iterator[Candidate]:
    """Mornings on which salespeople had too little to work on."""
    rows = known.rows.get(STARVATION.key, ())
    readings, starved = (sum(int(r[name] or 0) for r in rows) for name in ("readings", "starved"))
    if readings < ENOUGH:
        return
    low, high = share_interval(starved, readings)
    if low <= 0.1:
        return
    yield Candidate("queue", 5, starved / readings, Finding(
        says=f"On {percent(starved / readings)} of {readings:,} mornings a queue held less than a day's work.",
        definition=STARVATION.definition,
        uncertainty=f"95 % interval {pair((low, high))}.",
        next="How many are promoted a week against how many are used up; a starved salesperson loses sales.",
        picture=known.pictures.get(STARVATION.key, ""),
    ))  # fmt: skip


# --- strokes -------------------------------------------------------------------------------------------------


def _by(rows: Rows, column: str) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return found


def _halves(rows: Rows) -> tuple[tuple[int, int], tuple[int, int], int]:
    """(won, closed) up to the band in which half have closed, the same after it, and that band's upper week."""
    total, so_far = sum(int(r["closed"]) for r in rows), 0
    order = sorted(rows, key=lambda r: r["weeks"])
    cut = len(order) - 1
    for i, row in enumerate(order[:-1]):
        so_far += int(row["closed"])
        if so_far >= total / 2:
            cut = i + 1
            break
    parts = [order[:cut], order[cut:]]
    early, late = ((sum(int(r["won"]) for r in p), sum(int(r["closed"]) for r in p)) for p in parts)
    return early, late, int(order[cut - 1]["weeks"]) + 1


ALL: tuple[Maker, ...] = (_constraint, _waits, _longest_step, _speed, _kits, _promises, _starved)
