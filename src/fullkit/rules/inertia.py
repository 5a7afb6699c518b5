"""Whose the inertia is, and where a transaction therefore goes (R9, R10, R11, R43).

Where inertia favours us the deal is ours to lose, and operations win it by answering fast. Where it favours a
competitor it is ours to win, and only that is a salesperson's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import Literal, get_args

Inertia = Literal["us", "competitor", "undecided"]
VERDICTS: tuple[str, ...] = get_args(Inertia)

_DAY = 86_400.0


@dataclass(frozen=True)
class Verdict:
    """Whom inertia favours, and the sentence that explains it."""

    inertia: str
    because: str


def classify(
    *,
    inbound: bool,
    incumbent: bool,
    new_account: bool,
    bought_family: bool,
    days_since_last: float | None,
    median_interval: float | None,
    recent: float = 1.5,
    lapsed: float = 3.0,
) -> Verdict:
    """The default rule of R9; the first line that fits decides.

    `bought_family` is whether the customer ever bought this product family; `days_since_last` and
    `median_interval` are days since the last such purchase and between purchases, None when unknown.
    """
    if inbound:
        return Verdict("us", "the customer came to us")
    if incumbent:
        return Verdict("us", "we are the supplier in place")
    waited = days_since_last / median_interval if days_since_last is not None and median_interval else None
    if bought_family and waited is not None and waited <= recent:
        return Verdict("us", f"they bought this family within {recent:g} times their usual interval")
    if new_account:
        return Verdict("competitor", "they have never bought from us")
    if not bought_family:
        return Verdict("competitor", "they have never bought this family from us")
    if waited is not None and waited > lapsed:
        return Verdict(
            "competitor", f"they have not bought it for over {lapsed:g} times their usual interval"
        )
    if waited is None:
        return Verdict("undecided", "they bought this family too seldom to know their interval")
    return Verdict("undecided", f"their last purchase is {waited:.1f} times their usual interval ago")


def median_interval_days(bought_at: Sequence[datetime]) -> float | None:
    """Median days between purchases; None with fewer than two."""
    days = sorted(at.timestamp() / _DAY for at in bought_at)
    gaps = [later - earlier for earlier, later in pairwise(days)]
    return median(gaps) if gaps else None


def route(inertia: str, asked: str, *, yours_to_win: str, undecided: str) -> str:
    """The packet type an arrival becomes (R10), from the type it came as.

    An opportunity that is not ours to win becomes an arrival to be triaged by service, and never reaches a sales
    queue; an arrival of unknown kind that is ours to win becomes an opportunity. Any other work stays what it is.
    """
    if inertia == "competitor":
        return yours_to_win if asked == undecided else asked
    return undecided if asked == yours_to_win else asked


def yours_to_lose_share(minutes: Mapping[str, float]) -> float | None:
    """Share of salespeople's selling minutes, given by inertia, on what is ours to lose; None without minutes."""
    total = sum(minutes.values())
    return minutes.get("us", 0.0) / total if total > 0 else None


def yours_to_lose_alarm(minutes: Mapping[str, float], *, limit: float = 0.10) -> bool:
    """Whether salespeople spend more than `limit` of their minutes on deals that would come anyway."""
    share = yours_to_lose_share(minutes)
    return share is not None and share > limit


@dataclass(frozen=True)
class BackTest:
    """Conversions by verdict, how far touches moved the ours-to-lose one, and whether the rule holds."""

    yours_to_lose: float
    yours_to_win: float
    moved_by_touches: float
    holds: bool


def back_test(
    closed: Iterable[tuple[str, bool, int]], *, least: int = 20, times: float = 2.0, moved: float = 0.15
) -> BackTest | None:
    """Hold the rule against what became of (inertia, won, touches); None with fewer than `least` of either.

    What is ours to lose must convert at least `times` as often as what is ours to win, and no more than `moved`
    differently between its less and its more touched half; if not, the rule is wrong.
    """
    line = list(closed)
    lose = sorted((touches, won) for inertia, won, touches in line if inertia == "us")
    win = [won for inertia, won, _ in line if inertia == "competitor"]
    if len(lose) < least or len(win) < least:
        return None
    wins = [won for _, won in lose]
    few, many = _split_by_touches(lose)
    shift = abs(_share(many) - _share(few)) if few and many else 0.0
    rates = _share(wins), _share(win)
    return BackTest(*rates, shift, holds=rates[0] >= times * rates[1] and shift <= moved)


def _split_by_touches(lose: Sequence[tuple[int, bool]]) -> tuple[list[bool], list[bool]]:
    middle = median(touches for touches, _ in lose)
    return [won for touches, won in lose if touches <= middle], [
        won for touches, won in lose if touches > middle
    ]


def _share(won: Sequence[bool]) -> float:
    return sum(won) / len(won)


def team_of(touches: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Who covers an account, by role, from (role, person) of what was done for it: a team, and no owner (R43)."""
    team: dict[str, list[str]] = {}
    for role, person in touches:
        people = team.setdefault(role, [])
        if person not in people:
            people.append(person)
    return team
