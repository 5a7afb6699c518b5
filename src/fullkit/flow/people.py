"""Do people differ, or is it chance? A comparison that names nobody, ranks nobody and refuses when it would be unfair.

Shares by funnel plot and by analysis of means, both with their error stated (R84, R85, rulebook 4.6); means by analysis
of means. Everybody appears in the order of how much they did, never of how well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fullkit.flow import anom, fair, funnel, shrink
from fullkit.flow.anom import Anom
from fullkit.flow.chance import Floats, t_quantile
from fullkit.flow.fair import Person, Tested
from fullkit.flow.funnel import Funnel
from fullkit.flow.shrink import Shrunk

__all__ = ["Comparison", "Person", "Standing", "Tested", "compare", "compare_means"]

Side = Literal["above", "below", "within"]
STRICT = 0.002
"""The family error of the outer limits of means."""


@dataclass(frozen=True)
class Standing:
    """Where one person lies. Shares, or means in the units of the measure."""

    name: str
    """`one of 30` unless names were asked for."""
    size: int
    """Tries, or values."""
    value: float
    low95: float
    high95: float
    low998: float
    high998: float
    side: Side
    """By the limits whose error is stated."""
    likely: float
    """The shrunk estimate, and its 95 % interval; for means the mean itself and its interval."""
    likely_low: float
    likely_high: float


@dataclass(frozen=True)
class Comparison:
    """The answer to whether people differ. When it is withheld there is no standing at all to be read."""

    withheld: tuple[str, ...]
    """Why there is no comparison, a sentence each; empty when there is one."""
    preconditions: tuple[Tested, ...]
    standings: tuple[Standing, ...]
    """By size, the largest first."""
    centre: float | None
    """The level of all together; None when that is not in this data."""
    left_out: int
    """How many have too little to stand in it; they count in no limit."""
    funnel: Funnel | None
    """For drawing: curves and dispersion, without names; its arrays are in the order of `standings`."""
    anom: Anom | None
    """Analysis of means of the same people in the same order."""
    family_error: float
    """The chance that anybody is called different when all are alike; at most this."""
    says: str

    @property
    def differ(self) -> bool:
        """Whether anybody lies outside."""
        return any(s.side != "within" for s in self.standings)


def compare(people: Sequence[Person], *, named: bool = False) -> Comparison:
    """Shares of people or teams, by funnel plot at 99.8 %. Nobody is named unless asked for."""
    counted = sorted((p for p in people if p.tries >= fair.SMALLEST), key=lambda p: (-p.tries, p.name))
    tested = fair.preconditions(counted)
    tries, hits = [p.tries for p in counted], [p.hits for p in counted]
    centre = sum(hits) / sum(tries) if sum(tries) else None
    left_out = len(people) - len(counted)
    if any(t.holds is False for t in tested):
        return _refused(tested, centre, left_out)
    plot, means = funnel.of_shares(hits, tries), anom.of_shares(hits, tries)
    names = [p.name if named else f"one of {len(counted)}" for p in counted]
    standings = _by_share(names, plot, shrink.shares(hits, tries))
    says = _says(standings, plot, tested)
    return Comparison((), tested, standings, centre, left_out, plot, means, plot.family_error, says)


def compare_means(
    groups: Mapping[str, Sequence[float]], *, times: bool = False, named: bool = False
) -> Comparison:
    """Means of people or teams, by analysis of means at a family error of 5 %.

    `times` (positive) are compared on logarithms, as they are skewed; their means are geometric. A standing's limits
    "at 95 %" are the family's, and the 99.8 % pair is the same at a family error of 0.2 %.
    """
    enough = {name: g for name, g in groups.items() if len(g) >= fair.SMALLEST}
    order = sorted(enough, key=lambda name: (-len(enough[name]), name))
    tested = (fair.enough_groups([enough[name] for name in order]),)
    left_out = len(groups) - len(order)
    if tested[0].holds is False:
        return _refused(tested, None, left_out)
    scaled = [
        np.log(np.maximum(enough[n], 1e-9)) if times else np.asarray(enough[n], dtype=np.float64)
        for n in order
    ]
    names = [n if named else f"one of {len(order)}" for n in order]
    standings, means = _by_mean(names, scaled, np.exp if times else np.asarray)
    centre = float(np.exp(means.centre)) if times else means.centre
    says = _differ(standings, means.family_error)
    return Comparison((), tested, standings, centre, left_out, None, means, means.family_error, says)


def _refused(tested: tuple[Tested, ...], centre: float | None, left_out: int) -> Comparison:
    reasons = tuple(t.says for t in tested if t.holds is False)
    says = " ".join(("People are not compared here.", *reasons))
    return Comparison(reasons, tested, (), centre, left_out, None, None, 0.0, says)


def _by_share(names: Sequence[str], plot: Funnel, likely: Shrunk) -> tuple[Standing, ...]:
    at = plot.limits
    return tuple(
        Standing(
            name=name,
            size=int(plot.sizes[i]),
            value=float(plot.values[i]),
            low95=float(at.low95[i]),
            high95=float(at.high95[i]),
            low998=float(at.low998[i]),
            high998=float(at.high998[i]),
            side=_side(plot.values[i], at.low998[i], at.high998[i]),
            likely=float(likely.share[i]),
            likely_low=float(likely.low[i]),
            likely_high=float(likely.high[i]),
        )
        for i, name in enumerate(names)
    )


def _by_mean(
    names: Sequence[str], scaled: Sequence[Floats], shown: Callable[[Floats], Floats]
) -> tuple[tuple[Standing, ...], Anom]:
    values = [s.tolist() for s in scaled]
    inner, outer = (anom.of_means(values, family=family) for family in (anom.FAMILY, STRICT))
    reach = np.array([float(t_quantile(0.975, len(s) - 1)) * s.std(ddof=1) / np.sqrt(len(s)) for s in scaled])
    columns = (
        inner.means, inner.lower, inner.upper, outer.lower, outer.upper, inner.means - reach, inner.means + reach
    )  # fmt: skip
    mean, low95, high95, low998, high998, low, high = (shown(c).tolist() for c in columns)
    standings = tuple(
        Standing(
            name=name,
            size=len(scaled[i]),
            value=mean[i],
            low95=low95[i],
            high95=high95[i],
            low998=low998[i],
            high998=high998[i],
            side=_side(mean[i], low95[i], high95[i]),
            likely=mean[i],
            likely_low=low[i],
            likely_high=high[i],
        )
        for i, name in enumerate(names)
    )
    return standings, inner


def _side(value: float, low: float, high: float) -> Side:
    return "above" if value > high else "below" if value < low else "within"


def _says(standings: Sequence[Standing], plot: Funnel, tested: Sequence[Tested]) -> str:
    said = [_differ(standings, plot.family_error)]
    if plot.widened > 1:
        said.append(
            f"The field as a whole is wider than chance ({plot.phi:.2g} times its variance), so the limits are "
            f"widened; look for what splits it, such as territory or kind of deal."
        )
    elif plot.chance < funnel.UNLIKE and not any(s.side != "within" for s in standings):
        said.append("The field as a whole is somewhat wider than chance.")
    said += [t.says for t in tested if t.holds is None and t.name == "logging"]
    return " ".join(said)


def _differ(standings: Sequence[Standing], error: float) -> str:
    many = len(standings)
    counts = {side: sum(s.side == side for s in standings) for side in ("above", "below")}
    parts = [f"{n} {'lies' if n == 1 else 'lie'} {side}" for side, n in counts.items() if n]
    if not parts:
        return f"No evidence of a difference between these {many}: all lie within what chance alone makes of one level."
    return (
        f"Of {many}, {' and '.join(parts)} what chance alone makes of one level. If all were alike, anybody would be "
        f"called different in at most {error:.1%} of cases. Ask what differs in their work."
    )
