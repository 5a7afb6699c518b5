"""How much came, how much went, how much is in between, and what came of it."""

from __future__ import annotations

from fullkit.flow.measure import Measure
from fullkit.flow.parts import OURS, STEPS, WEEKS, statement

ARRIVALS = Measure(
    key="arrivals",
    title="How much arrives?",
    definition=(
        "Packets that came into their inbox for the first time, by week. One that another department hands over "
        "arrives when its kit is full. A packet opened again is counted apart. A message that came twice is one "
        "packet. A week with no arrival counts 0; weeks before the first event are absent."
    ),
    sql=statement(
        OURS,
        STEPS,
        WEEKS,
        answer="""
SELECT week,
       count(*) FILTER (change = 1 AND kind <> 'packet.reopened') AS arrived,
       count(*) FILTER (change = 1 AND kind = 'packet.reopened') AS reopened
FROM weeks LEFT JOIN steps USING (week)
GROUP BY week
ORDER BY week""",
    ),
    columns=("week", "arrived", "reopened"),
    without=("source", "due_at"),
)

THROUGHPUT = Measure(
    key="throughput",
    title="How much gets done?",
    definition=(
        "Packets closed, by week and with any outcome. One that was opened again and closed again counts twice, "
        "so that arrivals, re-openings and closings add up to the work in process. Handoffs withdrawn before "
        "their kit was full never arrived and are left out."
    ),
    sql=statement(
        OURS,
        STEPS,
        WEEKS,
        answer="""
SELECT week, count(*) FILTER (change = -1) AS closed
FROM weeks LEFT JOIN steps USING (week)
GROUP BY week
ORDER BY week""",
    ),
    columns=("week", "closed"),
    without=("source", "due_at"),
)

WORK_IN_PROCESS = Measure(
    key="work_in_process",
    title="How much is open?",
    definition=(
        "Packets in an inbox, in someone's hands or parked at the end of each day: everything that arrived and "
        "has not been closed. Opportunities count from their capture, the pool included."
    ),
    sql=statement(
        OURS,
        STEPS,
        answer="""
SELECT day, week, open
FROM (
    SELECT day, calendar.week,
           sum(coalesce(sum(change), 0)) OVER (ORDER BY day)::BIGINT AS open
    FROM calendar LEFT JOIN steps USING (day)
    GROUP BY day, calendar.week
)
WHERE day BETWEEN $since AND $until
ORDER BY day""",
    ),
    columns=("day", "week", "open"),
    without=("source", "due_at"),
)

RELEASED_AND_OPEN = Measure(
    key="released_and_open",
    title="How many opportunities are released and open?",
    definition=(
        "Opportunities at the end of each day that were released to a person and neither closed nor returned to "
        "the pool. The clock starts when the kit of the release is accepted; a reopened one that was released "
        "before counts again. Ready and in play are one here."
    ),
    sql=statement(
        OURS,
        """
marks AS (  -- where it goes out to a person, and where it is over or back
    SELECT packet, id, "at", day, kind,
           (kind IN ('handoff.accepted', 'packet.reopened'))::INTEGER AS inside
    FROM log JOIN ours USING (packet)
    WHERE (kind IN ('handoff.accepted', 'dispute.upheld') AND handoff_kind = $release)
       OR kind IN ('packet.returned_to_pool', 'packet.closed', 'packet.reopened')
       OR (kind = 'packet.left_behind' AND to_department <> department)  -- back in the pool, not with a colleague
),
lives AS (  -- how often it had been released by then: what never was does not count
    SELECT *, count(*) FILTER (kind = 'handoff.accepted') OVER before AS releases
    FROM marks
    WINDOW before AS (PARTITION BY packet ORDER BY "at", id)
),
steps AS (
    SELECT *, inside - lag(inside, 1, 0) OVER (PARTITION BY packet ORDER BY "at", id) AS change
    FROM lives
    WHERE releases > 0
)""",
        answer="""
SELECT day, week, released, gone, open
FROM (
    SELECT day, calendar.week,
           count(*) FILTER (change = 1) AS released,
           count(*) FILTER (change = -1) AS gone,
           sum(coalesce(sum(change), 0)) OVER (ORDER BY day)::BIGINT AS open
    FROM calendar LEFT JOIN steps USING (day)
    GROUP BY day, calendar.week
)
WHERE day BETWEEN $since AND $until
ORDER BY day""",
    ),
    columns=("day", "week", "released", "gone", "open"),
)

OPPORTUNITY_FLOW = Measure(
    key="opportunity_flow",
    title="How many opportunities are processed?",
    definition=(
        "Opportunities that in a week were closed, or whose next step was sold in a conversation. Each counts "
        "once a week, whatever happened to it that week. Attempts that reached nobody do not count."
    ),
    sql=statement(
        OURS,
        """
processed AS (
    SELECT packet, week
    FROM log JOIN ours USING (packet)
    WHERE kind = 'packet.closed' OR (kind = 'conversation.held' AND outcome = 'sold_next_step')
)""",
        WEEKS,
        answer="""
SELECT week, working_days, count(DISTINCT packet) AS processed,
       count(DISTINCT packet) / nullif(working_days, 0) AS per_day
FROM weeks LEFT JOIN processed USING (week)
GROUP BY week, working_days
ORDER BY week""",
    ),
    columns=("week", "working_days", "processed", "per_day"),
)

INTERACTIONS = Measure(
    key="interactions",
    title="How many meaningful selling interactions are there a day?",
    definition=(
        "Conversations that meet the definition of a meaningful selling interaction (a live talk with a person "
        "who can act on the offer, with an outcome, where inertia is not ours), by week, and over the days on "
        "which the company worked. A week without a working day has no rate."
    ),
    sql=statement(
        OURS,
        """
talks AS (
    SELECT log.id, week
    FROM log JOIN ours USING (packet)
    WHERE kind = 'conversation.held'
)""",
        WEEKS,
        answer="""
SELECT week, working_days, count(id) AS interactions,
       count(id) / nullif(working_days, 0) AS per_day
FROM weeks LEFT JOIN talks USING (week)
GROUP BY week, working_days
ORDER BY week""",
    ),
    columns=("week", "working_days", "interactions", "per_day"),
)

CONVERSION = Measure(
    key="conversion",
    title="What comes of the opportunities of a week?",
    definition=(
        "By cohort, on both denominators: of those captured in a week, and of those first released in a week, how "
        "many are won by now, whenever that was. Never the wins of a week over the arrivals of that week. Young "
        "cohorts are still open; their share can only rise. One reopened counts as open until it closes again."
    ),
    sql=statement(
        OURS,
        """
chances AS (
    SELECT packet,
           min(week) FILTER (kind = 'packet.arrived') AS captured,
           min(week) FILTER (kind = 'handoff.accepted' AND handoff_kind = $release) AS released,
           coalesce(max_by(CASE WHEN kind = 'packet.closed' THEN outcome ELSE 'open' END, id)
                    FILTER (kind IN ('packet.closed', 'packet.reopened')), 'open') AS ended
    FROM log JOIN ours USING (packet)
    GROUP BY packet
),
by_capture AS (
    SELECT captured AS week, count(*) AS captured, count(*) FILTER (ended = $won) AS won
    FROM chances GROUP BY ALL
),
by_release AS (
    SELECT released AS week, count(*) AS released, count(*) FILTER (ended = $won) AS won,
           count(*) FILTER (ended = 'open') AS open
    FROM chances GROUP BY ALL
)""",
        WEEKS,
        answer="""
SELECT week,
       coalesce(c.captured, 0) AS captured, coalesce(c.won, 0) AS won_of_captured, c.won / c.captured AS of_captured,
       coalesce(r.released, 0) AS released, coalesce(r.won, 0) AS won_of_released, r.won / r.released AS of_released,
       coalesce(r.open, 0) AS still_open
FROM weeks LEFT JOIN by_capture c USING (week) LEFT JOIN by_release r USING (week)
ORDER BY week""",
    ),
    columns=(
        "week", "captured", "won_of_captured", "of_captured", "released", "won_of_released", "of_released",
        "still_open",
    ),
)  # fmt: skip
"""Both denominators (R103)."""

RED_CAUSES = Measure(
    key="red_causes",
    title="Why do promises come into danger?",
    definition=(
        "Packets by the cause that was named when two thirds of the promise were used or it was broken, by week, "
        "the commonest first. A packet counts once a week for each cause named. Weeks in which none was named "
        "are absent."
    ),
    sql=statement(
        OURS,
        answer="""
SELECT week, reason, count(DISTINCT packet) AS packets,
       rank() OVER (PARTITION BY week ORDER BY count(DISTINCT packet) DESC) AS place
FROM log JOIN ours USING (packet)
WHERE kind = 'promise.cause_named' AND day BETWEEN $since AND $until
GROUP BY week, reason
ORDER BY week, packets DESC, reason""",
    ),
    columns=("week", "reason", "packets", "place"),
)
"""The Pareto of R55."""


SKIPS = Measure(
    key="skips",
    title="Why is work passed over?",
    definition=(
        "Packets that were dealt and skipped, by the reason given; every skip counts. Beside it the skips per 100 "
        "packets dealt. What was put back at the end of a shift is not a skip."
    ),
    sql=statement(
        OURS,
        """
dealt AS (
    SELECT kind, reason, packet
    FROM log JOIN ours USING (packet)
    WHERE kind IN ('packet.dealt', 'packet.skipped') AND day BETWEEN $since AND $until
)""",
        answer="""
SELECT reason, count(*) AS skips, count(DISTINCT packet) AS packets,
       100 * count(*) / (SELECT nullif(count(*), 0) FROM dealt WHERE kind = 'packet.dealt') AS per_100_dealt
FROM dealt
WHERE kind = 'packet.skipped'
GROUP BY reason
ORDER BY skips DESC, reason""",
    ),
    columns=("reason", "skips", "packets", "per_100_dealt"),
)

ALL = (
    ARRIVALS, THROUGHPUT, WORK_IN_PROCESS, RELEASED_AND_OPEN, OPPORTUNITY_FLOW, INTERACTIONS, CONVERSION,
    RED_CAUSES, SKIPS,
)  # fmt: skip
