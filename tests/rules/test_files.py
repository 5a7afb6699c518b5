"""What a file really is."""

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullkit.rules.files import TYPES, file_type
from fullkit.rules.refusal import Invalid


def office(*folders: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for folder in folders:
            archive.writestr(f"{folder}/document.xml", "<x/>")
    return out.getvalue()


CONTENTS = {
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\x00",
    "png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    "xlsx": office("xl"),
    "docx": office("word"),
    "dxf": b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n",
    "step": b"ISO-10303-21;\nHEADER;\n",
    "csv": "Name;Größe\nFlansch;12\n".encode(),
    "txt": "Bitte bis Freitag, 田中\n".encode(),
}


@pytest.mark.parametrize("kind", TYPES)
def test_a_file_is_what_its_name_says_when_its_contents_say_so_too(kind):
    assert file_type(f"Bracket 7.{kind.upper()}", CONTENTS[kind]) == kind


@pytest.mark.parametrize(("name", "kind"), [("a.jpeg", "jpg"), ("a.stp", "step"), ("a.p21", "step")])
def test_other_endings_of_the_same_type_are_known(name, kind):
    assert file_type(name, CONTENTS[kind]) == kind


def test_a_drawing_may_begin_with_comments_or_be_binary():
    assert file_type("a.dxf", b"999\nmade by hand\n0\nSECTION\n") == "dxf"
    assert file_type("a.dxf", b"AutoCAD Binary DXF\r\n\x1a\x00\x00SECTION\x00") == "dxf"


def test_an_office_file_whose_head_names_no_application_is_taken_by_its_name():
    assert file_type("a.xlsx", office()) == "xlsx"


def test_a_spreadsheets_wide_text_is_text():
    assert file_type("a.csv", "Name;Size".encode("utf-16")) == "csv"


@pytest.mark.parametrize("kind", [kind for kind in TYPES if kind != "pdf"])
def test_a_name_that_claims_another_type_is_refused_with_both(kind):
    with pytest.raises(
        Invalid, match=r"plan\.pdf claims to be pdf but its contents are .* Save it as pdf, or rename it"
    ):
        file_type("plan.pdf", CONTENTS[kind])


@pytest.mark.parametrize(
    ("name", "head"), [("a.txt", b"MZ\x90\x00\x03"), ("a.csv", b"\x7fELF\x02\x01"), ("a.docx", office("xl"))]
)
def test_a_program_or_another_document_under_a_harmless_name_is_refused(name, head):
    with pytest.raises(Invalid, match="but its contents are"):
        file_type(name, head)


def test_a_zip_archive_is_not_an_office_file():
    with pytest.raises(Invalid, match="claims to be docx but its contents are zip"):
        file_type("a.docx", b"PK\x03\x04\x14\x00holiday.mp4")


@pytest.mark.parametrize("name", ["run.exe", "archive.zip", "README", "trick.pdf.", ".pdf.svg"])
def test_a_type_that_is_not_kept_is_refused_with_those_that_are(name):
    with pytest.raises(
        Invalid, match="Attach a file of type pdf, png, jpg, xlsx, docx, dxf, step, csv or txt"
    ):
        file_type(name, b"%PDF-1.7")


def test_an_empty_file_is_refused():
    with pytest.raises(Invalid, match=r"plan\.pdf is empty"):
        file_type("plan.pdf", b"")


@given(st.text(max_size=12) | st.sampled_from([f"a.{kind}" for kind in TYPES]), st.binary(max_size=64))
def test_whatever_comes_the_answer_is_a_known_type_or_a_sentence(name, head):
    with suppress(Invalid):
        assert file_type(name, head) in TYPES
