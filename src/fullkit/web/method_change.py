"""Changing the method: a form, what will change, a reason, and it is in force."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from fullkit.actions import method, playbooks
from fullkit.models import Person, PlaybookVersion
from fullkit.playbook.dump import dump
from fullkit.playbook.load import PlaybookError, load, load_stored
from fullkit.playbook.schema import Playbook
from fullkit.web.doors import now, page, who
from fullkit.web.forms_company import DepartmentForm, FieldForm, HoursForm, RoleForm, SlotsForm, TermForm
from fullkit.web.forms_method import (
    ChangeForm,
    ClosedDayForm,
    KitItemForm,
    PromiseForm,
    QueueForm,
    ReasonForm,
    StageForm,
)
from fullkit.web.forms_people import PeopleForm, PersonForm, removed

FORMS: dict[str, type[ChangeForm]] = {
    "promise": PromiseForm,
    "queue": QueueForm,
    "kit-item": KitItemForm,
    "stage": StageForm,
    "reason": ReasonForm,
    "closed-day": ClosedDayForm,
    "people": PeopleForm,
    "person": PersonForm,
    "term": TermForm,
    "department": DepartmentForm,
    "role": RoleForm,
    "field": FieldForm,
    "slots": SlotsForm,
    "hours": HoursForm,
}
BACK = {
    "promise": "playbook",
    "closed-day": "playbook",
    "queue": "method_queues",
    "kit-item": "kits",
    "item": "kits",
    "stage": "processes",
    "reason": "reasons",
    "people": "people",
    "person": "people",
    "term": "definitions",
    "department": "playbook",
    "role": "people",
    "field": "playbook",
    "slots": "method_queues",
    "hours": "playbook",
}
"""The page a change belongs to."""


class TextForm(forms.Form):
    """A playbook as a file or as text."""

    file = forms.FileField(label=gettext_lazy("A file"), required=False)
    text = forms.CharField(
        label=gettext_lazy("Or its text"),
        required=False,
        max_length=1_000_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "class": "paste", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("file"):
            try:
                given["text"] = given["file"].read(2_000_000).decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", _("This is not text in UTF-8. Save it as UTF-8 and choose it again."))
        if not given.get("text") and not self.errors:
            self.add_error("file", _("Choose a file, or paste its text below."))
        return given


@require_http_methods(["GET", "POST"])
@page("method")
def changes(request: HttpRequest, what: str) -> HttpResponse:
    """The form for one part; sent, it shows what would change."""
    if what not in FORMS:
        raise Http404
    book = playbooks.current().playbook
    form = FORMS[what](book, {k: str(v) for k, v in request.GET.items()}, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _consequences(request, form.apply(), back=BACK[what], reason=str(form.reason))
        except PlaybookError as error:
            for problem in error.problems:
                form.add_error(None, _("%(found)s: expected %(expected)s. %(cure)s") % vars(problem))
    shown = {"form": form, "what": what, "back": BACK[what]}
    return render(request, f"method/{_template(what)}.html", shown, status=422 if form.is_bound else 200)


@require_POST
@page("method")
def removals(request: HttpRequest, what: str) -> HttpResponse:
    """Take a part out; shows what would change."""
    where = {k: str(v) for k, v in request.POST.items()}
    return _consequences(request, removed(playbooks.current().playbook, what, where), back=BACK[what])


@require_http_methods(["GET", "POST"])
@page("method")
def upload(request: HttpRequest) -> HttpResponse:
    """A playbook from a file: every problem at once, or what it would change."""
    form = TextForm(request.POST or None, request.FILES or None)
    problems: Any = []
    if request.method == "POST" and form.is_valid():
        try:
            return _consequences(
                request, load(form.cleaned_data["text"]), text=form.cleaned_data["text"], back="playbook"
            )
        except PlaybookError as error:
            problems = error.problems
    return render(
        request,
        "method/upload.html",
        {"form": form, "problems": problems},
        status=422 if form.is_bound else 200,
    )


@require_POST
@page("method")
def earlier(request: HttpRequest, number: int) -> HttpResponse:
    """Go back to an earlier version, as a new one."""
    found = get_object_or_404(PlaybookVersion, number=number)
    reason = _("Back to version %d") % number
    book, unknown = load_stored(found.text)
    # What this release does not know stays in the version that says it; the new one is written without.
    text = dump(book) if unknown else found.text
    return _consequences(request, book, text=text, back="versions", reason=reason)


@never_cache
@require_POST
@page("method")
def change(request: HttpRequest) -> HttpResponse:
    """Put the change into force; whoever joins gets a password that is shown this once."""
    base = request.POST.get("base", "")
    text, reason = request.POST.get("text", ""), request.POST.get("reason", "").strip()
    if not reason:
        return _consequences(request, load(text), text=text, back="playbook", unexplained=True)
    keys = method.change(
        text, base=int(base) if base.isdecimal() else 0, reason=reason[:300], by=who(request), at=now()
    )
    said = _("Version %d is in force.") % playbooks.current().number
    if keys:
        return render(request, "method/keys.html", {"keys": keys, "said": said})
    messages.success(request, said)
    back = request.POST.get("back", "")
    return redirect(back if back in set(BACK.values()) | {"versions"} else "playbook")


@never_cache
@require_POST
@page("method")
def new_key(request: HttpRequest, sign_in: str) -> HttpResponse:
    """A new one-time password for somebody who lost theirs."""
    person = get_object_or_404(Person.objects.filter(is_active=True), sign_in=sign_in)
    key = method.new_key(person, by=who(request))
    return render(request, "method/keys.html", {"keys": [key], "said": ""})


def _consequences(
    request: HttpRequest,
    new: Playbook,
    *,
    back: str,
    text: str = "",
    reason: str = "",
    unexplained: bool = False,
) -> HttpResponse:
    """What will change, what the rulebook says to it, and the reason still to be given."""
    plant = playbooks.current()
    found = method.consequences(plant.playbook, new)
    shown = {
        "found": found,
        "text": text or dump(new),
        "base": plant.number,
        "reason": reason,
        "back": back,
        "unexplained": unexplained,
    }
    return render(request, "method/change.html", shown, status=422 if unexplained else 200)


def _template(what: str) -> str:
    return {"people": "people_form", "kit-item": "item_form", "person": "person_form"}.get(what, "form")
