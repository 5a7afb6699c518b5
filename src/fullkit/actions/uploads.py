"""Files that come in: checked while they stream to disk, stored under the digest of what they contain."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings
from django.db.models import Q

from fullkit.actions import may, playbooks
from fullkit.models import Packet, Person, Upload
from fullkit.rules.fields import typed
from fullkit.rules.files import HEAD, file_type
from fullkit.rules.refusal import Invalid, Refusal


class FileGone(Refusal):
    says = "{file} is not in the store any more. Restore the files beside the database, or attach it again."


class Incoming(Protocol):
    """What a door hands over: Django's UploadedFile is one."""

    @property
    def size(self) -> int | None: ...

    def chunks(self) -> Iterable[bytes]: ...


def store(file: Incoming, *, name: str, by: Person | None, at: datetime) -> Upload:
    """Keep a file. Its type is told by its first bytes, its size by counting; the name is only a claim.

    Raises Invalid for a file that is too large, empty, of no type that can be kept, or not what its name says.
    """
    name = typed("file", name.replace("\\", "/").rpartition("/")[2], limit=200, required=True)
    if file.size is not None:
        _within_limit(name, file.size)
    draft = folder() / f"draft-{secrets.token_hex(8)}"
    try:
        kind, size, digest = _copy(file, name, draft)
        kept = path_of(digest)
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        # The same contents twice are one file, and a rename is whole or not at all.
        os.replace(draft, kept)
    finally:
        draft.unlink(missing_ok=True)
    return Upload.objects.create(name=name, kind=kind, size=size, digest=digest, by=by, at=at)


def readable(upload: Upload, person: Person) -> bool:
    """Whether somebody may read a file: who gave it, who supervises, and the departments of its packet.

    Those are the department that has the packet, the ones it was handed between, and those of the packet it was
    made from and of the packets made from it: whoever must judge by the file, and nobody else.
    """
    if upload.by_id == person.pk:
        return True
    playbook = playbooks.current().playbook
    if person.may("supervise", playbook):
        return True
    return person.is_active and not departments_of(upload).isdisjoint(person.departments_in(playbook))


def may_read(upload: Upload, person: Person) -> None:
    """Raises NotYours when this person may not read the file."""
    if not readable(upload, person):
        raise may.NotYours(f"{upload.name} belongs to work that your department neither has nor had.")


def departments_of(upload: Upload) -> set[str]:
    """The departments that have to do with the packets a file was given for; empty while it was given for none."""
    packets = Packet.objects.filter(Q(handoffs__supplies__file=upload) | Q(exits__file=upload)).distinct()
    rows = packets.values_list(
        "department",
        "parent__department",
        "children__department",
        "handoffs__from_department",
        "handoffs__to_department",
    )
    return {department for row in rows for department in row if department}


def opened(upload: Upload, *, by: Person) -> BinaryIO:
    """The stored file, open for reading. Raises NotYours for somebody whom it does not concern."""
    may_read(upload, by)
    try:
        return path_of(upload.digest).open("rb")
    except FileNotFoundError:
        raise FileGone(file=upload.name) from None


def folder() -> Path:
    """Where files are kept; outside of everything that is served."""
    place = Path(settings.MEDIA_ROOT)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def path_of(digest: str) -> Path:
    """`files/ab/abcdef...`: 256 folders, so that none grows long."""
    return folder() / digest[:2] / digest


def _copy(file: Incoming, name: str, draft: Path) -> tuple[str, int, str]:
    """Stream it to the draft; its type, size in bytes and SHA-256. At no time more than a chunk is in memory."""
    digest, size, head = hashlib.sha256(), 0, b""
    with draft.open("xb") as out:
        os.chmod(draft, 0o600)
        for chunk in file.chunks():
            size += len(chunk)
            _within_limit(name, size)
            if len(head) < HEAD:
                head += chunk[: HEAD - len(head)]
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return file_type(name, head), size, digest.hexdigest()


def _within_limit(name: str, size: int) -> None:
    if size > settings.FILE_UPLOAD_MAX:
        raise Invalid(
            field="file",
            problem=f"{name} is larger than the {settings.MAX_UPLOAD_MB} MB that one file may be.",
            cure="Give a smaller one, or a link to it.",
        )
