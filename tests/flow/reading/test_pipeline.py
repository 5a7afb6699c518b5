"""Pipelines of every make, clean and dirty."""

from __future__ import annotations

import csv
import gzip
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fullkit.flow.reading import Mapping, read
from tests.flow.reading.files import kinds, put, rows

PLAIN = "id,owner,opened,closed,stage,amount\n"


def deals(*lines: str, head: str = PLAIN) -> str:
    return head + "\n".join(lines) + "\n"


DIALECTS = {
    "Salesforce opportunities": (
        "Id,AccountId,Name,StageName,Amount,Probability,CloseDate,IsClosed,IsWon,OwnerId,CreatedDate\n"
        "006A,001,One,Closed Won,10,100,2024-02-01,true,true,005,2024-01-01T10:00:00.000+0000\n"
        "006B,001,Two,Closed Lost,20,0,2024-02-03,true,false,005,2024-01-02T10:00:00.000+0000\n"
        "006C,001,Three,Negotiation,30,50,2024-09-01,false,false,005,2024-01-03T10:00:00.000+0000\n"
    ),
    "HubSpot deals": (
        "Record ID,Deal Name,Deal Stage,Deal owner,Amount,Create Date,Close Date\n"
        "1,One,Closed Won,Ann,10,2024-01-01 10:00,2024-02-01 09:00\n"
        "2,Two,Closed Lost,Ann,20,2024-01-02 10:00,2024-02-03 09:00\n"
        "3,Three,Appointment Scheduled,Bob,30,2024-01-03 10:00,2024-09-01 09:00\n"
    ),
    "Pipedrive deals": (
        "Deal - ID,Deal - Title,Deal - Owner,Deal - Value,Deal - Stage,Deal - Status,Deal - Deal created,"
        "Deal - Won time,Deal - Lost time,Deal - Expected close date\n"
        "1,One,Ann,10,Offer,Won,2024-01-01 10:00:00,2024-02-01 09:00:00,,\n"
        "2,Two,Ann,20,Offer,Lost,2024-01-02 10:00:00,,2024-02-03 09:00:00,\n"
        "3,Three,Bob,30,Offer,Open,2024-01-03 10:00:00,,,2024-09-01\n"
    ),
    "Odoo opportunities": (
        "Opportunity,Salesperson,Stage,Expected Revenue,Created on,Closed Date,Expected Closing\n"
        "One,Ann,Won,10,2024-01-01 10:00:00,2024-02-01 09:00:00,\n"
        "Two,Ann,Lost,20,2024-01-02 10:00:00,2024-02-03 09:00:00,\n"
        "Three,Bob,Qualified,30,2024-01-03 10:00:00,,2024-09-01\n"
    ),
    "Dynamics opportunities": (
        "Topic,Potential Customer,Owner,Status,Est. Revenue,Created On,Actual Close Date,Est. Close Date\n"
        "One,Acme,Ann,Won,10,1/1/2024 10:00,2/1/2024,\n"
        "Two,Acme,Ann,Lost,20,1/2/2024 10:00,2/3/2024,\n"
        "Three,Beta,Bob,Open,30,1/13/2024 10:00,,9/1/2024\n"
    ),
    "opportunities": (
        "Nummer;Verkäufer;Kunde;Phase;Betrag;Erstellt am;Abschlussdatum\n"
        "1;Ann;Acme;Gewonnen;1.010,50;01.01.2024;01.02.2024\n"
        "2;Ann;Acme;Verloren;20,00;02.01.2024;03.02.2024\n"
        "3;Bob;Beta;Angebot;30,00;13.01.2024;01.09.2024\n"
    ),
}


@pytest.mark.parametrize("kind", DIALECTS)
def test_a_pipeline_is_known_by_its_columns(tmp_path: Path, kind: str) -> None:
    found = read([put(tmp_path, "anything.csv", DIALECTS[kind])])
    assert found.files[0].kind == kind
    assert kinds(found) == {"packet.arrived": 3, "handoff.accepted": 3, "won": 1, "lost": 1}
    closed = rows(found, "SELECT day FROM log WHERE kind = 'packet.closed' ORDER BY id")
    assert closed == [(date(2024, 2, 1),), (date(2024, 2, 3),)]
    assert (found.account.rows, found.account.read) == (3, 3)
    expected = rows(found, "SELECT expected_close FROM items WHERE outcome IS NULL")
    assert expected == [(date(2024, 9, 1),)]


def test_the_last_date_that_happened_is_the_day_of_the_data(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", DIALECTS["HubSpot deals"])
    assert read([path]).as_of == date(2024, 2, 3)
    told = read([path], mapping=Mapping(today=date(2024, 2, 2)))
    assert told.as_of == date(2024, 2, 2)
    assert kinds(told) == {"packet.arrived": 3, "handoff.accepted": 3, "won": 1}
    assert told.account.repaired == 1


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16", "cp1252", "latin-1", "utf-16-le"])
def test_every_coding_gives_the_same_names(tmp_path: Path, coding: str) -> None:
    text = deals("1,Zoë Müller,2024-01-01,2024-01-05,Won,1", "2,Ann,2024-01-01,,Open,1")
    found = read([put(tmp_path, "a.csv", text, coding)])
    assert rows(found, "SELECT name FROM people ORDER BY name") == [("Ann",), ("Zoë Müller",)]


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_any_delimiter(tmp_path: Path, mark: str) -> None:
    text = deals("1,Ann,2024-01-01,2024-01-05,Won,1", "2,Bob,2024-01-01,,Open,1").replace(",", mark)
    assert kinds(read([put(tmp_path, "a.csv", text)]))["won"] == 1


def test_a_packed_file_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(deals("1,Ann,2024-01-01,2024-01-05,Won,1").encode()))
    assert kinds(read([path]))["won"] == 1


def opened(tmp_path: Path, *values: str, mapping: Mapping | None = None) -> list[date | None]:
    text = deals(*(f'{i},Ann,"{v}",,Open,1' for i, v in enumerate(values)))
    found = read([put(tmp_path, "a.csv", text)], mapping=mapping)
    return [row[0] for row in rows(found, "SELECT opened_on FROM items ORDER BY packet")]


@pytest.mark.parametrize(
    ("values", "first"),
    [
        (("03/04/2024", "13/04/2024"), date(2024, 4, 3)),
        (("03/04/2024", "04/13/2024"), date(2024, 3, 4)),
        (("03-04-24", "25-04-24"), date(2024, 4, 3)),
        (("03.04.2024", "04.05.2024"), date(2024, 4, 3)),
        (("45385", "45386"), date(2024, 4, 3)),
        (("1712102400", "1712188800"), date(2024, 4, 3)),
        (("1712102400000", "1712188800000"), date(2024, 4, 3)),
        (("20240403", "20240404"), date(2024, 4, 3)),
        (("Apr 3, 2024", "Apr 4, 2024"), date(2024, 4, 3)),
        (("3-Apr-24", "4-Apr-24"), date(2024, 4, 3)),
        (("3 April 2024", "4 April 2024"), date(2024, 4, 3)),
        (("4/3/2024 3:15 PM", "4/13/2024 9:00 AM"), date(2024, 4, 3)),
        (("2024-04-03T23:30:00+02:00", "2024-04-03T23:30:00-05:00"), date(2024, 4, 3)),
        (("2024/04/03", "2024/04/04"), date(2024, 4, 3)),
    ],
)
def test_dates_are_told_by_the_whole_column(tmp_path: Path, values: tuple[str, ...], first: date) -> None:
    assert opened(tmp_path, *values)[0] == first


def test_a_date_that_reads_both_ways_is_said_and_can_be_told(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", deals("1,Ann,03/04/2024,,Open,1", "2,Ann,05/06/2024,,Open,1"))
    found = read([path])
    assert any("reads both ways" in said for said in found.assumptions)
    told = read([path], mapping=Mapping(dates="dmy"))
    assert rows(told, "SELECT min(opened_on) FROM items") == [(date(2024, 4, 3),)]
    assert not any("reads both ways" in said for said in told.assumptions)


@pytest.mark.parametrize("nothing", ["1900-01-01", "2999-12-31", "9999-12-31", "0001-01-01", "1954-03-01"])
def test_a_date_nobody_meant_is_no_date(tmp_path: Path, nothing: str) -> None:
    text = deals("1,Ann,2024-01-01,2024-01-09,Won,1", f"2,Ann,{nothing},,Open,1", "3,Ann,2024-01-03,,Open,1")
    found = read([put(tmp_path, "a.csv", text)])
    assert kinds(found)["packet.arrived"] == 2
    (note,) = found.account.repairs
    assert (note.count, note.examples[0].line, note.examples[0].value) == (1, 3, nothing)
    assert any("1 of 3 opportunities have no date" in said for said in found.cannot)


def test_times_without_a_zone_are_the_company_s(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", deals("1,Ann,2024-07-01 01:30:00,2024-07-02 00:00:00,Won,1"))
    found = read([path], mapping=Mapping(zone="Europe/Berlin"))
    (at, day), *_ = rows(found, 'SELECT "at", day FROM log ORDER BY id')
    assert (at.isoformat(), day) == ("2024-06-30T23:30:00", date(2024, 7, 1))


@pytest.mark.parametrize(
    ("values", "amounts"),
    [
        (("1,234.50", "2,000"), [1234.5, 2000]),
        (("1.234,50", "2.000"), [1234.5, 2000]),
        (("$1,234", "($200)"), [1234, -200]),
        (("€ 1.234,00", "-5,50 €"), [1234, -5.5]),
        (("1 234,5", "7,25"), [1234.5, 7.25]),
        (("12", "nan"), [12, None]),
        (("1'000.5", "2'000.25"), [1000.5, 2000.25]),
        (("USD 1000", "about ten"), [1000, None]),
    ],
)
def test_numbers_as_people_write_them(tmp_path: Path, values: tuple[str, ...], amounts: list[float]) -> None:
    text = deals(*(f'{i},Ann,2024-01-01,,Open,"{v}"' for i, v in enumerate(values)))
    found = read([put(tmp_path, "a.csv", text)])
    assert [row[0] for row in rows(found, "SELECT amount FROM items ORDER BY packet")] == amounts
    assert found.account.repaired == amounts.count(None) - values.count("nan")


def test_rows_that_are_no_deals(tmp_path: Path) -> None:
    text = deals(
        "1,Ann,2024-01-01,2024-01-09,Won,100",
        "2,Ann",
        "3,Ann,2024-01-02,,Open,1,2,3",
        "4,Ann,2024-01-03,2024-01-01,Won,100",
        "5,Ann,2024-01-04,2024-01-09,Lost,100",
        "5,Ann,2024-01-04,2024-01-09,Lost,100",
        "6,Ann,2024-01-04,2024-01-09,Lost,100",
        "6,Ann,2024-01-04,2024-01-10,Won,100",
        ",,,,,",
        "Total,,,,,300",
    )
    found = read([put(tmp_path, "a.csv", text)])
    assert kinds(found) == {"packet.arrived": 3, "handoff.accepted": 3, "won": 2, "lost": 1}
    why = {n.what: n.examples[0].line for n in found.account.rejections}
    assert why == {
        "fewer cells than the header names": 3,
        "more cells than the header names": 4,
        "closed before it was opened": 5,
        "the same row again": 7,
        "an older version of an opportunity that stands there again with other values": 8,
        "nothing in the row": 10,
        "a row of totals or a footer, not an opportunity": 11,
    }
    (tally,) = found.account.files
    assert (tally.rows, tally.read, tally.repaired, tally.rejected) == (10, 3, 0, 7)


def test_what_a_spreadsheet_would_run_is_text_in_the_file_of_rejected_rows(tmp_path: Path) -> None:
    found = read([put(tmp_path, "a.csv", deals("1,Ann,2024-01-01,,Open,1", "=1+1,x", "@SUM(A1),x", "-2,x"))])
    target = tmp_path / "rejected.csv"
    assert found.account.write_rejected(target) == 3
    with target.open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["value"] for line in lines] == ["'=1+1,x", "'@SUM(A1),x", "'-2,x"]
    assert [line["line"] for line in lines] == ["3", "4", "5"]


def test_files_beside_the_pipeline_are_joined_by_their_values(tmp_path: Path) -> None:
    main = put(
        tmp_path,
        "x.csv",
        "id,owner,account,product,opened,closed,stage\n"
        "1,u1,Acme Inc,GTXPro,2024-01-01,2024-01-05,Won\n"
        "2,u2,ACME inc.,GTX Pro,2024-01-01,,Open\n"
        "3,u1,Beta,Basic,2024-01-02,,Open\n",
    )
    users = put(tmp_path, "y.csv", "Id,Name,Team\nu1,Ann Arbor,North\nu2,Bob Hope,South\nu3,Cy Young,South\n")
    goods = put(tmp_path, "z.csv", 'article,list price\nGTX Pro,"4,821"\nBasic,550\n')
    found = read([main, users, goods])
    assert [f.kind for f in found.files] == ["opportunities", "people", "products"]
    assert rows(found, "SELECT name, team FROM people ORDER BY id") == [
        ("Ann Arbor", "North"),
        ("Bob Hope", "South"),
    ]
    assert rows(found, "SELECT owner, product, list_price FROM items ORDER BY packet") == [
        ("Ann Arbor", "GTX Pro", 4821),
        ("Bob Hope", "GTX Pro", 4821),
        ("Ann Arbor", "Basic", 550),
    ]
    assert len(rows(found, "FROM customers")) == 2
    assert {n.what: n.count for n in found.account.repairs} == {
        "another spelling of the same customer": 1,
        "another spelling of the same product": 1,
    }


def test_a_similar_name_is_offered_and_left_alone(tmp_path: Path) -> None:
    lines = [f"{i},{'Katherine Jones' if i else 'Katharine Jones'},2024-01-01,,Open,1" for i in range(4)]
    path = put(tmp_path, "a.csv", deals(*lines))
    found = read([path])
    assert len(rows(found, "FROM people")) == 2
    assert "'Katharine Jones' (1 rows) and 'Katherine Jones'" in found.offers[0]
    told = read([path], mapping=Mapping(spelling={"owner": {"Katharine Jones": "Katherine Jones"}}))
    assert (len(rows(told, "FROM people")), told.account.repaired) == (1, 1)


def test_a_history_gives_the_moves_between_stages(tmp_path: Path) -> None:
    main = put(tmp_path, "x.csv", DIALECTS["Salesforce opportunities"])
    past = put(
        tmp_path,
        "y.csv",
        "OpportunityId,StageName,CreatedDate\n"
        "006A,Closed Won,2024-02-01T09:00:00Z\n006A,Prospecting,2024-01-01T10:00:00Z\n"
        "006A,Negotiation,2024-01-15T10:00:00Z\n006A,Negotiation,2024-01-16T10:00:00Z\n"
        "006Z,Prospecting,2024-01-01T10:00:00Z\n006C,Prospecting,\n",
    )
    found = read([main, past])
    assert rows(found, "SELECT stage, to_stage, day FROM log WHERE kind = 'stage.advanced'") == [
        ("Prospecting", "Negotiation", date(2024, 1, 15))
    ]
    history = found.account.files[1]
    assert (history.rows, history.read, history.rejected) == (6, 4, 2)


def test_parts_of_one_pipeline_are_put_together(tmp_path: Path) -> None:
    one = put(tmp_path, "a.csv", deals("1,Ann,2023-01-01,2023-01-05,Won,1"))
    two = put(
        tmp_path, "b.csv", deals("2,Ann,2024-01-01,2024-01-05,Lost,1", "1,Ann,2023-01-01,2023-01-05,Won,1")
    )
    found = read([one, two])
    assert kinds(found) == {"packet.arrived": 2, "handoff.accepted": 2, "won": 1, "lost": 1}
    assert [(f.rows, f.rejected) for f in found.account.files] == [(1, 0), (2, 1)]


def test_working_minutes_are_the_calendar_s(tmp_path: Path) -> None:
    text = deals("1,Ann,2024-01-05,2024-01-09,Won,1", "2,Ann,2024-01-05 12:00,2024-01-08 09:30,Lost,1")
    found = read([put(tmp_path, "a.csv", text)])
    taken = rows(
        found,
        "SELECT max(worked) - min(worked) FROM log GROUP BY packet ORDER BY packet",
    )
    assert taken == [(2 * 480.0,), (4 * 60 + 90.0,)]
    assert rows(found, "SELECT count(*), sum(minutes) FROM calendar") == [(5, 3 * 480.0)]
    assert rows(found, "SELECT count(*) FROM packets") == [(2,)]


def test_one_open_deal_is_a_pipeline(tmp_path: Path) -> None:
    found = read([put(tmp_path, "a.csv", deals("1,Ann,2024-01-01,,Open,1"))])
    assert kinds(found) == {"packet.arrived": 1, "handoff.accepted": 1}


def test_all_dates_may_be_equal(tmp_path: Path) -> None:
    text = deals(*(f"{i},Ann,2024-01-01,2024-01-01,Won,1" for i in range(3)))
    found = read([put(tmp_path, "a.csv", text)])
    assert kinds(found)["won"] == 3
    assert rows(found, "SELECT count(*) FROM calendar") == [(1,)]


CELLS = st.sampled_from(
    [
        "",
        "1",
        "2",
        "Ann",
        "ann",
        "2024-01-05",
        "05/13/2024",
        "1900-01-01",
        "Won",
        "Lost",
        "Open",
        "=x",
        '"',
        "Total",
        "9e99",
    ]
)


@settings(
    max_examples=6,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # shrinking reads hundreds of files
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=8), min_size=1, max_size=12))
def test_the_account_of_any_table_adds_up(tmp_path: Path, table: list[list[str]]) -> None:
    path = tmp_path / "dirty.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(PLAIN.strip().split(","))
        writer.writerow(["first", "Ann", "2024-01-01", "", "Open", "1"])
        writer.writerows(table)
    found = read([path])
    (tally,) = found.account.files
    blank = sum(row == [""] for row in table)  # a line without anything is no row
    assert tally.rows == len(table) + 1 - sum(row in ([""], []) for row in table) or blank
    assert tally.read + tally.repaired + tally.rejected == tally.rows
    assert min(tally.read, tally.repaired, tally.rejected) >= 0
    assert rows(found, "SELECT count(*) FROM items") == [(tally.read + tally.repaired,)]
    assert sum(n.count for n in found.account.rejections) == tally.rejected
    assert found.account.write_rejected(tmp_path / "rejected.csv") == tally.rejected
    found.con.close()
