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
    """The three letters of the currency in which amounts are given."""
    zone: Annotated[str, AfterValidator(_zone)]
    """The IANA time zone of the company's day, such as America/Chicago."""
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
    """Two letters; its public holidays are free."""
    subdivision: Name | None = None
    """A state or province of the country, for its own holidays."""
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
    """Working hours by day of the week; a day that is left out is free."""
    holidays: Holidays = Holidays()
    """Days on which the company does not work, whatever the weekday."""

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
    """growth wins new business, bau (business as usual) keeps the old; their time is kept apart (R59)."""
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
    """Where people with this role work; the first role's department is a person's home."""
    may: tuple[Ability, ...] = ("work",)
    """Its abilities: what its people can do beyond reading."""
    selling: Literal["inside", "field"] | None = None
    """Where it sells, if it does; nobody has both (R14)."""
    opens_on: Screen = "next"
    """The page its people see first after signing in."""
    target_per_day: Annotated[int, Field(ge=0, le=500)] | None = None
    """Meaningful selling interactions (inside) or meetings (field) a day; R41, R42."""


class PersonEntry(_Part):
    sign_in: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._@+-]{0,79}$")]
    """The name to sign in with."""
    name: Name
    roles: Annotated[tuple[Key, ...], Field(min_length=1)]
    """The first one gives the home department."""
    consumption: Annotated[float, Field(gt=0, le=200)] | None = None
    """New opportunities a day, where this person's pace differs from the queue's."""


# --- packets and kits ----------------------------------------------------------------------------------------


class FieldSpec(_Part):
    key: Key
    name: Name
    kind: Literal["text", "number", "money", "date", "choice", "yes_no", "link"] = "text"
    """What it holds; entered values are held against it."""
    choices: tuple[Name, ...] = ()
    """For a choice, what can be chosen."""
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
    """The letters before its number: O makes O-1042."""
    home: Key
    """The department it arrives in when inertia favours us or nothing else is said."""
    chain: Chain | None = None
    """Where it differs from its process's or its home's."""
    promise: Duration | None = None
    """The working time within which it is completed in the department that has it (R54)."""
    process: Key | None = None
    """The process whose stages it passes."""
    fields: tuple[FieldSpec, ...] = ()
    """What is known of one, besides customer, contact, value and family."""
    outcomes: Annotated[tuple[Key, ...], Field(min_length=1)] = ("done", "cancelled")
    """How it can end."""
    inbound: bool = True
    """Whether it may arrive from outside (mail, form, phone, API)."""
    repair: bool = False
    """Work on it is repair of order-to-delivery (R102)."""


class Predicate(_Part):
    """What makes a kit item objective (R5): one typed test that two people judge alike."""

    present: Literal[True] | None = None
    """Something is there."""
    one_of: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    """One of these words."""
    between: tuple[Decimal, Decimal] | None = None
    """A number from the first to the second, both included."""
    future_date: Literal[True] | None = None
    """A date after today."""
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
    """The one test that decides."""
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
    """The department that gives."""
    to: Key
    """The department that takes over."""
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
    """What must be present before ownership moves (R1)."""
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
    """What has to be given when the stage ends."""
    says: Sentence
    """The question that asks for it."""


class Stage(_Part):
    key: Key
    name: Name
    customer_action: Sentence
    """What the customer did that ends this stage (R76)."""
    evidence: Evidence
    """How the customer's action is shown."""
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
    """What begins the process."""
    ends_when: Sentence
    """What ends it."""
    output: Sentence
    """What comes out."""
    customer: Sentence
    """Who receives the output."""
    owner: Key
    """A role. Owning a process is not a position (R100)."""
    measures: Annotated[tuple[Sentence, ...], Field(min_length=1)]
    """By what one sees that it works."""


class Process(_Part):
    key: Key
    name: Name
    kind: Literal["hunting", "farming"]
    """The two are measured apart and never added up (R99)."""
    chain: Chain
    """Which of the two chains it belongs to."""
    charter: Charter | None = None
    """Asked for by `fullkit check` (R101)."""
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    """In their order; the end of the last one is a win."""


class Queue(_Part):
    department: Key
    """A department with a personal inbox."""
    release: Key
    """The handoff type that fills it; its sender holds the pool."""
    consumption: Annotated[float, Field(gt=0, le=200)] = 12
    """New opportunities one person uses up a day."""
    cover_days: Annotated[float, Field(gt=0, le=30)] = 2
    """How many days the morning's ready ones should last; with consumption, the target (R26)."""
    active_life_days: Annotated[float, Field(gt=0, le=120)] = 6
    """Working days from the first contact to the end, on average."""
    in_play: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=1)]] = (60, 90)
    """The usual number in play per person; above the second nothing is released (R27)."""
    fresh_days: Annotated[float, Field(gt=0)] = 30
    """Days after which one in the pool is no longer fresh."""
    stale_days: Annotated[float, Field(gt=0)] = 10
    """Days after which one that nobody touched goes back to the pool (R27)."""
    age_guard_days: Annotated[float, Field(gt=0)] = 5
    """Working days after which one is dealt for its age, whatever it is worth."""
    retry_after: Duration = "2d"
    """When an unanswered attempt comes up again."""
    attempts: Annotated[int, Field(ge=1, le=50)] = 6
    """Attempts that reach nobody before it ends by itself."""
    gives_up_as: Key = "not_reached"
    """The outcome after that many attempts reached nobody."""
    replenishment_days: Annotated[float, Field(gt=0)] = 1
    """The time in which an order for more is filled: the rhythm of advice and rest (R29)."""
    incident: Key | None = None
    """The packet type opened in the pool's department when a queue starves (R28)."""

    @model_validator(mode="after")
    def _few_before_many(self) -> Queue:
        if self.in_play[0] > self.in_play[1]:
            raise ValueError("in_play: the smaller number first")
        return self


class Slots(_Part):
    role: Key
    """Whose day has these slots."""
    times: Annotated[tuple[Clock, ...], Field(min_length=1)] = (time(9), time(11), time(13, 30), time(15, 30))
    """When the day's slots begin."""
    minutes: Annotated[int, Field(gt=0, le=480)] = 60
    """The length of one."""
    handoff: Key
    """The handoff whose kit a booking supplies."""
    item: Key
    """The kit item that the booked time is."""


class Reason(_Part):
    key: Key
    name: Name


class Reasons(_Part):
    skip: Annotated[tuple[Reason, ...], Field(min_length=1)]
    """Why a dealt packet may be passed over."""
    put_back: Annotated[tuple[Reason, ...], Field(min_length=1)]
    """Why it may be given back."""
    not_sold: Annotated[tuple[Reason, ...], Field(min_length=1)]
    """Why the next step was not sold."""
    lost: Annotated[tuple[Reason, ...], Field(min_length=1)]
    """Why an opportunity ended."""
    red: Annotated[tuple[Reason, ...], Field(min_length=1)]
    """Why a promise ran into its last third or was broken (R54)."""
    attempt: Annotated[tuple[Reason, ...], Field(min_length=1)]
    """Why nobody could be talked to."""
    repair: Annotated[tuple[Reason, ...], Field(min_length=1)]
    """What in order-to-delivery had to be repaired (R102)."""


class Term(_Part):
    term: Name
    """A word that is counted."""
    criterion: Sentence
    test: Sentence
    decision: Sentence
    owner: Key
    """The role that may change it."""
    examples_in: tuple[Sentence, ...] = ()
    """What it includes."""
    examples_out: tuple[Sentence, ...] = ()
    """What it does not."""


class Arrivals(_Part):
    """Where what arrives goes, by inertia (R9, R10)."""

    yours_to_win: Key
    """The packet type an arrival becomes when a competitor has the inertia; it goes to that type's home, the pool."""
    undecided: Key
    """The packet type an arrival of unknown kind becomes, for triage."""
    recent: Annotated[float, Field(gt=0)] = 1.5
    """Bought within so many times the usual interval, it is ours to lose."""
    lapsed: Annotated[float, Field(gt=0)] = 3.0
    """Not bought for more than so many times the usual interval, it is ours to win."""


class Switches(_Part):
    """Policies on which reasonable companies differ; each is a setting with a default (rulebook section 8)."""

    revenue_hidden_from_salespeople: bool = True
    """Salespeople see no amounts; they answer for new business (R63)."""
    yours_to_lose_alarm: Annotated[float, Field(ge=0, le=1)] = 0.10
    """The share of selling time on what is ours to lose above which it alarms (R10)."""
    conversion_too_high: Annotated[float, Field(gt=0, le=1)] = 0.8
    """The conversion above which opportunities are too few or too easy (R19)."""


class Playbook(_Part):
    """A whole company. `fullkit check FILE` lints it against the rulebook."""

    fullkit: Literal[1] = 1
    """The version of this format."""
    company: Company
    """Who it is about."""
    calendar: Calendar
    """When it works."""
    departments: Annotated[tuple[Department, ...], Field(min_length=1)]
    """Each has its own inbox, types and clock (R51)."""
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    """What people are, and what they may do."""
    people: tuple[PersonEntry, ...] = ()
    """Who works here. Whoever is no longer named can no longer sign in."""
    packet_types: Annotated[tuple[PacketType, ...], Field(min_length=1)]
    """What moves."""
    handoffs: tuple[HandoffType, ...] = ()
    """The only ways in which departments touch, each with its kit."""
    processes: tuple[Process, ...] = ()
    """Hunting and farming, with charter and stages."""
    queues: tuple[Queue, ...] = ()
    """How salespeople are kept supplied from the pool."""
    slots: tuple[Slots, ...] = ()
    """When field people can be booked."""
    arrivals: Arrivals
    """Where what arrives goes."""
    reasons: Reasons
    """The lists of reasons that are counted."""
    terms: tuple[Term, ...] = ()
    """Operational definitions of the words that are counted."""
    switches: Switches = Switches()
    """Policies on which reasonable companies differ."""
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
