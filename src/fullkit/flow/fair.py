"""Whether people may be compared at all (R84, rulebook 4.6): the same definition, the same care in writing things down,
the same kind of work, and enough of it. Each test answers with a reason to withhold, or with nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fullkit.flow import anom
from fullkit.flow.chance import chi2_above

SMALLEST, FEWEST = 10, 3
"""Fewer tries than this are too few to stand in a comparison, and fewer people than this are no field."""
MIX_ERROR, MIX_SHIFT = 0.01, 0.5
"""Mixes differ when chance explains it this seldom, and matter when the mix alone moves somebody by more than this many
standard errors of their own share."""


@dataclass(frozen=True)
class Person:
    """What one person, or team, did, as the log has it."""

    name: str
    tries: int
    hits: int
    late: int | None = None
    """Of the tries: how many were written down within one day before their first quote, or after it (R84). None: not in
    this data."""
    definition: str | None = None
    """The version of the definition by which they were counted."""
    mix: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Tries and hits by kind of opportunity, such as whom inertia favours, or the source."""


@dataclass(frozen=True)
class Tested:
    """One precondition: what it is, whether it holds (None: this data cannot say), and the sentence."""

    name: str
    holds: bool | None
    says: str


def preconditions(people: Sequence[Person]) -> tuple[Tested, ...]:
    """All of them, in the order in which they matter. `people` have enough tries each."""
    return (_enough(people), _one_definition(people), _logged_alike(people), _same_mix(people))


def enough_groups(groups: Sequence[Sequence[float]]) -> Tested:
    """Whether groups of values, each long enough, may be compared by their means."""
    if len(groups) < FEWEST:
        return Tested(
            "numbers",
            False,
            f"Only {len(groups)} have {SMALLEST} or more; {FEWEST} are the least for a comparison.",
        )
    if all(min(g) == max(g) for g in groups):
        return Tested(
            "numbers", False, "Nothing varies within them, so chance cannot be told from difference."
        )
    return Tested("numbers", True, f"{len(groups)} have {SMALLEST} or more each.")


def _enough(people: Sequence[Person]) -> Tested:
    if len(people) < FEWEST:
        return Tested(
            "numbers",
            False,
            f"Only {len(people)} have {SMALLEST} or more; {FEWEST} are the least for a comparison.",
        )
    hits, tries = sum(p.hits for p in people), sum(p.tries for p in people)
    if hits in {0, tries}:
        return Tested("numbers", False, f"All {tries:,} ended alike, so there is nothing to compare.")
    return Tested("numbers", True, f"{len(people)} have {SMALLEST} or more each.")


def _one_definition(people: Sequence[Person]) -> Tested:
    versions = {p.definition for p in people}
    if versions == {None}:
        return Tested("definition", None, "Which version of the definition counted them is not in this data.")
    if len(versions) > 1:
        return Tested("definition", False, "Not all were counted by the same version of the definition.")
    return Tested("definition", True, "All were counted by the same version of the definition.")


def _logged_alike(people: Sequence[Person]) -> Tested:
    late = [p.late for p in people if p.late is not None]
    if len(late) < len(people):
        return Tested(
            "logging", None, "How early opportunities are written down is not in this data, so a low share may only "
            "mean that somebody records everything.",
        )  # fmt: skip
    tries = [p.tries for p in people]
    if len(people) < 2 or sum(late) in {0, sum(tries)}:
        return Tested("logging", True, "Opportunities are written down equally early.")
    found = anom.of_shares(late, tries)
    if found.outside:
        low, high = found.means.min(), found.means.max()
        return Tested(
            "logging", False, f"People do not write down the same things: between {low:.0%} and {high:.0%} of their "
            f"opportunities appear only when a quote is due. Whoever records everything looks worse than he is.",
        )  # fmt: skip
    return Tested("logging", True, "Opportunities are written down equally early, as far as chance can tell.")


def _same_mix(people: Sequence[Person]) -> Tested:
    kinds = sorted({kind for p in people for kind in p.mix})
    if not kinds or any(not p.mix for p in people):
        return Tested("mix", None, "The mix of opportunities is not in this data.")
    tries = np.array([[p.mix.get(k, (0, 0))[0] for k in kinds] for p in people], dtype=np.float64)
    hits = np.array([[p.mix.get(k, (0, 0))[1] for k in kinds] for p in people], dtype=np.float64)
    if len(kinds) < 2 or len(people) < 2:
        return Tested("mix", True, "All have the same kind of opportunities.")
    own, kind = tries.sum(axis=1, keepdims=True), tries.sum(axis=0, keepdims=True)
    expected = own * kind / tries.sum()
    chi2 = float(((tries - expected) ** 2 / expected).sum())
    chance = float(chi2_above(chi2, (len(people) - 1) * (len(kinds) - 1)))
    rate = hits.sum(axis=0) / kind[0]
    centre = hits.sum() / tries.sum()
    by_mix = (tries @ rate) / own[:, 0]
    shift = np.abs(by_mix - centre) / np.sqrt(centre * (1 - centre) / own[:, 0] + 1e-12)
    if chance < MIX_ERROR and float(shift.max()) > MIX_SHIFT:
        return Tested(
            "mix", False, f"Opportunities differ in kind: by their mix alone the shares would run from "
            f"{by_mix.min():.0%} to {by_mix.max():.0%}.",
        )  # fmt: skip
    return Tested("mix", True, "The mix of opportunities is alike, or makes no difference to the share.")
