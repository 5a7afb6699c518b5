"""What a page may say in one word."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.contrib.messages.storage.base import Message
from django.http import HttpResponse
from django.template import engines
from django.test import RequestFactory
from django.urls import path
from django.utils import timezone, translation

from fullkit.reports.pictures import Line, Note, Point
from fullkit.web.runchart import LABEL_GAP, RunChart
from fullkit.web.templatetags import fullkit as tags

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday

urlpatterns = [path("packets/<str:number>", lambda request, number: HttpResponse(number), name="packet")]


def rendered(template: str, **context: Any) -> str:
    return engines["django"].from_string(template).render(context, RequestFactory().get("/"))


# --- time ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("away", "says"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(minutes=-5), "5 min ago"),
        (timedelta(minutes=89), "in 89 min"),
        (timedelta(minutes=90), "in 2 h"),
        (timedelta(hours=-3), "3 h ago"),
        (timedelta(hours=-7), "today 05:00"),
        (timedelta(hours=20), "tomorrow 08:00"),
        (timedelta(hours=-20), "yesterday 16:00"),
        (timedelta(days=3), "Sat 12:00"),
        (timedelta(days=-5), "Fri 12:00"),
        (timedelta(days=6), "10 Mar"),
        (timedelta(days=-100), "24 Nov 2025"),
    ],
)
def test_a_moment_is_told_as_a_colleague_would(away, says):
    with timezone.override("UTC"):
        assert tags.relative(NOON + away, NOON) == says


def test_a_moment_is_told_in_the_zone_of_the_house():
    late_evening = datetime(2026, 3, 4, 4, 30, tzinfo=UTC)  # still the third of March in Chicago
    with timezone.override("America/Chicago"):
        assert tags.relative(late_evening, NOON + timedelta(hours=6)) == "yesterday 22:30"


def test_a_moment_carries_its_exact_time_and_may_leave_the_tab_order():
    with timezone.override("UTC"):
        shown = tags.when(NOON)
        assert 'datetime="2026-03-04T12:00:00+00:00"' in shown
        assert 'title="Wednesday 4 March 2026, 12:00 UTC"' in shown
        assert 'tabindex="0"' in shown
        assert "tabindex" not in tags.when(NOON, "quiet")
        assert ">Wed 4 Mar 2026, 12:00<" in tags.when(NOON, "exact")
        assert "data-ago" not in tags.when(NOON, "exact")


def test_a_day_and_nothing():
    assert tags.when(date(2026, 3, 4)) == '<time datetime="2026-03-04">Wed 4 Mar 2026</time>'
    assert tags.when(None) == ""


@pytest.mark.parametrize(
    ("minutes", "says"),
    [
        (0, "0 min"),
        (59.4, "59 min"),
        (60, "1 h"),
        (80, "1 h 20"),
        (65, "1 h 05"),
        (-95, "\N{MINUS SIGN}1 h 35"),
        (-5, "\N{MINUS SIGN}5 min"),
        (31 * 60 + 10, "31 h"),
        (timedelta(hours=2), "2 h"),
        (None, ""),
    ],
)
def test_working_time(minutes, says):
    assert tags.working(minutes) == says


# --- buffers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "shape", "word"),
    [
        ("green", "<circle", "in time"),
        ("", "<circle", "in time"),
        (None, "<circle", "in time"),
        ("yellow", "M8 1.8", "soon"),
        ("red", "<rect", "now"),
        ("black", "M5.1 1", "late"),
    ],
)
def test_a_buffer_has_colour_shape_and_word(zone, shape, word):
    shown = tags.buffer(zone)
    assert f"buffer-{zone or 'green'}" in shown
    assert shape in shown
    assert shown.endswith(f"{word}</span>")


def test_a_buffer_may_have_another_word_but_no_other_colour():
    assert tags.buffer("black", "<empty>").endswith("&lt;empty&gt;</span>")
    with pytest.raises(ValueError, match="'blue' is not a zone"):
        tags.buffer("blue")


@pytest.mark.parametrize(("used", "width"), [(-0.2, "0.0"), (0.5, "60.0"), (1.4, "120.0")])
def test_a_meter_ends_where_its_promise_ends_and_says_by_how_much(used, width):
    shown = tags.meter(used)
    assert f'class="meter-level" width="{width}"' in shown
    assert f"{round(used * 100)} % of the promise used" in shown


def test_no_promise_no_meter():
    assert tags.meter(None) == ""


# --- names and amounts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "currency", "says"),
    [
        (Decimal("12400"), "USD", "$12,400"),
        (Decimal("12400.5"), "USD", "$12,400.50"),
        (-3, "GBP", "\N{MINUS SIGN}£3"),
        (1000, "SEK", "SEK\N{NO-BREAK SPACE}1,000"),
        (None, "USD", ""),
    ],
)
def test_money(value, currency, says):
    with translation.override("en"):
        assert tags.money(value, currency) == says


def test_money_as_the_reader_writes_it():
    with translation.override("de"):
        assert tags.money(Decimal("12400.50"), "EUR") == "12.400,50\N{NO-BREAK SPACE}€"


@pytest.mark.urls(__name__)
def test_a_packet_is_its_number_linked():
    assert (
        tags.packet(SimpleNamespace(number="O-1042")) == '<a class="packet" href="/packets/O-1042">O-1042</a>'
    )
    assert tags.packet(None) == ""


def test_a_name_cannot_break_the_page_nor_its_direction():
    assert tags.person(SimpleNamespace(name="<b>Anna")) == '<bdi class="person">&lt;b&gt;Anna</bdi>'
    assert "nobody" in tags.person(None)


# --- the page ------------------------------------------------------------------------------------------------


def test_the_foot_of_a_phone_has_the_first_pages():
    nav = [("", [("Next", "/", "", True)]), ("Company", [(str(i), "/", "", False) for i in range(5)])]
    assert [label for label, *_ in tags.tabs(nav)] == ["Next", "0", "1"]
    assert tags.tabs(None) == []


def test_a_message_knows_where_it_can_be_undone():
    assert tags.undo_url(Message(20, "Skipped.", extra_tags="quiet undo:/events/7/undo")) == "/events/7/undo"
    assert tags.undo_url(Message(20, "Saved.")) == ""


def test_a_message_with_undo_offers_the_key():
    message = Message(20, "Skipped <O-1>.", extra_tags="undo:/undo/7")
    shown = rendered('{% include "parts/_messages.html" %}', messages=[message])
    assert 'action="/undo/7"' in shown
    assert 'data-key="u"' in shown
    assert "Skipped &lt;O-1&gt;." in shown


class Stage(forms.Form):
    name = forms.CharField(help_text="What the customer reached.")
    why = forms.CharField(widget=forms.Textarea, required=False)
    inertia = forms.ChoiceField(choices=[("us", "Us"), ("them", "Them")], widget=forms.RadioSelect)
    kind = forms.ChoiceField(choices=[("a", "A")])
    sure = forms.BooleanField()


def test_any_form_stands_with_label_hint_and_error_by_its_field():
    shown = rendered('{% include "parts/_form.html" %}', form=Stage({"kind": "a"}))
    assert '<label class="form-label" for="id_name">Name</label>' in shown
    assert 'aria-describedby="id_name_helptext id_name_error"' in shown
    assert '<p class="form-hint" id="id_name_helptext">' in shown
    assert '<p class="field-error" id="id_name_error">This field is required.' in shown
    assert '<legend class="form-label">Inertia</legend>' in shown
    assert shown.count("optional") == 2  # the class and the word, beside one field
    assert shown.count('dir="auto"') == 4  # text, long text, two choices
    assert "style=" not in shown


def test_a_kit_says_how_much_is_missing():
    items = [{"met": True}, {"met": False}, {"met": False}]
    assert tags.missing_says(items) == "2 of 3 missing"
    assert tags.missing_says(items[:1]) == "full"
    assert tags.missing(items) == items[1:]


def test_a_missing_item_offers_its_control_and_a_met_one_does_not():
    items = [
        {"key": "name", "name": "Name", "met": True, "value": "Ortega", "by": None, "at": None},
        {
            "key": "date",
            "name": "Date",
            "criterion": "In the future",
            "met": False,
            "url": "/supply",
            "form": Stage(prefix="date"),
        },
        {
            "key": "visit",
            "name": "Visit",
            "criterion": "A slot",
            "met": False,
            "link": "/calendar",
            "label": "Ask",
        },
    ]
    shown = rendered('{% include "parts/_kit.html" %}', kit={"id": 1, "title": "Kit", "items": items})
    assert shown.count('hx-post="/supply"') == 1
    assert shown.count('href="/calendar"') == 1
    assert "2 of 3 missing" in shown


def test_a_refusal_offers_what_supplies_the_missing():
    refusal = {
        "message": "The drawing is missing.",
        "controls": [("Supply it", "#kit-drawing"), ("Ask", "/ask")],
    }
    shown = rendered('{% include "parts/_notice.html" %}', refusal=refusal)
    assert '<a class="btn btn-sm btn-primary" href="#kit-drawing">Supply it</a>' in shown
    assert '<a class="btn btn-sm" href="/ask">Ask</a>' in shown


# --- charts --------------------------------------------------------------------------------------------------


def series(*values: float | None, **more: Any) -> RunChart:
    points = [Point(label=f"week {i}", value=value) for i, value in enumerate(values)]
    return RunChart(name="c", question="How long?", points=points, **more)


def test_a_gap_is_a_gap_and_never_zero():
    chart = series(4, None, 6, 7)
    assert [mark.point.value for mark in chart.marks] == [4, 6, 7]
    assert len(chart.path) == 1
    assert chart.rows[1] == ("week 1", "", "")


@pytest.mark.parametrize(
    ("values", "from_zero", "ticks"),
    [
        ([3, 9.5], True, ["0", "5", "10"]),
        ([61, 64], False, ["61", "62", "63", "64"]),
        ([0.2, 0.9], True, ["0.0", "0.5", "1.0"]),
        ([-5, 5], True, ["-5", "0", "5"]),
        ([5, 5], False, ["5.0", "5.5", "6.0"]),
        ([], True, ["0", "1"]),
    ],
)
def test_an_axis_starts_where_honest(values, from_zero, ticks):
    assert [label for _y, label in series(*values, from_zero=from_zero).ticks] == ticks


def test_points_stand_between_the_lowest_and_the_highest_tick():
    heights = [float(mark.y.rstrip("%")) for mark in series(0, 5, 10).marks]
    assert heights == [100.0, 50.0, 0.0]


def test_labels_of_near_lines_are_kept_apart_and_inside():
    lines = [
        Line(name="upper", value=1.02),
        Line(name="mean", value=1.0, kind="centre"),
        Line(name="lower", value=0.0),
    ]
    seats = [float(stroke.label_y.rstrip("%")) for stroke in series(1, 50, lines=lines).strokes]
    assert [b - a >= LABEL_GAP - 0.01 for a, b in pairwise(seats)] == [True, True]
    assert seats[-1] <= 100


def test_a_line_that_ends_earlier_has_no_label_at_the_edge():
    lines = [
        Line(name="median", value=3, kind="centre", last=1),
        Line(name="median", value=5, kind="centre", first=2),
    ]
    labels = [stroke.label for stroke in series(3, 3, 5, 5, lines=lines).strokes]
    assert labels == ["median 5", ""]


def test_at_most_five_dates_and_the_last_is_told():
    labels = [label for _x, label in series(*range(26)).dates]
    assert len(labels) <= 5
    assert labels[-1] == "week 25"


def test_a_chart_names_its_signal_and_carries_its_table():
    points = [
        Point(label="week 1", value=9.0),
        Point(label="week 2", value=16.2, signal="Above the upper limit", url="/w/2"),
    ]
    chart = RunChart(
        name="quotes", question="How long do quotes take?", points=points, unit="hours", digits=1,
        answer="9.1 hours at the median.", notes=[Note(at=1, says="kit <4>")],
    )  # fmt: skip
    shown = rendered("{% chart c %}", c=chart)
    assert "<title>week 2: 16.2 hours. Above the upper limit</title>" in shown
    assert shown.count('class="ring"') == 1
    assert "<li>week 2: Above the upper limit</li>" in shown
    assert 'href="/w/2"' in shown
    assert "kit &lt;4&gt;" in shown
    assert '<td class="num">16.2</td><td>Above the upper limit</td>' in shown
    assert "style=" not in shown


def test_a_chart_without_points_says_so():
    assert "No points yet." in rendered("{% chart c %}", c=series())
