"""Event logs: plain, in XES, and of objects."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from fullkit.flow.reading import Mapping, Unreadable, read
from tests.flow.reading.files import kinds, put, rows

LIFE = (
    "case,activity,timestamp,lifecycle,user\n"
    "a,Pick,2024-01-01 09:00,start,Ann\na,Pick,2024-01-01 09:30,complete,Ann\n"
    "a,Pick,2024-01-01 10:00,start,Bob\na,Pick,2024-01-01 10:45,complete,Bob\n"
    "a,Ship,2024-01-01 11:00,complete,Bob\nb,Pick,2024-01-02 09:00,start,Ann\n"
    "b,Pick,2024-01-02 09:10,complete,Ann\n"
)
EVENT = '<event><string key="concept:name" value="{}"/><date key="time:timestamp" value="{}"/></event>'
XES = (
    '<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/"><global scope="event">'
    '<string key="concept:name" value="none"/></global><trace><string key="concept:name" value="c1"/>'
    + EVENT.format("Open", "2024-01-01T10:00:00.000+02:00")
    + EVENT.format("Close", "2024-01-02T10:00:00.000+01:00")
    + "</trace><trace>"
    + EVENT.format("Open", "2024-01-03T10:00:00Z")
    + "</trace></log>"
)
OCEL = {
    "objectTypes": [{"name": "order", "attributes": []}, {"name": "item", "attributes": []}],
    "eventTypes": [{"name": "place", "attributes": []}, {"name": "pick", "attributes": []}],
    "objects": [
        {"id": "o1", "type": "order", "relationships": [{"objectId": "i1", "qualifier": "has"}]},
        {"id": "i1", "type": "item"},
        {"id": "i2", "type": "item"},
    ],
    "events": [
        {
            "id": "e1",
            "type": "place",
            "time": "2024-01-01T10:00:00Z",
            "relationships": [{"objectId": o, "qualifier": ""} for o in ("o1", "i1", "i2")],
        },
        {
            "id": "e2",
            "type": "pick",
            "time": "2024-01-02T10:00:00Z",
            "relationships": [{"objectId": "i1", "qualifier": ""}],
        },
        {
            "id": "e3",
            "type": "pay",
            "time": "2024-01-03T10:00:00Z",
            "relationships": [{"objectId": "o1", "qualifier": ""}],
        },
    ],
}


def test_a_start_and_a_completion_are_one_activity(tmp_path: Path) -> None:
    found = read([put(tmp_path, "a.csv", LIFE)])
    assert kinds(found) == {"packet.arrived": 2, "stage.advanced": 4, "done": 2}
    assert rows(found, "SELECT activity, minutes FROM log WHERE activity IS NOT NULL ORDER BY id") == [
        ("Pick", 30.0),
        ("Pick", 45.0),
        ("Ship", None),
        ("Pick", 10.0),
    ]
    assert found.account.read == 7
    assert any("7 rows, 4 activities" in said for said in found.assumptions)


def test_rows_are_counted_when_the_mapping_says_so(tmp_path: Path) -> None:
    found = read([put(tmp_path, "a.csv", LIFE)], mapping=Mapping(lifecycle="all"))
    assert kinds(found)["stage.advanced"] == 7


def test_a_case_without_an_ending_is_open(tmp_path: Path) -> None:
    found = read([put(tmp_path, "a.csv", LIFE)], mapping=Mapping(endings=("Ship",)))
    assert kinds(found)["done"] == 1
    assert rows(found, "SELECT key FROM items WHERE closed_at IS NULL") == [("b",)]


def test_start_and_end_columns_give_the_time_of_service(tmp_path: Path) -> None:
    text = (
        "Case ID;Activity;Start Timestamp;Complete Timestamp;Resource\n"
        "1;Check;13.01.2024 09:00;13.01.2024 09:20;Ann\n1;Decide;13.01.2024 10:00;13.01.2024 09:50;Ann\n1;;;;\n"
    )
    found = read([put(tmp_path, "a.csv", text)])
    assert rows(found, "SELECT minutes FROM log WHERE activity IS NOT NULL ORDER BY activity") == [
        (20.0,),
        (0.0,),
    ]
    assert rows(found, 'SELECT min("at")::VARCHAR FROM log') == [("2024-01-13 09:00:00",)]
    (tally,) = found.account.files
    assert (tally.read, tally.repaired, tally.rejected) == (1, 1, 1)


@pytest.mark.parametrize("packed", [False, True])
def test_xes_is_read_by_what_it_is(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "log.anything"
    path.write_bytes(gzip.compress(XES.encode()) if packed else XES.encode())
    found = read([path])
    assert found.facts == {"cases": 2, "events": 3, "rows": 3}
    assert rows(found, "SELECT key FROM items ORDER BY packet") == [("c1",), ("trace 2",)]
    assert rows(found, "SELECT \"at\"::VARCHAR FROM log WHERE activity = 'Open' ORDER BY id") == [
        ("2024-01-01 08:00:00",),
        ("2024-01-03 10:00:00",),
    ]


def test_of_a_log_of_objects_one_type_is_the_case(tmp_path: Path) -> None:
    found = read([put(tmp_path, "log.json", json.dumps(OCEL))])
    assert rows(found, "SELECT key, packet_type FROM items") == [("o1", "order")]
    assert (found.facts["events"], found.facts["objects"], found.facts["relations"]) == (3, 3, 5)
    assert (found.account.read, found.account.rejected) == (2, 1)
    items = read([put(tmp_path, "log.json", json.dumps(OCEL))], mapping=Mapping(objects=("item",)))
    assert rows(items, "SELECT key FROM items ORDER BY key") == [("i1",), ("i2",)]
    with pytest.raises(Unreadable, match="Its types are item, order"):
        read([put(tmp_path, "log.json", json.dumps(OCEL))], mapping=Mapping(objects=("invoice",)))


def test_ocel_1_in_csv(tmp_path: Path) -> None:
    text = (
        "ocel:eid,ocel:timestamp,ocel:activity,ocel:type:order,ocel:type:item\n"
        "e1,2024-01-01 00:00:00,Create,\"['o1']\",\"['i1', 'i2']\"\ne2,2024-01-02 00:00:00,Pay,\"['o1']\",\n"
    )
    found = read([put(tmp_path, "log.csv", text)])
    assert rows(found, "SELECT key, activities FROM items") == [("o1", 2)]
    assert found.facts["relations"] == 4
    assert found.as_of == date(2024, 1, 2)
