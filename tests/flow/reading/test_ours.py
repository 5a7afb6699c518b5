"""What this program exported as Parquet is read back, and another's Parquet is refused."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from fullkit.flow import export
from fullkit.flow.measure import run
from fullkit.flow.measures import STUDIED
from fullkit.flow.reading import Unreadable, read
from fullkit.reports import diagnose
from tests.flow.anylog import DAYS, any_story, asked, same


def test_a_diagnosis_of_our_own_parquet_gives_the_figures_of_the_log(tmp_path: Path) -> None:
    path, place = tmp_path / "log.parquet", tmp_path / "data.json"
    with any_story(8, packets=20, happenings=200).told(days=DAYS) as con:
        export.write(con, path, form="parquet")
        found = read([path])
        for measure in (STUDIED["cycle_time"], STUDIED["directly_follows"]):
            how = asked(measure, "bau", None)
            wanted = run(con, measure, **how)
            same(run(found.con, measure, **how), wanted)
            assert wanted
        found.con.close()
    assert diagnose.command(diagnose.Wanted(files=[path], json=str(place))) == 0
    assert json.loads(place.read_text())["measures"]


def test_anothers_parquet_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    duckdb.sql("SELECT 1 AS a").write_parquet(str(path))
    with pytest.raises(Unreadable, match="read only as Fullkit's own export"):
        read([path])
