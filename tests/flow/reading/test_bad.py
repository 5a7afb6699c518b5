"""Files that are not what they say: a sentence with the file, the place and the cure."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from fullkit.flow.reading import Unreadable, load_mapping, propose, read
from tests.flow.reading.files import kinds, put, rows

GOOD = "id,owner,opened,closed,stage\n1,Ann,2024-01-01,2024-01-05,Won\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"%PDF-1.7\n", "is a PDF"),
        (b"", "is empty"),
        (b"<!DOCTYPE html><html></html>", "is a web page"),
        (b"id,owner,opened,closed,stage\n", "has a header and no rows"),
        (b"\n\n", "has no header"),
        (b"a,b\n\0\1\2,\0\n", "holds binary data"),
        (gzip.compress(GOOD.encode(), mtime=0)[:-12], "is a broken .gz file"),
        (b"PK\x03\x04 and no more", "is a broken workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no more", "is a broken workbook"),
        (b'{"a": 1}', "no object-centric log"),
        (b'{"a": ', "is broken JSON"),
        (b"<log><trace></log>", "is broken XML"),
        (b"<other/>", "holds no events"),
        (b"SQLite format 3\0 and no more", "is no readable SQLite database"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><log>&x;</log>', "declares XML entities"),
        (",".join(f"c{i}" for i in range(10_000)).encode() + b"\n1\n", "has 10,000 columns"),
        (b"colour,size\nred,1\n", "is not recognised"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_said(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "deals.csv"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=says) as caught:
        read([path])
    assert str(caught.value).startswith("deals.csv")
    assert str(caught.value).endswith(".")


def test_what_is_not_there_and_what_is_a_directory(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="is not there"):
        read([tmp_path / "none.csv"])
    with pytest.raises(Unreadable, match="is a directory"):
        read([tmp_path])
    with pytest.raises(Unreadable, match="Name at least one file"):
        read([])


def test_bombs_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fullkit.flow.reading.text.SMALL", 1 << 20)
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(b"0" * (4 << 20)))
    book = tmp_path / "a.xlsx"
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("xl/workbook.xml", b"0" * (4 << 20))
    for path in (packed, book):
        with pytest.raises(Unreadable, match="zip bomb"):
            read([path])


def test_a_zip_of_something_else_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("deals.csv", GOOD)
    with pytest.raises(Unreadable, match="is a zip archive"):
        read([path])


def test_html_in_a_name_is_text(tmp_path: Path) -> None:
    found = read([put(tmp_path, "a.csv", GOOD.replace("Ann", "<script>alert(1)</script>"))])
    assert rows(found, "SELECT name FROM people") == [("<script>alert(1)</script>",)]


MAPPING = """\
today: 2024-02-01
dates: dmy
outcomes: {won: [fertig], lost: [weg]}
files:
- name: "*.csv"
  holds: opportunities
  columns: {opened: von, close: bis, outcome: wie, owner: wer}
"""


def test_a_mapping_says_what_the_columns_do_not(tmp_path: Path) -> None:
    data = put(
        tmp_path, "a.csv", "wer,von,bis,wie\nAnn,03/01/2024,05/01/2024,fertig\nBob,04/01/2024,,offen\n"
    )
    found = read([data], mapping=load_mapping(put(tmp_path, "m.yaml", MAPPING)))
    assert kinds(found) == {"packet.arrived": 2, "handoff.accepted": 2, "won": 1}
    assert str(found.as_of) == "2024-02-01"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("zone: Mars/One\n", 1, "no time zone"),
        ("dates: dmy\nfils: []\n", 2, "`fils`: is no key"),
        ("files:\n- name: a\n  holds: deals\n", 3, "Write one of opportunities"),
        ("files:\n- name: a\n  holds: events\n  columns:\n    owner: x\n", 5, "nothing that events have"),
        ("zone: [\n", 2, "was expected"),
        ("- a\n", 1, "is no mapping"),
    ],
)
def test_a_wrong_mapping_names_the_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    with pytest.raises(Unreadable, match=says) as caught:
        load_mapping(put(tmp_path, "m.yaml", text))
    assert (caught.value.file, caught.value.line) == ("m.yaml", line)


def test_a_column_that_is_not_there_brings_the_nearest(tmp_path: Path) -> None:
    mapping = load_mapping(put(tmp_path, "m.yaml", MAPPING.replace("bis", "biss")))
    with pytest.raises(Unreadable, match="has no column 'biss'.*Nearest: bis"):
        read([put(tmp_path, "a.csv", "wer,von,bis,wie\nAnn,1,2,3\n")], mapping=mapping)


def test_a_proposal_can_be_used_as_it_is(tmp_path: Path) -> None:
    data = put(
        tmp_path,
        "a.csv",
        'age,job: "x",y\n' + "".join(f"{i},=a,{'yes' if i % 3 else 'no'}\n" for i in range(9)),
    )
    text = propose([data])
    assert '# not used: job: "x"' in text
    found = read([data], mapping=load_mapping(put(tmp_path, "m.yaml", text)))
    assert rows(found, "SELECT outcome, count(*) FROM items GROUP BY 1 ORDER BY 1") == [
        ("lost", 3),
        ("won", 6),
    ]
    assert rows(found, "SELECT count(*) FROM log") == [(0,)]
    assert found.cannot[0].startswith("No opportunity has a date")
