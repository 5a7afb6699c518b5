"""One name for one person, customer or product, however it was spelt; and the tables that say more about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from fullkit.flow.reading.account import Ledger
from fullkit.flow.reading.sheets import name

SLIPS = 1
"""Letters that differ, are missing or have changed places (Damerau-Levenshtein) in spellings offered as one."""
MOST_OFFERED = 5
MOST_COMPARED = 2_000
"""Different spellings beyond which none are compared: that costs their square."""


@dataclass(frozen=True)
class Beside:
    """A table that stands beside the pipeline: what joins it, and what it adds."""

    table: str
    key: str
    """Its column that the pipeline names."""
    label: str
    """Its column that people read."""
    more: Mapping[str, str]
    """Our word to its column: team, list_price."""


def flat(value: str) -> str:
    """A name by its letters and digits alone, as SQL; the name itself when it has none. `1.1` is not `11`."""
    lower = f"lower(strip_accents({value}))"
    apart = f"regexp_replace({lower}, '([0-9])[^\\p{{L}}\\p{{N}}]+([0-9])', '\\1_\\2', 'g')"
    bare = f"regexp_replace({apart}, '[^\\p{{L}}\\p{{N}}_]+', '', 'g')"
    return f"coalesce(nullif({bare}, ''), {value})"


def settle(
    con: DuckDBPyConnection,
    field: str,
    beside: Beside | None,
    spelling: Mapping[str, str],
    ledger: Ledger,
    *,
    typed: bool = True,
) -> list[str]:
    """A table `spelt_<field>` (v, id, name, known, and what the table beside adds) over the values of `clean`.

    The same letters and digits are the same name: the spelling of the table beside wins, else the commonest. Every
    row whose spelling changes is a repair. What nobody `typed`, such as the resources of an event log, is left as it
    is. Returns sentences that offer spellings which are merely similar.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE told (v VARCHAR, told VARCHAR)")
    if spelling:
        con.executemany("INSERT INTO told VALUES (?, ?)", [list(pair) for pair in spelling.items()])
    key = flat("coalesce(told, v)") if typed else "coalesce(told, v)"
    con.execute(
        "CREATE OR REPLACE TEMP TABLE found AS"
        f" SELECT v, n, coalesce(told, v) AS value, {key} AS k"
        f" FROM (SELECT {name(field)} AS v, count(*) AS n FROM clean WHERE {name(field)} IS NOT NULL GROUP BY 1)"
        " LEFT JOIN told USING (v)"
    )
    more = _known(con, beside)
    con.execute(
        f"""
CREATE OR REPLACE TEMP TABLE spelt_{field} AS
WITH common AS (SELECT k, arg_max(value, (n, value)) AS value FROM found GROUP BY k),
named AS (
    SELECT f.v, f.n, coalesce(x.key, d.key, c.value) AS spelt, coalesce(x.name, d.name, c.value) AS name,
           coalesce(x.key, d.key) AS known{"".join(f", coalesce(x.{m}, d.{m}) AS {m}" for m in more)}
    FROM found AS f LEFT JOIN known_exactly AS x ON x.key = f.value
         LEFT JOIN known_flat AS d ON d.k = f.k LEFT JOIN common AS c ON c.k = f.k
)
SELECT *, dense_rank() OVER (ORDER BY name, spelt) AS id FROM named"""
    )
    changed = f"SELECT t.file, t.line, t.{name(field)}, s.spelt FROM clean AS t JOIN spelt_{field} AS s"
    ledger.repair(
        f"another spelling of the same {field}", f"{changed} ON s.v = t.{name(field)} AND s.spelt <> s.v"
    )
    return _offers(con, field, beside is not None) if typed else []


def _known(con: DuckDBPyConnection, beside: Beside | None) -> list[str]:
    """`known_exactly` and `known_flat`: the table beside by its key as written, and by its letters and digits."""
    if beside is None:
        con.execute("CREATE OR REPLACE TEMP TABLE known_exactly (key VARCHAR, name VARCHAR, k VARCHAR)")
        con.execute("CREATE OR REPLACE TEMP TABLE known_flat (key VARCHAR, name VARCHAR, k VARCHAR)")
        return []
    more = "".join(f", any_value({name(column)}) AS {ours}" for ours, column in beside.more.items())
    key, label = name(beside.key), name(beside.label)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE known_exactly AS SELECT {key} AS key,"
        f" coalesce(any_value({label}), {key}) AS name, {flat(key)} AS k{more}"
        f" FROM {beside.table} WHERE {key} IS NOT NULL GROUP BY {key}"
    )
    con.execute(  # a flat form that two keys share says nothing
        "CREATE OR REPLACE TEMP TABLE known_flat AS SELECT * FROM known_exactly"
        " QUALIFY count(*) OVER (PARTITION BY k) = 1"
    )
    return list(beside.more)


def _offers(con: DuckDBPyConnection, field: str, beside: bool) -> list[str]:
    pool = f"(SELECT spelt, sum(n)::BIGINT AS n, any_value(known) AS known FROM spelt_{field} GROUP BY spelt)"
    if con.execute(f"SELECT count(*) FROM {pool}").fetchall()[0][0] > MOST_COMPARED:
        return []
    right = (
        "SELECT DISTINCT key AS spelt, NULL::BIGINT AS n FROM known_exactly"
        if beside
        else f"SELECT * FROM {pool}"
    )
    pairs = con.execute(
        f"""
SELECT a.spelt, a.n, b.spelt FROM {pool} AS a JOIN ({right}) AS b
ON a.spelt <> b.spelt AND a.spelt[1] = b.spelt[1]
   AND regexp_replace(a.spelt, '\\D', '', 'g') = regexp_replace(b.spelt, '\\D', '', 'g')
   AND length(a.spelt) >= 6 AND regexp_matches(a.spelt, '\\p{{L}}{{3}}')
   AND damerau_levenshtein(lower(a.spelt), lower(b.spelt)) <= {SLIPS}
WHERE a.known IS NULL AND ({"true" if beside else "a.n < b.n OR (a.n = b.n AND a.spelt > b.spelt)"})
ORDER BY a.n DESC, a.spelt, b.spelt LIMIT {MOST_OFFERED}"""
    ).fetchall()
    return [
        f"Are {a!r} ({n:,} rows) and {b!r} one {field}? If so, write it under `spelling` in the mapping."
        for a, n, b in pairs
    ]
