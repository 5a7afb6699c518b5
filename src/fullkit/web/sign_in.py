"""The door: sign in, sign out, change the password."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from fullkit.actions import playbooks
from fullkit.actions import sign_in as door
from fullkit.rules.refusal import Refusal
from fullkit.web.context import opens_on
from fullkit.web.doors import now, page, who


class KeyForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        ),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=512,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name and password; then the page that was asked for, or the first screen of the person's role."""
    asked_for = _safe(request, request.POST.get("next") or request.GET.get("next") or "")
    if request.user.is_authenticated:
        return redirect(asked_for or "home")
    if not playbooks.exists():
        return redirect("setup")
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = door.come_in(
                name=form.cleaned_data["name"],
                password=form.cleaned_data["password"],
                place=_place(request),
                at=now(),
            )
        except door.TooManyTries as refused:
            return _form(request, form, asked_for, refused, status=429)
        except door.WrongKey as refused:
            return _form(request, form, asked_for, refused, status=422)
        login(request, person)  # gives the session a new name, and empties it if it was another person's
        return redirect(asked_for or "home")
    return _form(request, form, asked_for, None, status=422 if form.is_bound else 200)


def _form(
    request: HttpRequest, form: KeyForm, asked_for: str, refused: Refusal | None, *, status: int
) -> HttpResponse:
    refusal = {"message": refused.message} if refused else None
    shown = {"form": form, "next": asked_for, "refusal": refusal}
    return render(request, "sign_in.html", shown, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; what is in the person's hands stays there until its lease is over."""
    logout(request)
    return redirect("sign_in")


@never_cache
@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """A new password; this session stays, all others of the person end."""
    person = who(request)
    form = PasswordChangeForm(person, request.POST or None)
    if form.is_valid():
        person.must_change_password = False
        form.save()
        update_session_auth_hash(request, person)
        messages.success(
            request, _("Your password is changed. Other windows where you were signed in are closed.")
        )
        return redirect("home")
    return render(request, "password.html", {"form": form}, status=422 if form.is_bound else 200)


@page()
def home(request: HttpRequest) -> HttpResponse:
    """The first screen of the person's role."""
    return redirect(opens_on(who(request), playbooks.current()))


def _safe(request: HttpRequest, address: str) -> str:
    """An address of this house, or nothing."""
    here = {request.get_host()}
    ours = url_has_allowed_host_and_scheme(address, allowed_hosts=here, require_https=request.is_secure())
    return address if ours else ""


def _place(request: HttpRequest) -> str:
    """Where the request comes from; behind a proxy the last address it added is the one it saw itself."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
