"""The report as a file: it carries everything, runs nothing of a stranger's, and is whole or not there."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fullkit.reports import charts, report
from fullkit.reports.pictures import (
    Areas,
    Bar,
    Bars,
    Cloud,
    Curve,
    Curves,
    Dot,
    Drawing,
    Line,
    Note,
    Picture,
    Point,
    Series,
    Steps,
    number,
    percent,
    signals,
    told,
)
from fullkit.reports.report import Finding, Report, Section

EVIL = "</script><script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\"> & ' \u2028"
DAYS = [date(2026, 3, 2) + timedelta(days=i) for i in range(10)]
DRAWINGS: dict[str, Drawing] = {
    "series": Series(
        points=[Point(label=f"{d:%d %b}", value=None if i == 4 else float(i), signal="outside the limits" * (i == 9))
                for i, d in enumerate(DAYS)],
        lines=[Line(name="mean", value=4.0, kind="centre"), Line(name="upper", value=8.0, last=5)],
        limits=[("lower", [1.0] * 10)],
        notes=[Note(at=3, says="version 2")],
        remark="XmR chart.",
    ),
    "curves": Curves(
        paths=[Curve(name=EVIL, xs=[0, 1, 5], ys=[0, 0.2, 0.4], lows=[None, 0.1, 0.3], highs=[None, 0.3, 0.5]),
               Curve(name="lost", xs=[0, 2], ys=[0, 0.1])],
        x_title="days", y_title="share", marks=[("median", 3.0)],
    ),
    "cloud": Cloud(
        dots=[Dot(x=10.0 + i, y=0.1 * i, says=EVIL, out=i == 9) for i in range(10)], x_title="ended",
        y_title="share won", lines=[Line(name="all", value=0.4)],
        funnel=[("95 %", [(5, 0.1, 0.9), (20, 0.3, 0.6)])], percent=True,
    ),
    "areas": Areas(days=DAYS, layers=[("arrived", list(range(10))), ("closed", [0] * 10)], y_title="so far"),
    "bars": Bars(bars=[Bar(name=EVIL, value=3, low=1, high=5, says="of 9"), Bar(name="b", value=1)], x_title="times"),
    "steps": Steps(edges=[(EVIL, "b", 4, 1.5), ("b", "c", 3, None)], order=[EVIL, "b", "c"]),
}  # fmt: skip


def picture(key: str = "one", *drawn: Drawing, **more: Any) -> Picture:
    given: dict[str, Any] = {
        "title": "How long?", "says": "Half within 5 days (95 % interval 4 to 6).", "definition": "From a to b.",
        "columns": ("who", "n"), "rows": [(EVIL, 3), ("b", None)], "sql": "SELECT 1 < 2",
    } | more  # fmt: skip
    return Picture(key=key, drawn=drawn, **given)


def everything() -> Report:
    pictures = [picture(key, drawing) for key, drawing in DRAWINGS.items()]
    return Report(
        title=EVIL,
        findings=[
            Finding(says=f"{EVIL} {n}", uncertainty="95 %", next=EVIL, picture="bars") for n in range(7)
        ],
        sections=[Section(EVIL, [*pictures, picture("plain")])],
        cannot=[EVIL],
        account=[EVIL],
        ledger=[(EVIL, EVIL, 3)],
        assumed=[EVIL],
        figures={"n": Decimal("1.50"), "day": date(2026, 3, 2), "nothing": float("nan")},
    )


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_drawing_is_a_valid_specification_that_fetches_nothing(name: str) -> None:
    spec = charts.spec(DRAWINGS[name], validate=True)
    assert "url" not in json.dumps({k: v for k, v in spec.items() if k != "config"})
    assert spec["datasets"]


def test_two_series_are_never_on_two_axes_and_nothing_is_smoothed_or_a_pie() -> None:
    for drawing in DRAWINGS.values():
        text = json.dumps(charts.spec(drawing))
        assert "resolve" not in text
        assert "arc" not in re.findall(r'"type": ?"(\w+)"', text)
        assert "monotone" not in text
        assert "regression" not in text


def test_a_missing_point_is_a_gap_and_not_zero() -> None:
    spec = charts.spec(DRAWINGS["series"])
    drawn = next(rows for rows in spec["datasets"].values() if any("at" in row for row in rows))
    assert [row["x"] for row in drawn] == [0, 1, 2, 3, 5, 6, 7, 8, 9]


def test_html_in_a_name_is_text() -> None:
    text = report.html(everything())
    assert "<script>document" not in text
    assert "<img" not in text
    assert "&lt;img src=x" in text
    for block in re.findall(r"<script type=\"application/json\"[^>]*>(.*?)</script>", text, re.S):
        assert "<" not in block
        json.loads(block)


def test_at_most_five_findings_and_each_question_has_definition_sql_and_table() -> None:
    text = report.html(everything())
    assert text.count('class="finding-says"') == 5
    assert text.count("<summary>Definition") == text.count('<figure class="picture"') == 7
    assert text.count("<code>SELECT 1 &lt; 2</code>") == 7
    assert text.count('aria-label="Table: How long?"') == 7
    assert "not in this data" in text


def test_it_needs_no_network_and_runs_only_its_own_scripts() -> None:
    text = report.html(everything())
    outside = re.sub(r"<script.*?</script>", "", text, flags=re.S)
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", outside)
    assert not re.search(r"@import|url\(", outside)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert "default-src &#x27;none&#x27;" in policy[1]
    assert policy[1].count("sha256-") == len(report.SCRIPTS)
    assert "unsafe-eval" not in policy[1]


def test_data_says_the_same() -> None:
    found = report.data(everything())
    assert json.loads(json.dumps(found)) == found
    assert len(found["findings"]) == 5
    assert found["measures"][0]["rows"] == [[EVIL, 3], ["b", None]]
    assert found["figures"] == {"n": 1.5, "day": "2026-03-02", "nothing": None}


def test_a_report_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "report.html"
    report.write(place, "first")

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", dies)
    with pytest.raises(KeyboardInterrupt):
        report.write(place, "second")
    assert place.read_text() == "first"
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_signals_under_one_rule_are_told_once() -> None:
    points = [
        Point(label=str(i), value=1.0, signal="a long run" if 2 <= i < 5 else "outside" * (i == 7))
        for i in range(9)
    ]
    assert signals(points) == ["2 to 4: a long run", "7: outside"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "not in this data"), (float("nan"), "not in this data"), (True, "yes"), (1234567, "1,234,567"),
     (0.6315005, "0.632"), (47.985, "48"), (1234.5, "1,234"), (date(2026, 3, 2), "2026-03-02"), (["a", "b"], "a, b")],
)  # fmt: skip
def test_a_cell_is_told_as_people_read_it(value: Any, text: str) -> None:
    assert told(value) == text


def test_numbers_keep_three_digits_and_percent_a_tenth() -> None:
    assert [number(x) for x in (0.0, 5.0, 12.34, 1.234, 98765.4)] == ["0", "5", "12.3", "1.23", "98,765"]
    assert [percent(x) for x in (0.0, 0.5, 0.6315)] == ["0 %", "50 %", "63.1 %"]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    place = tmp_path / "report.html"
    report.write(place, report.html(everything()))
    return place


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_offline_draws_and_axe_finds_nothing(browser: Any, written: Path, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    visitor = browser.new_context(color_scheme=scheme, offline=True, viewport={"width": 390, "height": 800})
    page = visitor.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(written.as_uri())
    page.locator("html[data-drawings=done]").wait_for(state="attached")
    assert page.locator(".drawing svg").count() == len(DRAWINGS)
    assert page.title().startswith("</script>")
    assert page.evaluate("document.images.length") == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe = Axe().run(page)
    assert [v["id"] for v in axe.response["violations"]] == []
    assert asked == [written.as_uri()]
    assert complaints == []
    visitor.close()


@pytest.mark.browser
def test_it_prints_in_black_and_white(browser: Any, written: Path) -> None:
    visitor = browser.new_context(color_scheme="dark", offline=True)
    page = visitor.new_page()
    page.goto(written.as_uri())
    page.locator("html[data-drawings=done]").wait_for(state="attached")
    page.emulate_media(media="print")
    colours = page.evaluate(
        "[...document.querySelectorAll('.drawing svg *')].map(e => getComputedStyle(e))"
        ".flatMap(style => [style.fill, style.stroke])"
    )
    shades = {c for c in colours if c.startswith("rgb(")}
    assert shades
    assert all(len(set(re.findall(r"\d+", shade))) == 1 for shade in shades)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf()[:4] == b"%PDF"
    visitor.close()
