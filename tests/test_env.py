from __future__ import annotations

import stat
from pathlib import Path

import pytest

from fullkit import env


def test_nothing_set_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FULLKIT_X", raising=False)
    assert env.envbool("FULLKIT_X", True) is True
    assert env.envint("FULLKIT_X", 7) == 7
    assert env.envlist("FULLKIT_X", ("a",)) == ["a"]


@pytest.mark.parametrize(("raw", "value"), [("1", True), ("Yes", True), ("off", False), ("", False)])
def test_a_switch_is_on_or_off(monkeypatch: pytest.MonkeyPatch, raw: str, value: bool) -> None:
    monkeypatch.setenv("FULLKIT_X", raw)
    assert env.envbool("FULLKIT_X") is value


def test_a_bad_value_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FULLKIT_X", "maybe")
    with pytest.raises(env.BadSetting, match=r"FULLKIT_X is 'maybe'; say 1 or 0"):
        env.envbool("FULLKIT_X")
    with pytest.raises(env.BadSetting, match=r"must be a whole number"):
        env.envint("FULLKIT_X", 1)
    with pytest.raises(env.BadSetting, match=r"one of FULL, NORMAL"):
        env.envchoice("FULLKIT_X", "FULL", ("FULL", "NORMAL"))
    with pytest.raises(env.BadSetting, match=r"Europe/Berlin"):
        env.envzone("FULLKIT_X", "UTC")


def test_a_number_keeps_to_its_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FULLKIT_X", "0")
    assert env.envint("FULLKIT_X", 1, least=0) == 0
    with pytest.raises(env.BadSetting, match=r"at least 1"):
        env.envint("FULLKIT_X", 1, least=1)


def test_a_secret_may_come_as_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("FULLKIT_X", raising=False)
    (tmp_path / "secret").write_text("s3cret\n")
    monkeypatch.setenv("FULLKIT_X_FILE", str(tmp_path / "secret"))
    assert env.envsecret("FULLKIT_X") == "s3cret"
    monkeypatch.setenv("FULLKIT_X_FILE", str(tmp_path / "none"))
    with pytest.raises(env.BadSetting, match="cannot be read"):
        env.envsecret("FULLKIT_X")


def test_a_private_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = env.private_file(tmp_path / "key")
    assert env.private_file(tmp_path / "key") == first
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def _database(url: str, var: Path) -> dict[str, object]:
    return env.database(url, var=var, synchronous="FULL", pool_size=3)


def test_no_url_is_sqlite_in_the_var_folder(tmp_path: Path) -> None:
    found = _database("", tmp_path)
    assert found["NAME"] == str(tmp_path / "fullkit.sqlite3")
    assert "synchronous = FULL" in str(found["OPTIONS"])


def test_a_postgres_url_is_taken_apart(tmp_path: Path) -> None:
    found = _database("postgres://ann%40x:p%2Fw@db.example:6543/full?sslmode=require", tmp_path)
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == (
        "ann@x",
        "p/w",
        "db.example",
        "6543",
    )
    assert found["NAME"] == "full"
    assert found["OPTIONS"] == {"sslmode": "require", "pool": {"min_size": 1, "max_size": 3, "timeout": 10}}


@pytest.mark.parametrize("url", ["mysql://x/y", "fullkit", "postgres://host", "postgres://host:abc/x"])
def test_an_address_that_cannot_be_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(env.BadSetting, match="DATABASE_URL"):
        _database(url, tmp_path)
