"""Files over the API: by what they contain, of a size that is counted, and back as they were."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.conf import settings

from fullkit.actions import uploads
from fullkit.models import Upload
from tests.api.callers import Api
from tests.world import World

PDF = b"%PDF-1.7 the lines of a quote"


def named(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


@pytest.fixture(autouse=True)
def _own_folder(settings: object, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"  # type: ignore[attr-defined]


def kept() -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_a_file_becomes_a_kit_item_and_comes_back_as_it_was(world: World, api: Api) -> None:
    stored = api.anna.upload(named("lines.pdf", PDF))
    assert (stored["kind"], stored["size"], stored["name"]) == ("pdf", len(PDF), "lines.pdf")
    packet = world.in_hand()
    opened = api.anna.post(
        f"/packets/{packet.pk}/handoffs", kind="request_quote", items={"lines": {"file": stored["id"]}}
    )
    lacking = {item["key"] for item in opened["kit"] if item["problem"]}
    assert lacking == {"deliver_to", "wanted_by"}
    full = api.anna.post(
        f"/handoffs/{opened['id']}/supply",
        items={"deliver_to": {"value": "12 Dock Road"}, "wanted_by": {"value": "2026-03-20"}},
    )
    assert full["accepted_at"] is not None
    assert [item["problem"] for item in full["kit"]] == [None] * len(full["kit"])
    content = api.sara.get(f"/uploads/{stored['id']}/content")
    assert content.body == PDF
    assert content.headers["Content-Disposition"] == 'attachment; filename="lines.pdf"'


def test_the_same_contents_are_kept_once(world: World, api: Api) -> None:
    first, second = api.anna.upload(named("a.pdf", PDF)), api.ben.upload(named("b.pdf", PDF))
    assert first["digest"] == second["digest"]
    assert (Upload.objects.count(), len(kept())) == (2, 1)
    assert kept()[0].stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("lines.pdf", b"MZ\x90\x00 a program", "claims to be pdf but its contents are"),
        ("lines.exe", b"MZ\x90\x00", "is of no type that can be kept"),
        ("lines", PDF, "is of no type that can be kept"),
        ("lines.pdf", b"", "is empty"),
        ("page.html", b"<script>alert(1)</script>", "is of no type that can be kept"),
    ],
)
def test_a_file_that_is_not_what_it_claims_is_refused(
    world: World, api: Api, name: str, content: bytes, says: str
) -> None:
    refused = api.anna.upload(named(name, content))
    assert (refused.status, refused["facts"]["field"]) == (422, "file")
    assert says in refused["message"]
    assert (Upload.objects.count(), kept()) == (0, [])


def test_a_file_that_was_lost_is_said_to_be(world: World, api: Api) -> None:
    stored = api.anna.upload(named("lines.pdf", PDF))
    kept()[0].unlink()
    refused = api.anna.get(f"/uploads/{stored['id']}/content")
    assert (refused.status, refused["code"], refused["facts"]) == (409, "file-gone", {"file": "lines.pdf"})


@pytest.mark.parametrize("name", ["../../etc/passwd.pdf", "C:\\lines\\passwd.pdf", "/etc/passwd.pdf"])
def test_a_name_is_only_a_name(world: World, name: str) -> None:
    file = type("File", (), {"size": len(PDF), "chunks": lambda self: iter([PDF])})()
    assert uploads.store(file, name=name, by=world.anna, at=world.now).name == "passwd.pdf"


def test_a_gigabyte_is_refused_by_the_length_it_declares(world: World, api: Api) -> None:
    refused = api.anna.raw(
        "/uploads", b"", "multipart/form-data; boundary=x", **{"Content-Length": str(2**30)}
    )
    assert (refused.status, refused["code"]) == (413, "too-large")
    assert f"{settings.MAX_UPLOAD_MB} MB" in refused["message"]


def test_a_file_that_lies_about_its_length_is_counted(world: World, settings: object) -> None:
    settings.FILE_UPLOAD_MAX = 100_000  # type: ignore[attr-defined]
    read = []

    class Endless:
        size = None

        def chunks(self):  # type: ignore[no-untyped-def]
            while True:
                read.append(1)
                yield PDF.ljust(65_536, b" ")

    with pytest.raises(uploads.Invalid, match="larger than"):
        uploads.store(Endless(), name="lines.pdf", by=world.anna, at=world.now)
    assert len(read) == 2
    assert kept() == []


def test_a_request_without_a_file_names_what_is_missing(world: World, api: Api) -> None:
    assert api.anna.raw("/uploads", b"", "application/json")["message"] == "file: is missing. Give it."
    broken = api.anna.raw("/uploads", b"nonsense", "multipart/form-data")
    assert (broken.status, broken["code"]) == (400, "unreadable")


def test_naming_a_file_in_a_kit_of_ones_own_opens_nothing(world: World, api: Api) -> None:
    upload, packet = api.otto.upload(named("lines.pdf", PDF)), world.in_hand()
    refused = api.anna.post(
        f"/packets/{packet.pk}/handoffs", kind="request_quote", items={"lines": {"file": upload["id"]}}
    )
    assert (refused.status, refused["facts"]["field"]) == (422, "file")
    assert api.anna.get(f"/uploads/{upload['id']}").status == 403
