"""The packets behind a point: found by the measure's own statement, so that point and list cannot disagree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fullkit.flow.measure import Measure
from fullkit.flow.measures import ALL
from fullkit.models import Packet
from fullkit.reports import flow, log, method
from fullkit.reports.words import Words

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


def statement(measure: Measure) -> str:
    """The measure's own steps, and then the packets of a week instead of its answer."""
    if measure.key not in WHERE:
        raise NothingBehind(measure.title)
    steps = measure.sql[: measure.sql.rindex(")\nSELECT") + 1]
    return f"{steps}\nSELECT DISTINCT packet FROM {WHERE[measure.key]}"


def behind(key: str, *, chain: str, process: str | None, week: date, line: str = "", at: datetime) -> Behind:
    """The packets that a point counts. Raises NothingBehind."""
    plant = method.in_force()
    side = (
        next((s for s in flow.sides(plant) if (s.chain, s.process) == (chain, process)), None)
        if plant
        else None
    )
    if plant is None or side is None or key not in ALL:
        raise NothingBehind(key)
    measure = ALL[key]
    sql = statement(measure)
    known = flow.params(plant, side) | {
        "week": week, "line": line, "since": week, "until": week + timedelta(days=6),
    }  # fmt: skip
    names = set(re.findall(r"\$(\w+)", sql))
    if names - set(known):
        raise NothingBehind(measure.title)
    con, _ = log.table(at=at)
    with con:
        found = [row[0] for row in con.execute(sql, {name: known[name] for name in names}).fetchall()]
    packets = Packet.objects.filter(pk__in=found[: 10 * MOST]).select_related("customer").order_by("pk")
    drawn = flow.ORDER[key]
    name = Words(plant).said(drawn.by, line) if line and drawn else ""
    return Behind(measure, name, week, len(found), list(packets[:MOST]))
