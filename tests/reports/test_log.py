"""The mirror and the rows newer than it are the log: whatever is appended, whoever dies, on both databases."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from fullkit.flow import schema
from fullkit.models import Event
from fullkit.reports import log, method
from fullkit.reports.columns import RECORDED, days, times, worked
from tests.world import MONDAY_9AM, World

pytestmark = pytest.mark.django_db
FOLDER = Path(settings.VAR) / "log"


@pytest.fixture(autouse=True)
def _no_mirror() -> Iterator[None]:
    shutil.rmtree(FOLDER, ignore_errors=True)
    yield
    shutil.rmtree(FOLDER, ignore_errors=True)


def append(count: int, *, at: datetime = MONDAY_9AM, **facts: Any) -> None:
    told = {"kind": "queue.read", "recorded_at": at} | facts
    Event.objects.bulk_create(Event(at=at + timedelta(minutes=i), **told) for i in range(count))


def mirrored() -> list[tuple[Any, ...]]:
    """What measures see, as the log's own columns, by number."""
    con, _ = log.table(at=MONDAY_9AM)
    with con:
        names = ", ".join(f'"{c.name}"' for c in schema.RECORDED)
        return con.execute(f"SELECT {names} FROM log ORDER BY id").fetchall()


def stored() -> list[tuple[Any, ...]]:
    """The same rows as the database has them."""
    rows = Event.objects.order_by("pk").values_list(*RECORDED)
    return [tuple(v.replace(tzinfo=None) if isinstance(v, datetime) else v for v in row) for row in rows]


def parts() -> list[int]:
    return [part.rows for part in log._read().parts]  # type: ignore[union-attr]


INSTANT = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
TEXT = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
FACTS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["packet.arrived", "queue.read", "time.logged"]),
        "at": INSTANT,
        "reason": TEXT,
        "step": TEXT,
        "missing": st.none() | st.sampled_from(["", "lines", "lines,deliver_to"]),
        "minutes": st.none() | st.floats(0, 1e6),
        "value": st.none() | st.decimals(-(10**11), 10**11, places=2),
        "handoff": st.none() | st.integers(0, 2**53),
        "due_at": st.none() | INSTANT,
    }
)


@hypothesis(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.lists(FACTS, max_size=4) | st.just("refresh"), max_size=6))
def test_mirror_and_tail_are_the_log_after_any_appends(steps: list[Any]) -> None:
    World() if not Event.objects.exists() else None
    for step in steps:
        if step == "refresh":
            log.refresh()
        else:
            Event.objects.bulk_create(Event(recorded_at=MONDAY_9AM, **facts) for facts in step)
    assert mirrored() == stored()


def test_what_is_not_yet_mirrored_is_in_the_answer(world: World) -> None:
    log.refresh()
    append(3)
    assert len(mirrored()) == Event.objects.count()
    assert sum(parts()) == Event.objects.count() - 3


def test_a_question_first_has_a_long_tail_copied(world: World) -> None:
    append(log.LONG_TAIL + 1)
    assert len(mirrored()) == Event.objects.count()
    assert sum(parts()) == Event.objects.count()


def test_parts_are_merged_so_that_there_are_few_and_each_is_sorted(world: World) -> None:
    packets = [world.arrives(title=f"Quote {i}").pk for i in range(3)]
    for i in range(40):
        append(1, packet_id=packets[i % 3], at=MONDAY_9AM - timedelta(hours=i))
        log.refresh()
    assert mirrored() == stored()
    assert len(parts()) <= Event.objects.count().bit_length()
    assert all(older > newer for older, newer in zip(parts(), parts()[1:], strict=False))
    con, _ = log.table(at=MONDAY_9AM)
    with con:
        for part in log._read().parts:  # type: ignore[union-attr]
            order = con.execute(
                f"""SELECT packet, "at", id FROM read_parquet('{FOLDER / part.file}')"""
            ).fetchall()
            assert order == sorted(order, key=lambda r: (r[0] is None, r[0] or 0, r[1], r[2]))


def test_refreshing_without_news_writes_nothing(world: World) -> None:
    log.refresh()
    before = sorted(path.name for path in FOLDER.iterdir())
    assert log.refresh() == 0
    assert sorted(path.name for path in FOLDER.iterdir()) == before


def test_only_one_process_refreshes_at_a_time(world: World) -> None:
    FOLDER.mkdir(parents=True)
    holds = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print('has it', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holds, str(FOLDER / "lock")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == "has it\n"
        assert log.refresh() == 0
        assert mirrored() == stored()
        other.communicate("\n")
    assert log.refresh() == Event.objects.count()


@pytest.mark.parametrize("dies_before", ["part", "manifest"])
def test_killed_between_write_and_rename_it_loses_and_doubles_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, dies_before: str
) -> None:
    append(5)
    log.refresh()
    append(3)

    def die(draft: Path, path: Path) -> None:
        if path.name.startswith(dies_before):
            os.kill(os.getpid(), signal.SIGKILL)
        real(draft, path)

    real = log._keep
    with monkeypatch.context() as patched:
        patched.setattr(log, "_keep", die)
        rows = log._rows(log._read().last, None, None)  # type: ignore[union-attr]
        mirror, work = log._read(), method.working_time()
        monkeypatch.setattr(log, "_stamp", lambda event: "as it was")  # a child must not use our connection
        child = os.fork()
        if not child:
            log._append(mirror, rows, work)  # type: ignore[arg-type]
            os._exit(1)
        _, status = os.waitpid(child, 0)
    monkeypatch.undo()
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert mirrored() == stored()
    assert log.refresh() == 3
    assert mirrored() == stored()


def test_a_manifest_cut_short_is_as_good_as_none(world: World) -> None:
    log.refresh()
    manifest = FOLDER / "manifest.json"
    manifest.write_text(manifest.read_text()[:40])
    assert mirrored() == stored()
    assert log.refresh() == Event.objects.count()


def test_another_log_under_the_same_name_is_copied_anew(world: World) -> None:
    with transaction.atomic():
        append(4)
        log.refresh()
        transaction.set_rollback(True)
    append(4, at=MONDAY_9AM + timedelta(days=1))  # on SQLite these get the same numbers
    assert mirrored() == stored()


def test_another_calendar_is_counted_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    append(1, at=datetime(2026, 3, 3, 3, 0, tzinfo=UTC))
    log.refresh()
    assert last_day() == "2026-03-02"
    monkeypatch.setattr(
        method, "working_time", lambda: log.WorkTime("Asia/Tokyo", {"tue": world.plant.work.hours["mon"]})
    )
    assert last_day() == "2026-03-03"


def last_day() -> str:
    con, _ = log.table(at=MONDAY_9AM)
    with con:
        return str(con.execute("SELECT day FROM log ORDER BY id DESC LIMIT 1").fetchone()[0])  # type: ignore[index]


def test_files_that_were_merged_away_go_after_a_while(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        append(1)
        log.refresh()
    assert len(list(FOLDER.glob("part-*"))) > len(parts())
    monkeypatch.setattr(log, "FORGET_AFTER", -1.0)
    append(1)
    log.refresh()
    assert len(list(FOLDER.glob("part-*"))) == len(parts())


def test_an_empty_company_has_an_empty_log() -> None:
    assert log.refresh() == 0
    assert mirrored() == []


def test_a_question_costs_the_same_queries_however_long_the_log(
    world: World, django_assert_num_queries: Any
) -> None:
    log.refresh()
    for count in (1, 300):
        append(count)
        method.in_force()
        with django_assert_num_queries(
            3
        ):  # the playbook in force, the mirror's last event, the rows newer than it
            con, _ = log.table(at=MONDAY_9AM)
        con.close()


def test_its_reach_tells_whether_anything_changed(world: World) -> None:
    log.refresh()
    con, before = log.table(at=MONDAY_9AM)
    con.close()
    assert log.reach() == before
    append(1)
    assert log.reach() != before


def test_money_is_exact(world: World) -> None:
    append(1, value=Decimal("123456789012.34"))
    log.refresh()
    assert mirrored()[-1][[c.name for c in schema.RECORDED].index("value")] == Decimal("123456789012.34")


# --- what the calendar adds ----------------------------------------------------------------------------------

INSTANTS = st.lists(
    st.datetimes(datetime(2001, 1, 1), datetime(2039, 1, 1), timezones=st.just(UTC)), min_size=1
)


@hypothesis(max_examples=30)
@given(
    instants=INSTANTS,
    zone=st.sampled_from(
        ["America/Chicago", "Asia/Kathmandu", "America/Sao_Paulo", "Africa/Cairo", "Pacific/Apia"]
    ),
)
def test_days_are_the_companys(instants: list[datetime], zone: str) -> None:
    work = log.WorkTime(zone, {"mon": ()})
    at = times(instants)
    assert [day.item() for day in days(at, zone)] == [work.day_of(i) for i in instants]


@hypothesis(max_examples=30)
@given(instants=INSTANTS)
def test_worked_is_the_calendars_working_time(instants: list[datetime]) -> None:
    from tests.flow.story import WORK

    found = worked(times(instants), WORK)
    for i, instant in enumerate(instants):
        assert found[i] == pytest.approx(
            WORK.minutes_between(datetime(2000, 1, 1, tzinfo=UTC), instant), abs=1e-6
        )


# --- PostgreSQL gives numbers before it commits --------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_an_event_that_commits_late_is_not_passed_over() -> None:
    import threading

    began, go = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            append(1)
            began.set()
            go.wait(10)
        connection.close()

    other = threading.Thread(target=slow)
    other.start()
    assert began.wait(10)
    append(2)  # higher numbers, committed first
    log.refresh()  # cannot settle while the other is under way
    assert len(mirrored()) == 2
    go.set()
    other.join()
    assert len(mirrored()) == 3
    assert log.refresh() == 3
    assert mirrored() == stored()
