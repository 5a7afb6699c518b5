"""The playbook: one readable YAML file that is the company (idea 5 of the house).

The application runs it, the linter holds it against the rulebook, the simulator simulates it. Models are frozen;
a change of method is a new version. Durations are *working* time and read like `30m`, `4h`, `2d` (a working day
is the mean length of the calendar's days). Keys are lower-case words joined by `_`; they are what the log stores,
so renaming one is a new thing.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, time
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import available_timezones

import holidays
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)


def _one_line(value: object) -> object:
    """Text that a page, a log and a database can hold: one line, in any script, without control characters."""
    if not isinstance(value, str):
        return value
    value = " ".join(value.split())
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in value):
        raise ValueError("text without control characters")
    return value


Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["inside_sales"])]
Name = Annotated[str, BeforeValidator(_one_line), Field(min_length=1, max_length=80)]
Sentence = Annotated[str, BeforeValidator(_one_line), Field(min_length=1, max_length=600)]

ABILITIES = ("work", "sell", "promote", "schedule", "supervise", "manage", "method")
Ability = Literal["work", "sell", "promote", "schedule", "supervise", "manage", "method"]
Screen = Literal["next", "today", "queues", "calendar", "flow", "inbox", "method"]
Chain = Literal["growth", "bau"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
FileType = Literal["pdf", "png", "jpg", "xlsx", "docx", "dxf", "step", "csv", "txt"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DURATION = re.compile(r"^([0-9]{1,4}(?:\.[0-9]{1,2})?)(m|h|d)$")
_CLOCK = re.compile(r"^([01]?[0-9]|2[0-3]):([0-5][0-9])$")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


def _duration(value: object) -> object:
    """Longer than nothing, and text, since a bare number has no unit."""
    text = value.strip() if isinstance(value, str) else ""
    match = _DURATION.match(text)
    if match is None or float(match[1]) == 0:
        raise ValueError("a working time like 30m, 4h or 2d")
    return text


_DURATION_IN_JSON = {"type": "string", "pattern": _DURATION.pattern, "examples": ["30m", "4h", "2d"]}
Duration = Annotated[str, BeforeValidator(_duration), WithJsonSchema(_DURATION_IN_JSON)]


def _clock(value: object) -> object:
    """A time of day as text: a number would be read as seconds."""
    if isinstance(value, time):
        return value
    match = _CLOCK.match(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError("a time of day like 08:00")
    return time(int(match[1]), int(match[2]))


_CLOCK_IN_JSON = {"type": "string", "pattern": _CLOCK.pattern, "examples": ["08:00"]}
Clock = Annotated[time, BeforeValidator(_clock), WithJsonSchema(_CLOCK_IN_JSON)]


def minutes(duration: str, *, day_minutes: float) -> float:
    """Working minutes of a duration such as `4h`; `day_minutes` is the length of a working day."""
    match = _DURATION.match(duration)
    if match is None:
        raise ValueError(f"{duration!r} is not a working time like 30m, 4h or 2d")
    number, unit = float(match[1]), match[2]
    return number * {"m": 1.0, "h": 60.0, "d": day_minutes}[unit]


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("a time zone of the IANA list, such as Europe/Berlin or America/Chicago")
    return value


# --- company and calendar ------------------------------------------------------------------------------------


class Company(_Part):
    name: Name
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["USD", "EUR"])]
    zone: Annotated[str, AfterValidator(_zone)]
    margin: Annotated[Decimal, Field(gt=0, le=1)] = Decimal("0.30")
    """Throughput as a share of revenue: what is left after truly variable cost."""


def _hours(value: object) -> object:
    """`08:00-12:00` or a list of them becomes a tuple of (start, end)."""
    spans = [value] if isinstance(value, str) else value
    if not isinstance(spans, (list, tuple)):
        return value
    out = []
    for span in spans:
        if not isinstance(span, str):
            out.append(span)
            continue
        start, dash, end = span.partition("-")
        if not (dash and _CLOCK.match(start.strip()) and _CLOCK.match(end.strip())):
            raise ValueError("hours like 08:00-17:00, or a list of them")
        out.append((start, end))
    return tuple(out)


_SPAN_IN_JSON = {
    "type": "string",
    "pattern": r"^\s*[0-2]?[0-9]:[0-5][0-9]\s*-\s*[0-2]?[0-9]:[0-5][0-9]\s*$",
    "examples": ["08:00-17:00"],
}
_SPANS_IN_JSON = {"anyOf": [_SPAN_IN_JSON, {"type": "array", "items": _SPAN_IN_JSON}]}
Spans = Annotated[
    tuple[tuple[Clock, Clock], ...],
    BeforeValidator(_hours),
    WithJsonSchema(_SPANS_IN_JSON, mode="validation"),
]


class Holidays(_Part):
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    subdivision: Name | None = None
    extra: dict[date, Name] = {}
    """Days the company is closed besides the country's holidays."""
    worked: tuple[date, ...] = ()
    """Public holidays on which the company works."""

    @model_validator(mode="after")
    def _known_to_the_holidays_library(self) -> Holidays:
        known = holidays.list_supported_countries()
        if self.country is None:
            if self.subdivision:
                raise ValueError("a country before its subdivision")
        elif self.country not in known:
            raise ValueError("the two letters of a country whose holidays are known, such as US or DE")
        elif self.subdivision and self.subdivision not in known[self.country]:
            raise ValueError(
                f"a subdivision of {self.country}: {', '.join(known[self.country]) or 'it has none'}"
            )
        return self


class Calendar(_Part):
    hours: dict[Weekday, Spans]
    holidays: Holidays = Holidays()

    @model_validator(mode="after")
    def _spans_in_order(self) -> Calendar:
        if not any(self.hours.values()):
            raise ValueError("at least one day with working hours")
        for day, spans in self.hours.items():
            last = time.min
            for start, end in spans:
                if start >= end or start < last:
                    raise ValueError(f"{day}: spans that start before they end and do not overlap")
                last = end
        return self


# --- who -----------------------------------------------------------------------------------------------------


class Department(_Part):
    key: Key
    name: Name
    chain: Chain
    inbox: Literal["shared", "personal"] = "shared"
    """shared: anyone in the department is dealt its oldest packet. personal: a packet is released to one person."""
    works: tuple[Key, ...]
    """The packet types this department works; a handoff of any other type to it is an error."""
    lease: Duration = "1h"
    """How long a packet stays in someone's hands without a word before it comes back."""
    closed: dict[date, Name] = {}
    """Days on which this department alone does not work."""


class Role(_Part):
    key: Key
    name: Name
    department: Key
    may: tuple[Ability, ...] = ("work",)
    selling: Literal["inside", "field"] | None = None
    opens_on: Screen = "next"
    target_per_day: Annotated[int, Field(ge=0, le=500)] | None = None
    """Meaningful selling interactions (inside) or meetings (field) a day; R41, R42."""


class PersonEntry(_Part):
    sign_in: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._@+-]{0,79}$")]
    name: Name
    roles: Annotated[tuple[Key, ...], Field(min_length=1)]
    consumption: Annotated[float, Field(gt=0, le=200)] | None = None
    """New opportunities a day, where this person's pace differs from the queue's."""


# --- packets and kits ----------------------------------------------------------------------------------------


class FieldSpec(_Part):
    key: Key
    name: Name
    kind: Literal["text", "number", "money", "date", "choice", "yes_no", "link"] = "text"
    choices: tuple[Name, ...] = ()
    required: bool = False
    """Required to arrive. A kit asks for the rest."""

    @model_validator(mode="after")
    def _choices_for_a_choice(self) -> FieldSpec:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError("choices, with kind: choice and only with it")
        return self


class PacketType(_Part):
    key: Key
    name: Name
    prefix: Annotated[str, Field(pattern=r"^[A-Z]{1,4}$")]
    home: Key
    """The department it arrives in when inertia favours us or nothing else is said."""
    chain: Chain | None = None
    promise: Duration | None = None
    process: Key | None = None
    fields: tuple[FieldSpec, ...] = ()
    outcomes: Annotated[tuple[Key, ...], Field(min_length=1)] = ("done", "cancelled")
    inbound: bool = True
    """Whether it may arrive from outside (mail, form, phone, API)."""
    repair: bool = False
    """Work on it is repair of order-to-delivery (R102)."""


class Predicate(_Part):
    """What makes a kit item objective (R5): one typed test that two people judge alike."""

    present: Literal[True] | None = None
    one_of: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    between: tuple[Decimal, Decimal] | None = None
    future_date: Literal[True] | None = None
    file_of: Annotated[tuple[FileType, ...], Field(min_length=1)] | None = None
    """Allowed file types by their extension."""
    ticked: Literal[True] | None = None
    """A box ticked with evidence: a link, a reference or a name and date that another person can check."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Predicate:
        given = [k for k in type(self).model_fields if getattr(self, k) is not None]
        if len(given) != 1:
            raise ValueError("exactly one of present, one_of, between, future_date, file_of, ticked")
        if self.between is not None and self.between[0] > self.between[1]:
            raise ValueError("between: the smaller number first")
        return self

    @property
    def kind(self) -> str:
        return next(k for k in type(self).model_fields if getattr(self, k) is not None)


class KitItem(_Part):
    key: Key
    name: Name
    is_: Annotated[Predicate, Field(alias="is")]
    criterion: Sentence
    test: Sentence
    decision: Sentence
    fact: (
        Annotated[str, Field(pattern=r"^(customer|contact|value|family|field\.[a-z][a-z0-9_]*)$")] | None
    ) = None
    """A fact of the packet that already answers this item, such as `contact` or `field.drawing_no`."""
    model_config = ConfigDict(populate_by_name=True)


class HandoffType(_Part):
    key: Key
    name: Name
    from_: Annotated[Key, Field(alias="from")]
    to: Key
    moves: Key | None = None
    """The packet type that changes hands ..."""
    makes: Key | None = None
    """... or the packet type that is made for the receiver while the sender keeps the packet it serves."""
    makes_from: Annotated[tuple[Key, ...], Field()] = ()
    """With `makes`: the packet types it may be opened on (empty: any)."""
    automatic_on: Key | None = None
    """The outcome of a `makes_from` packet that opens this handoff by itself (R92: `won`)."""
    connector: bool = False
    """An interface between hunting and farming (R99)."""
    kit: tuple[KitItem, ...]
    grace: Duration | None = None
    """How long a full kit waits before ownership moves. Default none: at once (R2)."""
    model_config = ConfigDict(populate_by_name=True)

    @model_validator(mode="after")
    def _moves_or_makes(self) -> HandoffType:
        if (self.moves is None) == (self.makes is None):
            raise ValueError("exactly one of moves (the packet itself) or makes (a new packet)")
        return self

    @property
    def packet_type(self) -> str:
        return self.moves or self.makes or ""


# --- processes, queues, calendar -----------------------------------------------------------------------------


class Evidence(_Part):
    kind: Literal["link", "file", "contact_and_date"]
    says: Sentence


class Stage(_Part):
    key: Key
    name: Name
    customer_action: Sentence
    """What the customer did that ends this stage (R76)."""
    evidence: Evidence
    sells: Sentence
    """The next step that a conversation in this stage asks for (R36)."""
    promised_minutes: Annotated[int, Field(gt=0, le=480)] | None = None
    """For a step of fixed length such as a briefing (R37)."""
    chance: Annotated[float, Field(ge=0, le=1)] = 0.2
    """Chance of a win from here, until the log knows better."""
    hours_left: Annotated[float, Field(gt=0)] = 2.0
    """Expected remaining hours of the constraint from here."""


class Charter(_Part):
    starts_when: Sentence
    ends_when: Sentence
    output: Sentence
    customer: Sentence
    owner: Key
    """A role. Owning a process is not a position (R100)."""
    measures: Annotated[tuple[Sentence, ...], Field(min_length=1)]


class Process(_Part):
    key: Key
    name: Name
    kind: Literal["hunting", "farming"]
    chain: Chain
    charter: Charter | None = None
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]


class Queue(_Part):
    department: Key
    """A department with a personal inbox."""
    release: Key
    """The handoff type that fills it; its sender holds the pool."""
    consumption: Annotated[float, Field(gt=0, le=200)] = 12
    cover_days: Annotated[float, Field(gt=0, le=30)] = 2
    active_life_days: Annotated[float, Field(gt=0, le=120)] = 6
    in_play: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=1)]] = (60, 90)
    fresh_days: Annotated[float, Field(gt=0)] = 30
    stale_days: Annotated[float, Field(gt=0)] = 10
    age_guard_days: Annotated[float, Field(gt=0)] = 5
    retry_after: Duration = "2d"
    """When an unanswered attempt comes up again."""
    attempts: Annotated[int, Field(ge=1, le=50)] = 6
    gives_up_as: Key = "not_reached"
    """The outcome after that many attempts reached nobody."""
    replenishment_days: Annotated[float, Field(gt=0)] = 1
    incident: Key | None = None
    """The packet type opened in the pool's department when a queue starves (R28)."""

    @model_validator(mode="after")
    def _few_before_many(self) -> Queue:
        if self.in_play[0] > self.in_play[1]:
            raise ValueError("in_play: the smaller number first")
        return self


class Slots(_Part):
    role: Key
    times: Annotated[tuple[Clock, ...], Field(min_length=1)] = (time(9), time(11), time(13, 30), time(15, 30))
    minutes: Annotated[int, Field(gt=0, le=480)] = 60
    handoff: Key
    """The handoff whose kit a booking supplies."""
    item: Key
    """The kit item that the booked time is."""


class Reason(_Part):
    key: Key
    name: Name


class Reasons(_Part):
    skip: Annotated[tuple[Reason, ...], Field(min_length=1)]
    put_back: Annotated[tuple[Reason, ...], Field(min_length=1)]
    not_sold: Annotated[tuple[Reason, ...], Field(min_length=1)]
    lost: Annotated[tuple[Reason, ...], Field(min_length=1)]
    red: Annotated[tuple[Reason, ...], Field(min_length=1)]
    attempt: Annotated[tuple[Reason, ...], Field(min_length=1)]
    repair: Annotated[tuple[Reason, ...], Field(min_length=1)]
    defection: tuple[Reason, ...] = ()


class Term(_Part):
    term: Name
    criterion: Sentence
    test: Sentence
    decision: Sentence
    owner: Key
    examples_in: tuple[Sentence, ...] = ()
    examples_out: tuple[Sentence, ...] = ()


class Arrivals(_Part):
    """Where what arrives goes, by inertia (R9, R10)."""

    yours_to_win: Key
    """The packet type an arrival becomes when a competitor has the inertia; it goes to that type's home, the pool."""
    undecided: Key
    """The packet type an arrival of unknown kind becomes, for triage."""
    recent: Annotated[float, Field(gt=0)] = 1.5
    lapsed: Annotated[float, Field(gt=0)] = 3.0


class Switches(_Part):
    """Policies on which reasonable companies differ; each is a setting with a default (rulebook section 8)."""

    revenue_hidden_from_salespeople: bool = True
    waiting_on_customer_stops_promise: bool = False
    yours_to_lose_alarm: Annotated[float, Field(ge=0, le=1)] = 0.10
    conversion_too_high: Annotated[float, Field(gt=0, le=1)] = 0.8


class Playbook(_Part):
    """A whole company. `fullkit check FILE` lints it against the rulebook."""

    fullkit: Literal[1] = 1
    company: Company
    calendar: Calendar
    departments: Annotated[tuple[Department, ...], Field(min_length=1)]
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    people: tuple[PersonEntry, ...] = ()
    packet_types: Annotated[tuple[PacketType, ...], Field(min_length=1)]
    handoffs: tuple[HandoffType, ...] = ()
    processes: tuple[Process, ...] = ()
    queues: tuple[Queue, ...] = ()
    slots: tuple[Slots, ...] = ()
    arrivals: Arrivals
    reasons: Reasons
    terms: tuple[Term, ...] = ()
    switches: Switches = Switches()
    model_config = ConfigDict(ignored_types=(cached_property,))

    @cached_property
    def department(self) -> dict[str, Department]:
        return {d.key: d for d in self.departments}

    @cached_property
    def role(self) -> dict[str, Role]:
        return {r.key: r for r in self.roles}

    @cached_property
    def person(self) -> dict[str, PersonEntry]:
        return {p.sign_in: p for p in self.people}

    @cached_property
    def packet_type(self) -> dict[str, PacketType]:
        return {t.key: t for t in self.packet_types}

    @cached_property
    def handoff(self) -> dict[str, HandoffType]:
        return {h.key: h for h in self.handoffs}

    @cached_property
    def process(self) -> dict[str, Process]:
        return {p.key: p for p in self.processes}

    @cached_property
    def queue(self) -> dict[str, Queue]:
        """Queues by the department they feed."""
        return {q.department: q for q in self.queues}

    def chain_of(self, packet_type: str) -> Chain:
        """The type's own chain, else its process's, else its home department's (R59)."""
        kind = self.packet_type[packet_type]
        if kind.chain:
            return kind.chain
        if kind.process:
            return self.process[kind.process].chain
        return self.department[kind.home].chain

    def stages_of(self, packet_type: str) -> tuple[Stage, ...]:
        """The stages a packet of this type passes; empty when it has no process."""
        process = self.packet_type[packet_type].process
        return self.process[process].stages if process else ()
