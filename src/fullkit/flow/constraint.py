"""Where is the constraint? A verdict with its evidence, or why the data cannot say (R20, R27, R61, rulebook 4.5).

Places are judged from the end of the chain to its beginning: while deliveries fall behind, more wins bring nothing;
while salespeople do other people's work, feeding them brings little; while they have nobody to talk to, selling skill
is not the problem. A place is named only when the interval of its evidence leaves chance out. Thresholds without a
source are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

import numpy as np

from fullkit.flow.chance import share_interval, t_quantile
from fullkit.rules import capacity

Place = Literal["fulfilment", "service", "handoff", "feeding", "scheduling", "selling"]
FEWEST_WEEKS = 6
"""Weeks behind a rate; fewer are too few to tell a rate from chance."""
FEWEST = 20
"""Cases behind a share."""
MEETINGS, TALKS = 3.0, 20.0
"""A day for each person: below three meetings selling is not the constraint (R20); twenty conversations are the
standard inside (rulebook 5)."""
REPAIR = 0.15
"""From this share of salespeople's time on, repairing order-to-delivery comes first (rulebook 6.3)."""
STARVED, HALF = 0.10, 0.5
"""More starved mornings than one in ten; less than half: both ours."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known of each place. Sequences have one value per week, oldest first; None or empty: not in this data."""

    ordered: Sequence[float] = ()
    delivered: Sequence[float] = ()
    """In the same weeks as `ordered`."""
    repair: Sequence[float] = ()
    """Share of salespeople's time that goes on repairing order-to-delivery."""
    selling: Sequence[float] = ()
    """Share of their time that is selling."""
    kits: tuple[int, int] | None = None
    """Handoffs whose kit was full when first offered, and all that were offered."""
    readings: tuple[int, int, int] | None = None
    """Morning readings of the queues: starved, above the target, all."""
    slots: tuple[int, int] | None = None
    """Meeting slots that were filled, and all that were offered."""
    meetings: Sequence[float] = ()
    """Held a day by each field salesperson."""
    talks: Sequence[float] = ()
    """Meaningful selling interactions a day of each inside salesperson."""


@dataclass(frozen=True)
class Reading:
    """One place: whether the constraint is seen there (None: this data cannot say), and what was seen."""

    place: Place
    holds: bool | None
    says: str
    rule: str


@dataclass(frozen=True)
class Verdict:
    """Where the constraint is. `place` None: the data cannot say, and `says` tells because of what."""

    place: Place | None
    says: str
    readings: tuple[Reading, ...]
    """Every place, from the end of the chain to its beginning."""

    @property
    def is_sales(self) -> bool | None:
        """Whether it lies in selling itself; None when the data cannot say."""
        return None if self.place is None else self.place == "selling"


def verdict(evidence: Evidence) -> Verdict:
    """The last place of the chain at which the constraint is seen."""
    before = (_fulfilment(evidence), _service(evidence), _handoff(evidence), *_feeding(evidence))
    readings = (*before, _selling(evidence, before))
    seen = [r for r in readings if r.holds]
    unknown = [r for r in readings if r.holds is None]
    if seen:
        return Verdict(seen[0].place, _named(seen, unknown), readings)
    because = " ".join(r.says for r in unknown)
    return Verdict(None, f"Where the constraint is, the data cannot say. {because}".strip(), readings)


def _named(seen: Sequence[Reading], unknown: Sequence[Reading]) -> str:
    first = seen[0]
    said = f"The constraint is {_WORDS[first.place]}: {first.says[0].lower()}{first.says[1:]}"
    if first.place not in {"selling"}:
        said += " It is not selling skill."
    if len(seen) > 1:
        said += f" Also seen, and behind it: {', '.join(_WORDS[r.place] for r in seen[1:])}."
    if unknown:
        said += f" Not judged, as it is not in this data: {', '.join(_WORDS[r.place] for r in unknown)}."
    return said


_WORDS: dict[Place, str] = {
    "fulfilment": "fulfilment",
    "service": "service, whose work salespeople do",
    "handoff": "the handoffs between departments",
    "feeding": "feeding salespeople with opportunities",
    "scheduling": "scheduling meetings",
    "selling": "selling itself",
}

# --- the places ----------------------------------------------------------------------------------------------


def _fulfilment(e: Evidence) -> Reading:
    """R20: more is won than is delivered. R102, 6.3: or repairing deliveries eats the time of salespeople."""
    behind = _interval([o - d for o, d in zip(e.ordered, e.delivered, strict=True)])
    repair = _interval(e.repair)
    if behind is None and repair is None:
        return Reading(
            "fulfilment", None, "Deliveries against orders, and hours of repair, are not in this data.", "R20"
        )
    said, holds = [], False
    if behind:
        holds |= behind[1] > 0
        said.append(
            f"{_mean(e.ordered):.1f} orders a week come in and {_mean(e.delivered):.1f} are delivered, a backlog "
            f"growing by {behind[0]:+.1f} ({behind[1]:+.1f} to {behind[2]:+.1f})"
        )
    if repair:
        holds |= repair[1] > REPAIR
        said.append(
            f"repairing order-to-delivery takes {_shares(repair)} of salespeople's time, against {REPAIR:.0%} at most"
        )
    return Reading("fulfilment", holds, _sentence(said), "R20")


def _service(e: Evidence) -> Reading:
    """R22, R44: people who should sell do transactions, because service does not."""
    selling = _interval(e.selling)
    if selling is None:
        return Reading("service", None, "What salespeople's hours go on is not in this data.", "R22")
    return Reading(
        "service", selling[2] < HALF,
        f"Selling is {_shares(selling)} of salespeople's logged time, against half at least.", "R22",
    )  # fmt: skip


def _handoff(e: Evidence) -> Reading:
    """R1 to R7: work waits between departments for what its kit lacks."""
    share = _share(e.kits)
    if share is None or e.kits is None:
        return Reading("handoff", None, "How full kits are when they are offered is not in this data.", "R1")
    return Reading(
        "handoff", share[2] < HALF,
        f"{_shares(share)} of {e.kits[1]:,} handoffs had a full kit when first offered, against half at least.", "R1",
    )  # fmt: skip


def _feeding(e: Evidence) -> tuple[Reading, Reading]:
    """R20: fewer than three meetings a day mean generation or scheduling; the queue and the slots tell which."""
    queue = _share((e.readings[0], e.readings[2]) if e.readings else None)
    slots, meetings = _share(e.slots), _interval(e.meetings)
    few = meetings[2] < MEETINGS if meetings else None
    starved = queue[1] > STARVED if queue else None
    seen = (
        [f"each field salesperson holds {_amount(meetings)} meetings a day, against {MEETINGS:g} at least"]
        if meetings
        else []
    )
    if queue and e.readings:
        seen.append(f"{_shares(queue)} of {e.readings[2]:,} mornings began with a starved queue")
    feeding: bool | None = starved
    if starved is None and few is False:
        feeding = False
    words = _sentence(seen) if seen else "How full the queues were, and meetings, are not in this data."
    if starved is None and few:
        words += " Whether opportunities or meeting slots are short is not in this data."
    told = seen[:1] if meetings else []
    if slots and e.slots:
        told.append(f"{_shares(slots)} of {e.slots[1]:,} slots were filled")
    if starved is False:
        told.append("there are opportunities to schedule")
    scheduling = _scheduled(starved, few, slots[2] < 1 - STARVED if slots else None)
    known = _sentence(told) if meetings or slots else "Meetings and slots are not in this data."
    return Reading("feeding", feeding, words, "R20"), Reading("scheduling", scheduling, known, "R20")


def _scheduled(starved: bool | None, few: bool | None, empty: bool | None) -> bool | None:
    """Too few meetings, or empty slots, are a matter of scheduling when there were opportunities enough."""
    if starved or (few is None and empty is None):
        return False if starved else None
    if few or empty:
        return True if starved is False else None
    return False


def _selling(e: Evidence, before: Sequence[Reading]) -> Reading:
    """R20: the queue is full and conversations are few. Or nothing else is: then it is where it should be."""
    talks = _interval(e.talks)
    over = _share((e.readings[1], e.readings[2]) if e.readings else None)
    fed = next(r.holds for r in before if r.place == "feeding") is False
    said = [f"{_amount(talks)} selling conversations a day each, against {TALKS:g}"] if talks else []
    if over and e.readings and over[1] > STARVED:
        said.append(
            f"{_shares(over)} of mornings began with a queue above its target, which lengthens the way (R27)"
        )
    if talks is None:
        return Reading(
            "selling", None, "How many selling conversations salespeople hold is not in this data.", "R20"
        )
    if fed and talks[2] < TALKS:
        return Reading("selling", True, _sentence(["there is enough to work on", *said]), "R20")
    if all(r.holds is False for r in before):
        held = _sentence(["no other place holds it up", *said])
        return Reading(
            "selling", True, f"{held} The hours of salespeople set the pace, as they should.", "R20"
        )
    return Reading("selling", False if fed else None, _sentence(said), "R20")


# --- what it is worth ----------------------------------------------------------------------------------------


def per_hour(earned: Decimal, hours: float) -> Decimal | None:
    """Throughput per hour of the constraint; None without hours (rulebook 4.5)."""
    return (earned / Decimal(str(hours))).quantize(Decimal("0.01")) if hours > 0 else None


@dataclass(frozen=True)
class Sensitivity:
    """What more conversion and more flow would bring, with the numbers of this data (R15)."""

    flow: float
    """Opportunities decided a week."""
    conversion: float
    low: float
    high: float
    """The exact 95 % interval of the conversion."""
    points: float
    flow_percent: float
    by_conversion: float
    """Wins a week gained by so many points of conversion."""
    by_flow: float
    """Wins a week gained by so much more flow."""
    same: float
    """The percent of flow that brings as much as those points."""
    same_low: float
    same_high: float
    says: str


def sensitivity(
    decided: int, won: int, weeks: float, *, points: float = 10, flow_percent: float = 10
) -> Sensitivity | None:
    """R15 both ways; None for fewer than 20 decided, without a win, or without a week."""
    if decided < FEWEST or not won or weeks <= 0:
        return None
    flow, rate = decided / weeks, won / decided
    low, high = share_interval(won, decided)
    gains = (
        capacity.more_sales(flow, rate, points=points),
        capacity.more_sales(flow, rate, flow_percent=flow_percent),
    )
    same, *ends = (100 * (min(1.0, r + points / 100) - r) / r for r in (rate, high, low))
    found = Sensitivity(
        flow, rate, low, high, points, flow_percent, gains[0], gains[1], same, min(ends), max(ends), ""
    )
    return replace(
        found,
        says=f"At {flow:.1f} decided a week and {rate:.0%} won, {points:g} points more conversion bring "
        f"{gains[0]:.1f} wins a week; {flow_percent:g} % more flow bring {gains[1]:.1f}. "
        f"The same is had by {same:.1f} % more flow ({found.same_low:.1f} to {found.same_high:.1f}).",
    )


# --- strokes -------------------------------------------------------------------------------------------------

Interval = tuple[float, float, float]


def _interval(values: Sequence[float]) -> Interval | None:
    """The mean and its 95 % interval over weeks; None for fewer than six."""
    n = len(values)
    if n < FEWEST_WEEKS:
        return None
    array = np.array(values, dtype=np.float64)
    mean = float(array.mean())
    reach = float(t_quantile(0.975, n - 1)) * float(array.std(ddof=1)) / n**0.5
    return mean, mean - reach, mean + reach


def _share(counts: tuple[int, int] | None) -> Interval | None:
    """A share and its exact 95 % interval; None for fewer than twenty."""
    if counts is None or counts[1] < FEWEST:
        return None
    return counts[0] / counts[1], *share_interval(counts[0], counts[1])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _shares(found: Interval) -> str:
    return f"{found[0]:.0%} ({max(found[1], 0):.0%} to {min(found[2], 1):.0%})"


def _amount(found: Interval) -> str:
    return f"{found[0]:.1f} ({max(found[1], 0):.1f} to {found[2]:.1f})"


def _sentence(parts: Sequence[str]) -> str:
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""
