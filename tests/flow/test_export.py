"""What other tools get is the log: every event, every object, every relation, and back again."""

from __future__ import annotations

import itertools
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fullkit.flow import export, export_json, export_sqlite, ocel, reading, schema
from fullkit.flow.export import CannotExport, Window, write
from fullkit.flow.export_sqlite import tables_for
from fullkit.flow.measure import run
from fullkit.flow.measures import ALL, STUDIED, WATCHED
from fullkit.flow.ocel import Form
from tests.flow.anylog import DAYS, SIDES, any_story, asked, same
from tests.flow.story import MONDAY, Story, when

SCHEMA = Path(__file__).parents[2] / "../shared/data/2-eventlogs/ocel/schema_ocel2.json"
LEFT_OUT = {"week", "activity"}
"""What follows from the day, and from the kind."""
KINDS = {"actor": "person", "holder": "person", "to_department": "department"}
NAMING = ("packet", "customer", "actor", "person", "holder", "department", "to_department")
OBJECT_FORMS: tuple[Form, ...] = ("ocel-json", "ocel-sqlite")


def exported(story: Story, path: Path, form: Form, **options: Any) -> Path:
    with story.told(days=DAYS) as con:
        write(con, path, form=form, **options)
    return path


def told(story: Story) -> list[dict[str, Any]]:
    """The log itself, as rows by column."""
    with story.told(days=DAYS) as con:
        found = con.execute("SELECT * FROM log ORDER BY id")
        names = [column[0] for column in found.description or []]
        return [
            {k: v for k, v in zip(names, row, strict=True) if k not in LEFT_OUT and v is not None}
            for row in found.fetchall()
        ]


# --- reading it as anybody would ------------------------------------------------------------------------------

TYPES = {c.name: c.type for c in schema.LOG}


def value(name: str, said: Any) -> Any:
    """A value of the log from what stands in a file."""
    match TYPES[name]:
        case "TIMESTAMP":
            return datetime.fromisoformat(said).astimezone(UTC).replace(tzinfo=None)
        case "DATE":
            return date.fromisoformat(said)
        case "BIGINT" | "INTEGER":
            return int(said)
        case "DOUBLE":
            return float(said)
        case "VARCHAR":
            return str(said)
        case _:
            return Decimal(str(said)).quantize(Decimal("0.01"))


def row(id: str, kind: str, at: str, said: dict[str, Any], related: list[tuple[str, str]]) -> dict[str, Any]:
    """An event of a file as a row of the log."""
    found = {"id": int(id.removeprefix("event:")), "kind": kind, "at": value("at", at)}
    found |= {name: value(name, v) for name, v in said.items() if v is not None}
    for object, qualifier in related:
        if qualifier != "company":
            assert object.split(":")[0] == KINDS.get(qualifier, qualifier)
            found[qualifier] = value(qualifier, object.split(":", 1)[1])
    return found


def from_json(path: Path) -> list[dict[str, Any]]:
    whole = json.loads(path.read_text(encoding="utf-8"))
    rows = [
        row(
            e["id"], e["type"], e["time"], {a["name"]: a["value"] for a in e["attributes"]},
            [(r["objectId"], r["qualifier"]) for r in e["relationships"]],
        )
        for e in whole["events"]
    ]  # fmt: skip
    return sorted(rows, key=lambda r: r["id"])


def from_sqlite(path: Path) -> list[dict[str, Any]]:
    rows = []
    with closing(sqlite3.connect(path)) as con:
        con.row_factory = sqlite3.Row
        assert con.execute("PRAGMA foreign_key_check").fetchall() == []
        related: dict[str, list[tuple[str, str]]] = {}
        for r in con.execute("SELECT * FROM event_object"):
            related.setdefault(r["ocel_event_id"], []).append((r["ocel_object_id"], r["ocel_qualifier"]))
        for kind, table in con.execute("SELECT ocel_type, ocel_type_map FROM event_map_type").fetchall():
            for r in map(dict, con.execute(f'SELECT * FROM "event_{table}"').fetchall()):
                id, at = r.pop("ocel_id"), r.pop("ocel_time")
                rows.append(row(id, kind, at, r, related.get(id, [])))
    return sorted(rows, key=lambda r: r["id"])


READ = {"ocel-json": from_json, "ocel-sqlite": from_sqlite}


# --- there and back -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", OBJECT_FORMS)
def test_the_log_can_be_rebuilt_from_the_file(form: Form, tmp_path: Path, seed: int) -> None:
    story = any_story(seed, packets=20, happenings=300)
    assert READ[form](exported(story, tmp_path / "log", form)) == told(story)


@pytest.mark.parametrize("form", OBJECT_FORMS)
def test_written_in_small_parts_it_is_the_same_file(
    form: Form, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small log fits into one part; a large one must not lose or repeat what stands where two parts meet."""
    with any_story(seed, packets=20, happenings=100).told(days=DAYS) as con:
        write(con, tmp_path / "whole", form=form)
        for module in (export_json, export_sqlite):
            monkeypatch.setattr(module, "_EVENTS", 9)
        monkeypatch.setattr(export_json, "_OBJECTS", 7)
        monkeypatch.setattr(export_json, "_BYTES", 100)
        monkeypatch.setattr(export_sqlite, "_ROWS", 8)
        write(con, tmp_path / "parts", form=form)
    if form == "ocel-json":
        assert (tmp_path / "parts").read_bytes() == (tmp_path / "whole").read_bytes()
    else:
        with (
            closing(sqlite3.connect(tmp_path / "whole")) as one,
            closing(sqlite3.connect(tmp_path / "parts")) as other,
        ):
            assert sorted(one.iterdump()) == sorted(other.iterdump())


def test_the_limits_of_an_export_are_not_those_of_who_asks(tmp_path: Path) -> None:
    """Other questions go on in the same process meanwhile and after."""
    question = "SELECT name, value FROM duckdb_settings() WHERE name IN ('memory_limit', 'threads', 'temp_directory')"
    with any_story(1, packets=2, happenings=9).told(days=DAYS) as con:
        before = con.execute(question).fetchall()
        write(con, tmp_path / "log", form="parquet")
        assert con.execute(question).fetchall() == before
    assert [p.name for p in tmp_path.iterdir()] == ["log"]


WORD = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
HAPPENING = st.fixed_dictionaries(
    {
        "packet": st.none() | st.integers(1, 3),
        "kind": st.sampled_from(["packet.arrived", "packet.closed", "queue.read", "Ünlaut & \"quote\" 'a'"]),
        "hours": st.integers(-10, 30 * 24),
        "reason": WORD,
        "department": WORD,
        "missing": st.none() | st.sampled_from(["", "lines", "lines,deliver_to"]),
        "minutes": st.none() | st.floats(-1e9, 1e9),
        "value": st.none() | st.decimals(-(10**8), 10**8, places=2),
        "actor": st.none() | st.integers(1, 2**60),
        "handoff": st.none() | st.integers(0, 2**60),
        "packet_type": st.sampled_from(["quote", "customer", "A b", "a-B", ""]),
    }
)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happenings=st.lists(HAPPENING, min_size=1, max_size=16))
def test_any_log_comes_back_as_it_was(happenings: list[dict[str, Any]], tmp_path: Path) -> None:
    story = Story()
    for facts in happenings:
        at = when(0, "00:00") + timedelta(hours=facts["hours"], microseconds=facts["hours"] + 11)
        rest = {k: v for k, v in facts.items() if k not in ("hours", "kind", "packet")}
        story.tell(at, facts["kind"], facts["packet"], **rest)
    for form in OBJECT_FORMS:
        path = exported(story, tmp_path / f"{form}{os.urandom(6).hex()}", form)
        assert READ[form](path) == told(story)
    path = exported(story, tmp_path / f"{os.urandom(6).hex()}.parquet", "parquet")
    with duckdb.connect() as con, story.told(days=DAYS) as told_to:
        export.open_parquet(con, path)
        for table, order in (("log", "id"), ("calendar", "day"), ("packets", "packet")):
            question = f"SELECT * FROM {table} ORDER BY {order}"
            assert con.execute(question).fetchall() == told_to.execute(question).fetchall()


def test_every_measure_says_the_same_of_the_parquet_file(tmp_path: Path, seed: int) -> None:
    """The rows stand in another order there; each side is asked by a third of the measures, by turns."""
    story, turns = any_story(seed, packets=60, happenings=900), itertools.cycle(SIDES)
    with duckdb.connect() as con, story.told(days=DAYS) as told_to:
        write(told_to, tmp_path / "log.parquet", form="parquet")
        export.open_parquet(con, tmp_path / "log.parquet")
        for measure in (ALL | WATCHED | STUDIED).values():
            params = asked(measure, *next(turns))
            same(run(con, measure, **params), run(told_to, measure, **params))


@pytest.mark.parametrize("form", OBJECT_FORMS)
def test_what_a_diagnosis_reads_from_it_gives_the_same_figures(form: Form, tmp_path: Path, seed: int) -> None:
    story = any_story(seed, packets=20, happenings=300)
    instants = {r["at"]: r for r in story.rows if r["packet"]}  # at one instant the reader knows no order
    story.rows = list(instants.values())
    for r in story.rows:
        r.update(chain="bau", process=None, packet_type="quote")
    about = {"chain": "bau", "process": None, "since": MONDAY, "until": MONDAY + timedelta(days=DAYS)}
    path = exported(story, tmp_path / ("log" + {"ocel-json": ".json", "ocel-sqlite": ".sqlite"}[form]), form)
    found = reading.read([path], mapping=reading.Mapping(zone="America/Chicago"))
    with story.told(days=DAYS) as con:
        for key in ("directly_follows", "variants", "case_time", "activity_flow", "repeats"):
            expected = run(con, STUDIED[key], **about)
            same(run(found.con, STUDIED[key], **about), expected)
            assert expected


# --- what the standard wants ----------------------------------------------------------------------------------


@pytest.mark.skipif(
    not SCHEMA.exists(), reason="../shared/data/2-eventlogs/ocel/schema_ocel2.json is not here"
)
def test_the_json_keeps_to_the_schema_of_the_standard(tmp_path: Path, seed: int) -> None:
    path = exported(any_story(seed, packets=10, happenings=100), tmp_path / "log.json", "ocel-json")
    jsonschema.validate(json.loads(path.read_text()), json.loads(SCHEMA.read_text()))


def test_how_a_packet_stood_is_told_with_its_times(tmp_path: Path) -> None:
    story = Story()
    story.packet(1, packet_type="opportunity", chain="growth", process="hunting", customer=7)
    story.tell(when(0), "packet.arrived", 1, source="mail", state="waiting", stage="interest", value=100)
    story.tell(when(0, "10:00"), "packet.dealt", 1, state="held", holder=3, stage="interest", person=3)
    story.tell(
        when(1), "stage.advanced", 1, state="held", holder=3, stage="interest", to_stage="survey", actor=3
    )
    story.tell(
        when(2), "handoff.accepted", 1, state="waiting", stage="survey", to_department="promotions",
        due_at=when(9),
    )  # fmt: skip
    path = exported(story, tmp_path / "log.json", "ocel-json")
    whole = json.loads(path.read_text())
    (packet,) = [o for o in whole["objects"] if o["id"] == "packet:1"]
    assert packet["type"] == "opportunity"
    assert packet["relationships"] == [{"objectId": "customer:7", "qualifier": "customer"}]
    stood: dict[str, list[tuple[str, str]]] = {}
    for a in packet["attributes"]:
        stood.setdefault(a["name"], []).append((a["time"], a["value"]))

    def utc(day: int, clock: str = "09:00") -> str:
        return when(day, clock).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    assert stood == {
        "chain": [(ocel.BEGINNING, "growth")],
        "process": [(ocel.BEGINNING, "hunting")],
        "type": [(utc(0), "opportunity")],
        "value": [(utc(0), "100.00")],
        "state": [(utc(0), "waiting"), (utc(0, "10:00"), "held"), (utc(2), "waiting")],
        "holder": [(utc(0), ""), (utc(0, "10:00"), "person:3"), (utc(2), "")],
        "stage": [(utc(0), "interest"), (utc(1), "survey")],
        "department": [(utc(0), "service"), (utc(2), "promotions")],
        "due_at": [(utc(2), utc(9))],
    }


def test_a_packet_points_at_the_one_it_was_made_for(tmp_path: Path) -> None:
    story = Story()
    for number in (1, 2):
        story.tell(when(0), "packet.arrived", number, source="mail")
    with story.told(days=7) as con:
        con.execute("CREATE TEMP TABLE parents AS SELECT 2 AS packet, 1 AS parent UNION SELECT 1, 99")
        write(con, tmp_path / "log.json", form="ocel-json")
        con.execute("DROP TABLE parents")
    objects = {o["id"]: o for o in json.loads((tmp_path / "log.json").read_text())["objects"]}
    assert objects["packet:2"]["relationships"] == [{"objectId": "packet:1", "qualifier": "parent"}]
    assert objects["packet:1"]["relationships"] == []


@pytest.mark.parametrize("form", OBJECT_FORMS)
def test_names_are_in_it_only_when_they_are_asked_for(form: Form, tmp_path: Path) -> None:
    story = Story()
    story.tell(when(0), "packet.arrived", 1, source="mail", actor=3, customer=5)
    with story.told(days=7) as con:
        con.execute("CREATE TEMP TABLE people AS SELECT 3 AS id, 'Anna <b>Berg</b>' AS name")
        con.execute("CREATE TEMP TABLE customers AS SELECT 5 AS id, '=Harbour' AS name")
        write(con, tmp_path / "without", form=form)
        write(con, tmp_path / "with", form=form, names=True)
        con.execute("DROP TABLE people")
        con.execute("DROP TABLE customers")
    assert b"Anna" not in (tmp_path / "without").read_bytes()
    whole = (tmp_path / "with").read_bytes()
    assert b"Anna <b>Berg</b>" in whole
    assert b"=Harbour" in whole


def test_types_that_differ_only_in_signs_have_tables_of_their_own() -> None:
    assert tables_for(["packet.arrived", "Packet arrived", "packetArrived", "§§", "??"]) == {
        "packet.arrived": "PacketArrived",
        "Packet arrived": "PacketArrived2",
        "packetArrived": "Packetarrived3",
        "§§": "Type",
        "??": "Type2",
    }


# --- an independent reader ------------------------------------------------------------------------------------

ORACLE = """
import contextlib, io, json, sys
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    import pm4py
    found = {}
    for form, path in (("ocel-json", sys.argv[1]), ("ocel-sqlite", sys.argv[2])):
        read = pm4py.read_ocel2_json if form == "ocel-json" else pm4py.read_ocel2_sqlite
        log = read(path)
        found[form] = {
            "events": sorted([e["ocel:eid"], e["ocel:activity"], e["ocel:timestamp"].isoformat()]
                             for e in log.events.to_dict("records")),
            "objects": sorted([o["ocel:oid"], o["ocel:type"]] for o in log.objects.to_dict("records")),
            "relations": sorted([r["ocel:eid"], r["ocel:oid"], r["ocel:qualifier"]]
                                for r in log.relations.to_dict("records")),
            "o2o": sorted([r["ocel:oid"], r["ocel:oid_2"], r["ocel:qualifier"]]
                          for r in log.o2o.to_dict("records")),
            "states": sorted([c["ocel:oid"], c["ocel:timestamp"].isoformat(), c["state"]]
                             for c in log.object_changes.to_dict("records") if c["ocel:field"] == "state"),
        }
json.dump(found, sys.stdout)
"""


def test_pm4py_finds_the_same_objects_events_and_relations(tmp_path: Path, seed: int) -> None:
    story = any_story(seed, packets=20, happenings=200)
    paths = [
        exported(story, tmp_path / "log.jsonocel", "ocel-json"),
        exported(story, tmp_path / "log.sqlite", "ocel-sqlite"),
    ]
    answer = subprocess.run(
        [sys.executable, "-c", ORACLE, *map(str, paths)], capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr[-2000:]
    found = json.loads(answer.stdout)
    events, relations = set(), set()
    for r in story.rows:
        id = f"event:{r['id']}"
        events.add((id, r["kind"], r["at"].replace(tzinfo=UTC).isoformat()))
        if r["packet"] is None:
            relations.add((id, "company", "company"))
        for name in NAMING:
            if r.get(name) is not None:
                relations.add((id, f"{KINDS.get(name, name)}:{r[name]}", name))
    types = {f"packet:{p}": facts["packet_type"] for p, facts in last_types(story).items()}
    objects = {(o, types.get(o, o.split(":")[0])) for _, o, _ in relations}
    for form in OBJECT_FORMS:
        assert {tuple(e) for e in found[form]["events"]} == events
        assert {tuple(o) for o in found[form]["objects"]} == objects
        # Of several relations between one event and one object PM4Py keeps one, whatever their qualifiers.
        kept = {tuple(r) for r in found[form]["relations"]}
        assert kept <= relations
        assert {r[:2] for r in kept} == {r[:2] for r in relations}
        assert {tuple(r) for r in found[form]["o2o"]} == {
            (f"packet:{r['packet']}", f"customer:{r['customer']}", "customer")
            for r in story.rows
            if r["packet"] is not None and r.get("customer") is not None
        }
    changed = {tuple(c) for c in found["ocel-sqlite"]["states"]}
    assert changed > {tuple(c) for c in found["ocel-json"]["states"]} > set()


def last_types(story: Story) -> dict[int, dict[str, Any]]:
    """What each packet arrived as, or became by triage."""
    rows = [r for r in story.rows if r["kind"] in ("packet.arrived", "packet.triaged")]
    return {r["packet"]: r for r in sorted(rows, key=lambda r: r["id"])}


# --- what is refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", export.FORMS)
def test_a_file_that_is_there_stays_as_it_is(form: Form, tmp_path: Path) -> None:
    (tmp_path / "log").write_text("mine")
    with pytest.raises(CannotExport, match="is there already. Choose another name"):
        exported(any_story(1, packets=2, happenings=9), tmp_path / "log", form)
    assert [p.name for p in tmp_path.iterdir()] == ["log"]
    assert (tmp_path / "log").read_text() == "mine"


@pytest.mark.parametrize("form", export.FORMS)
def test_what_breaks_off_leaves_nothing(form: Form, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotExport, match="cannot be written: No space left on device"):
        exported(any_story(1, packets=2, happenings=9), tmp_path / "log", form)
    assert list(tmp_path.iterdir()) == []


def test_what_makes_no_sense_is_refused_in_a_sentence(tmp_path: Path) -> None:
    story = any_story(1, packets=2, happenings=9)
    for options, said in (
        ({"names": True}, "names are none of them"),
        ({"window": Window(MONDAY, MONDAY - timedelta(days=1))}, "ends .* before it begins"),
        ({"window": Window(until=date(1999, 1, 1))}, "Nothing happened in that time"),
    ):
        with pytest.raises(CannotExport, match=said):
            exported(story, tmp_path / "log", "parquet", **options)
    with pytest.raises(CannotExport, match="There is no folder"):
        exported(story, tmp_path / "no" / "log", "parquet")
    (tmp_path / "text").write_text("no log")
    with duckdb.connect() as con, pytest.raises(CannotExport, match="is not a log that"):
        export.open_parquet(con, tmp_path / "text")


def test_a_window_has_the_events_of_its_days_and_their_objects(tmp_path: Path) -> None:
    story = Story()
    story.packet(1, packet_type="issue")
    for day in range(5):
        story.tell(when(day, "00:30"), "packet.arrived" if day == 0 else "packet.dealt", 1, actor=day + 1)
    window = Window(MONDAY + timedelta(days=1), MONDAY + timedelta(days=2))
    path = exported(story, tmp_path / "log.json", "ocel-json", window=window)
    whole = json.loads(path.read_text())
    assert [e["id"] for e in whole["events"]] == ["event:2", "event:3"]
    assert {(o["id"], o["type"]) for o in whole["objects"]} == {
        ("packet:1", "issue"), ("person:2", "person"), ("person:3", "person"),
        ("department:service", "department"), ("company", "company"),
    }  # fmt: skip
