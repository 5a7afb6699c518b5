"""`fullkit export` writes what the database's log says, and a name only when it is asked to."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from fullkit import cli
from fullkit.flow.export import open_parquet
from fullkit.flow.measure import run
from fullkit.flow.measures import ALL
from fullkit.models import Event
from fullkit.reports import export, log
from tests.world import World

pytestmark = pytest.mark.django_db


def test_the_parquet_file_has_every_event_and_answers_as_the_live_log_does(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.quote_asked()
    log.refresh()
    world.arrives()
    assert cli.main(["export", str(tmp_path / "log.parquet")]) == 0
    assert f"{Event.objects.count()} events." in capsys.readouterr().out
    about = {"chain": "bau", "process": None, "since": date(2026, 1, 1), "until": date(2027, 1, 1)}
    live, _ = log.table(at=world.now)
    with duckdb.connect() as con, live:
        open_parquet(con, tmp_path / "log.parquet")
        found = con.execute("SELECT id, kind FROM log ORDER BY id").fetchall()
        assert found == list(Event.objects.order_by("pk").values_list("pk", "kind"))
        days = live.execute("SELECT max(day) FROM calendar").fetchone()
        for key in ("arrivals", "throughput", "work_in_process"):
            there = [
                row
                for row in run(con, ALL[key], **about)
                if days and (row.get("day") or row["week"]) <= days[0]
            ]
            assert there == run(live, ALL[key], **about)
            assert there != []


def test_the_objects_are_packets_customers_departments_and_people_and_the_quote_points_at_its_opportunity(
    world: World, tmp_path: Path
) -> None:
    quote = world.quote_asked()
    said = export.write(tmp_path / "log.json", form="ocel-json", at=world.now)
    whole = json.loads((tmp_path / "log.json").read_text())
    objects = {o["id"]: o for o in whole["objects"]}
    assert {"opportunity", "quote", "customer", "department", "person", "company"} <= {
        o["type"] for o in objects.values()
    }
    links = {(r["qualifier"], r["objectId"]) for r in objects[f"packet:{quote.pk}"]["relationships"]}
    assert links == {("parent", f"packet:{quote.parent_id}"), ("customer", f"customer:{quote.customer_id}")}
    assert said.endswith(f"{len(whole['events'])} events, {len(objects)} objects,"
                         f" {sum(len(e['relationships']) for e in whole['events'])} relations, no names.")  # fmt: skip
    assert len(whole["events"]) == Event.objects.count()


def test_names_are_in_it_only_when_they_are_asked_for(world: World, tmp_path: Path) -> None:
    world.quote_asked()
    for path, more in ((tmp_path / "without", []), (tmp_path / "with", ["--names"])):
        assert cli.main(["export", str(path), "--format", "ocel-sqlite", *more]) == 0
    assert world.anna.name.encode() not in (tmp_path / "without").read_bytes()
    with closing(sqlite3.connect(tmp_path / "with")) as con:
        named = con.execute("SELECT name FROM object_Person WHERE ocel_id = ?", [f"person:{world.anna.pk}"])
        assert named.fetchall() == [(world.anna.name,)]


def test_only_the_days_that_were_asked_for(world: World, tmp_path: Path) -> None:
    world.arrives()
    world.later(days=3)
    world.arrives()
    day = world.plant.work.day_of(world.now).isoformat()
    path = tmp_path / "log.json"
    assert cli.main(["export", str(path), "--format", "ocel-json", "--since", day, "--until", day]) == 0
    whole = json.loads(path.read_text())
    assert 0 < len(whole["events"]) < Event.objects.count()
    assert {datetime.fromisoformat(e["time"]).astimezone(UTC) for e in whole["events"]} == {world.now}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "is there already"),
        (["--names"], "names are none of them"),
        (["--since", "2026-03-03", "--until", "2026-03-02"], "before it begins"),
        (["--until", "1999-12-31"], "Nothing happened in that time"),
    ],
)
def test_what_cannot_be_written_is_said_in_a_sentence(
    world: World, tmp_path: Path, more: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.parquet"
    if not more:
        path.write_text("mine")
    assert cli.main(["export", str(path), *more]) == 2
    assert said in capsys.readouterr().err
    assert [p.read_text() for p in tmp_path.iterdir()] == ([] if more else ["mine"])
