"""The packets behind a point: found by the measure's own statement, so that point and list cannot disagree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fullkit.flow.ageing import AGEING, CUMULATIVE_FLOW
from fullkit.flow.durations import CYCLE_TIME
from fullkit.flow.measure import Measure
from fullkit.flow.measures import ALL
from fullkit.models import Packet
from fullkit.reports import flow, log, method
from fullkit.reports.words import BANDS, Words

MOST = 500
"""Packets on one page."""

WHERE: dict[str, str] = {
    "arrivals": "steps WHERE change = 1 AND kind <> 'packet.reopened' AND week = $week",
    "throughput": "steps WHERE change = -1 AND week = $week",
    "work_in_process": "steps WHERE day <= $week + 6 GROUP BY packet HAVING sum(change) = 1",
    "released_and_open": "steps WHERE day <= $week + 6 GROUP BY packet HAVING sum(change) = 1",
    "opportunity_flow": "processed WHERE week = $week",
    "interactions": "log WHERE id IN (SELECT id FROM talks WHERE week = $week)",
    "opportunity_time": "log JOIN releases USING (packet) WHERE log.kind = 'packet.closed' AND log.week = $week"
    " AND log.id > releases.id AND packet IN (SELECT packet FROM ours)",
    "conversion": "chances WHERE released = $week",
    "on_time": "steps WHERE change = -1 AND due_at IS NOT NULL AND week = $week AND type = $line",
    "inbox_time": "steps WHERE change = -1 AND week = $week AND type = $line",
    "full_kit_by_week": "log WHERE kind = 'handoff.opened' AND handoff IN"
    " (SELECT handoff FROM offers WHERE week = $week AND handoff_kind = $line)",
    "ping_pong": "returns WHERE week = $week",
    "connectors": "log WHERE id IN (SELECT id FROM crossings WHERE week = $week AND handoff_kind = $line)",
}
"""For each measure with a point a week, which of its own steps hold the packets of one week (and of one line)."""


_HOW = "CASE WHEN ended IS NULL THEN 'still open' ELSE coalesce(outcome, 'no outcome') END"
WHOLE: dict[str, tuple[Measure, str]] = {
    "ageing": (AGEING, "aged WHERE $line IN (band, packet_type || ' ' || band)"),
    "cumulative-flow": (CUMULATIVE_FLOW, "firsts WHERE arrived IS NOT NULL AND closed IS NULL"),
    "what-comes-of-it": (CYCLE_TIME, f"spans WHERE began BETWEEN $since AND $until AND {_HOW} = $line"),
    "how-long": (
        CYCLE_TIME,
        "spans WHERE began BETWEEN $since AND $until"
        f" AND date_diff('day', began, coalesce(ended, $until)) || ' ' || {_HOW} = $line",
    ),
}
"""The same for the pictures of the whole log up to a day, by the picture's key."""
BEGINNING = date(1900, 1, 1)


class NothingBehind(LookupError):
    """No such measure, side or line, or a measure of hours or readings, behind which there are no packets."""


@dataclass(frozen=True)
class Behind:
    """What is behind one point of one measure."""

    measure: Measure
    line: str
    week: date
    total: int
    packets: list[Packet]
    """At most MOST of them, by number."""
    whole: bool = False
    """Whether it is of the whole log up to the day `week`, and not of one week."""


def statement(measure: Measure, where: str = "") -> str:
    """The measure's own steps, and then the packets of a week instead of its answer."""
    if not where and measure.key not in WHERE:
        raise NothingBehind(measure.title)
    steps = measure.sql[: measure.sql.rindex(")\nSELECT") + 1]
    return f"{steps}\nSELECT DISTINCT packet FROM {where or WHERE[measure.key]}"


def behind(key: str, *, chain: str, process: str | None, week: date, line: str = "", at: datetime) -> Behind:
    """The packets that a point counts. Raises NothingBehind."""
    plant = method.in_force()
    side = (
        next((s for s in flow.sides(plant) if (s.chain, s.process) == (chain, process)), None)
        if plant
        else None
    )
    if plant is None or side is None or key not in {*ALL, *WHOLE}:
        raise NothingBehind(key)
    measure, where = WHOLE[key] if key in WHOLE else (ALL[key], "")
    sql = statement(measure, where)
    since, until = (BEGINNING, week) if where else (week, week + timedelta(days=6))
    known = ({"release": ""} if where else {}) | flow.params(plant, side)
    known |= {"week": week, "line": line, "since": since, "until": until}
    names = set(re.findall(r"\$(\w+)", sql))
    if names - set(known):
        raise NothingBehind(measure.title)
    con, _ = log.table(at=at)
    with con:
        found = [row[0] for row in con.execute(sql, {name: known[name] for name in names}).fetchall()]
    packets = Packet.objects.filter(pk__in=found[: 10 * MOST]).select_related("customer").order_by("pk")
    return Behind(
        measure, _named(key, line, Words(plant)), week, len(found), list(packets[:MOST]), bool(where)
    )


def _named(key: str, line: str, words: Words) -> str:
    """The line as the company says it."""
    drawn = flow.ORDER.get(key)
    if drawn:
        return str(words.said(drawn.by, line)) if line else ""
    first, _, rest = line.partition(" ")
    if key == "ageing":
        band = next((said for name, said in BANDS.items() if line.endswith(name)), line)
        return f"{words.types[first]}, {band}" if first in words.types else band
    return (
        f"{first} days, {words.said('outcome', rest)}" if key == "how-long" else words.said("outcome", line)
    )
