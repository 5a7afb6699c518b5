"""Setting up: a new company from a preset, in the browser, once."""

from __future__ import annotations

import hmac
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from fullkit.actions import company, playbooks
from fullkit.playbook.lint import lint
from fullkit.playbook.load import PlaybookError, load
from fullkit.web.doors import now
from fullkit.web.forms_setup import PICTURES, SetupForm, roles


@never_cache
@sensitive_post_parameters("password", "again", "code")
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Choose a preset, name the company, begin. Only while there is no playbook, and only with the set-up code."""
    if playbooks.exists():
        return redirect("home")
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _opens(form) and (text := _sound(form)):
        person = company.found(
            text,
            sign_in=form.cleaned_data["sign_in"],
            password=form.cleaned_data["password"],
            reason=_("Set up from the preset %s") % form.cleaned_data["preset"],
            at=now(),
        )
        settings.SETUP_CODE_FILE.unlink(missing_ok=True)
        login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
        messages.success(request, _("%s is set up. Now add your colleagues.") % form.cleaned_data["company"])
        return redirect("people")
    return render(request, "setup.html", _shown(form), status=422 if form.is_bound else 200)


def _opens(form: SetupForm) -> bool:
    """Whether the code is the one that `fullkit up` printed. Without one, nobody comes in."""
    kept = settings.SETUP_CODE_FILE
    code = kept.read_text(encoding="utf-8").strip() if kept.exists() else ""
    if code and hmac.compare_digest(form.cleaned_data["code"].strip().encode(), code.encode()):
        return True
    said = _(
        "This is not the code that `fullkit up` printed. It also stands in the file setup_code of the data folder."
    )
    form.add_error("code", said)
    return False


def _sound(form: SetupForm) -> str:
    """The playbook's text, or nothing when it would break the method; the form then says how."""
    try:
        text = form.playbook()
        broken = [f for f in lint(load(text)) if f.severity == "error"]
    except (PlaybookError, ValueError) as error:
        form.add_error(None, str(error))
        return ""
    for finding in broken:
        form.add_error(None, f"{finding.sentence} {finding.cure} ({finding.rule})")
    return "" if broken else text


def _shown(form: SetupForm) -> dict[str, Any]:
    chosen = form["preset"].value() or PICTURES[1].key
    ticked = set(form["roles"].value() or ())
    return {
        "form": form,
        "pictures": [(p, p.key == chosen) for p in PICTURES],
        "role_groups": [
            (where, [(role, department, role.key in ticked) for role, department in group])
            for where, group in roles()
        ],
    }
