"""How a "no" is said in JSON: always `{code, message, facts}`, whatever said it."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.views.defaults import bad_request
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import BaseModel, ConfigDict

from fullkit.actions.may import NotYours
from fullkit.playbook.load import PlaybookError
from fullkit.rules.refusal import Invalid, Refusal


class Refused(BaseModel):
    """Why not: a code for machines, a sentence for people, the facts the sentence is made of."""

    model_config = ConfigDict(extra="forbid")

    code: str
    message: str
    facts: dict[str, Any]


class NoSuch(Exception):
    """Nothing of this kind has this id: 404."""


class Unacceptable(Exception):
    """The request itself cannot be read."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code = status, code
        super().__init__(message)


def say(status: int, code: str, message: str, facts: dict[str, Any] | None = None) -> HttpResponse:
    """The one shape of every refusal."""
    body = json.dumps({"code": code, "message": message, "facts": facts or {}}, default=str)
    return HttpResponse(body, status=status, content_type="application/json")


def answer(error: Exception) -> HttpResponse | None:
    """The answer to an exception that is a "no"; None when it is a bug."""
    match error:
        case Refusal():
            status = 422 if isinstance(error, Invalid) else 409
            return say(status, error.code, error.message, error.facts)
        case NotYours():
            return say(403, "not-yours", str(error))
        case NoSuch() | Http404():
            return say(404, "no-such", str(error) or "There is nothing at this address.")
        case PlaybookError():
            problems = [vars(problem) for problem in error.problems]
            return say(422, "not-a-playbook", str(error), {"problems": problems})
        case ValidationError():
            return _invalid(error)
        case Unacceptable():
            return say(error.status, error.code, str(error))
        case AuthenticationError():
            return _who_are_you()
        case HttpError():
            return answer(error.__cause__) if isinstance(error.__cause__, Unacceptable) else _http(error)
    return _unreadable(error)


def _unreadable(error: Exception) -> HttpResponse | None:
    if isinstance(error, RequestDataTooBig):
        return say(413, "too-large", "The request is larger than one request may be. Send less at once.")
    if isinstance(error, (SuspiciousOperation, MultiPartParserError, UnreadablePostError)):
        return say(400, "unreadable", "The request cannot be read. Send it again as the documentation shows.")
    if isinstance(error, IntegrityError) and "unique" in str(error).lower():
        # The constraint let one of two callers through; the other one's verb was undone as a whole.
        return say(
            409, "someone-was-faster", "Someone did this a moment before you. Nothing changed; look again."
        )
    return None


def _http(error: HttpError) -> HttpResponse:
    return say(error.status_code, "unreadable", f"{error.message}. Send a JSON object.")


def _who_are_you() -> HttpResponse:
    sentence = (
        "Send a personal key that is in use: `Authorization: Bearer fk_...` (made by `fullkit token NAME`)."
    )
    refused = say(401, "no-key", sentence)
    refused["WWW-Authenticate"] = 'Bearer realm="fullkit"'
    return refused


def _invalid(error: ValidationError) -> HttpResponse:
    problems = [{"field": _field(e["loc"]), "problem": _problem(e)} for e in error.errors]
    first = problems[0]
    more = f" And {len(problems) - 1} more." if len(problems) > 1 else ""
    return say(422, "invalid", f"{first['field']}: {first['problem']}{more}", {"problems": problems})


_CURES = {
    "missing": "is missing. Give it.",
    "extra_forbidden": "is not known here. Leave it out.",
    "model_attributes_type": "is not an object. Send one, such as {}.",
    "model_type": "is not an object. Send one, such as {}.",
}


def _problem(error: dict[str, Any]) -> str:
    said = _CURES.get(error["type"]) or str(error["msg"])
    return said if said.endswith(".") else f"{said}."


def _field(place: tuple[Any, ...]) -> str:
    """`body, body, items, 0, value` is `items[0].value` to the one who sent it."""
    steps = [step for step in place[1:] if step != "body"] or [place[0]]
    return "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps).removeprefix(".")


def refuse_with(api: NinjaAPI) -> None:
    """Make the API say every "no" this way; a bug goes on to where bugs are logged."""

    def handle(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
        refused = answer(error) if isinstance(error, Exception) else None
        if refused is None:
            raise error
        return refused

    for kind in (Exception, HttpError, Http404, ValidationError):
        api.add_exception_handler(kind, handle)


def cannot_be_read(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What is refused before any operation sees it: a host that is not ours, a broken form."""
    if not request.path.startswith("/api/"):
        return bad_request(request, exception)
    return _unreadable(exception) or say(400, "unreadable", "The request cannot be read.")


def nothing_here(request: HttpRequest) -> HttpResponse:
    """Any address under /api/ that is no operation."""
    return say(404, "no-such", f"There is nothing at {request.path[:200]}. See /api/v1/openapi.json.")
