"""The forms that change the method. Each shows one part of the playbook and gives back a changed one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, get_args

from django import forms
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fullkit.playbook import edit
from fullkit.playbook.schema import FileType, KitItem, Playbook, Reasons, Stage

_WORDS: Any = forms.Textarea(attrs={"rows": 2})


def key_from(name: str, taken: Mapping[str, Any] | set[str]) -> str:
    """A key for a name: `Drawing, approved` becomes `drawing_approved`; a number is added when it is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    key = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:36]
    key = key if key[:1].isalpha() else f"k_{key}".rstrip("_")
    return next(k for k in (key, *(f"{key}_{n}" for n in range(2, 1000))) if k not in taken)


class ChangeForm(forms.Form):
    """A change of one part. `where` are the keys of the part, from the address."""

    title: ClassVar[Any] = ""
    reason: ClassVar[Any] = ""
    """A reason that fits nearly always, where there is one."""

    def __init__(self, book: Playbook, where: Mapping[str, str], data: Any = None) -> None:
        super().__init__(data)
        self.book, self.where = book, where
        self.build()

    def build(self) -> None:
        """Set choices and present values; raises Http404 when the part is not in the playbook."""

    def apply(self) -> Playbook:
        """The changed playbook. Raises PlaybookError."""
        raise NotImplementedError

    @property
    def subject(self) -> str:
        """What is changed, for the heading."""
        return ""

    def part(self, parts: Mapping[str, Any], name: str) -> Any:
        """The part the address names."""
        if self.where.get(name) not in parts:
            raise Http404
        return parts[self.where[name]]


class PromiseForm(ChangeForm):
    title = gettext_lazy("Change a promise")
    promise = forms.CharField(
        label=gettext_lazy("Promise, in working time"),
        max_length=8,
        required=False,
        help_text=gettext_lazy("Such as 30m, 4h or 2d; empty promises nothing."),
    )

    def build(self) -> None:
        self.type = self.part(self.book.packet_type, "type")
        self.fields["promise"].initial = self.type.promise

    @property
    def subject(self) -> str:
        return str(self.type.name)

    def apply(self) -> Playbook:
        return edit.change_promise(self.book, self.type.key, self.cleaned_data["promise"] or None)


class QueueForm(ChangeForm):
    title = gettext_lazy("Change a queue")
    consumption = forms.FloatField(
        label=gettext_lazy("New opportunities a person uses up a day"), min_value=0.1, max_value=200
    )
    cover_days = forms.FloatField(label=gettext_lazy("Days to cover"), min_value=0.1, max_value=30)
    in_play_low = forms.IntegerField(label=gettext_lazy("In play, at least"), min_value=0, max_value=1000)
    in_play_high = forms.IntegerField(label=gettext_lazy("In play, at most"), min_value=1, max_value=1000)
    active_life_days = forms.FloatField(
        label=gettext_lazy("Working days an opportunity lives"), min_value=0.1, max_value=120
    )
    fresh_days = forms.FloatField(label=gettext_lazy("Days an opportunity stays fresh"), min_value=0.1)
    stale_days = forms.FloatField(
        label=gettext_lazy("Untouched working days until it goes back to the pool"), min_value=0.1
    )
    age_guard_days = forms.FloatField(label=gettext_lazy("Days nothing may wait longer than"), min_value=0.1)
    attempts = forms.IntegerField(
        label=gettext_lazy("Attempts before it is given up"), min_value=1, max_value=50
    )

    PLAIN = (
        "consumption",
        "cover_days",
        "active_life_days",
        "fresh_days",
        "stale_days",
        "age_guard_days",
        "attempts",
    )

    def build(self) -> None:
        self.queue = self.part(self.book.queue, "department")
        for name in self.PLAIN:
            self.fields[name].initial = f"{getattr(self.queue, name):g}"
        self.fields["in_play_low"].initial, self.fields["in_play_high"].initial = self.queue.in_play

    @property
    def subject(self) -> str:
        return self.book.department[self.queue.department].name

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("in_play_low", 0) > given.get("in_play_high", 0):
            self.add_error(
                "in_play_high", _("This is less than the number above; write the larger one here.")
            )
        return given

    def apply(self) -> Playbook:
        given = self.cleaned_data
        changes = {name: given[name] for name in self.PLAIN if given[name] != getattr(self.queue, name)}
        in_play = [given["in_play_low"], given["in_play_high"]]
        if in_play != list(self.queue.in_play):
            changes["in_play"] = in_play
        return edit.change_queue(self.book, self.queue.department, changes)


class KitItemForm(ChangeForm):
    """An item two people judge alike: what is checked, its criterion, test and decision (R5, R79)."""

    title = gettext_lazy("Change a kit")
    KINDS: ClassVar[list[tuple[str, Any]]] = [
        ("present", gettext_lazy("Given at all")),
        ("one_of", gettext_lazy("One of a list")),
        ("between", gettext_lazy("A number between two others")),
        ("future_date", gettext_lazy("A date that lies ahead")),
        ("file_of", gettext_lazy("A file")),
        ("ticked", gettext_lazy("A box, ticked with evidence that can be checked")),
    ]
    name = forms.CharField(label=gettext_lazy("Item"), max_length=80)
    kind = forms.ChoiceField(
        label=gettext_lazy("What is checked"),
        choices=KINDS,
        widget=forms.RadioSelect(attrs={"data-reveals": True}),
    )
    choices = forms.CharField(
        label=gettext_lazy("The list, one on each line"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    least = forms.DecimalField(label=gettext_lazy("Least"), required=False)
    most = forms.DecimalField(label=gettext_lazy("Most"), required=False)
    file_types = forms.MultipleChoiceField(
        label=gettext_lazy("File types"),
        required=False,
        choices=[(t, t) for t in get_args(FileType)],
        widget=forms.CheckboxSelectMultiple(),
    )
    fact = forms.ChoiceField(
        label=gettext_lazy("Answered already by"),
        required=False,
        help_text=gettext_lazy("Something the packet knows, so that nobody types it twice."),
    )
    criterion = forms.CharField(
        label=gettext_lazy("Criterion: what it must be"), max_length=600, widget=_WORDS
    )
    test = forms.CharField(label=gettext_lazy("Test: how anyone checks it"), max_length=600, widget=_WORDS)
    decision = forms.CharField(
        label=gettext_lazy("Decision: when it counts as given"), max_length=600, widget=_WORDS
    )

    WHEN: ClassVar[dict[str, str]] = {
        "choices": "one_of",
        "least": "between",
        "most": "between",
        "file_types": "file_of",
    }
    """Fields that belong to one kind."""

    def build(self) -> None:
        self.handoff = self.part(self.book.handoff, "handoff")
        self.item: KitItem | None = next(
            (i for i in self.handoff.kit if i.key == self.where.get("item")), None
        )
        if self.where.get("item") and self.item is None:
            raise Http404
        self.fields["fact"].choices = self._facts()  # type: ignore[attr-defined]
        self.fields["kind"].initial = "present"
        if self.item is not None:
            for name in ("name", "criterion", "test", "decision", "fact"):
                self.fields[name].initial = getattr(self.item, name)
            self._fill(self.item)

    def _facts(self) -> list[tuple[str, Any]]:
        about = self.book.packet_type[self.handoff.packet_type]
        own = [
            ("customer", _("Customer")),
            ("contact", _("Contact")),
            ("value", _("Value")),
            ("family", _("Product family")),
        ]
        return [
            ("", _("nothing; the sender supplies it")),
            *own,
            *((f"field.{f.key}", f.name) for f in about.fields),
        ]

    def _fill(self, item: KitItem) -> None:
        kind = item.is_.kind
        self.fields["kind"].initial = kind
        if kind == "one_of":
            self.fields["choices"].initial = "\n".join(item.is_.one_of or ())
        if kind == "between" and item.is_.between:
            self.fields["least"].initial, self.fields["most"].initial = item.is_.between
        if kind == "file_of":
            self.fields["file_types"].initial = list(item.is_.file_of or ())

    @property
    def subject(self) -> str:
        return f"{self.handoff.name}: {self.item.name}" if self.item else self.handoff.name

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        kind = given.get("kind")
        wanted = {"one_of": ["choices"], "between": ["least", "most"], "file_of": ["file_types"]}.get(
            kind or "", []
        )
        for name in wanted:
            if given.get(name) in (None, "", []):
                self.add_error(name, _("This is needed for what is checked."))
        return given

    def apply(self) -> Playbook:
        given = self.cleaned_data
        row = {name: given[name] for name in ("name", "criterion", "test", "decision")}
        row |= {"is": self._predicate(given), "fact": given["fact"] or None}
        if self.item is not None:
            return edit.change_kit_item(self.book, self.handoff.key, self.item.key, row)
        key = key_from(given["name"], {i.key for i in self.handoff.kit})
        item = {"key": key, **{k: v for k, v in row.items() if v is not None}}
        return edit.add_kit_item(self.book, self.handoff.key, item)

    @staticmethod
    def _predicate(given: Mapping[str, Any]) -> dict[str, Any]:
        match given["kind"]:
            case "one_of":
                return {"one_of": [line.strip() for line in given["choices"].splitlines() if line.strip()]}
            case "between":
                return {"between": [given["least"], given["most"]]}
            case "file_of":
                return {"file_of": given["file_types"]}
        return {given["kind"]: True}


class StageForm(ChangeForm):
    """A stage ends with something the customer did (R76)."""

    title = gettext_lazy("Change a process")
    EVIDENCE: ClassVar[list[tuple[str, Any]]] = [
        ("contact_and_date", gettext_lazy("A name and a date")),
        ("link", gettext_lazy("A link")),
        ("file", gettext_lazy("A file")),
    ]
    name = forms.CharField(label=gettext_lazy("Stage"), max_length=80)
    customer_action = forms.CharField(
        label=gettext_lazy("What the customer does that ends it"), max_length=600, widget=_WORDS
    )
    evidence_kind = forms.ChoiceField(label=gettext_lazy("Evidence"), choices=EVIDENCE)
    evidence_says = forms.CharField(label=gettext_lazy("What is asked for as evidence"), max_length=600)
    sells = forms.CharField(
        label=gettext_lazy("The next step a conversation asks for"), max_length=600, widget=_WORDS
    )
    chance = forms.FloatField(
        label=gettext_lazy("Chance of a win from here, 0 to 1"), min_value=0, max_value=1
    )
    hours_left = forms.FloatField(label=gettext_lazy("Selling hours left from here"), min_value=0.1)
    place = forms.IntegerField(label=gettext_lazy("Place among the stages"), min_value=1, max_value=50)

    def build(self) -> None:
        self.process = self.part(self.book.process, "process")
        stages = self.process.stages
        self.stage: Stage | None = next((s for s in stages if s.key == self.where.get("stage")), None)
        if self.where.get("stage") and self.stage is None:
            raise Http404
        self.fields["chance"].initial, self.fields["hours_left"].initial = 0.2, 2
        self.fields["place"].initial = len(stages) + 1
        if self.stage is not None:
            for name in ("name", "customer_action", "sells"):
                self.fields[name].initial = getattr(self.stage, name)
            self.fields["chance"].initial = f"{self.stage.chance:g}"
            self.fields["hours_left"].initial = f"{self.stage.hours_left:g}"
            self.fields["evidence_kind"].initial = self.stage.evidence.kind
            self.fields["evidence_says"].initial = self.stage.evidence.says
            self.fields["place"].initial = stages.index(self.stage) + 1

    @property
    def subject(self) -> str:
        return f"{self.process.name}: {self.stage.name}" if self.stage else self.process.name

    def apply(self) -> Playbook:
        given = self.cleaned_data
        own = self.stage.model_dump(exclude_defaults=True) if self.stage else {}
        row = own | {
            name: given[name] for name in ("name", "customer_action", "sells", "chance", "hours_left")
        }
        row["evidence"] = {"kind": given["evidence_kind"], "says": given["evidence_says"]}
        row["key"] = (
            self.stage.key if self.stage else key_from(given["name"], {s.key for s in self.process.stages})
        )
        rows = [s.model_dump(exclude_defaults=True) for s in self.process.stages if s is not self.stage]
        rows.insert(given["place"] - 1, {"key": row.pop("key"), **row})
        return edit.replace_in(self.book, ("processes", self.process.key, "stages"), rows)


class ReasonForm(ChangeForm):
    title = gettext_lazy("Add a reason")
    name = forms.CharField(label=gettext_lazy("Reason"), max_length=80)

    def build(self) -> None:
        self.kind = self.where.get("kind", "")
        if self.kind not in Reasons.model_fields:
            raise Http404

    @property
    def subject(self) -> str:
        return str(REASON_KINDS[self.kind])

    def apply(self) -> Playbook:
        taken = {r.key for r in getattr(self.book.reasons, self.kind)}
        name = self.cleaned_data["name"]
        return edit.add_reason(self.book, self.kind, key=key_from(name, taken), name=name)  # type: ignore[arg-type]


class ClosedDayForm(ChangeForm):
    """A day on which a department, or the whole company, does not work; promises stand still on it."""

    title = gettext_lazy("Close a day")
    department = forms.ChoiceField(label=gettext_lazy("Who is closed"), required=False)
    day = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    why = forms.CharField(label=gettext_lazy("Why"), max_length=80)

    def build(self) -> None:
        everyone = [("", _("The whole company"))]
        self.fields["department"].choices = everyone + [(d.key, d.name) for d in self.book.departments]  # type: ignore[attr-defined]
        self.fields["department"].initial = self.where.get("department", "")

    def apply(self) -> Playbook:
        given = self.cleaned_data
        if given["department"]:
            return edit.close_department(self.book, given["department"], given["day"], given["why"])
        extra: dict[date, str] = {**self.book.calendar.holidays.extra, given["day"]: given["why"]}
        days = {day.isoformat(): why for day, why in sorted(extra.items())}
        return edit.replace_in(self.book, ("calendar", "holidays", "extra"), days)


REASON_KINDS = {
    "skip": gettext_lazy("Skipping"),
    "put_back": gettext_lazy("Putting back"),
    "not_sold": gettext_lazy("Next step not sold"),
    "lost": gettext_lazy("Opportunity lost"),
    "red": gettext_lazy("A promise red or black"),
    "attempt": gettext_lazy("Attempt without a conversation"),
    "repair": gettext_lazy("Repair of deliveries"),
}
