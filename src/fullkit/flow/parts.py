"""Steps that several statements begin with. They are pasted in whole, so that each measure reads from top to end."""

from __future__ import annotations

OURS = """
ours AS (  -- the packets of this chain and process, as they are known by now
    SELECT packet, packet_type FROM packets
    WHERE chain = $chain AND process IS NOT DISTINCT FROM $process
)"""

STEPS = """
marks AS (  -- where a packet is in its inbox, and where it is over; one made for a receiver arrives when accepted
    SELECT packet, id, "at", due_at, day, week, worked, kind, ours.packet_type AS type,
           (kind <> 'packet.closed')::INTEGER AS inside
    FROM log JOIN ours USING (packet)
    WHERE kind IN ('packet.closed', 'packet.reopened', 'handoff.accepted')
       OR (kind = 'packet.arrived' AND source IS DISTINCT FROM 'handoff')
),
steps AS (  -- +1: it came in, -1: it went out, 0: it moved on inside
    SELECT *, inside - lag(inside, 1, 0) OVER (PARTITION BY packet ORDER BY "at", id) AS change
    FROM marks
)"""

SPANS = """
lives AS (
    SELECT packet, ours.packet_type,
           min(day) FILTER (kind = 'packet.arrived') AS arrived,
           min(day) FILTER (kind = 'handoff.accepted' AND handoff_kind = $release) AS released,
           max(day) FILTER (kind = 'packet.closed') AS closed,
           max_by(outcome, id) FILTER (kind = 'packet.closed') AS outcome,
           max_by(kind, id) FILTER (kind IN ('packet.closed', 'packet.reopened')) AS last
    FROM log JOIN ours USING (packet)
    WHERE kind IN ('packet.arrived', 'handoff.accepted', 'packet.closed', 'packet.reopened') AND day <= $until
    GROUP BY packet, ours.packet_type
),
spans AS (  -- from the release, or from arrival where packets of its type are never released, to the last closing
    SELECT packet, packet_type,
           CASE WHEN count(released) OVER (PARTITION BY packet_type) > 0 THEN released ELSE arrived END AS began,
           CASE WHEN last = 'packet.closed' THEN closed END AS ended,
           CASE WHEN last = 'packet.closed' THEN outcome END AS outcome
    FROM lives
)"""

CLOCK = (
    "The clock starts with the first release, or with arrival where packets of that type are never released. It stops "
    "with the last closing; one opened again afterwards is open, and keeps its first start. Days are the company's "
    "calendar days. What was never released though others of its type were is left out, and so is what arrived after "
    "the period"
)
"""The definition of `SPANS`, in words; the measure goes on from here."""

WEEKS = """
weeks AS (  -- every week asked for, with the days on which the company worked
    SELECT week, count(*) FILTER (minutes > 0) AS working_days
    FROM calendar
    WHERE day BETWEEN $since AND $until
    GROUP BY week
)"""


def statement(*steps: str, answer: str) -> str:
    """WITH these steps, the answer; without a blank first line."""
    return f"WITH {','.join(steps).strip()}\n{answer.strip()}\n"
