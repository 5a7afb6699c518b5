"""A workbook as spreadsheets save it."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

from fullkit.flow.reading import read
from tests.flow.reading.files import kinds, rows

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
PARTS = {
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/officeDocument"'
    ' Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1"'
    f' Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="Deals" sheetId="1" r:id="r1"/></sheets></workbook>',
}


def sheet(table: list[list[str | float]]) -> str:
    """The XML of a sheet; numbers are numbers, and so are dates, as Excel keeps them."""
    lines = []
    for y, row in enumerate(table, start=1):
        cells = []
        for x, cell in enumerate(row):
            place = f'r="{"ABCDEF"[x]}{y}"'
            text = f'<c {place} t="inlineStr"><is><t>{cell}</t></is></c>'
            cells.append(text if isinstance(cell, str) else f"<c {place}><v>{cell}</v></c>")
        lines.append(f'<row r="{y}">{"".join(cells)}</row>')
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def test_dates_of_a_spreadsheet_are_days_since_1899(tmp_path: Path) -> None:
    path = tmp_path / "deals.xlsx"
    table: list[list[str | float]] = [
        ["id", "owner", "opened", "closed", "stage"],
        [17.0, "Zoë", 45385, 45390.5, "Won"],
        [18.0, "Ann", 45386, "", "Open"],
    ]
    with zipfile.ZipFile(path, "w") as out:
        for name, content in (PARTS | {"xl/worksheets/sheet1.xml": sheet(table)}).items():
            out.writestr(name, content)
    found = read([path])
    assert kinds(found) == {"packet.arrived": 2, "handoff.accepted": 2, "won": 1}
    assert rows(found, "SELECT key, opened_on FROM items ORDER BY packet") == [
        ("17", date(2024, 4, 3)),
        ("18", date(2024, 4, 4)),
    ]
    assert any("days of a spreadsheet" in said for said in found.assumptions)
