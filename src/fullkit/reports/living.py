"""The pictures of the installation's own log, made by the same hands as those of a foreign one.

A page shows them beside its weekly answers; `fullkit report` puts both into one file. Each side stands alone (R99).
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError
from duckdb import DuckDBPyConnection

from fullkit.flow import durations
from fullkit.flow.evidence import Where
from fullkit.playbook.plant import Plant
from fullkit.reports import findings, flow, judged, log, method, portrait, report, routes
from fullkit.reports.flow import Side, Tile
from fullkit.reports.gallery import Asked
from fullkit.reports.known import Known
from fullkit.reports.pictures import Drawing, Picture
from fullkit.reports.report import Finding, Report, Section
from fullkit.reports.words import Words

WEEKLY = {"arrived": "arrivals", "closed": "throughput", "open": "work_in_process"}
"""What is counted each week, and the question of the weekly answers that shows it."""
OF_ITEMS = re.compile(r"\bitems\b")
"""A table that an export has beside its events, and the log has not: what reads it is no lack of the data."""
ANYWHERE = frozenset({"logging_lag", "zombies"})
"""What can be asked of the data where nothing is sold: work that is done within the day is not logged late."""
NAMED = ("item", "stage", "to_stage")
"""Columns of keys that findings speak of."""


@dataclass(frozen=True)
class Told:
    """What the whole log says about one side."""

    side: Side
    until: date
    findings: tuple[Finding, ...]
    sections: tuple[Section, ...]
    """Without the weekly pictures, which flow.dashboard answers."""
    cannot: tuple[str, ...]


class NoLog(Exception):
    """There is no company here yet, or nothing has happened in it."""


def told(plant: Plant, side: Side, *, at: datetime) -> Told:
    """Every picture of one side over the whole log, and what stands out."""
    con, _ = log.table(at=at)
    with con:
        _spoken(con)
        asked = _asked(con, plant, side, plant.work.day_of(at))
        sections = _sections(asked, plant, side)
        weekly = {name: key for name, key in WEEKLY.items() if flow.ORDER.get(key)}
        shown = {key: key for key in flow.ORDER} | weekly
        known = findings.known(asked, [p for s in sections for p in s.pictures], elsewhere=shown)
        chosen = findings.choose(_named(known, Words(plant)))
    said = (*asked.cannot, *findings.withheld(known))
    return Told(side, asked.until, chosen, sections, tuple(dict.fromkeys(said)))


def _named(known: Known, words: Words) -> Known:
    """What is missing, and where it stands, as the company says it."""
    rows = {
        key: [{n: words.said(n, v) if n in NAMED else v for n, v in row.items()} for row in found]
        for key, found in known.rows.items()
    }
    return replace(known, rows=rows)


def _asked(con: DuckDBPyConnection, plant: Plant, side: Side, today: date) -> Asked:
    first = con.execute("SELECT min(day) FROM calendar").fetchall()[0][0] or today
    outcomes = {key for kind in side.types for key in plant.type(kind).outcomes}
    given: dict[str, Any] = {"release": "", "won": "won" if "won" in outcomes else ""}
    given |= flow.params(plant, side) | {"since": first, "until": today}
    return Asked(con, given, noun=_noun(side), until=today)


def _noun(side: Side) -> str:
    """What the packets of a side are called in a sentence."""
    return {"hunting": "opportunities", "farming": "farming opportunities"}.get(side.process or "", "packets")


def _sections(asked: Asked, plant: Plant, side: Side) -> tuple[Section, ...]:
    portrait.weeks(asked)  # the weekly answers draw them; findings are made from their charts
    lasted = asked.rows(durations.CYCLE_TIME) or []
    queue = "department" in asked.params
    where = [portrait.constraint(asked, _where(asked, plant))] if queue else []
    ways = routes.pictures(asked) if side.process is None and side.chain == "bau" else []
    groups: list[tuple[str, list[Picture | None]]] = [
        ("The constraint", [*where]),
        ("Time", [*portrait.durations(asked, lasted), *portrait.ages(asked)]),
        ("What comes next", [portrait.forecast(asked)]),
        ("Flow", [portrait.cumulative(asked), portrait.little(asked)]),
        ("Ways", ways),
        ("What the data can be relied on for", _quality(asked, side)),
    ]
    found = [Section(title, [one for one in made if one is not None]) for title, made in groups]
    return tuple(section for section in found if section.pictures)


def _where(asked: Asked, plant: Plant) -> Where:
    """Whose constraint it is, as the playbook names its places. Nothing in it says what delivers what was sold."""
    given = asked.params
    roles = {how: [r.key for r in plant.playbook.roles if r.selling == how] for how in ("inside", "field")}
    return Where(
        given["chain"], given["process"], given["since"], asked.until, won=given["won"],
        department=given["department"], consumption=given["consumption"], inside=roles["inside"], field=roles["field"],
    )  # fmt: skip


def _quality(asked: Asked, side: Side) -> list[Picture | None]:
    """What the log can be relied on for, as far as the question makes sense on this side."""
    found = portrait.quality(asked)
    sensible = {
        key
        for key, answer in asked.reviewed.items()
        if not OF_ITEMS.search(answer.measure.sql) and (side.process is not None or key in ANYWHERE)
    }
    asked.reviewed = {key: asked.reviewed[key] for key in asked.reviewed if key in sensible}
    return [_nobody(one) for one in found if one.key.replace("-", "_") in sensible]


def _nobody(picture: Picture) -> Picture:
    """Without who it was: people are held against chance, and nobody is looked up in a table."""
    if "person" not in picture.columns:
        return picture
    place = list(picture.columns).index("person")
    rows = sorted(((*row[:place], *row[place + 1 :]) for row in picture.rows), reverse=True)
    return replace(picture, columns=[name for name in picture.columns if name != "person"], rows=rows)


def _spoken(con: DuckDBPyConnection) -> None:
    """What was done, as words: the log writes `handoff.accepted`, and `packet.dealt`, which is `dealt`."""
    con.execute("ALTER VIEW log RENAME TO recorded")
    con.execute(
        "CREATE TEMP VIEW log AS SELECT * REPLACE"
        " (translate(regexp_replace(activity, '^packet[.]', ''), '._', '  ') AS activity) FROM recorded"
    )


# --- the file ------------------------------------------------------------------------------------------------


def command(out: Path, *, at: datetime) -> int:
    """Write the report of this installation. 0: done; 2: a sentence says what is wrong, and nothing was written."""
    try:
        made = own(at=at)
        report.write(out, report.html(made))
    except NoLog as fault:
        print(f"fullkit: {fault}", file=sys.stderr)
        return 2
    except OSError as fault:
        print(f"fullkit: {fault.filename or out}: {fault.strerror}. Name another place.", file=sys.stderr)
        return 2
    print(f"{out}: {len(made.findings)} findings, {sum(len(s.pictures) for s in made.sections)} questions.")
    return 0


def own(*, at: datetime) -> Report:
    """The report on this installation's own log, every side of it. Raises NoLog."""
    try:
        plant = method.in_force()
    except DatabaseError:
        plant = None
    if plant is None or not log.reach().last:
        raise NoLog("There is no log here yet. Start the company with `fullkit up`, and work in it.")
    sections: list[Section] = []
    stands: list[Finding] = []
    cannot: list[str] = []
    for side in flow.sides(plant):
        said = told(plant, side, at=at)
        board = flow.dashboard(chain=side.chain, process=side.process, at=at)
        weekly = [_weekly(tile) for tile in board.tiles if tile.n]
        named = [*said.sections, Section(f"The last {board.weeks} weeks", weekly)]
        sections += [_of_side(section, side, plant) for section in named if section.pictures]
        stands += [_at(one, side) for one in said.findings]
        cannot += said.cannot
    today = plant.work.day_of(at)
    name = plant.playbook.company.name
    return Report(
        title=f"Where the flow waits: {name}",
        lead=f"{log.reach().rows:,} events, up to {judged.day(today)}. One side at a time; no number mixes two.",
        findings=stands[: report.MOST_FINDINGS],
        sections=sections,
        cannot=list(dict.fromkeys(cannot)),
        account=[f"The log of {name}, as it stood on {judged.day(today)}."],
        short=name,
    )


def _weekly(tile: Tile) -> Picture:
    """A weekly answer as a picture: its lines against their limits, and its table."""
    scale = 100.0 if tile.unit == "%" else 1.0
    drawn: list[Drawing] = [
        judged.drawn(line.chart, name=line.name, scale=scale)
        for line in tile.series
        if line.chart is not None
    ]
    return Picture(
        key=tile.key,
        title=tile.measure.title,
        says=tile.says,
        definition=tile.measure.definition,
        columns=tile.measure.columns,
        rows=tile.table,
        unit={"h": "working hours", "a day": "a working day"}.get(tile.unit, tile.unit),
        sql=tile.measure.sql.strip(),
        n=tile.n,
        drawn=drawn,
    )


def said_rows(picture: Picture, words: Words) -> list[tuple[Any, ...]]:
    """Rows of a picture with the keys of the playbook as the company says them."""
    return [
        tuple(words.said(name, cell) for name, cell in zip(picture.columns, row, strict=True))
        for row in picture.rows
    ]


def _key(key: str, side: Side) -> str:
    return f"{key}-{side.chain}-{side.process or 'rest'}"


def _at(finding: Finding, side: Side) -> Finding:
    return replace(finding, picture=_key(finding.picture, side) if finding.picture else "")


def _of_side(section: Section, side: Side, plant: Plant) -> Section:
    """A section of one side among those of the others: named, with addresses of its own, in the company's words."""
    words = Words(plant)
    pictures = [replace(one, key=_key(one.key, side), rows=said_rows(one, words)) for one in section.pictures]
    return Section(f"{side.name}: {section.title}", pictures)
