"""Findings that say what to mind before believing a number or reacting to one. Each is sure before it may compete."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from fullkit.flow import survival
from fullkit.flow.ageing import LITTLE
from fullkit.flow.chance import poisson_at_most, share_interval
from fullkit.flow.durations import CYCLE_TIME
from fullkit.flow.review import Answer
from fullkit.flow.spc import Chart
from fullkit.flow.verdict import told
from fullkit.reports.known import ENOUGH, GAP, Candidate, Known, Maker, between, pair, rarely
from fullkit.reports.pictures import number, percent
from fullkit.reports.report import Finding

FLOWS = {"arrived": "What arrives", "closed": "What gets done", "won": "What is won"}
"""The weekly series that findings speak of. What is open is not among them: each week holds most of the one before."""
SURE = 0.01
"""So many signals must come by chance less often than this."""
CREDIBLE = 0.7
"""A chart that raises a false alarm more often than this is not believed whatever it says."""


def _signals(known: Known) -> Iterator[Candidate]:
    """A change in the flow that chance does not explain; never from limits that are provisional."""
    for name, chart in known.charts.items():
        if name not in FLOWS or not chart.signals or chart.withheld or chart.provisional:
            continue
        rate = min(chart.false_alarms.of(chart.rules), 0.999)
        chance = 1 - float(poisson_at_most(len(chart.signals) - 1, -math.log1p(-rate)))
        if chance >= SURE or rate > CREDIBLE:
            continue
        points = len({p for s in chart.signals for p in s.points})
        yield Candidate("flow", 3, min(1.0, points / len(chart.values)), Finding(
            says=f"{FLOWS[name]} a week {_thirds(chart, points)}.",
            definition=f"{chart.name} chart of whole weeks, limits from {_base(chart)} points; {len(chart.signals)} "
            f"signals, the first: {told(chart.signals[0], chart.labels)}.",
            uncertainty=f"A chart like this raises a false alarm in {max(1.0, 100 * rate):.0f} of 100 cases where "
            f"nothing has happened; so many come by chance {rarely(chance)}.",
            next="What happened at that time; write it down beside the chart before changing anything.",
            picture=known.pictures.get(name, ""),
        ))  # fmt: skip


def _waves(known: Known) -> Iterator[Candidate]:
    """A wave of the calendar: nothing special happens, the calendar does."""
    for name, chart in known.charts.items():
        if name in FLOWS and chart.wave and not chart.signals and len(chart.values) >= 24:
            share = percent(chart.wave.share)
            yield Candidate("flow", 3, chart.wave.share, Finding(
                says=f"{FLOWS[name]} a week follows the calendar: {chart.wave.name} explains {share} of the variation.",
                definition=f"Share of the variation between weeks that lies between places of {chart.wave.name}.",
                uncertainty=f"A wave like this comes by chance {rarely(chart.wave.chance)}.",
                next="Who makes the wave: customers, or a deadline of ours; a deadline costs price and peace.",
                picture=known.pictures.get(name, ""),
            ))  # fmt: skip


def _censored(known: Known) -> Iterator[Candidate]:
    """How long it takes with what is open counted, where the closed ones alone would tell another story."""
    rows = known.rows.get(CYCLE_TIME.key, ())
    over = [r for r in rows if r["is_over"]]
    ended, total = (sum(int(r["packets"]) for r in part) for part in (over, rows))
    if ended < ENOUGH or total - ended < ENOUGH:
        return
    curve = survival.survival(
        [float(r["days"]) for r in rows],
        [bool(r["is_over"]) for r in rows],
        [int(r["packets"]) for r in rows],
    )
    half, (low, high) = curve.quantile(0.5), curve.quantile_interval(0.5)
    closed = _median([(float(r["days"]), int(r["packets"])) for r in over])
    if half is None or low is None or low <= closed * (1 + GAP):
        return
    yield Candidate("open", 4, min(1.0, half / max(closed, 1) - 1), Finding(
        says=f"Half of all {known.noun} are over within {number(half)} days; the closed ones alone would say "
        f"{number(closed)}, because {total - ended:,} slow ones are still open.",
        definition=CYCLE_TIME.definition,
        uncertainty=f"95 % interval of the median {between(low, high)} days (Kaplan and Meier), over {total:,}.",
        next="What is open and old, before believing any average of closed ones.",
        picture=known.pictures.get(CYCLE_TIME.key, ""),
    ))  # fmt: skip


def _zombies(known: Known) -> Iterator[Candidate]:
    """What is open and older than nearly all that closed."""
    answer = known.reviewed.get("zombies")
    if not answer or answer.withheld or not answer.told_apart or answer.facts["open"] < ENOUGH:
        return
    facts = answer.facts
    yield Candidate("open", 5, float(facts["share"]), Finding(
        says=answer.says,
        definition=answer.measure.definition,
        uncertainty=f"95 % interval {pair((facts['low'], facts['high']))}; 5 % would be so by the definition.",
        next="Ask the oldest ones' customers, or close them: until then work in process and pipeline are overstated.",
        picture=known.pictures.get("zombies", known.pictures.get("ageing", "")),
    ))  # fmt: skip


def _little(known: Known) -> Iterator[Candidate]:
    """Little's law does not hold: a check of the data."""
    row = next(iter(known.rows.get(LITTLE.key, ())), None)
    if row is None or not row["flagged"] or row["closed"] < ENOUGH:
        return
    yield Candidate("open", 3, min(1.0, abs(float(row["gap"]))), Finding(
        says=f"{number(float(row['mean_open']))} {known.noun} are open on average, yet what closes, and how long it "
        "took, account for "
        f"{number(float(row['implied']))}.",
        definition=LITTLE.definition,
        uncertainty=f"A law without error over a long period; here {percent(abs(float(row['gap'])))} apart "
        "over "
        f"{row['days']:,} days.",
        next="Whether what is open will ever close, or the process grew from "
        f"{row['open_before']:,} to {row['open_after']:,} open.",
        picture=known.pictures.get(LITTLE.key, ""),
    ))  # fmt: skip


CANNOT_BE = ("expected_close_past", "next_step_says_won", "certain_but_open", "won_without_amount")


def _cost(known: Known) -> Iterator[Candidate]:
    """Missing facts that go with fewer wins or longer ways (R83)."""
    answer = known.reviewed.get("defect_cost")
    if answer is None or not answer.told_apart:
        return
    finding = _told(
        known,
        answer,
        "Ranges are 95 % intervals.",
        "The fact that is missing most, and at which stage it could be known.",
    )
    yield Candidate("data", 4, min(1.0, abs(answer.facts["cost"].win_rate.value)), finding)


def _late(known: Known) -> Iterator[Candidate]:
    """People write things down at different times, so their win rates mean different things (R84)."""
    for key in ("late_logged", "late_created"):
        answer = known.reviewed.get(key)
        if answer is not None and answer.told_apart:
            finding = _told(
                known,
                answer,
                "Exact 95 % interval of the share; analysis of means with a family error of 5 %.",
                "When an opportunity is to be written down; until then no close ratios of people mean anything.",
            )
            yield Candidate("people", 4, float(answer.facts["share"]), finding)


def _contradictions(known: Known) -> Iterator[Candidate]:
    """What cannot be true, where it is more than one in twenty."""
    for key in CANNOT_BE:
        answer = known.reviewed.get(key)
        if answer is None or not answer.told_apart or answer.facts["looked_at"] < ENOUGH:
            continue
        found, looked_at = int(answer.facts["packets"]), int(answer.facts["looked_at"])
        low, high = share_interval(found, looked_at)
        if low > 0.05:
            finding = _told(
                known,
                answer,
                f"Counted, not estimated: {percent(found / looked_at)}; as a sample {pair((low, high))}.",
                "Correct them, or stop asking for the field: what is computed from it misleads.",
            )
            yield Candidate("data", 3, found / looked_at, finding)


def _heaps(known: Known) -> Iterator[Candidate]:
    """Dates or amounts that lie where a form or a quarter wants them, if one in ten does that otherwise would not."""
    for key in ("closings_by_day", "round_values"):
        answer = known.reviewed.get(key)
        heaps = [h for h in answer.facts.values() if h is not None] if answer is not None else []
        if answer is not None and answer.told_apart and any(h.share - h.expected >= 0.1 for h in heaps):
            finding = _told(
                known,
                answer,
                "Ranges are 95 % intervals.",
                "Whether dates and amounts are what happened, or what a form or a quarter wants.",
            )
            yield Candidate("data", 2, 0.0, finding)


def _told(known: Known, answer: Answer, uncertainty: str, following: str) -> Finding:
    return Finding(
        says=answer.says, definition=answer.measure.definition, uncertainty=uncertainty, next=following,
        picture=known.pictures.get(answer.measure.key, ""),
    )  # fmt: skip


def _people(known: Known) -> Iterator[Candidate]:
    """Nobody differs, or they may not be compared: both stop a league table."""
    found = known.comparison
    if (
        found is None
        or found.withheld
        or len(found.standings) < 3
        or sum(s.size for s in found.standings) < ENOUGH
    ):
        return
    yield Candidate("people", 3 if found.differ else 2, 0.0, Finding(
        says=found.says,
        definition="People by funnel plot and analysis of means; nobody is ranked, nobody is named (R85).",
        uncertainty="The chance that anybody is called different when all are alike is at most "
        f"{percent(found.family_error)}." if found.differ else
        f"Differences cannot be told apart from noise, at a family error of {percent(found.family_error)}.",
        next="What is different about the work, before anything about the person." if found.differ else
        "The method that all of them use; comparing them more finely finds nothing.",
        picture=known.pictures.get("people", ""),
    ))  # fmt: skip


def _forecast(known: Known) -> Iterator[Candidate]:
    """A forecast that is refused is a finding: the past is no guide until the change is understood."""
    found = known.forecast
    if (
        found is None
        or not found.refused
        or not known.charts
        or all(c.provisional for c in known.charts.values())
    ):
        return
    yield Candidate("forecast", 1, 0.0, Finding(
        says=f"No forecast is made: {found.refused.removeprefix('No forecast. ')}",
        definition="Simulated from the log's own weeks; refused when the history holds a signal.",
        uncertainty="Not a range too wide to be of use, but none: what comes is another process than what was.",
        next="What changed; from then on count twelve weeks before forecasting.",
        picture=known.pictures.get("forecast", ""),
    ))  # fmt: skip


# --- strokes -------------------------------------------------------------------------------------------------


def _median(values: Sequence[tuple[float, int]]) -> float:
    total, so_far = sum(n for _, n in values), 0
    for value, n in sorted(values):
        so_far += n
        if 2 * so_far >= total:
            return value
    raise ValueError("no values")


def _thirds(chart: Chart, points: int) -> str:
    """The level of the first and of the last third, or that only single weeks stand out."""
    values = chart.values[~np.isnan(chart.values)]
    third = max(1, len(values) // 3)
    first, last = float(values[:third].mean()), float(values[-third:].mean())
    if abs(last - first) < GAP * max(abs(first), abs(last)):
        return (
            f"is not one steady process: {points} of {len(values)} weeks are where chance would not put them"
        )
    return (
        f"has changed: {number(first)} in the mean week of the first third of {len(values)}, {number(last)} in that of "
        f"the last"
    )


def _base(chart: Chart) -> int:
    return chart.phases[-1].base_end - chart.phases[-1].start


ALL: tuple[Maker, ...] = (
    _signals,
    _waves,
    _censored,
    _zombies,
    _little,
    _cost,
    _late,
    _contradictions,
    _heaps,
    _people,
    _forecast,
)
