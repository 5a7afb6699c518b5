"""The pictures that every log gets, whoever wrote it: what came and went, how long it took, what is open, "
"people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from fullkit.flow import people, spc, survival
from fullkit.flow.ageing import AGEING, CUMULATIVE_FLOW, LITTLE, OLDEST
from fullkit.flow.backtest import Trial
from fullkit.flow.durations import CYCLE_TIME
from fullkit.flow.evidence import Where, weigh
from fullkit.flow.fair import Person
from fullkit.flow.forecast import how_many
from fullkit.flow.lives import LIVES, Lives
from fullkit.flow.measure import Measure
from fullkit.flow.review import review
from fullkit.reports import judged
from fullkit.reports.gallery import Asked, picture
from fullkit.reports.pictures import (
    Areas,
    Bar,
    Bars,
    Cloud,
    Curve,
    Curves,
    Dot,
    Drawing,
    Line,
    Picture,
    number,
    percent,
)
from fullkit.reports.words import BANDS

EPOCH = date(1970, 1, 1).toordinal()
AHEAD = 90
"""Days for which a forecast is made."""

DAY_COUNTS = Measure(
    key="day_counts",
    title="What came and went each day?",
    definition=(
        "What first arrived and what was closed for the last time on each day, with any outcome and as won, "
        "and both "
        "added up. One opened again counts as open from its first arrival until it was last closed."
    ),
    sql=f"""
WITH lives AS (
{LIVES.sql.strip()}
),
days AS (SELECT day FROM calendar WHERE day BETWEEN $since AND $until),
came AS (SELECT opened AS day, count(*) AS n FROM lives GROUP BY ALL),
went AS (SELECT closed AS day, count(*) AS n, count(*) FILTER (outcome = $won) AS won FROM lives GROUP BY ALL),
before AS (SELECT count(*) FILTER (opened < $since) AS n, count(*) FILTER (closed < $since) AS gone FROM lives)
SELECT day, coalesce(came.n, 0) AS arrived, coalesce(went.n, 0) AS closed, coalesce(went.won, 0) AS won,
       (SELECT n FROM before) + sum(coalesce(came.n, 0)) OVER (ORDER BY day) AS arrived_so_far,
       (SELECT gone FROM before) + sum(coalesce(went.n, 0)) OVER (ORDER BY day) AS closed_so_far
FROM days LEFT JOIN came USING (day) LEFT JOIN went USING (day)
ORDER BY day
""".lstrip(),
    columns=("day", "arrived", "closed", "won", "arrived_so_far", "closed_so_far"),
)


def weeks(asked: Asked) -> list[Picture]:
    """Arrivals, closings, wins and what was open, by whole week, each against its own limits."""
    days = asked.rows(DAY_COUNTS) or []
    rows = _by_week(asked, days)
    if len(rows) < 2:
        return []
    kinds: dict[str, tuple[str, str, spc.What]] = {
        "arrived": ("How much arrives?", "arrived a week", "count"),
        "closed": ("How much gets done?", "closed a week", "count"),
        "won": ("How much is won?", "won a week", "count"),
        "open": ("How much is open at the end of a week?", "open", "amount"),
    }
    return [
        _week(asked, rows[_begun(rows, column) :], column, *kind)
        for column, kind in kinds.items()
        if any(row[column] for row in rows)
    ]


def _begun(rows: Sequence[dict[str, Any]], column: str) -> int:
    """The first week with anything in it: before it the data had not begun, which is not a process at zero."""
    return next(i for i, row in enumerate(rows) if row[column])


def _week(
    asked: Asked, rows: Sequence[dict[str, Any]], column: str, title: str, unit: str, what: spc.What
) -> Picture:
    chart = spc.chart(spc.Series(what, [row[column] for row in rows], [row["week"] for row in rows]))
    asked.charts[column] = chart
    mean = float(np.mean([row[column] for row in rows]))
    return Picture(
        key=f"weekly-{column}",
        title=title,
        says=f"{number(mean)} in a mean week, over {len(rows)} whole weeks. {judged.verdict(chart)}",
        definition=_WEEKLY[column],
        columns=("week", column),
        rows=[(row["week"], row[column]) for row in rows],
        unit=unit,
        sql=DAY_COUNTS.sql.strip(),
        n=int(sum(row[column] for row in rows)),
        drawn=(judged.drawn(chart),),
    )


_WEEKLY = {
    "arrived": "Packets that first arrived, by whole week from Monday to Sunday, from the first week with any.",
    "closed": "Packets closed for the last time, with any outcome, by whole week, from the first with any.",
    "won": "Packets closed for the last time as won, by the week of closing.",
    "open": "Packets that had arrived and were not closed at the end of each week.",
}


def _by_week(asked: Asked, days: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[date, dict[str, Any]] = {}
    for row in days:
        week = row["day"] - timedelta(days=row["day"].weekday())
        kept = found.setdefault(week, {"week": week, "arrived": 0, "closed": 0, "won": 0, "days": 0})
        for column in ("arrived", "closed", "won"):
            kept[column] += row[column]
        kept["open"] = int(row["arrived_so_far"] - row["closed_so_far"])
        kept["days"] += 1
    return [
        row for row in found.values() if row["days"] == 7 and row["week"] + timedelta(days=6) <= asked.until
    ]


def cumulative(asked: Asked) -> Picture | None:
    """Cumulative flow: what is between two lines is what stands there."""
    days = asked.rows(CUMULATIVE_FLOW)
    if not days:
        return None
    last = days[-1]
    at = max(days, key=lambda row: row["arrived"] - row["closed"])
    most = at["arrived"] - at["closed"]
    says = (
        f"{last['arrived'] - last['closed']:,} {asked.noun} open on {judged.day(last['day'])}; the most was "
        f"{most:,} on "
        f"{judged.day(at['day'])}. {last['arrived']:,} have arrived and {last['closed']:,} were closed by then."
    )
    released = any(row["released"] not in (0, row["arrived"]) for row in days)
    names = ("arrived", "released", "closed") if released else ("arrived", "closed")
    layers = [(name, [float(row[name]) for row in days]) for name in names]
    areas = Areas(days=[row["day"] for row in days], layers=layers, y_title=f"{asked.noun} so far")
    return picture(CUMULATIVE_FLOW, (says, (areas,), last["arrived"]), days)


def little(asked: Asked) -> Picture | None:
    """Little's law as a check of the data."""
    rows = asked.rows(LITTLE)
    if not rows or not rows[0]["mean_open"] or rows[0]["gap"] is None:
        return None
    row = rows[0]
    says = (
        f"{number(row['mean_open'])} {asked.noun} were open on average; {number(row['closed_per_day'])} "
        "closed a day and "
        f"{number(row['mean_days'])} days each make {number(row['implied'])}. "
    )
    if row["flagged"]:
        says += (
            f"They are {percent(abs(row['gap']))} apart: what is open holds {asked.noun} that nobody will "
            "close, dates are "
            f"late, or the process grows ({row['open_before']:,} open at the beginning, {row['open_after']:,} "
            "at the end)."
        )
    else:
        says += "They agree within 20 %."
    return picture(LITTLE, (says, (), row["closed"]), rows)


def durations(asked: Asked, rows: Sequence[dict[str, Any]]) -> list[Picture]:
    """How long it takes, censored; and what comes of it, as competing ends."""
    if not rows:
        return []
    days = [row["days"] for row in rows]
    many = [row["packets"] for row in rows]
    over = [row["is_over"] for row in rows]
    curve = survival.survival(days, over, many)
    found = [_how_long(asked, curve, rows)]
    endings = [(row["outcome"] or "no outcome") if row["is_over"] else None for row in rows]
    if len({end for end in endings if end}) > 1:
        ends = survival.incidence(days, endings, many)
        found.append(_what_comes(asked, list(ends.values()), rows))
    return found


def _how_long(asked: Asked, curve: survival.Survival, rows: Sequence[dict[str, Any]]) -> Picture:
    half, (low, high) = curve.quantile(0.5), curve.quantile_interval(0.5)
    most = curve.quantile(0.85)
    between = (
        f" (95 % interval {number(low)} to {number(high)})" if low is not None and high is not None else ""
    )
    says = (
        f"Half are over within {number(half)} days{between}"
        if half is not None
        else "Not even half have ended so far"
    )
    says += f", 85 % within {number(most)} days" if most is not None else "; 85 % is not reached in this data"
    closed = curve.packets - curve.still_open
    says += f". {closed:,} closed, {curve.still_open:,} still open and counted as censored."
    drawn = Curves(
        paths=[_curve("still open", curve.times, curve.open_share, curve.low, curve.high)],
        x_title="calendar days since arrival",
        y_title="share still open",
        marks=[("median", half)] if half is not None else [],
    )
    return picture(CYCLE_TIME, (says, (drawn,), curve.packets), rows, unit="days", key="how-long")


ENDS_TOLD = 5
"""Ends that are drawn and told one by one: more curves than that nobody tells apart."""


def _what_comes(asked: Asked, ends: Sequence[survival.Incidence], rows: Sequence[dict[str, Any]]) -> Picture:
    last = {end.ending: float(end.share[-1]) for end in ends}
    most = sorted(last, key=lambda name: -last[name])[:ENDS_TOLD]
    kept = [end for end in ends if end.ending in most]
    told = ", ".join(
        f"{end.ending.replace('_', ' ')} {percent(last[end.ending])} (95 % interval {_interval(end)})"
        for end in kept
    )
    if len(ends) > len(kept):
        rest = sum(share for name, share in last.items() if name not in most)
        told += f", {len(ends) - len(kept)} other ends together {percent(rest)}"
    open_ = max(0.0, 1 - sum(last.values()))
    says = f"In the end: {told}; {percent(open_)} never ended within the time that was watched."
    counts = Counter[str]()
    for row in rows:
        counts[(row["outcome"] or "no outcome") if row["is_over"] else "still open"] += row["packets"]
    drawn = Curves(
        paths=[_curve(e.ending.replace("_", " "), e.times, e.share, e.low, e.high) for e in kept],
        x_title="calendar days since arrival",
        y_title="share ended so",
    )
    return Picture(
        key="what-comes-of-it",
        title=f"What comes of {asked.noun}, and when?",
        says=says,
        definition=(
            "Cumulative incidence of each end (Aalen and Johansen), by calendar days since arrival. Ends "
            "compete: what "
            "is lost cannot be won any more. What is still open is censored, not counted as lost."
        ),
        columns=("outcome", "packets", "share in the end"),
        rows=[(name, n, last.get(name)) for name, n in counts.most_common()],
        sql=CYCLE_TIME.sql.strip(),
        n=sum(counts.values()),
        drawn=(drawn,),
    )


def _interval(end: survival.Incidence) -> str:
    known = [i for i in range(len(end.times)) if not np.isnan(end.low[i])]
    return (
        f"{percent(float(end.low[known[-1]]))} to {percent(float(end.high[known[-1]]))}"
        if known
        else "unknown"
    )


def _curve(name: str, times: Any, shares: Any, lows: Any, highs: Any, most: int = 300) -> Curve:
    """At most so many steps of a curve: the eye sees no more, and the file stays small."""
    if len(times) > most:
        grid = np.linspace(0, float(times[-1]), most)
        keep = np.unique(np.clip(np.searchsorted(times, grid, side="right") - 1, 0, len(times) - 1))
    else:
        keep = np.arange(len(times))
    begins = [0.0] if len(keep) and times[keep[0]] > 0 else []
    first = [1.0 if name == "still open" else 0.0] if begins else []

    def plain(values: Any) -> list[Any]:
        return [None if np.isnan(values[i]) else round(float(values[i]), 5) for i in keep]

    return Curve(
        name=name,
        xs=begins + [float(times[i]) for i in keep],
        ys=first + [round(float(shares[i]), 5) for i in keep],
        lows=[None for _ in begins] + plain(lows),
        highs=[None for _ in begins] + plain(highs),
    )


def ages(asked: Asked) -> list[Picture]:
    """What is open, against the percentiles of what closed; and the oldest by name."""
    rows = asked.rows(AGEING)
    if not rows:
        return []
    total, known = sum(r["open"] for r in rows), [r for r in rows if r["band"] != "nothing closed"]
    over = sum(r["open"] for r in known if r["band"] in ("to p95", "over p95"))
    beyond = sum(r["open"] for r in known if r["band"] == "over p95")
    kinds = {r["packet_type"] for r in rows}
    p85 = next((r["p85_days"] for r in known), None)
    within = f"{number(p85)} days" if p85 is not None and len(kinds) == 1 else "the time"
    says = f"{total:,} {asked.noun} are open"
    if known:
        says += (
            f"; {over:,} ({percent(over / total)}) are older than {within} within which 85 % of what closed was "
            f"closed, {beyond:,} older than the 95th percentile. The oldest is "
            f"{max(r['oldest'] for r in rows):,} days old."
        )
    else:
        says += "; nothing has closed, so no age is long or short."
    counts = Counter[str]()
    for row in rows:
        counts[row["band"]] += row["open"]
    bars = Bars(
        bars=[Bar(name=said, value=counts[band], says=f"({percent(counts[band] / total)})")
              for band, said in BANDS.items() if counts[band] or (band != "nothing closed" and known)],
        x_title=f"open {asked.noun}",
    )  # fmt: skip
    found = [picture(AGEING, (says, (bars,), total), rows, unit="days")]
    oldest = asked.rows(OLDEST)
    if oldest:
        told = f"The oldest {len(oldest)} of what is open; the first is {oldest[0]['age']:,} days old."
        found.append(picture(OLDEST, (told, (), len(oldest)), oldest))
    return found


def percentile(done: Sequence[tuple[float, int]], share: float) -> float:
    """Linear between neighbours, as spreadsheets do it, of (days, how many took them)."""
    ordered = sorted(done)
    ends = np.cumsum([n for _, n in ordered])
    place = share * (ends[-1] - 1)
    low, high = int(np.floor(place)), int(np.ceil(place))
    days = [float(ordered[int(np.searchsorted(ends, at, side="right"))][0]) for at in (low, high)]
    return days[0] + (days[1] - days[0]) * (place - low)


OWNERS = Measure(
    key="owners",
    title="Do people differ, or only the luck of their deals?",
    definition=(
        "Of the packets that ended, the share won, by whoever had it when it began. A funnel plot: the fewer "
        "somebody "
        "closed, the further chance alone throws the share. Nobody is ranked and nobody is named. It needs "
        "one definition and "
        "one way of logging for all."
    ),
    sql=f"""
WITH lives AS (
{LIVES.sql.strip()}
),
owned AS (
    SELECT packet, arg_min(person, id) AS person FROM log WHERE kind = 'handoff.accepted' AND person IS NOT NULL
    GROUP BY packet
)
SELECT person, count(*) AS ended, count(*) FILTER (outcome = $won) AS won
FROM owned JOIN lives USING (packet)
WHERE closed IS NOT NULL
GROUP BY person
ORDER BY ended DESC, person
""".lstrip(),
    columns=("person", "ended", "won"),
)


def comparison(asked: Asked, rows: Sequence[dict[str, Any]]) -> Picture | None:
    """People held against chance: a funnel, or the reason why there is none. Never a rank."""
    if len(rows) < 2:
        return None
    found = people.compare(
        [Person(name=str(row["person"]), tries=row["ended"], hits=row["won"]) for row in rows]
    )
    asked.comparison = found
    drawn: list[Any] = []
    if found.funnel is not None and not found.withheld:
        plot = found.funnel
        dots = [
            Dot(
                x=float(s.size),
                y=s.value,
                says=f"{s.size:,} ended, {percent(s.value)} won",
                out=s.side != "within",
            )
            for s in found.standings
        ]
        at, limits = plot.curve()
        pairs = (("99.8 %", limits.low998, limits.high998), ("95 %", limits.low95, limits.high95))
        drawn.append(
            Cloud(
                dots=dots, x_title="ended", y_title="share won", percent=True,
                lines=[Line(name="all", value=float(plot.centre), kind="centre")],
                funnel=[
                    (name, [(float(x), float(a), float(b)) for x, a, b in zip(at, low, high, strict=True)])
                    for name, low, high in pairs
                ],
            )
        )  # fmt: skip
    table = [
        (i + 1, row["ended"], row["won"] / row["ended"] if row["ended"] else None)
        for i, row in enumerate(rows)
    ]
    table.sort(key=lambda row: -row[1])
    return Picture(
        key="people",
        title=OWNERS.title,
        says=found.says,
        definition=OWNERS.definition,
        columns=("ended", "share won"),
        rows=[row[1:] for row in table],
        sql=OWNERS.sql.strip(),
        n=sum(row["ended"] for row in rows),
        drawn=drawn,
    )


def forecast(asked: Asked) -> Picture | None:
    """How many will be won (or closed, where nothing is won) in the next 90 days, and how such forecasts "
    "did before."""
    if "until" not in asked.params:
        return None
    rows = asked.con.execute(
        f"SELECT epoch(opened)::BIGINT // 86400, coalesce(epoch(closed)::BIGINT // 86400, 0), closed IS NOT NULL,"
        f" coalesce(outcome = $won, false) FROM ({LIVES.sql})",
        {name: asked.params[name] for name in (*LIVES.params, "won")},
    ).fetchnumpy()
    opened, closed, over, won = rows.values()
    if not len(opened):
        return None
    wins = bool(won.any())
    packets = Lives(
        np.asarray(opened + EPOCH, dtype=np.int64),
        np.where(over, closed + EPOCH, 0).astype(np.int64),
        np.asarray(won if wins else over, dtype=bool),
    )
    found = how_many(packets, asked.until, asked.until + timedelta(days=AHEAD))
    asked.forecast = found
    tested = found.tested
    verb = "won" if wins else "closed"
    table = [(t.today, t.low, t.likely, t.high, t.actual, t.last_quarter, t.pipeline) for t in tested.trials]
    return Picture(
        key="forecast",
        title=f"How many will be {verb} in the next {AHEAD} days?",
        says=found.says,
        definition=(
            "Simulated futures drawn from the log's own weeks: arrivals as they came, and for what is open "
            "the share that "
            "ends at its age. Refused when the history holds a signal. Below: what would have been said on "
            "past days, and "
            "what came; beside it two plain rivals, the last quarter repeated, and what is open times the "
            "share that "
            "was won."
        ),
        columns=("said on", "low", "likely", "high", "came", "last quarter repeated", "weighted pipeline"),
        rows=table,
        sql=LIVES.sql.strip(),
        n=len(tested.trials),
        drawn=(_tried(tested.trials),) if tested.trials else (),
    )


def _tried(trials: Sequence[Trial]) -> Bars:
    """What would have been said on each past day, and what came."""
    bars = [
        Bar(name=judged.day(t.today), value=t.likely, low=t.low, high=t.high,
            says=f"said, {t.actual:,} came{'' if t.held else ': outside'}")
        for t in trials
    ]  # fmt: skip
    return Bars(bars=bars, x_title="in as many days after it", points=True)


def quality(asked: Asked) -> list[Picture]:
    """What the data can be relied on for: each question that it answers, in a table."""
    found = []
    answers = review(
        asked.con, chain=asked.params["chain"], process=asked.params["process"], until=asked.until
    )
    asked.reviewed.update(answers)
    for answer in answers.values():
        if answer.withheld:
            continue
        drawn: tuple[Drawing, ...] = ()
        if answer.measure.key == "completeness":
            bars = [Bar(name=r["field"].replace("_", " "), value=float(r["share"]), says=f"of {r['required']:,}")
                    for r in answer.rows if r["share"] is not None]  # fmt: skip
            drawn = (Bars(bars=bars, x_title="filled in", percent=True),)
        found.append(picture(answer.measure, (answer.says, drawn, len(answer.rows)), answer.rows))
    return found


def constraint(asked: Asked, where: Where | None = None) -> Picture:
    """Where the constraint is, place by place, or why the data cannot say; `where` names what the company has."""
    given = Where(asked.params["chain"], asked.params["process"], asked.params["since"], asked.until)
    found = weigh(asked.con, where or given)
    asked.weighed = found
    says = found.verdict.says
    if found.sensitivity is not None:
        says += f" {found.sensitivity.says}"
    seen = {True: "seen here", False: "not here", None: "not in this data"}
    return Picture(
        key="constraint",
        title="Where is the constraint?",
        says=says,
        definition=(
            "Each place of the chain is asked, from delivery back to the feeding of the queue, whether the "
            "work waits for "
            "it. The constraint is the last place at which it is seen; a place that the data says nothing "
            "about is named "
            "and not taken for innocent."
        ),
        columns=("place", "verdict", "what was seen", "rule"),
        rows=[(r.place, seen[r.holds], r.says, r.rule) for r in found.verdict.readings],
        n=len(found.verdict.readings),
        source="Rules R20, R27 and R61; R15 for what more flow or more conversion would bring.",
    )
