"""The form that founds a company: how it is organised, where it is, when it works, and who begins."""

from __future__ import annotations

from datetime import time
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import available_timezones

import holidays
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from holidays.registry import COUNTRIES

from fullkit.models import Person
from fullkit.playbook import presets
from fullkit.playbook.dump import dump
from fullkit.playbook.load import load
from fullkit.playbook.schema import Calendar, Company, Holidays, PersonEntry, Playbook, Role


class Picture(NamedTuple):
    """A preset in words: for whom it is, and the way work takes through it."""

    key: str
    name: Any
    for_whom: Any
    way: Any


PICTURES = [
    Picture(
        "1-service-desk",
        gettext_lazy("Service desk"),
        gettext_lazy("Customers come to you. You want every enquiry, quote and order answered on time."),
        gettext_lazy("Mail and calls → Customer service → Engineering when something is designed → customer"),
    ),
    Picture(
        "2-inside-team",
        gettext_lazy("Inside team"),
        gettext_lazy("You also win new customers, by telephone and screen."),
        gettext_lazy(
            "Promotions' pool → a salesperson's queue → the sale; quotes stay with Customer service"
        ),
    ),
    Picture(
        "3-inside-and-specialists",
        gettext_lazy("Inside team and specialists"),
        gettext_lazy("Sometimes somebody has to see or measure before the customer decides."),
        gettext_lazy("The same, and a coordinator sends a specialist where a salesperson asked for one"),
    ),
    Picture(
        "4-scheduled-field",
        gettext_lazy("Scheduled field"),
        gettext_lazy("Field salespeople meet customers, four times a day, in a calendar they do not keep."),
        gettext_lazy("The same, with field sales, projects and dealers at desks of their own"),
    ),
]

CURRENCIES = (
    "EUR",
    "USD",
    "GBP",
    "CHF",
    "CAD",
    "AUD",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "BRL",
    "INR",
    "JPY",
    "ZAR",
)
DAYS = [
    ("mon", gettext_lazy("Mon")),
    ("tue", gettext_lazy("Tue")),
    ("wed", gettext_lazy("Wed")),
    ("thu", gettext_lazy("Thu")),
    ("fri", gettext_lazy("Fri")),
    ("sat", gettext_lazy("Sat")),
    ("sun", gettext_lazy("Sun")),
]
KEEPS_THE_METHOD = "method"


@cache
def preset(key: str) -> Playbook:
    """A preset, read once."""
    return load(presets.read(key), name=f"{key}.yaml")


@cache
def countries() -> list[tuple[str, str]]:
    """Countries whose public holidays are known, by name."""
    known = holidays.list_supported_countries()
    names = {code: names[0] for names in COUNTRIES.values() for code in names[1:2]}
    return sorted(((code, _spaced(names.get(code, code))) for code in known), key=lambda pair: pair[1])


def _spaced(name: str) -> str:
    """`UnitedStates` as people write it."""
    return "".join(
        f" {c}" if c.isupper() and n and not name[n - 1].isupper() else c for n, c in enumerate(name)
    )


def roles() -> list[tuple[str, list[tuple[Role, str]]]]:
    """Every role of every preset with its department's name, grouped by the presets that have it."""
    having: dict[str, list[str]] = {}
    known: dict[str, tuple[Role, str]] = {}
    for picture in PICTURES:
        book = preset(picture.key)
        for role in book.roles:
            having.setdefault(role.key, []).append(picture.key)
            known[role.key] = (role, book.department[role.department].name)
    groups: dict[str, list[tuple[Role, str]]] = {}
    for key, where in having.items():
        groups.setdefault(" ".join(where), []).append(known[key])
    return sorted(groups.items(), key=lambda group: -len(group[0]))


def _clock(**more: Any) -> Any:
    return forms.TimeField(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **more)


class SetupForm(forms.Form):
    """One page, ten minutes."""

    code = forms.CharField(
        label=gettext_lazy("Set-up code"),
        max_length=80,
        help_text=gettext_lazy("It was printed where Fullkit was started, so that no stranger can do this."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    preset = forms.ChoiceField(
        label=gettext_lazy("How you are organised"), choices=[(p.key, p.name) for p in PICTURES]
    )
    company = forms.CharField(label=gettext_lazy("Company"), max_length=80)
    zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        max_length=60,
        help_text=gettext_lazy("Such as Europe/Berlin; type and choose."),
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), choices=[(c, c) for c in CURRENCIES])
    country = forms.ChoiceField(label=gettext_lazy("Public holidays of"), required=False)
    days = forms.MultipleChoiceField(
        label=gettext_lazy("Working days"),
        choices=DAYS,
        initial=["mon", "tue", "wed", "thu", "fri"],
        widget=forms.CheckboxSelectMultiple(),
    )
    opens = _clock(label=gettext_lazy("From"), initial=time(8))
    closes = _clock(label=gettext_lazy("To"), initial=time(17))
    break_from = _clock(label=gettext_lazy("Break from"), required=False, initial=time(12))
    break_to = _clock(label=gettext_lazy("Break to"), required=False, initial=time(12, 30))
    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    sign_in = forms.RegexField(
        r"^[a-z0-9][a-z0-9._@+-]{0,79}$",
        label=gettext_lazy("You sign in as"),
        error_messages={"invalid": gettext_lazy("Small letters, digits, and . _ @ + - only.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=512,
        strip=False,
        help_text=gettext_lazy("At least 12 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("The password again"),
        max_length=512,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    roles = forms.MultipleChoiceField(required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self._offer("country", [("", _("none")), *countries()])
        self._offer("roles", [(role.key, role.name) for _where, group in roles() for role, _in in group])
        self.zones = sorted(
            z for z in available_timezones() if "/" in z and not z.startswith(("Etc/", "posix/", "right/"))
        )

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean_zone(self) -> str:
        zone: str = self.cleaned_data["zone"].strip()
        known = {z.casefold(): z for z in available_timezones()}
        if zone.casefold() not in known:
            raise ValidationError(
                _("There is no time zone of this name. Type a city, such as Berlin, and choose.")
            )
        return known[zone.casefold()]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("password") and given.get("password") != given.get("again"):
            self.add_error("again", _("This is not the same password. Type both again."))
        self._check_password(given)
        self._check_hours(given)
        if given.get("preset"):
            own = {role.key for role in preset(given["preset"]).roles}
            given["roles"] = [key for key in given.get("roles") or [] if key in own]
        return given

    def _check_password(self, given: dict[str, Any]) -> None:
        if not given.get("password"):
            return
        try:
            validate_password(
                given["password"], Person(sign_in=given.get("sign_in", ""), name=given.get("name", ""))
            )
        except ValidationError as error:
            self.add_error("password", error)

    def _check_hours(self, given: dict[str, Any]) -> None:
        opens, closes = given.get("opens"), given.get("closes")
        start, end = given.get("break_from"), given.get("break_to")
        if opens and closes and opens >= closes:
            self.add_error("closes", _("This is not after the start of work."))
        elif (start is None) != (end is None):
            self.add_error(
                "break_to" if end is None else "break_from", _("Give both ends of the break, or neither.")
            )
        elif start and end and opens and closes and not opens < start < end < closes:
            self.add_error("break_to", _("The break has to lie inside the hours of work."))

    def playbook(self) -> str:
        """The text of the company's first playbook."""
        given = self.cleaned_data
        book = preset(given["preset"])
        company = Company(
            name=given["company"], currency=given["currency"], zone=given["zone"], margin=book.company.margin
        )
        breaks = given["break_from"] is not None
        spans = [(given["opens"], given["break_from"]), (given["break_to"], given["closes"])]
        hours = tuple(spans if breaks else [(given["opens"], given["closes"])])
        calendar = Calendar(
            hours=dict.fromkeys(given["days"], hours), holidays=Holidays(country=given["country"] or None)
        )
        person = PersonEntry(sign_in=given["sign_in"], name=given["name"], roles=self._roles(book))
        return dump(book.model_copy(update={"company": company, "calendar": calendar, "people": (person,)}))

    def _roles(self, book: Playbook) -> tuple[str, ...]:
        """The roles chosen, and the one that keeps the method: somebody must be able to add the others."""
        chosen: list[str] = list(self.cleaned_data["roles"])
        if not any(KEEPS_THE_METHOD in book.role[key].may for key in chosen):
            chosen.append(next(r.key for r in book.roles if KEEPS_THE_METHOD in r.may))
        return tuple(chosen)
