"""How it went: the forms in which a person says what the customer did, or how a case ended.

At most three fields are typed (who, how long, a remark); each is filled in beforehand or may stay empty (R104).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fullkit.models import Packet, Person
from fullkit.playbook.plant import Plant
from fullkit.playbook.schema import Reason
from fullkit.web import desk, words
from fullkit.web.accelerators import letters

SPOKE = "sold_next_step not_sold ended"
MOST_COUNTED = 240
"""Minutes beyond which a timer says nothing about a conversation any more."""


class Keyed(forms.RadioSelect):
    """Radio buttons with a letter each; the letter is shown beside the words."""

    def __init__(self, keys: dict[str, str], spoken: dict[str, str]) -> None:
        super().__init__()
        self.keys, self.spoken = keys, spoken

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        if letter := self.keys.get(str(value)):
            option["attrs"] |= {"data-key": letter, "data-key-label": self.spoken[str(value)]}
        return option


def keyed(choices: Sequence[tuple[str, str]], *, label: str, required: bool = False) -> forms.ChoiceField:
    """One of several, each with its letter."""
    given = letters([text for _key, text in choices])
    shown = [(key, _with_letter(text, letter)) for (key, text), letter in zip(choices, given, strict=True)]
    widget = Keyed(dict(zip([key for key, _text in choices], given, strict=True)), dict(choices))
    return forms.ChoiceField(choices=shown, label=label, required=required, widget=widget)


def _with_letter(text: str, letter: str) -> str | SafeString:
    if not letter:
        return text
    return format_html('{} <kbd class="key" aria-hidden="true">{}</kbd>', text, letter)


def reasons(from_playbook: Iterable[Reason]) -> list[tuple[str, str]]:
    return [(r.key, r.name) for r in from_playbook]


class ConversationForm(forms.Form):
    """A conversation, or an attempt at one (R36, R46)."""

    counterpart = forms.CharField(label=gettext_lazy("With whom (their role)"), required=False, max_length=40)
    minutes = forms.FloatField(
        label=gettext_lazy("Minutes"), required=False, min_value=0, max_value=480,
        widget=forms.NumberInput(attrs={"step": "1", "inputmode": "numeric"}),
    )  # fmt: skip
    remark = forms.CharField(
        label=gettext_lazy("Remark"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 1}),
    )

    def __init__(self, packet: Packet, plant: Plant, person: Person, at: datetime, data: Any = None) -> None:
        super().__init__(data)
        self.packet, self.plant, self.at = packet, plant, at
        self.since = desk.dealt(packet, person)
        self.times = desk.quick_times(plant, at)
        book = plant.playbook.reasons
        self.fields = {
            "outcome": forms.ChoiceField(choices=[(v, w) for v, w, _hint in self._outcomes()]),
            "step": keyed(self._steps(), label=_("Next step promised for")),
            "step_at": forms.DateTimeField(
                label=_("or exactly"), required=False,
                widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            ),
            "why_not": keyed(reasons(book.not_sold), label=_("Why not")),
            "why_ended": keyed(reasons(book.lost), label=_("Why it ended")),
            "why_missed": keyed(reasons(book.attempt), label=_("What happened")),
            **self.fields,
        }  # fmt: skip
        self.fields["step"].initial = "tomorrow"
        self._require(self["outcome"].value())
        self.fields["minutes"].widget.attrs |= self._timer()
        if packet.contact is not None and packet.contact.role:
            self.fields["counterpart"].initial = packet.contact.role[:40]

    def _require(self, outcome: str | None) -> None:
        """What an outcome needs; before one is chosen each field says so for itself, since only its own are shown."""
        reasons = {"why_not": "not_sold", "why_ended": "ended", "why_missed": "attempt"}
        for name, needed_by in reasons.items():
            self.fields[name].required = outcome in (None, needed_by)
            self.fields[name].error_messages["required"] = _("Choose one.")
        self.fields["counterpart"].required = outcome != "attempt"
        self.fields["counterpart"].error_messages["required"] = _("Say who, such as buyer or plant manager.")

    def _outcomes(self) -> list[tuple[str, str, str]]:
        found = [
            ("sold_next_step", _("Next step sold"), _("They agreed to it")),
            ("not_sold", _("Not sold"), _("Comes up again")),
        ]
        if "lost" in self.plant.type(self.packet.type).outcomes or not self.packet.stage:
            found.append(("ended", _("Ended"), _("No more to win")))
        return [*found, ("attempt", _("Nobody reached"), _("An attempt"))]

    def _steps(self) -> list[tuple[str, str]]:
        times = [(key, text) for key, text, _moment in self.times]
        meetings = desk.brings_a_meeting(self.plant)
        asks = [h for h in desk.possible(self.packet, self.plant) if h.key in meetings]
        return times + [(f"by:{h.key}", _("Scheduling arranges a visit")) for h in asks]

    def _timer(self) -> dict[str, str]:
        return {
            "data-since": self.since.at.isoformat(timespec="seconds") if self.since else "",
            "placeholder": str(round(self._counted())),
        }

    def _counted(self) -> float:
        """Minutes since it was dealt: what is taken when nobody types another figure."""
        if self.since is None:
            return 0.0
        return min(max(0.0, (self.at - self.since.at).total_seconds() / 60), MOST_COUNTED)

    @property
    def is_attempt(self) -> bool:
        return bool(self.cleaned_data["outcome"] == "attempt")

    def conversation(self) -> dict[str, Any]:
        """What `conversations.record` takes."""
        given = self.cleaned_data
        outcome, step = given["outcome"], given["step"]
        step_by = step.removeprefix("by:") if step.startswith("by:") else ""
        sold = outcome == "sold_next_step"
        moments = {key: moment for key, _words, moment in self.times}
        return {
            "outcome": outcome,
            "counterpart": given["counterpart"],
            "minutes": self.length,
            "step_at": (given["step_at"] or moments.get(step)) if sold else None,
            "step_by": step_by if sold and not given["step_at"] else "",
            "reason": given["why_not"]
            if outcome == "not_sold"
            else given["why_ended"]
            if outcome == "ended"
            else "",
            "remark": given["remark"],
        }

    @property
    def length(self) -> float:
        """Minutes as typed, else as counted."""
        typed = self.cleaned_data["minutes"]
        return round(self._counted(), 1) if typed is None else float(typed)

    def shown(self, *, url: str, title: str, submit: str) -> dict[str, Any]:
        """For parts/_outcome.html."""
        chosen = self["outcome"].value()
        return {
            "url": url,
            "title": title,
            "submit": submit,
            "name": "outcome",
            "error": _("Say how it went.") if self.is_bound and "outcome" in self.errors else "",
            "choices": [(v, w, hint, v == chosen) for v, w, hint in self._outcomes()],
            "fields": [
                (self["step"], "sold_next_step"),
                (self["step_at"], "sold_next_step"),
                (self["why_not"], "not_sold"),
                (self["why_ended"], "ended"),
                (self["why_missed"], "attempt"),
                (self["counterpart"], SPOKE),
                (self["minutes"], f"{SPOKE} attempt"),
                (self["remark"], SPOKE),
            ],
        }


class CaseForm(forms.Form):
    """How a case ended; the cause only when its promise is red or broken (R54)."""

    remark = forms.CharField(
        label=gettext_lazy("Remark"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 1}),
    )

    def __init__(self, packet: Packet, plant: Plant, data: Any = None) -> None:
        super().__init__(data)
        self.packet = packet
        self.outcomes = [(o, words.named(o)) for o in plant.type(packet.type).outcomes]
        self.fields["outcome"] = forms.ChoiceField(choices=self.outcomes)
        if packet.zone and not packet.cause:
            late = _("Why it is late") if packet.zone == "black" else _("Why it is nearly late")
            self.fields["cause"] = keyed(reasons(plant.playbook.reasons.red), label=late, required=True)

    def shown(self, *, url: str, title: str, submit: str) -> dict[str, Any]:
        """For parts/_outcome.html."""
        chosen = self["outcome"].value()
        every = " ".join(key for key, _name in self.outcomes)
        cause = [(self["cause"], every)] if "cause" in self.fields else []
        return {
            "url": url,
            "title": title,
            "submit": submit,
            "name": "outcome",
            "error": _("Say how it ended.") if self.is_bound and "outcome" in self.errors else "",
            "choices": [(key, name, "", key == chosen) for key, name in self.outcomes],
            "fields": [*cause, (self["remark"], "")],
        }
