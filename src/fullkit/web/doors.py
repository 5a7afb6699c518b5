"""The frame of every page: who is at the door, what they may do here, and how a "no" is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from fullkit.actions import playbooks
from fullkit.actions.may import NotYours
from fullkit.models import Person
from fullkit.playbook.load import PlaybookError
from fullkit.playbook.schema import Ability
from fullkit.rules.refusal import Invalid, Refusal

View = Callable[..., HttpResponseBase]


def page(*abilities: Ability) -> Callable[[View], View]:
    """A page for signed-in people who have at least one of these abilities; none named: for everyone signed in."""

    def frame(view: View) -> View:
        @wraps(view)
        def framed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if who(request).must_change_password:
                return HttpResponseRedirect(reverse("password"))
            company = playbooks.current().playbook
            if abilities and not any(who(request).may(a, company) for a in abilities):
                raise NotYours(_("Your role does not work with this page."))
            with timezone.override(company.company.zone):
                return view(request, *args, **kwargs)

        framed.abilities = abilities  # type: ignore[attr-defined]
        return cast(View, login_required(framed))

    return frame


def who(request: HttpRequest) -> Person:
    """The person at the door."""
    return cast(Person, request.user)


def now() -> datetime:
    """The clock of the web: the only place where its pages learn what time it is."""
    return datetime.now(UTC)


class SayNo:
    """Turns the three kinds of no into pages: a refusal 409, something wrong typed 422, not yours 403.

    For htmx the answer is the notice alone, so that the page, and what was typed, stays as it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, playbooks.NoPlaybook):
            return HttpResponseRedirect(reverse("setup"))
        if isinstance(error, PlaybookError):
            return say_no(request, 422, str(error))
        if isinstance(error, Refusal):
            return say_no(request, 422 if isinstance(error, Invalid) else 409, error.message, rule=error.rule)
        if isinstance(error, NotYours):
            return say_no(request, 403, str(error))
        return None


def say_no(
    request: HttpRequest,
    status: int,
    message: str,
    *,
    rule: str = "",
    controls: Sequence[tuple[str, str]] = (),
) -> HttpResponse:
    """The sentence and the controls that cure it: a fragment for htmx, a page otherwise."""
    fragment = bool(request.headers.get("HX-Request"))
    refusal = {"message": message, "rule": rule, "controls": controls}
    template = "parts/_notice.html" if fragment else "refused.html"
    answer = render(request, template, {"refusal": refusal}, status=status)
    if fragment:
        answer["HX-Retarget"], answer["HX-Reswap"] = "#notice", "innerHTML"
    return answer
