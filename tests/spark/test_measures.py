"""Every measure says on a cluster what it says on one machine, row for row, whoever dies meanwhile."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from fullkit.flow import export, spark
from fullkit.flow.measure import Measure, NotInThisData, run
from fullkit.flow.measures import ALL, STUDIED, WATCHED
from tests.flow.anylog import DAYS, any_story, asked, same

if TYPE_CHECKING:
    from tests.spark.conftest import Cluster

pytestmark = pytest.mark.spark
EVERY = ALL | WATCHED | STUDIED
SIDES = (("growth", "hunting"), ("bau", None))
QUERIES = 3


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random log as `fullkit export` writes it."""
    path = tmp_path_factory.mktemp("log") / "log.parquet"
    story = any_story(int(os.environ["FULLKIT_TEST_SEED"]))
    with story.told(days=DAYS) as con:
        export.write(con, path, form="parquet")
    return path


@pytest.fixture(scope="module")
def here(log: Path) -> Iterator[DuckDBPyConnection]:
    """The log in DuckDB."""
    with duckdb.connect() as con:
        export.open_parquet(con, log)
        yield con


@pytest.fixture(scope="module")
def there(session: Any, log: Path, here: DuckDBPyConnection) -> Any:
    """The log on the cluster."""
    spark.tables(session, str(log), export.calendar_in(here, log))
    return session


def side(key: str) -> tuple[str, str | None]:
    """Each side is asked by half of the measures; which half depends on the seed."""
    return SIDES[(list(EVERY).index(key) + int(os.environ["FULLKIT_TEST_SEED"])) % len(SIDES)]


@pytest.fixture(scope="module")
def answers(request: pytest.FixtureRequest, there: Any) -> Iterator[dict[str, Future[list[dict[str, Any]]]]]:
    """What the cluster says to the measures that are tried. Several wait for it at a time, as most of it is waiting."""
    tried = [
        item.callspec.params.get("measure") for item in request.session.items if hasattr(item, "callspec")
    ]
    with ThreadPoolExecutor(QUERIES) as pool:
        yield {
            m.key: pool.submit(spark.run, there, m, **asked(m, *side(m.key)))
            for m in tried
            if isinstance(m, Measure) and m.key not in spark.CANNOT
        }


@pytest.mark.parametrize("measure", EVERY.values(), ids=EVERY)
def test_it_says_the_same_row_for_row(
    measure: Measure, here: DuckDBPyConnection, answers: dict[str, Future[list[dict[str, Any]]]]
) -> None:
    if measure.key in spark.CANNOT:
        pytest.skip(f"{measure.key}: {spark.CANNOT[measure.key]}")
    same(answers[measure.key].result(timeout=300), run(here, measure, **asked(measure, *side(measure.key))))


def test_most_answers_are_about_something(here: DuckDBPyConnection) -> None:
    """Two empty answers are equal too."""
    empty = [k for k, m in EVERY.items() if not run(here, m, **asked(m, *side(k)))]
    assert len(empty) <= 3, empty


def test_what_cannot_run_there_is_a_measure_and_is_told_in_the_docs() -> None:
    told = Path(__file__).parents[2] / "docs/explanation/outgrowing-one-machine.md"
    assert set(spark.CANNOT) <= set(EVERY)
    for key, why in spark.CANNOT.items():
        assert f"`{key}`" in told.read_text(encoding="utf-8"), why


WORDS = """
SELECT n, a / b AS quotient, 1 / (n - 3) AS at_three, 7 // 2 AS whole, a IS DISTINCT FROM b AS differ,
       lag(a, 1, 0) OVER (ORDER BY b, n) AS before, row_number() OVER (ORDER BY a DESC, n) AS place,
       list_contains(['x', 'y'], word) AS listed, string_split(coalesce(word, ''), ',') AS split
FROM (VALUES (1, 1, 0, 'x'), (2, 0, 0, 'x,y'), (3, -1, 0, NULL), (4, NULL, 2, ''), (5, 9, 2, 'y')) AS t (n, a, b, word)
ORDER BY n
"""
GROUPS = """
SELECT g, max_by(a, n) AS last, max_by(a, n) FILTER (n < 4) AS earlier, min_by(a, n) AS first,
       list(a ORDER BY n) AS all_of_it, median(a) AS middle, quantile_cont(a, 0.85) AS high, count(*) AS rows,
       count(a) FILTER (a > 1) AS above, rows / nullif(above, 0) AS share, sum(a) FILTER (a > 100) AS none
FROM (VALUES (1, 'p', 5), (2, 'p', NULL), (3, 'q', 1), (4, 'q', 2), (5, 'q', NULL), (6, NULL, 7)) AS t (n, g, a)
GROUP BY g
ORDER BY g
"""


@pytest.mark.parametrize("sql", [WORDS, GROUPS], ids=["words", "groups"])
def test_the_same_words_mean_the_same(sql: str, there: Any) -> None:
    with duckdb.connect() as con:
        found = con.execute(sql)
        names = [c[0] for c in found.description or []]
        expected = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    same([row.asDict() for row in there.sql(spark.translated(sql)).collect()], expected)


def test_a_column_that_the_log_lacks_is_named(session: Any, tmp_path: Path, log: Path, there: Any) -> None:
    with duckdb.connect() as con:
        poor = tmp_path / "poor.parquet"
        con.execute(f"COPY (SELECT * EXCLUDE (handoff_kind) FROM '{log}') TO '{poor}'")
        try:
            spark.tables(session, str(poor), [])
            measure = ALL["connectors"]
            with pytest.raises(NotInThisData, match="needs handoff_kind"):
                spark.run(session, measure, **asked(measure, *SIDES[0]))
        finally:
            spark.tables(session, str(log), export.calendar_in(con, log))


# --- last, because a worker is lost by it ---------------------------------------------------------------------


def test_a_worker_that_dies_in_the_middle_changes_no_answer(
    session: Any, cluster: Cluster, tmp_path: Path, seed: int
) -> None:
    """A hundred and fifty thousand events in eight files; one of the two workers is killed while both compute."""
    with any_story(seed).told(days=DAYS) as con, duckdb.connect() as many:
        one, days = tmp_path / "one.parquet", con.execute("SELECT day, minutes FROM calendar").fetchall()
        export.write(con, one, form="parquet")
        (tmp_path / "log").mkdir()
        for part in range(8):
            many.execute(
                f"""COPY (SELECT * REPLACE (id + n * 10000 AS id, packet + n * 1000 AS packet)
                    FROM '{one}', range({part * 8}, {part * 8 + 8}) AS copies (n))
                    TO '{tmp_path}/log/{part}.parquet'"""
            )
        export.open_parquet(many, tmp_path / "log" / "*.parquet")
        measure = STUDIED["variants"]
        params = asked(measure, *SIDES[0])
        expected = run(many, measure, **params)
    spark.tables(session, str(tmp_path / "log"), days)
    answers: list[list[dict[str, Any]]] = []
    query = threading.Thread(target=lambda: answers.append(spark.run(session, measure, **params)))
    tracker = session.sparkContext.statusTracker()
    assert cluster.executors() == 2
    query.start()
    stage = None
    while query.is_alive() and stage is None:
        active = ((n, tracker.getStageInfo(n)) for n in tracker.getActiveStageIds())
        stage = next((n for n, info in active if info and info.numActiveTasks == 2), None)
        time.sleep(0.002)
    cluster.kill(2)
    assert query.is_alive(), "The query was over before the worker could die."
    query.join(timeout=300)
    assert not query.is_alive()
    assert cluster.executors() == 1
    assert tracker.getStageInfo(stage).numFailedTasks > 0, "No task was lost."
    assert len(answers) == 1
    same(answers[0], expected)
