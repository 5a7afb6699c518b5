"""`fullkit diagnose`: foreign files in, an honest picture of the flow out. No database of ours is asked.

Each side of the company (a chain and a process) stands alone; no picture mixes two.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from fullkit.flow import durations, survival
from fullkit.flow.begun import BEGUN
from fullkit.flow.once import once
from fullkit.flow.reading import Imported, Unreadable, load_mapping, read
from fullkit.flow.reading import propose as proposed
from fullkit.reports import compare, findings, portrait, report, routes
from fullkit.reports.gallery import Asked
from fullkit.reports.judged import day
from fullkit.reports.pictures import Picture
from fullkit.reports.report import Report, Section

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Wanted:
    """What was asked for on the command line."""

    files: Sequence[Path]
    mapping: Path | None = None
    out: Path | None = None
    json: str | None = None
    """A file, or `-` for standard output."""
    compare: Sequence[Path] = ()
    today: date | None = None
    rejected: Path | None = None


def command(wanted: Wanted) -> int:
    """Read, measure, write. 0: done; 2: a sentence says what is wrong, and nothing was written."""
    bar = Bar()
    try:
        mapping = load_mapping(wanted.mapping) if wanted.mapping else None
        imported = read(wanted.files, mapping=mapping, today=wanted.today, progress=bar.part(0, 0.5))
        made = diagnosed(imported, progress=bar.part(0.5, 0.9))
        if wanted.compare:
            other = read(wanted.compare, mapping=mapping, today=wanted.today, progress=bar.quiet)
            made = compare.beside(made, diagnosed(other, progress=bar.quiet))
        if wanted.rejected:
            imported.account.write_rejected(wanted.rejected)
        _write(wanted, made)
    except Unreadable as fault:
        bar.close()
        print(f"fullkit: {fault}", file=sys.stderr)
        return 2
    except OSError as fault:
        bar.close()
        print(
            f"fullkit: {fault.filename or 'The file'}: {fault.strerror}. Name another place.", file=sys.stderr
        )
        return 2
    bar.close()
    return 0


def propose(files: Sequence[Path], out: Path | None) -> int:
    """Write a mapping for these files, for a person to correct; to standard output without a name."""
    try:
        text = proposed(files)
        if out is None:
            print(text, end="")
        else:
            report.write(out, text)
            print(f"{out}: correct it, and give it with --mapping.")
    except Unreadable as fault:
        print(f"fullkit: {fault}", file=sys.stderr)
        return 2
    return 0


def _write(wanted: Wanted, made: Report) -> None:
    if wanted.json == "-":
        print(json.dumps(report.data(made), ensure_ascii=False, indent=1))
    elif wanted.json:
        report.write(Path(wanted.json), json.dumps(report.data(made), ensure_ascii=False, indent=1))
    out = wanted.out or (None if wanted.json else Path(f"{_stem(wanted.files[0])}-report.html"))
    if out:
        report.write(out, report.html(made))
        if wanted.json != "-":
            print(
                f"{out}: {len(made.findings)} findings, {sum(len(s.pictures) for s in made.sections)} questions."
            )


def _stem(path: Path) -> str:
    return path.name.split(".")[0] or "fullkit"


# --- measuring -----------------------------------------------------------------------------------------------


def diagnosed(imported: Imported, *, progress: Progress = lambda share, what: None) -> Report:
    """The report on what was imported."""
    if imported.holds == "events":
        _no_handoffs(imported)
    once(imported.con, BEGUN)
    sides = _sides(imported)
    sections: list[Section] = []
    cannot: list[str] = list(imported.cannot)
    told: list[tuple[int, report.Finding]] = []
    figures: dict[str, Any] = dict(imported.facts)
    measured: dict[str, Any] = {}
    for i, asked in enumerate(sides):
        progress(i / max(1, len(sides)), f"measuring {asked.noun}")
        name = f": {asked.noun}" if len(sides) > 1 else ""
        made = _pictures(asked, imported)
        measured |= _measured(asked, figures)
        known = findings.known(asked, [one for _, pictures in made for one in pictures])
        told += [(i, one) for one in findings.choose(known)]
        sections += [Section(f"{title}{name}", pictures) for title, pictures in made if pictures]
        cannot += [*asked.cannot, *findings.withheld(known)]
    account = imported.account
    return Report(
        title=f"Where the flow waits: {_main(imported)}",
        lead=f"{account.rows:,} rows read, up to {day(imported.as_of)}.",
        findings=_first(told),
        sections=_unique(sections),
        cannot=list(dict.fromkeys(cannot)),
        account=_account(imported),
        ledger=[(note.file, _done(note), note.count) for note in (*account.repairs, *account.rejections)],
        assumed=[
            f"The data goes up to {day(imported.as_of)}: {imported.as_of_why}", *imported.assumptions, *imported.offers,
        ],
        figures=figures,
        measured=measured,
        short=_main(imported),
    )  # fmt: skip


def _first(told: Sequence[tuple[int, report.Finding]]) -> tuple[report.Finding, ...]:
    """The findings of the largest side first, then those of the others; links lead to the largest side's "
    "pictures."""
    ordered = [one for side, one in told if side == 0]
    ordered += [replace(one, picture="") for side, one in told if side]
    return tuple(ordered[: report.MOST_FINDINGS])


def _no_handoffs(imported: Imported) -> None:
    """In a foreign log of activities nothing is released, so that clocks start at arrival; the column says so."""
    held = {row[0] for row in imported.con.execute("SELECT column_name FROM (DESCRIBE log)").fetchall()}
    if "handoff_kind" not in held:
        imported.con.execute("ALTER TABLE log ADD COLUMN handoff_kind VARCHAR")


def _sides(imported: Imported) -> list[Asked]:
    con = imported.con
    first = con.execute("SELECT min(day) FROM log").fetchall()[0][0] or imported.as_of
    found = con.execute(
        "SELECT chain, process, count(*) FROM packets GROUP BY ALL ORDER BY count(*) DESC, chain, process"
    ).fetchall()
    names = {"hunting": "opportunities", "farming": "farming opportunities", None: "cases"}
    return [
        Asked(
            con,
            {"chain": chain, "process": process, "since": first, "until": imported.as_of, "release": "release",
             "won": "won"},
            noun=names.get(process, f"{process} packets"),
            until=imported.as_of,
        )
        for chain, process, _ in found
    ]  # fmt: skip


def _measured(asked: Asked, figures: dict[str, Any]) -> dict[str, Any]:
    """The bare numbers of a side: for `--json`, and to be held against another report."""
    rows = asked.rows(durations.CYCLE_TIME) or []
    if not rows:
        return {}
    name = asked.params["process"] or asked.params["chain"]
    lasted = [(float(r["days"]), bool(r["is_over"]), int(r["packets"])) for r in rows]
    curve = survival.survival([r[0] for r in lasted], [r[1] for r in lasted], [r[2] for r in lasted])
    low, high = curve.quantile_interval(0.5)
    ended = sum(n for _, over, n in lasted if over)
    won = sum(r["packets"] for r in rows if r["outcome"] == asked.params["won"])
    closed = sorted((days, n) for days, over, n in lasted if over)
    found: dict[str, Any] = {
        f"{name}_days": compare.Durations(
            f"Days until it is over, {asked.noun}", lasted, curve.quantile(0.5), low, high
        )
    }
    figures[name] = {
        "packets": curve.packets,
        "closed": ended,
        "open": curve.still_open,
        "won": won,
        "days_quartiles": [curve.quantile(q) for q in (0.25, 0.5, 0.75)],
        "days_closed": {str(q): portrait.percentile(closed, q) for q in (0.5, 0.85, 0.95)} if closed else {},
        "days_closed_mean": sum(d * n for d, n in closed) / ended if ended else None,
    }
    if won:
        figures[name]["win_rate"] = won / ended
        found[f"{name}_win_rate"] = compare.Share(f"Share won of what ended, {asked.noun}", won, ended)
    return found


def _pictures(asked: Asked, imported: Imported) -> list[tuple[str, list[Picture]]]:
    lasted = asked.rows(durations.CYCLE_TIME) or []
    flow: list[Picture | None] = [portrait.cumulative(asked), *portrait.weeks(asked), portrait.little(asked)]
    time: list[Picture | None] = [*portrait.durations(asked, lasted), *portrait.ages(asked)]
    ways: list[Picture | None] = []
    if imported.holds == "events":
        ways = routes.pictures(asked)
    owners = asked.rows(portrait.OWNERS) if asked.params["process"] else None
    who: list[Picture | None] = [portrait.comparison(asked, owners)] if owners else []
    data: list[Picture | None] = [*portrait.quality(asked)] if imported.holds == "opportunities" else []
    ahead: list[Picture | None] = [portrait.forecast(asked)]
    where: list[Picture | None] = [portrait.constraint(asked)] if imported.holds == "opportunities" else []
    groups = [
        ("The constraint", where),
        ("Flow", flow),
        ("Time", time),
        ("Ways", ways),
        ("People", who),
        ("What comes next", ahead),
        ("What the data can be relied on for", data),
    ]
    return [(title, [one for one in made if one is not None]) for title, made in groups]


def _main(imported: Imported) -> str:
    """The file, or the files, that most of it comes from."""
    most = max(imported.account.files, key=lambda one: one.rows)
    rest = len(imported.files) - 1
    return f"{most.file}{f' and {rest} more' if rest else ''}"


def _unique(sections: Sequence[Section]) -> list[Section]:
    """Keys of pictures are addresses within the page, so the second side's get a number."""
    seen: dict[str, int] = {}
    found = []
    for section in sections:
        pictures = []
        for one in section.pictures:
            seen[one.key] = seen.get(one.key, 0) + 1
            n = seen[one.key]
            pictures.append(one if n == 1 else replace(one, key=f"{one.key}-{n}"))
        found.append(Section(section.title, pictures))
    return found


def _account(imported: Imported) -> list[str]:
    said = []
    for one in imported.account.files:
        kind = next((f.kind for f in imported.files if f.file == one.file), "")
        said.append(
            f"{one.file}{f' ({kind})' if kind else ''}: {one.rows:,} rows, of which {one.read:,} read as they "
            "are, "
            f"{one.repaired:,} repaired, {one.rejected:,} rejected."
        )
    return said


def _done(note: Any) -> str:
    shown = "; ".join(
        f"line {e.line}: {e.value}{f' became {e.became}' if e.became else ''}" for e in note.examples
    )
    return f"{note.what}{f' ({shown})' if shown else ''}"


class Bar:
    """How far it is, in one line on a terminal; nothing where nobody looks."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty()

    def part(self, start: float, end: float) -> Progress:
        """Progress of one part of the whole."""

        def told(share: float, what: str) -> None:
            if self.shown:
                done = start + (end - start) * min(1.0, max(0.0, share))
                filled = round(24 * done)
                print(
                    f"\r\x1b[K{'━' * filled}{'─' * (24 - filled)} {what}", end="", file=sys.stderr, flush=True
                )

        return told

    def quiet(self, share: float, what: str) -> None:
        """Says nothing."""

    def close(self) -> None:
        """Leave the line clean."""
        if self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
