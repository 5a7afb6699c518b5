"""How well departments hand over (R7): what a kit lacks, how long it takes, what comes back."""

from __future__ import annotations

from fullkit.flow.measure import Measure
from fullkit.flow.parts import OURS, WEEKS, statement

_OFFERS = """
offers AS (
    SELECT handoff, handoff_kind, week, missing
    FROM log JOIN ours USING (packet)
    WHERE kind = 'handoff.opened' AND missing IS NOT NULL AND day BETWEEN $since AND $until
)"""

FIRST_TIME_FULL_KIT = Measure(
    key="first_time_full_kit",
    title="How often is the kit full when it is first offered?",
    definition=(
        "Of the handoffs begun, the share that lacked nothing when they were begun, by kind of handoff. One that "
        "begins anew after an upheld dispute counts as a new offer, and so does one that was withdrawn."
    ),
    sql=statement(
        OURS,
        _OFFERS,
        answer="""
SELECT handoff_kind, count(*) AS offered, count(*) FILTER (missing = '') AS full_kits, full_kits / offered AS share
FROM offers
GROUP BY handoff_kind
ORDER BY share, handoff_kind""",
    ),
    columns=("handoff_kind", "offered", "full_kits", "share"),
)

FULL_KIT_BY_WEEK = Measure(
    key="full_kit_by_week",
    title="Is the kit full more often than before?",
    definition=(
        "The share of handoffs begun in a week that lacked nothing when they were begun, by kind. A week in which "
        "none was begun has no share."
    ),
    sql=statement(
        OURS,
        _OFFERS,
        """
kinds AS (SELECT DISTINCT handoff_kind FROM offers)""",
        WEEKS,
        answer="""
SELECT week, handoff_kind, count(handoff) AS offered, count(*) FILTER (missing = '') AS full_kits,
       full_kits / nullif(offered, 0) AS share
FROM weeks CROSS JOIN kinds LEFT JOIN offers USING (week, handoff_kind)
GROUP BY week, handoff_kind
ORDER BY handoff_kind, week""",
    ),
    columns=("week", "handoff_kind", "offered", "full_kits", "share"),
)

MISSING_ITEMS = Measure(
    key="missing_items",
    title="What is missing most?",
    definition=(
        "Kit items that were missing when a handoff was begun, by kind of handoff, the commonest first, with the "
        "share of the handoffs begun that lacked it. An item that was never missing is absent."
    ),
    sql=statement(
        OURS,
        _OFFERS,
        """
lacks AS (
    SELECT handoff_kind, unnest(string_split(missing, ',')) AS item
    FROM offers WHERE missing <> ''
)""",
        answer="""
SELECT handoff_kind, item, count(*) AS times,
       count(*) / (SELECT count(*) FROM offers WHERE offers.handoff_kind = lacks.handoff_kind) AS share
FROM lacks
GROUP BY handoff_kind, item
ORDER BY times DESC, handoff_kind, item""",
    ),
    columns=("handoff_kind", "item", "times", "share"),
)

OFFER_TO_ACCEPT = Measure(
    key="offer_to_accept",
    title="How long does it take to fill a kit?",
    definition=(
        "Working time of the company from the beginning of a handoff to its acceptance, by kind, for those "
        "accepted in the period: the median and the time within which 85 % were accepted. Beside it those still "
        "being prepared. Withdrawn handoffs are left out."
    ),
    sql=statement(
        OURS,
        """
each AS (
    SELECT handoff, handoff_kind,
           min(worked) FILTER (kind = 'handoff.opened') AS opened,
           max(worked) FILTER (kind = 'handoff.accepted') AS accepted,
           max(day) FILTER (kind = 'handoff.accepted') AS accepted_on,
           bool_or(kind = 'handoff.withdrawn') AS withdrawn
    FROM log JOIN ours USING (packet)
    WHERE kind IN ('handoff.opened', 'handoff.accepted', 'handoff.withdrawn') AND day <= $until
    GROUP BY handoff, handoff_kind
)""",
        answer="""
SELECT handoff_kind, count(accepted) AS accepted,
       median((accepted - opened) / 60) AS median_hours, quantile_cont((accepted - opened) / 60, 0.85) AS p85_hours,
       count(*) FILTER (accepted IS NULL) AS being_prepared
FROM each
WHERE NOT withdrawn AND (accepted IS NULL OR accepted_on >= $since)
GROUP BY handoff_kind
ORDER BY handoff_kind""",
    ),
    columns=("handoff_kind", "accepted", "median_hours", "p85_hours", "being_prepared"),
)

REWORK = Measure(
    key="rework",
    title="How much comes back to the sender?",
    definition=(
        "Per 100 accepted handoffs of a kind: favours asked about a kit item (each is a touch that the kit should "
        "have spared; it counts for the packet's last acceptance before it), disputes raised, and disputes upheld. "
        "Favours that name no item are left out."
    ),
    sql=statement(
        OURS,
        """
facts AS (
    SELECT packet, id, kind, handoff_kind, item
    FROM log JOIN ours USING (packet)
    WHERE kind IN ('handoff.accepted', 'handoff.disputed', 'dispute.upheld', 'favour.asked')
      AND day BETWEEN $since AND $until
),
favours AS (
    SELECT favour.id, 'favour' AS kind, max_by(accepted.handoff_kind, accepted.id) AS handoff_kind
    FROM facts AS favour JOIN facts AS accepted USING (packet)
    WHERE favour.kind = 'favour.asked' AND favour.item IS NOT NULL
      AND accepted.kind = 'handoff.accepted' AND accepted.id < favour.id
    GROUP BY favour.id
),
all_of_it AS (
    SELECT id, kind, handoff_kind FROM facts WHERE kind <> 'favour.asked'
    UNION ALL SELECT id, kind, handoff_kind FROM favours
)""",
        answer="""
SELECT handoff_kind,
       count(*) FILTER (kind = 'handoff.accepted') AS accepted,
       count(*) FILTER (kind = 'favour') AS touches,
       100 * touches / nullif(accepted, 0) AS touches_per_100,
       count(*) FILTER (kind = 'handoff.disputed') AS disputed,
       count(*) FILTER (kind = 'dispute.upheld') AS upheld,
       100 * upheld / nullif(accepted, 0) AS upheld_per_100
FROM all_of_it
GROUP BY handoff_kind
ORDER BY handoff_kind""",
    ),
    columns=(
        "handoff_kind", "accepted", "touches", "touches_per_100", "disputed", "upheld", "upheld_per_100",
    ),
)  # fmt: skip

PING_PONG = Measure(
    key="ping_pong",
    title="How often does work come back to a department that had it?",
    definition=(
        "Departments that owned a packet in turn, from its arrival, its accepted handoffs and its upheld disputes; "
        "the same department twice in a row counts once. Each return to the department before last (A, B, A) is "
        "one, in the week of the return. Stale opportunities that fall back into the pool are not handoffs. "
        "The target is 0."
    ),
    sql=statement(
        OURS,
        """
owners AS (
    SELECT packet, id, "at", week, CASE WHEN kind = 'packet.arrived' THEN department ELSE to_department END AS owner
    FROM log JOIN ours USING (packet)
    WHERE kind IN ('packet.arrived', 'handoff.accepted', 'dispute.upheld')
),
changes AS (
    SELECT * FROM owners
    QUALIFY owner IS DISTINCT FROM lag(owner) OVER (PARTITION BY packet ORDER BY "at", id)
),
returns AS (
    SELECT packet, week FROM changes
    QUALIFY owner = lag(owner, 2) OVER (PARTITION BY packet ORDER BY "at", id)
)""",
        WEEKS,
        answer="""
SELECT week, count(packet) AS returns, count(DISTINCT packet) AS packets,
       coalesce(list_sort(list(DISTINCT packet) FILTER (packet IS NOT NULL)), []) AS which
FROM weeks LEFT JOIN returns USING (week)
GROUP BY week
ORDER BY week""",
    ),
    columns=("week", "returns", "packets", "which"),
)

CONNECTORS = Measure(
    key="connectors",
    title="What crosses between hunting and farming?",
    definition=(
        "Handoffs of the kinds that connect the two processes, accepted, by week and kind. It is the only place "
        "where both are looked at, and it counts crossings, not results."
    ),
    sql=statement(
        """
crossings AS (
    SELECT id, week, handoff_kind FROM log
    WHERE kind = 'handoff.accepted' AND list_contains($connectors, handoff_kind)
)""",
        WEEKS,
        """
kinds AS (SELECT unnest($connectors) AS handoff_kind)""",
        answer="""
SELECT week, handoff_kind, count(id) AS accepted
FROM weeks CROSS JOIN kinds LEFT JOIN crossings USING (week, handoff_kind)
GROUP BY week, handoff_kind
ORDER BY handoff_kind, week""",
    ),
    columns=("week", "handoff_kind", "accepted"),
    about="border",
)

ALL = (
    FIRST_TIME_FULL_KIT, FULL_KIT_BY_WEEK, MISSING_ITEMS, OFFER_TO_ACCEPT, REWORK, PING_PONG, CONNECTORS,
)  # fmt: skip
