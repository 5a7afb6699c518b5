"""Files: given as a kit item or as evidence, stored by what they contain."""

from __future__ import annotations

from django.http import FileResponse
from ninja import File
from ninja.files import UploadedFile

from fullkit import models
from fullkit.actions import uploads
from fullkit.api import found
from fullkit.api.caller import Call
from fullkit.api.door import Noun
from fullkit.api.given import Id
from fullkit.api.shapes import Upload

router = Noun("Files")


@router.verb("/uploads", uploads.store)
def upload(request: Call, file: UploadedFile = File(...)) -> Upload:  # noqa: B008
    return Upload.of(uploads.store(file, name=file.name or "", by=request.auth, at=request.at))


@router.question("/uploads/{upload}")
def uploaded(request: Call, upload: Id) -> Upload:
    """What is known of a stored file."""
    return Upload.of(_upload(upload, request.auth))


@router.question("/uploads/{upload}/content", media="application/octet-stream")
def content(request: Call, upload: Id) -> FileResponse:
    """The file itself, always as a download."""
    row = _upload(upload, request.auth)
    return FileResponse(
        uploads.opened(row, by=request.auth),
        as_attachment=True,
        filename=row.name,
        content_type="application/octet-stream",
    )


def _upload(id: int, reader: models.Person) -> models.Upload:
    row = found.one(models.Upload.objects.all(), id, "upload")
    uploads.may_read(row, reader)
    return row
