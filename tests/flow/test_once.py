"""Steps that are worked out once change no answer, and each side and period has its own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fullkit.flow import begun, schema
from fullkit.flow.begun import BEGUN
from fullkit.flow.measure import NotInThisData, run
from fullkit.flow.measures import ALL, STUDIED, WATCHED
from fullkit.flow.once import once
from fullkit.flow.timeliness import ZOMBIES
from tests.flow.anylog import DAYS, SIDES, any_story, asked, same
from tests.flow.story import Story, when

SHARE = [
    m
    for m in (*(ALL | WATCHED | STUDIED).values(), begun.LIVES, ZOMBIES)
    if any(s.text in m.sql for s in BEGUN)
]


def test_they_change_no_answer_and_are_kept_apart() -> None:
    assert {"cycle_time", "ageing", "lives", "zombies"} <= {m.key for m in SHARE}
    with any_story(5, packets=40, happenings=500).told(days=DAYS) as con:
        given = [(m, asked(m, *side)) for side in SIDES for m in SHARE]
        given += [(m, how | {"until": when(20).date()}) for m, how in given[: len(SHARE)] if "until" in how]
        before = [run(con, measure, **how) for measure, how in given]
        once(con, BEGUN)
        for (measure, how), wanted in zip(given, before, strict=True):
            same(run(con, measure, **how), wanted)
        made = con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'once_%'").fetchall()
        con.execute("DELETE FROM log")  # what is read from now on was worked out before
        same(run(con, given[0][0], **given[0][1]), before[0])
    assert len(BEGUN) * len(SIDES) <= made[0][0] <= len(BEGUN) * (len(SIDES) + 1)


def test_what_the_log_lacks_is_still_named() -> None:
    story = Story()
    story.tell(when(0) + timedelta(hours=1), "packet.arrived", 1)
    with story.told(days=3) as con:
        con.execute("ALTER TABLE log DROP COLUMN outcome")
        schema.packets(con)
        once(con, BEGUN)
        with pytest.raises(NotInThisData, match="It needs outcome"):
            run(con, ZOMBIES, **asked(ZOMBIES, *SIDES[0]))
