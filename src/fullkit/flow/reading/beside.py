"""Tables beside the pipeline: accounts, products, users. Which of their columns joins is told by its values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from fullkit.flow.reading import recognise, sheets, values, words
from fullkit.flow.reading.account import Ledger
from fullkit.flow.reading.names import Beside, flat
from fullkit.flow.reading.recognise import Taken
from fullkit.flow.reading.sheets import name
from fullkit.flow.reading.words import plain

ENOUGH = 0.3
"""Share of the pipeline's values that a column must hold to be the one that joins."""
ALONE = 0.95
"""Share of its rows in which a value of that column must be the only one."""
_FIELDS = {"people": "owner", "customers": "customer", "products": "product"}
_HOLDS = {field: holds for holds, field in _FIELDS.items()}
_FITTING = {
    "owner": "opportunityowner owner salesagent",
    "customer": "account customer",
    "product": "product",
}


@dataclass(frozen=True)
class Joined:
    """A file that joins, what its rows are, and by which of its columns."""

    taken: Taken
    field: str
    beside: Beside


def join(con: DuckDBPyConnection, sides: list[Taken], held: frozenset[str], ledger: Ledger) -> list[Joined]:
    """Which of these files says more about the owners, customers or products of the table `raw`.

    Rows of a file that joins nothing are rejected, so that nobody takes them for read.
    """
    joined: dict[str, Joined] = {}
    for i, side in enumerate(sides):
        table = f"side_{i}"
        number = sheets.load(
            con, side.sheet, table, {f"c{k}": k for k in range(len(side.sheet.header))}, ledger
        )
        found = _told(side) or _best(con, table, side, held - set(joined))
        if found is None or found[0] not in held or found[0] in joined:
            ledger.reject(
                "no column of this file joins the pipeline", f"SELECT {number}, line, c0 FROM {table}"
            )
            continue
        field, key = found
        joined[field] = Joined(side, field, _beside(con, table, side, field, key))
    return list(joined.values())


def _told(side: Taken) -> tuple[str, int] | None:
    """What the mapping says about this file."""
    key = side.columns.get("key", side.columns.get("name"))
    return (_FIELDS[side.holds], key) if side.holds in _FIELDS and key is not None else None


def _best(con: DuckDBPyConnection, table: str, side: Taken, fields: frozenset[str]) -> tuple[str, int] | None:
    """The field and column whose values meet best."""
    best: tuple[float, str, int] | None = None
    keys = _keys(con, table, len(side.sheet.header))
    for field in sorted(fields & set(_FITTING)) if keys else ():
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE wanted AS SELECT DISTINCT {flat(name(field))} AS k"
            f" FROM raw WHERE {name(field)} IS NOT NULL LIMIT 20000"
        )
        for at, share in _shares(con, table, keys):
            header = plain(side.sheet.header[at])
            fits = header in {"id", "name"} or header in words.OPPORTUNITIES[field]
            if share >= ENOUGH and (best is None or share + fits > best[0]):
                best = (share + fits, field, at)
    return (best[1], best[2]) if best else None


def _keys(con: DuckDBPyConnection, table: str, columns: int) -> list[int]:
    """The columns whose values stand for one row each. A few at a time: each keeps its different values in memory."""
    found: list[int] = []
    for first in range(0, columns, 16):
        few = ", ".join(f"c{at}" for at in range(first, min(first + 16, columns)))
        counted = con.execute(
            f"SELECT held, count(DISTINCT {flat('v')}), count(*)"
            f" FROM (SELECT {few} FROM {table}) UNPIVOT (v FOR held IN (*)) GROUP BY held"
        ).fetchall()
        found += [int(held.removeprefix("c")) for held, known, rows in counted if known >= ALONE * rows]
    return sorted(found)


def _shares(con: DuckDBPyConnection, table: str, keys: Sequence[int]) -> list[tuple[int, float]]:
    """The share of `wanted` that each of these columns holds, in their order."""
    columns = ", ".join(f"c{at}" for at in keys)
    met = con.execute(
        f"WITH cells AS (SELECT held, {flat('v')} AS k"
        f" FROM (SELECT {columns} FROM {table}) UNPIVOT (v FOR held IN (*)))"
        " SELECT held, count(DISTINCT k) / (SELECT count(*) FROM wanted)"
        " FROM cells SEMI JOIN wanted USING (k) GROUP BY held"
    ).fetchall()
    return sorted((int(held.removeprefix("c")), float(share)) for held, share in met)


def _beside(con: DuckDBPyConnection, table: str, side: Taken, field: str, key: int) -> Beside:
    flat_header = [plain(h) for h in side.sheet.header]
    told = side.columns
    near = recognise.match(flat_header, words.BESIDE)
    label = told.get("name", near.get("label", key))
    more: dict[str, str] = {}
    team = told.get("team", near.get("team"))
    if field == "owner" and team is not None and team != key:
        more["team"] = f"c{team}"
    price = told.get("list_price", near.get("list_price"))
    if field == "product" and price is not None and price != key:
        con.execute(f"ALTER TABLE {table} ADD COLUMN list_price DOUBLE")
        con.execute(f"UPDATE {table} SET list_price = {values.numbers(con, table, f'c{price}').sql}")
        more["list_price"] = "list_price"
    return Beside(table, f"c{key}", f"c{label}", more)


def missing(con: DuckDBPyConnection, joined: Joined) -> str:
    """A sentence about values of the pipeline that the table beside does not know; empty when it knows all."""
    unknown, rows, example = con.execute(
        f"SELECT count(*), coalesce(sum(n), 0)::BIGINT, min(v) FROM spelt_{joined.field} WHERE known IS NULL"
    ).fetchall()[0]
    if not unknown:
        return ""
    return (
        f"{unknown} {_HOLDS[joined.field]} of the pipeline, in {rows:,} rows, are not in"
        f" {joined.taken.sheet.name}, such as {example!r}."
    )


def kind(joined: Joined) -> str:
    """What the file holds, in words."""
    return _HOLDS[joined.field]
