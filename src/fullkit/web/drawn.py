"""The pictures of the whole log of one side as a page shows them, each row with the address of what is behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse

from fullkit.models import Packet
from fullkit.playbook.plant import Plant
from fullkit.reports import charts, living
from fullkit.reports import flow as questions
from fullkit.reports.pictures import Bars, Drawing, Picture, told
from fullkit.reports.report import SHOWN, Section, laid_out
from fullkit.reports.words import BANDS, Words
from fullkit.web.flow import behind_address


def made(plant: Plant, side: questions.Side, at: datetime) -> str:
    """What stands out on one side and its pictures, as the page shows them."""
    said = living.told(plant, side, at=at)
    numbers = _numbers(said.sections)
    shown = {
        "as_of": at,
        "findings": said.findings,
        "cannot": said.cannot,
        "sections": [
            {
                "title": one.title,
                "pictures": [_laid_out(p, said, numbers, plant) for p in one.pictures],
                "alone": len(one.pictures) == 1,
            }
            for one in said.sections
        ],
    }
    return render_to_string("_flow_pictures.html", shown)


def _numbers(sections: Sequence[Section]) -> dict[int, str]:
    """What the packets named in a table are called."""
    named = {
        row[p.columns.index("packet")]
        for section in sections
        for p in section.pictures
        if "packet" in p.columns
        for row in p.rows[:SHOWN]
    }
    return {packet.pk: packet.number for packet in Packet.objects.filter(pk__in=named).only("pk", "prefix")}


def _laid_out(picture: Picture, said: living.Told, numbers: dict[int, str], plant: Plant) -> dict[str, Any]:
    """A picture for the template, each row and bar with the address of what is behind it."""
    shown = laid_out(replace(picture, drawn=[_linked(one, picture, said) for one in picture.drawn]))
    words = Words(plant)
    rows = [
        [_cell(name, cell, picture, row, said, numbers, words) for name, cell in zip(picture.columns, row, strict=True)]
        for row in picture.rows[:SHOWN]
    ]  # fmt: skip
    return shown | {"rows": rows, "wide": any(charts.broad(one) for one in picture.drawn)}


def _cell(
    column: str,
    cell: Any,
    picture: Picture,
    row: Sequence[Any],
    said: living.Told,
    numbers: dict[int, str],
    words: Words,
) -> tuple[str, bool, str]:
    """Its words, whether it is a number, and where it leads: the first column to what the row counts."""
    if column == "packet":
        number = numbers.get(cell, "")
        return number, False, reverse("packet", args=[number]) if number else ""
    text = told(words.said(column, BANDS.get(cell, cell) if column == "band" else cell))
    number_ = isinstance(cell, int | float) and not isinstance(cell, bool)
    return text, number_, _address(picture, row, said) if column == picture.columns[0] else ""


def _address(picture: Picture, row: Sequence[Any], said: living.Told) -> str:
    """Where the packets stand that a row counts; "" where it counts none."""
    values = dict(zip(picture.columns, row, strict=True))
    until, side = said.until, said.side
    if picture.key == "cumulative-flow":
        return behind_address(picture.key, side, values["day"], "")
    if picture.key == "ageing":
        return behind_address(picture.key, side, until, f"{values['packet_type']} {values['band']}")
    if picture.key == "what-comes-of-it":
        return behind_address(picture.key, side, until, values["outcome"])
    if picture.key == "how-long":
        how = (values["outcome"] or "no outcome") if values["is_over"] else "still open"
        return behind_address(picture.key, side, until, f"{values['days']} {how}")
    return ""


def _linked(drawing: Drawing, picture: Picture, said: living.Told) -> Drawing:
    """Bars of what is open lead to it."""
    if picture.key != "ageing" or not isinstance(drawing, Bars):
        return drawing
    bands = {name: band for band, name in BANDS.items()}
    bars = [
        replace(bar, url=behind_address("ageing", said.side, said.until, bands[bar.name]))
        for bar in drawing.bars
    ]
    return replace(drawing, bars=bars)
