"""`fullkit diagnose` on real exports and logs: its figures are those of independent tools, to the tolerance stated."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fullkit import cli
from fullkit.reports import diagnose
from fullkit.reports.compare import log_rank
from fullkit.reports.diagnose import Wanted

DATA = Path(__file__).parents[3] / "shared" / "data"
MAVEN = ["accounts", "products", "sales_pipeline", "sales_teams"]
LOGS = {  # cases, ways from one to the next, steps, variants, median days
    "running-example.csv": (6, 16, 36, 6, 9.44375),
    "running-example.xes": (6, 16, 36, 6, 9.44375),
    "helpdesk.xes.gz": (4580, 55, 16768, 226, 39.859219),
    "receipt.csv.gz": (1434, 99, 7143, 116, 0.033201),
    "02_teleclaims.xes.gz": (3512, 30, 42626, 12, 0.107668),
    "06_bpic2013_closed.xes.gz": (1487, 10, 5173, 183, 82.022199),
}


def there(*names: str) -> list[Path]:
    """These files of the shared data; the test is left out by name where they are not."""
    paths = [DATA / name for name in names]
    for path in paths:
        if not path.exists():
            pytest.skip(f"{path} is not there")
    return paths


def found(tmp_path: Path, *files: Path, drawn: bool = True, **more: Any) -> dict[str, Any]:
    place, page = tmp_path / "data.json", tmp_path / "report.html"
    given = Wanted(files=files, out=page if drawn else None, json=str(place), **more)
    assert diagnose.command(given) == 0
    assert page.exists() == drawn
    assert not drawn or page.read_text().startswith("<!doctype html>")
    answer: dict[str, Any] = json.loads(place.read_text())
    return answer


def measure(data: dict[str, Any], key: str) -> dict[str, Any]:
    return next(m for m in data["measures"] if m["key"] == key)


def pipeline(path: Path, rows: int = 60, days: int = 20) -> Path:
    """A small export: every third is open, every second of the others won."""
    lines = ["Opportunity ID,Owner,Stage,Created Date,Close Date,Amount"]
    for i in range(rows):
        day = date.fromordinal(date(2026, 1, 5).toordinal() + i)
        end = date.fromordinal(day.toordinal() + days + i % 7)
        stage = "Negotiation" if i % 3 == 0 else "Closed Won" if i % 2 else "Closed Lost"
        lines.append(f"D{i},<b>Ann</b>,{stage},{day},{end},{1000 + i}")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_the_maven_pipeline_agrees_with_its_references(tmp_path: Path) -> None:
    data = found(tmp_path, *there(*(f"1-crm/maven-crm/{name}.csv" for name in MAVEN)))
    figures = data["figures"]["hunting"]
    assert (figures["closed"], figures["open"], figures["won"]) == (6711, 1589, 4238)
    assert figures["win_rate"] == pytest.approx(0.6315005, abs=1e-7)
    assert figures["days_quartiles"] == [10, 69, 107]  # censored at 2017-12-31
    assert figures["days_closed"] == {"0.5": 45, "0.85": 97, "0.95": 114.5}
    assert figures["days_closed_mean"] == pytest.approx(47.985397, abs=1e-6)
    won = {row[0]: row[1] for row in measure(data, "weekly-won")["rows"]}
    assert sum(won.values()) / len(won) == pytest.approx(96.318182, abs=1e-6)  # 44 whole weeks
    assert "the most was 2,636 on 23 Oct 17" in measure(data, "cumulative-flow")["answer"]
    assert "No evidence of a difference between these 30" in measure(data, "people")["answer"]
    assert not [m for m in data["measures"] if "rank" in m["answer"].casefold()]
    assert len(data["findings"]) <= 5


@pytest.mark.parametrize("name", LOGS)
def test_an_event_log_agrees_with_its_references(tmp_path: Path, name: str) -> None:
    cases, ways, steps, variants, median = LOGS[name]
    every = tmp_path / "mapping.yaml"
    every.write_text("lifecycle: all\n")  # the reference counts a start and its completion as two
    more = {"mapping": every} if name == "02_teleclaims.xes.gz" else {}
    data = found(tmp_path, *there(f"2-eventlogs/{name}"), drawn=False, **more)
    follows = measure(data, "directly-follows")["rows"]
    assert (len(follows), sum(row[2] for row in follows)) == (ways, steps)
    assert measure(data, "variants")["rows"][0][3] == variants
    row = measure(data, "case-time")["rows"][0]
    assert row[0] == cases
    assert row[1] == pytest.approx(median, abs=1e-5)


def test_the_salesforce_demo_agrees_with_its_references(tmp_path: Path) -> None:
    figures = found(tmp_path, *there("7-exports/salesforce-demo/Opportunity.csv"))["figures"]["hunting"]
    assert (figures["won"], figures["closed"], figures["packets"]) == (640, 679, 774)


OTHERS = {  # a file, or the name that several begin with; what it holds, and how many
    "2-eventlogs/reviewing.csv": ("cases", 100),
    "2-eventlogs/patients.csv": ("cases", 500),
    "2-eventlogs/interval_event_log.csv": ("cases", 1266),
    "2-eventlogs/LoanApp_simplified.csv.gz": ("cases", 500),
    "2-eventlogs/running_example_broken.csv": ("cases", 6),
    "2-eventlogs/ocel/ocel20_example.jsonocel": ("events", 13),
    "2-eventlogs/ocel/ocel_order_simulated.csv.gz": ("events", 22367),
    "1-crm/uci-bank/bank-additional-full.csv.gz": ("rows", 41188),
}


@pytest.mark.parametrize("name", OTHERS)
def test_every_other_file_gives_a_report_or_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    kind, many = OTHERS[name]
    (path,) = there(name)
    place = tmp_path / "data.json"
    given = Wanted(files=[path], json=str(place))
    if diagnose.command(given) == 2:
        said = capsys.readouterr().err
        assert said.startswith(f"fullkit: {path.name}")
        assert len(said.splitlines()) == 1
        assert not place.exists()
    else:
        data = json.loads(place.read_text())
        assert data["figures"][kind] == many
        assert data["measures"] or data["cannot_say"]


def test_two_periods_stand_side_by_side(tmp_path: Path) -> None:
    one, other = pipeline(tmp_path / "a.csv"), pipeline(tmp_path / "b.csv", days=60)
    data = found(tmp_path, one, compare=[other])
    rows = {row[0]: row for row in measure(data, "side-by-side")["rows"]}
    assert rows["Share won of what ended, opportunities"][4] == "within chance"
    assert rows["Days until it is over, opportunities"][4] == "beyond chance"
    assert "<b>Ann" not in (tmp_path / "report.html").read_text()


def test_the_log_rank_test_is_the_textbooks() -> None:
    six_mp = [(d, True, 1) for d in (6, 6, 6, 7, 10, 13, 16, 22, 23)]
    six_mp += [(d, False, 1) for d in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)]
    placebo = [(d, True, 1) for d in (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)]
    assert log_rank(six_mp, placebo) == pytest.approx(4.17e-5, rel=0.01)  # Freireich 1963: chi-square 16.79


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.csv", b""), ("header.csv", b"Opportunity ID,Stage,Created Date\n"), ("a.csv", b"%PDF-1.4\n%\xe2\xe3"),
     ("cut.xlsx", b"PK\x03\x04 cut off"), ("other.csv", b"colour,taste\nred,sweet\n")],
)  # fmt: skip
def test_bad_input_gets_a_sentence_status_2_and_no_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    out = tmp_path / "report.html"
    assert cli.main(["diagnose", str(tmp_path / name), "--out", str(out)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"fullkit: {name}")
    assert len(said.splitlines()) == 1
    assert not out.exists()


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["diagnose", str(pipeline(tmp_path / "a.csv")), "--out", str(tmp_path / "nowhere" / "r.html")]
    assert cli.main(given) == 2
    assert "Name another place." in capsys.readouterr().err


@pytest.mark.parametrize("rows", [1, 2])
def test_next_to_nothing_still_gets_a_report(tmp_path: Path, rows: int) -> None:
    data = found(tmp_path, pipeline(tmp_path / "a.csv", rows))
    assert data["read"]
    assert not [f for f in data["findings"] if "beyond" in f["says"]]


def test_a_mapping_is_proposed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["diagnose", "--propose", str(pipeline(tmp_path / "a.csv"))]) == 0
    assert "files:" in capsys.readouterr().out
