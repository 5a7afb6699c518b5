"""What is held against a limit: each answers one warning of the method, and is silent while all is well."""

from __future__ import annotations

from fullkit.flow.measure import Measure
from fullkit.flow.parts import OURS, statement

MINUTES_BY_INERTIA = Measure(
    key="minutes_by_inertia",
    title="On whose deals do salespeople spend their minutes?",
    definition=(
        "Minutes of conversations and attempts by people in these roles, by whom inertia favoured when they were "
        "recorded. What has no minutes or no verdict is left out."
    ),
    sql="""
SELECT inertia, sum(minutes) AS minutes
FROM log
WHERE kind IN ('conversation.held', 'attempt.made') AND list_contains($roles, role)
  AND minutes IS NOT NULL AND inertia IS NOT NULL AND day BETWEEN $since AND $until
GROUP BY inertia
ORDER BY inertia
""".lstrip(),
    columns=("inertia", "minutes"),
    about="people",
)

SPELLS = Measure(
    key="spells",
    title="What did people do, one thing after another?",
    definition=(
        "Each conversation and attempt of people in these roles as selling, and each entry of logged time as its "
        "category, in the order in which they were recorded. What has no minutes is left out."
    ),
    sql="""
SELECT actor, day, coalesce(category, 'selling') AS mode, minutes
FROM log
WHERE kind IN ('conversation.held', 'attempt.made', 'time.logged') AND list_contains($roles, role)
  AND minutes > 0 AND day BETWEEN $since AND $until
ORDER BY actor, "at", id
""".lstrip(),
    columns=("actor", "day", "mode", "minutes"),
    about="people",
)

BRIEFINGS = Measure(
    key="briefings",
    title="How long do conversations take, by stage?",
    definition=(
        "Conversations held in each stage, by their minutes. Whether one ran over is judged by the minutes that the "
        "playbook promises for the stage; stages without such a promise are not judged."
    ),
    sql=statement(
        OURS,
        answer="""
SELECT stage, minutes, count(*) AS held
FROM log JOIN ours USING (packet)
WHERE kind = 'conversation.held' AND stage IS NOT NULL AND minutes IS NOT NULL AND day BETWEEN $since AND $until
GROUP BY stage, minutes
ORDER BY stage, minutes""",
    ),
    columns=("stage", "minutes", "held"),
)

FIELD_TIME = Measure(
    key="field_time",
    title="How much of the week is spent in the field?",
    definition=(
        "Travel that people in these roles logged and the minutes of what they recorded on visits, beside their "
        "working minutes: those of the company in every week in which they recorded anything."
    ),
    sql="""
WITH recorded AS (
    SELECT actor, week,
           coalesce(sum(minutes) FILTER (kind <> 'time.logged' OR category = 'travel'), 0) AS minutes
    FROM log
    WHERE kind IN ('conversation.held', 'attempt.made', 'time.logged') AND list_contains($roles, role)
      AND actor IS NOT NULL AND day BETWEEN $since AND $until
    GROUP BY actor, week
),
weeks AS (SELECT week, sum(minutes) AS worked FROM calendar GROUP BY week)
SELECT sum(minutes) AS field, sum(worked) AS worked
FROM recorded JOIN weeks USING (week)
HAVING count(*) > 0
""".lstrip(),
    columns=("field", "worked"),
    about="people",
)

WON_BY_INERTIA = Measure(
    key="won_by_inertia",
    title="Does the rule of inertia tell deals apart?",
    definition=(
        "Packets of these types that arrived in the period, at least 90 days before its end, with a customer and a "
        "verdict, by the verdict they arrived with, and by how many conversations and attempts they had. One is "
        "won when its customer bought within 90 days of its arrival: its own product family, or anything when the "
        "family of either is unknown."
    ),
    sql="""
WITH came AS (
    SELECT packet, customer, inertia, family, day
    FROM log
    WHERE kind = 'packet.arrived' AND list_contains($types, packet_type) AND customer IS NOT NULL
      AND inertia IN ('us', 'competitor') AND source IS DISTINCT FROM 'handoff'
      AND day BETWEEN $since AND $until - INTERVAL 90 DAY
),
touched AS (
    SELECT packet, count(*) AS touches FROM log
    WHERE kind IN ('conversation.held', 'attempt.made')
    GROUP BY packet
),
bought AS (SELECT customer, family, day FROM log WHERE kind = 'customer.bought'),
lives AS (
    SELECT came.inertia, coalesce(touches, 0) AS touches,
           EXISTS (
               SELECT 1 FROM bought
               WHERE bought.customer = came.customer AND bought.day BETWEEN came.day AND came.day + INTERVAL 90 DAY
                 AND coalesce(nullif(bought.family, '') = nullif(came.family, ''), true)
           ) AS won
    FROM came LEFT JOIN touched USING (packet)
)
SELECT inertia, won, touches, count(*) AS arrived
FROM lives
GROUP BY inertia, won, touches
ORDER BY inertia, won, touches
""".lstrip(),
    columns=("inertia", "won", "touches", "arrived"),
    about="border",
)

ALL = (MINUTES_BY_INERTIA, SPELLS, BRIEFINGS, FIELD_TIME, WON_BY_INERTIA)
