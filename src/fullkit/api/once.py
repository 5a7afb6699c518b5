"""Idempotency: a POST with an `Idempotency-Key` is done once, however often it is sent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from pydantic import BaseModel

from fullkit.api.caller import Call
from fullkit.models import IdempotencyKey
from fullkit.rules.refusal import Invalid, Refusal

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[!-~]{1,200}")


class KeyUsedBefore(Refusal):
    says = "The key {key} was used for another request. Use a new key for each thing that shall be done."


def reply(shown: BaseModel) -> HttpResponse:
    """A shape as the body of an answer."""
    return HttpResponse(shown.model_dump_json(), content_type="application/json")


def once(call: Call, perform: Callable[[], BaseModel], *, of_files: bool = False) -> HttpResponse:
    """Do it, or answer what was answered when it was done. Without the header it is simply done.

    `of_files` says that the request is a form with files, which is told apart by them and not by its wrapping.

    The key is taken before the verb and the answer kept in the verb's transaction: either both are there or
    neither. What was refused changed nothing and leaves no key, so it may be sent again once it is cured.
    """
    key = call.headers.get(HEADER)
    if key is None:
        return reply(perform())
    if not _KEY.fullmatch(key):
        raise Invalid(field=HEADER, problem="is not usable.", cure="Give 1 to 200 visible ASCII characters.")
    request = _digest(call, of_files=of_files)
    try:
        with transaction.atomic():
            taken = IdempotencyKey.objects.create(
                person=call.auth, key=key, request=request, status=200, answer="", at=call.at
            )
            done = reply(perform())
            IdempotencyKey.objects.filter(pk=taken.pk).update(answer=done.content.decode())
            return done
    except IntegrityError:
        kept = IdempotencyKey.objects.filter(person=call.auth, key=key).first()
        if kept is None:  # it was not the key that was there already
            raise
    if kept.request != request:
        raise KeyUsedBefore(key=key)
    return HttpResponse(kept.answer, status=kept.status, content_type="application/json")


def _digest(call: Call, *, of_files: bool) -> str:
    """What makes two requests the same."""
    said = hashlib.sha256(f"{call.method} {call.get_full_path()}\n".encode())
    for part in _files(call) if of_files else [call.body]:
        said.update(part)
    return said.hexdigest()


def _files(call: Call) -> Iterator[bytes]:
    for _, file in sorted(call.FILES.items()):
        assert isinstance(file, UploadedFile)
        yield f"{file.name}\n".encode(errors="replace")
        yield from file.chunks()
        file.seek(0)
