"""The frame of every operation: a verb is done once and its answer kept, a question changes nothing."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import NinjaAPI, Router
from ninja.errors import ValidationError
from ninja.files import UploadedFile
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from pydantic import BaseModel
from pydantic_core import from_json

from fullkit.actions.playbooks import as_told
from fullkit.api import openapi
from fullkit.api.caller import PersonalKey
from fullkit.api.once import once, reply
from fullkit.api.refusals import Unacceptable, refuse_with

LARGEST_BODY = 1024 * 1024
"""Bytes of JSON in one request; a playbook of a large company has a tenth of that."""

View = Callable[..., Any]


class JsonOnly(Parser):
    """Bodies are JSON, of a sane size, without numbers and characters that only some parsers know."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise Unacceptable(
                415, "not-json", "Send the body as JSON, with `Content-Type: application/json`."
            )
        if len(request.body) > LARGEST_BODY:
            raise Unacceptable(
                413, "too-large", f"A body has at most {LARGEST_BODY} bytes. Send less at once."
            )
        try:
            return from_json(request.body, allow_inf_nan=False)
        except ValueError as error:
            raise Unacceptable(400, "not-json", f"The body is not JSON: {error}. Correct it there.") from None


class Api(NinjaAPI):
    """The API of one version, its description made once."""

    _described: OpenAPISchema | None = None

    def __init__(self, **options: Any) -> None:
        super().__init__(docs_url=None, auth=PersonalKey(), parser=JsonOnly(), **options)
        refuse_with(self)

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        """The OpenAPI description, with the refusals and links that every operation has."""
        if self._described is None:
            self._described = openapi.completed(super().get_openapi_schema(**where))
        return self._described


class Noun(Router):
    """The operations of one noun."""

    def __init__(self, tag: str) -> None:
        super().__init__(tags=[tag])

    def verb(self, path: str, does: Callable[..., Any]) -> Callable[[View], View]:
        """A POST that performs the action `does`, once per idempotency key. Named and told like the action.

        The view answers its return type, a pydantic model.
        """

        def frame(view: View) -> View:
            takes = _Takes.of(view, path)

            @wraps(view)
            def framed(request: Any, **given: Any) -> HttpResponse:
                takes.nothing_else(request)
                with as_told(request.in_force):
                    return once(request, lambda: view(request, **given), of_files=takes.files)

            return self._add("POST", path, framed, view, takes, inspect.getdoc(does) or "")

        return frame

    def question(self, path: str, *, open_to_all: bool = False, media: str = "") -> Callable[[View], View]:
        """A GET that answers the view's return type, a pydantic model, and changes nothing.

        With `media` the view answers a response of that content type itself.
        """

        def frame(view: View) -> View:
            takes = _Takes.of(view, path)

            @wraps(view)
            def framed(request: Any, **given: Any) -> HttpResponseBase:
                takes.nothing_else(request)
                with as_told(getattr(request, "in_force", None)):  # some questions are open to all
                    answered = view(request, **given)
                return answered if isinstance(answered, HttpResponseBase) else reply(answered)

            options: dict[str, Any] = {"auth": None} if open_to_all else {}
            if media:
                content: dict[str, Any] = {media: {"schema": {}}}
                options["openapi_extra"] = {"responses": {200: {"description": "OK", "content": content}}}
            return self._add("GET", path, framed, view, takes, inspect.getdoc(view) or "", **options)

        return frame

    def _add(
        self, method: str, path: str, framed: View, view: View, takes: _Takes, says: str, **options: Any
    ) -> View:
        # The framework reads parameters off the function it is given, with that function's own globals.
        framed.__signature__ = takes.signature  # type: ignore[attr-defined]
        summary, _, more = says.partition("\n")
        self.api_operation(
            [method],
            path,
            response={200: takes.answers},
            operation_id=view.__name__,
            url_name=None,
            summary=summary.strip(),
            description=more.strip() or None,
            **options,
        )(framed)
        return view


@dataclass(frozen=True)
class _Takes:
    """What a view takes and answers, read off its signature."""

    signature: inspect.Signature
    query: frozenset[str]
    files: bool
    answers: Any

    @classmethod
    def of(cls, view: View, path: str) -> _Takes:
        signature = inspect.signature(view, eval_str=True)
        given = {name: p.annotation for name, p in signature.parameters.items() if name != "request"}
        query = {name for name in given if name != "body" and f"{{{name}}}" not in path}
        files = {name for name in query if given[name] is UploadedFile}
        return cls(signature, frozenset(query - files), bool(files), _model(view, signature))

    def nothing_else(self, request: HttpRequest) -> None:
        """Refuse a query that is not known: a misspelt filter would otherwise answer too much, silently."""
        unknown = [name for name in request.GET if name not in self.query]
        if unknown:
            raise ValidationError(
                [{"type": "extra_forbidden", "loc": ("query", n), "msg": ""} for n in unknown]
            )


def _model(view: View, signature: inspect.Signature) -> Any:
    shown = signature.return_annotation
    if isinstance(shown, type) and issubclass(shown, BaseModel):
        return shown
    if isinstance(shown, type) and issubclass(shown, HttpResponseBase):
        return None
    raise TypeError(f"{view.__name__} must say which pydantic model it answers.")
