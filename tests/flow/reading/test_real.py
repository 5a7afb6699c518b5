"""Real files that nobody on the project wrote, against figures computed by other tools (pandas, PM4Py)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fullkit.flow.reading import Mapping, load_mapping, propose, read
from tests.flow.reading.files import kinds, put, real, rows

GRAPH = """
SELECT count(*), count(DISTINCT (activity, next)) FROM (
    SELECT activity, lead(activity) OVER (PARTITION BY packet ORDER BY "at", id) AS next
    FROM log WHERE activity IS NOT NULL) WHERE next IS NOT NULL"""
VARIANTS = """
SELECT count(DISTINCT way) FROM (
    SELECT string_agg(activity, '|' ORDER BY "at", id) AS way FROM log WHERE activity IS NOT NULL GROUP BY packet)"""


def test_maven_s_pipeline_of_four_files() -> None:
    names = ("sales_pipeline", "accounts", "products", "sales_teams")
    found = read(real(*(f"1-crm/maven-crm/{name}.csv" for name in names)))
    assert kinds(found) == {"packet.arrived": 8300, "handoff.accepted": 8300, "won": 4238, "lost": 2473}
    assert (found.as_of, found.account.rows) == (date(2017, 12, 31), 8800 + 85 + 7 + 35)
    assert [(n.what, n.count) for n in found.account.repairs] == [
        ("another spelling of the same product", 1480)
    ]
    assert rows(found, "SELECT sum(value) FROM log WHERE outcome = 'won'")[0][0] == 10_005_534
    cycle = "SELECT median(closed_on - opened_on), avg(closed_on - opened_on) FROM items WHERE closed_on IS NOT NULL"
    assert rows(found, cycle)[0] == (45, pytest.approx(47.985397))
    assert rows(found, "SELECT count(*), sum(amount) FROM items JOIN people ON name = owner WHERE outcome = 'won'"
                       " AND team = 'East'") == [(round(1858 * 0.630248), 3_090_594)]  # fmt: skip
    share = rows(found, "SELECT avg(amount / list_price) FROM items WHERE outcome = 'won'")[0][0]
    assert share == pytest.approx(0.996483, abs=1e-6)


def test_salesforce_s_demo() -> None:
    found = read(real("7-exports/salesforce-demo/Opportunity.csv", "7-exports/salesforce-demo/Account.csv"))
    assert [f.kind for f in found.files] == ["Salesforce opportunities", "customers"]
    assert (kinds(found)["won"], kinds(found)["lost"]) == (640, 39)
    assert rows(found, "SELECT count(*), sum(amount) FROM items") == [(774, 15_972_371)]
    assert rows(found, "SELECT sum(value) FROM log WHERE outcome = 'won'")[0][0] == 11_257_622


def test_salesforce_s_tables_as_a_warehouse_has_them() -> None:
    (first,) = real("7-exports/salesforce-fivetran/sf_opportunity_data.csv")
    found = read(sorted(first.parent.glob("*.csv")))
    taken = {f.file: f.kind for f in found.files}
    assert taken["sf_opportunity_data.csv"] == "Salesforce opportunities"
    assert taken["sf_opportunity_history_data.csv"] == "stage history"
    assert rows(found, "SELECT count(*) FROM items WHERE closed_on > DATE '9000-01-01'") == [(0,)]
    assert found.account.rows == found.account.read + found.account.repaired + found.account.rejected


def test_a_campaign_without_dates_says_what_it_cannot_say(tmp_path: Path) -> None:
    (data,) = real("1-crm/uci-bank/bank-additional-full.csv.gz")
    found = read([data], mapping=load_mapping(put(tmp_path, "m.yaml", propose([data]))))
    assert rows(found, "SELECT count(*) FROM items WHERE outcome = 'won'") == [(4640,)]
    assert (found.account.read, kinds(found)) == (41_188, {})
    assert found.cannot[0].startswith("No opportunity has a date")


@pytest.mark.parametrize(
    ("name", "lines", "cases", "activities", "variants", "edges", "days"),
    [
        ("running-example.csv", 42, 6, 8, 6, 16, 9.44375),
        ("running-example.xes", 42, 6, 8, 6, 16, 9.44375),
        ("receipt.csv.gz", 8577, 1434, 27, 116, 99, 0.0332012),
        ("helpdesk.xes.gz", 21348, 4580, 14, 226, 55, 39.85921875),
        ("06_bpic2013_closed.xes.gz", 6660, 1487, 4, 183, 10, 82.0221991),
        ("02_teleclaims.xes.gz", 46138, 3512, 11, 12, 30, 0.10766782),
    ],
)
def test_a_log_gives_the_graph_that_others_find(
    name: str, lines: int, cases: int, activities: int, variants: int, edges: int, days: float
) -> None:
    found = read(real(f"2-eventlogs/{name}"), mapping=Mapping(lifecycle="all"))
    assert (found.account.read, found.facts["cases"]) == (lines, cases)
    assert rows(found, "SELECT count(DISTINCT activity) FROM log") == [(activities,)]
    assert rows(found, GRAPH) == [(lines - cases, edges)]
    assert rows(found, VARIANTS) == [(variants,)]
    took = 'SELECT median(t) FROM (SELECT epoch(max("at") - min("at")) / 86400 AS t FROM log GROUP BY packet)'
    assert rows(found, took)[0][0] == pytest.approx(days, rel=1e-6)


def test_starts_and_completions_are_not_counted_twice() -> None:
    found = read(real("2-eventlogs/reviewing.csv"))
    assert rows(found, "SELECT count(*) FROM log WHERE activity IS NOT NULL") == [(2278,)]
    assert rows(found, GRAPH) == [(2178, 44)]
    assert rows(found, VARIANTS) == [(96,)]


def test_the_time_of_service_of_a_hospital() -> None:
    found = read(real("2-eventlogs/patients.csv"))
    assert (found.account.read, found.facts["cases"]) == (5442, 500)
    hours = dict(
        rows(found, "SELECT activity, median(minutes) / 60 FROM log WHERE activity IS NOT NULL GROUP BY 1")
    )
    assert hours["Blood test"] == pytest.approx(5.468333, abs=1e-6)
    assert hours["X-Ray"] == pytest.approx(4.791944, abs=1e-6)


def test_start_and_end_of_orders() -> None:
    found = read(real("2-eventlogs/interval_event_log.csv"))
    assert (found.account.read, found.facts["cases"]) == (8109, 1266)
    assert rows(found, "SELECT sum(minutes) / 60 FROM log")[0][0] == pytest.approx(3225.594, abs=1e-3)
    took = 'SELECT median(t) FROM (SELECT epoch(max("at") - min("at")) / 3600 AS t FROM log GROUP BY packet)'
    assert rows(found, took)[0][0] == pytest.approx(537.01875, abs=0.3)


@pytest.mark.parametrize("form", ["jsonocel", "xmlocel", "sqlite"])
def test_a_log_of_objects_is_the_same_in_every_form(form: str) -> None:
    found = read(real(f"2-eventlogs/ocel/ocel20_example.{form}"))
    assert {k: v for k, v in found.facts.items() if k not in ("rows", "cases")} == {
        "events": 13,
        "objects": 9,
        "relations": 20,
        "relations of objects": 7,
        "changes of objects": 3,
        "objects: Invoice": 3,
        "objects: Payment": 3,
        "objects: Purchase Order": 2,
        "objects: Purchase Requisition": 1,
    }


def test_simulated_orders_are_not_counted_once_for_each_item() -> None:
    found = read(real("2-eventlogs/ocel/ocel_order_simulated.csv.gz"))
    assert found.facts["events"] == 22_367
    counts = dict(rows(found, "SELECT activity, count(*) FROM log WHERE activity IS NOT NULL GROUP BY 1"))
    assert {a: counts[a] for a in ("place order", "confirm order", "pay order")} == dict.fromkeys(
        ("place order", "confirm order", "pay order"), 2000
    )
