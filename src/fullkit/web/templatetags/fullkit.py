"""What a page may say in one word: `{{ packet.due_at|when }}`, `{{ zone|buffer }}`, `{% key "n" %}`, `{% chart c %}`.

These are built in: no template needs a `{% load %}` line for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from django import template
from django.contrib.messages.storage.base import Message
from django.forms import BoundField, CheckboxInput, RadioSelect, Select, Textarea
from django.forms.widgets import CheckboxSelectMultiple, FileInput, SelectMultiple
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from fullkit.web.runchart import RunChart

register = template.Library()

Link = tuple[str, str, str, bool]
"""One entry of the side bar: label, address, key hint, is it this page."""


class Numbered(Protocol):
    number: str


class Named(Protocol):
    name: str


# --- time ----------------------------------------------------------------------------------------------------

STEPS_TO_HOURS = 90  # minutes told as minutes; the script that keeps times fresh uses the same two limits
HOURS_TOLD = 6


def relative(value: datetime, now: datetime) -> str:
    """`value` as a colleague would say it at `now`: "4 min ago", "in 2 h", "tomorrow 09:00", "12 Mar"."""
    minutes = round((value - now).total_seconds() / 60)
    away = abs(minutes)
    if away < 1:
        return _("now")
    if away < STEPS_TO_HOURS:
        return (_("in %d min") if minutes > 0 else _("%d min ago")) % away
    if away < HOURS_TOLD * 60:
        return (_("in %d h") if minutes > 0 else _("%d h ago")) % round(away / 60)
    return _by_calendar(timezone.localtime(value), timezone.localtime(now))


def _by_calendar(value: datetime, now: datetime) -> str:
    days = (value.date() - now.date()).days
    clock = value.strftime("%H:%M")
    if abs(days) <= 1:
        return "{} {}".format({-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}[days], clock)
    if abs(days) < 6:
        return f"{date_format(value, 'D')} {clock}"
    return date_format(value, "j M" if value.year == now.year else "j M Y")


@register.filter
def when(value: datetime | date | None, mode: str = "") -> str:
    """A moment: relative, with the exact time on hover and focus.

    Mode "quiet" leaves it out of the tab order (rows of a table, inside a link); "exact" writes it out.
    """
    if value is None:
        return ""
    if not isinstance(value, datetime):
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), date_format(value, "D j M Y"))
    local = timezone.localtime(value)
    exact = date_format(local, "l j F Y, H:i T")
    says = date_format(local, "D j M Y, H:i") if mode == "exact" else relative(value, timezone.now())
    return format_html(
        '<time class="when" datetime="{}" title="{}"{}{}>{}</time>',
        value.isoformat(timespec="seconds"),
        exact,
        SafeString("" if mode else ' tabindex="0"'),
        SafeString("" if mode == "exact" else " data-ago"),
        says,
    )


@register.filter
def working(minutes: float | Decimal | timedelta | None) -> str:
    """Working minutes as "45 min", "1 h 20", "31 h"; a minus is kept ("-1 h 20" past a promise)."""
    if minutes is None:
        return ""
    if isinstance(minutes, timedelta):
        minutes = minutes.total_seconds() / 60
    whole = round(minutes)
    sign, hours, rest = "\N{MINUS SIGN}" if whole < 0 else "", abs(whole) // 60, abs(whole) % 60
    if not hours:
        return _("%(sign)s%(minutes)d min") % {"sign": sign, "minutes": rest}
    if not rest or hours >= 24:
        return _("%(sign)s%(hours)d h") % {"sign": sign, "hours": round(abs(whole) / 60)}
    return _("%(sign)s%(hours)d h %(minutes)02d") % {"sign": sign, "hours": hours, "minutes": rest}


# --- buffers -------------------------------------------------------------------------------------------------

SHAPES = {
    "green": '<circle cx="8" cy="8" r="5.5"/>',
    "yellow": '<path d="M8 1.8 15 14H1z"/>',
    "red": '<rect x="2.2" y="2.2" width="11.6" height="11.6"/>',
    "black": '<path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z"/>',
}
WORDS = {
    "green": gettext_lazy("in time"),
    "yellow": gettext_lazy("soon"),
    "red": gettext_lazy("now"),
    "black": gettext_lazy("late"),
}


@register.filter
def buffer(zone: str | None, word: str = "") -> str:
    """The zone of a buffer as colour, shape and word. No zone is green: the buffer is untouched.

    Another word than the usual one is the argument: `{{ zone|buffer:_("empty") }}`.
    """
    key = zone or "green"
    if key not in SHAPES:
        raise ValueError(f"{key!r} is not a zone of a buffer; use one of {', '.join(SHAPES)}.")
    return format_html(
        '<span class="buffer buffer-{}"><svg class="shape" viewBox="0 0 16 16" aria-hidden="true">{}</svg>{}</span>',
        key,
        SafeString(SHAPES[key]),
        word or WORDS[key],
    )


@register.simple_tag
def meter(used: float | None, label: str = "") -> str:
    """A thin bar for the share of a promise that is used, 0 to 1 and beyond, with marks at the thirds."""
    if used is None:
        return ""
    says = label or _("%(percent)d %% of the promise used") % {"percent": round(used * 100)}
    return format_html(
        '<svg class="meter" viewBox="0 0 120 8" preserveAspectRatio="none" role="img" aria-label="{0}">'
        "<title>{0}</title>"
        '<rect class="meter-track" width="120" height="8"/><rect class="meter-level" width="{1}" height="8"/>'
        '<path class="meter-mark" d="M40 0v8M80 0v8"/></svg>',
        says,
        bar_width(used, 120),
    )


@register.simple_tag
def bar_width(share: float | None, full: int = 100) -> str:
    """How long a bar is for a share of its whole: never negative, never longer than `full`."""
    return f"{full * min(max(share or 0, 0), 1):.1f}"


# --- names and amounts ---------------------------------------------------------------------------------------

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}


@register.filter
def money(value: Decimal | float | None, currency: str = "USD") -> str:
    """An amount as the reader's language writes it: "$12,400", "12.400 €"; cents only when there are any."""
    if value is None:
        return ""
    amount = Decimal(str(value)).quantize(Decimal("0.01"))
    figures = number_format(abs(amount), decimal_pos=0 if amount == int(amount) else 2, force_grouping=True)
    sign = "\N{MINUS SIGN}" if amount < 0 else ""
    symbol = SYMBOLS.get(currency, f"{currency}\N{NO-BREAK SPACE}")
    if (get_language() or "en").startswith("en"):
        return f"{sign}{symbol}{figures}"
    return f"{sign}{figures}\N{NO-BREAK SPACE}{symbol.strip()}"


@register.filter
def person(someone: Named | str | None) -> str:
    """A person's name, safe beside any script; nobody is told in words."""
    if someone is None:
        return format_html('<span class="nobody">{}</span>', _("nobody"))
    name = someone if isinstance(someone, str) else someone.name
    return format_html('<bdi class="person">{}</bdi>', name)


@register.filter
def packet(thing: Numbered | str | None) -> str:
    """A packet's number, linked to its page."""
    if thing is None:
        return ""
    number = thing if isinstance(thing, str) else thing.number
    return format_html('<a class="packet" href="{}">{}</a>', reverse("packet", args=[number]), number)


@register.filter
def named(key: str) -> str:
    """A key of the playbook or the log as people read it: `not_quoted` is "Not quoted"."""
    words = key.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


@register.filter
def at(table: dict[str, str], key: str) -> str:
    """What a table says about a key that varies: `{{ names|at:packet.type }}`."""
    return table.get(key, key)


# --- the page ------------------------------------------------------------------------------------------------


@register.simple_tag
def key(name: str) -> str:
    """A key hint beside the words of a control. The control itself carries `data-key`."""
    return format_html('<kbd class="key" aria-hidden="true">{}</kbd>', name)


@register.simple_tag
def tabs(nav: Iterable[tuple[str, Iterable[Link]]] | None, most: int = 3) -> list[Link]:
    """The first entries of the side bar, for the bar at the foot of a phone."""
    return [link for _group, links in nav or () for link in links][:most]


@register.filter
def undo_url(message: Message) -> str:
    """Where this message can be undone: the address after "undo:" in its extra tags, or nothing."""
    tags = (message.extra_tags or "").split()
    return next((tag.removeprefix("undo:") for tag in tags if tag.startswith("undo:")), "")


@register.filter
def control(field: BoundField) -> SafeString:
    """The widget of a form field, dressed by its kind; what people type may run in either direction."""
    widget = field.field.widget
    attrs: dict[str, Any] = {"class": f"{_dress(widget)} {widget.attrs.get('class', '')}".strip()}
    if isinstance(widget, Textarea):
        attrs.setdefault(
            "rows", widget.attrs.get("rows") if widget.attrs.get("rows") not in (None, "10") else 2
        )
    if isinstance(widget, Textarea) or getattr(widget, "input_type", "") in {"text", "search"}:
        attrs["dir"] = "auto"
    return field.as_widget(attrs=attrs)


def _dress(widget: Any) -> str:
    if isinstance(widget, CheckboxInput):
        return "form-check-input"
    if isinstance(widget, (Select, SelectMultiple)):
        return "form-select"
    if isinstance(widget, FileInput):
        return "form-control form-control-file"
    return "form-control"


@register.filter
def lines_up(field: BoundField) -> str:
    """How `parts/_field.html` lays a field out: "check" (label behind), "group" (a fieldset) or "plain"."""
    if isinstance(field.field.widget, (RadioSelect, CheckboxSelectMultiple)):
        return "group"
    return "check" if isinstance(field.field.widget, CheckboxInput) else "plain"


@register.filter
def missing(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The kit items that are not met yet."""
    return [item for item in items if not item["met"]]


@register.filter
def missing_says(items: Iterable[dict[str, Any]]) -> str:
    """ "full" or "2 of 5 missing"."""
    everything = list(items)
    count = len(missing(everything))
    if not count:
        return _("full")
    return ngettext("%(count)d of %(all)d missing", "%(count)d of %(all)d missing", count) % {
        "count": count,
        "all": len(everything),
    }


@register.inclusion_tag("parts/_chart.html")
def chart(chart: RunChart) -> dict[str, Any]:
    """A run chart: the question, points and limits, the answer, the definition and the table behind it."""
    return {"chart": chart}
