"""A backup is one instant of the company; a restore is all of it or nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fullkit import backup
from tests.conftest import DATABASE

ROOT = Path(__file__).resolve().parents[1]
FULLKIT = [sys.executable, "-m", "fullkit"]

FILL = """
import hashlib, sys
from pathlib import Path
from django.conf import settings
from fullkit.models import Upload
from tests.crash.scene import prepare
w = prepare()
for n in range(3):
    content = f"file {n} \\N{SNOWMAN}".encode() * 1000
    digest = hashlib.sha256(content).hexdigest()
    path = Path(settings.MEDIA_ROOT) / digest[:2] / digest
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    Upload.objects.create(name=f"{n}.pdf", kind="pdf", size=len(content), digest=digest, by=None, at=w.now)
w.customer("株式会社 \\N{PILE OF POO} \\u202e <b>")
"""
WRITE = """
import sys, time
from fullkit.models import Person
from tests.crash.scene import Scene
from tests.world import MONDAY_9AM
from fullkit.actions import inbox, journey
s = Scene(MONDAY_9AM)
print("writing", flush=True)
n = 0
while True:
    time.sleep(0.02)
    n += 1
    packet = s.arrives(title=f"busy {n}")
    held = inbox.deal(s.sid, at=s.later(seconds=1))
    journey.close(held, outcome=s.plant.type(held.type).outcomes[0], by=s.sid, at=s.now, cause="volume")
"""
TELL = """
import hashlib, json
from pathlib import Path
from django.conf import settings
from tests.invariants.snapshot import Snapshot
from tests.invariants import laws
now = Snapshot()
laws.hold(now)
tables = {n: [len(r), hashlib.sha256(repr([list(map(str, x)) for x in r]).encode()).hexdigest()]
          for n, r in now.tables.items()}
files = [p for p in Path(settings.MEDIA_ROOT).rglob("*") if p.is_file()]
files = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
print(json.dumps({"tables": tables, "files": files}))
"""
REFUSED = """
from django.db import connection
for verb in ("UPDATE fullkit_event SET reason='x'", "DELETE FROM fullkit_event"):
    try:
        with connection.cursor() as cursor:
            cursor.execute(verb)
    except Exception as no:
        assert "append-only" in str(no), no
    else:
        raise SystemExit(verb)
from tests.crash.scene import Scene
from tests.world import MONDAY_9AM
print(Scene(MONDAY_9AM).arrives(title="after the restore").pk)
"""
SETUP = "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'fullkit.settings'; django.setup()\n"


class House:
    """An installation of its own: a folder, and on PostgreSQL a database."""

    def __init__(self, folder: Path, database: str = DATABASE) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("FULLKIT_", "DATABASE_"))}
        self.env = {
            **kept,
            "FULLKIT_VAR": str(folder),
            "FULLKIT_STATIC_MANIFEST": "0",
            "PYTHONPATH": str(ROOT),
        }
        self.name = ""
        if database == "postgres":
            self.name = f"house_{uuid.uuid4().hex[:10]}"
            self.sql(f'CREATE DATABASE "{self.name}"')
            url = os.environ["DATABASE_URL"]
            self.env["DATABASE_URL"] = url.replace("/postgres?", f"/{self.name}?")

    def sql(self, statement: str) -> None:
        import psycopg

        host = os.environ["DATABASE_URL"].rpartition("host=")[2]
        with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as admin:
            admin.execute(statement)  # type: ignore[arg-type]

    def gone(self) -> None:
        if self.name:
            self.sql(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def call(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        command = [*FULLKIT, *map(str, words)]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=False, timeout=120)

    def python(self, code: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-c", SETUP + code], env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout) if done.stdout.strip() else None

    def start(self, code: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", SETUP + code], env=self.env, stdout=subprocess.PIPE, text=True
        )


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A company with something in every table that verbs fill."""
    house = House(tmp_path_factory.mktemp("company"))
    assert house.call("migrate").returncode == 0
    house.python(FILL)
    yield house
    house.gone()


@pytest.fixture(scope="module")
def file(company: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its backup, taken while nobody works."""
    target = tmp_path_factory.mktemp("backups") / "company.backup"
    done = company.call("backup", target)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "empty")
    yield house
    house.gone()


@pytest.fixture(scope="module")
def restored(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("restored"))
    done = house.call("restore", file)
    assert done.returncode == 0, done.stderr
    yield house
    house.gone()


def test_every_table_and_every_file_is_the_same_after_a_restore(company: House, restored: House) -> None:
    there, here = company.python(TELL), restored.python(TELL)
    assert there == here
    assert {n for n, (rows, _) in there["tables"].items() if rows} >= {
        "Event",
        "Packet",
        "Handoff",
        "Remark",
        "Slot",
    }
    assert len(here["files"]) == 3
    assert all(name == digest for name, digest in here["files"].items())


def test_a_backup_of_the_restored_is_the_backup(file: Path, restored: House, tmp_path: Path) -> None:
    again = tmp_path / "again.backup"
    assert restored.call("backup", again).returncode == 0
    assert _tables(again) == _tables(file)


def test_a_restored_company_goes_on(restored: House) -> None:
    """The log still refuses, and new rows get new ids. (The last of the three: it changes the restored one.)"""
    assert restored.python(REFUSED) > 0
    assert restored.call("verify").stdout == "The tables say what the log says.\n"


def _tables(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    return {"tables": manifest["tables"], "files": manifest["files"]}


def test_the_same_file_restores_into_the_other_database(company: House, file: Path, tmp_path: Path) -> None:
    """From SQLite to PostgreSQL and from PostgreSQL to SQLite, row for row."""
    if DATABASE == "sqlite":
        pytest.skip("the run on PostgreSQL has both databases")
    lite, back = House(tmp_path / "lite", "sqlite"), House(tmp_path / "back")
    try:
        assert lite.call("restore", file).returncode == 0
        middle = tmp_path / "middle.backup"
        assert lite.call("backup", middle).returncode == 0
        assert _tables(middle) == _tables(file)
        assert back.call("restore", middle).returncode == 0
        assert back.python(TELL) == company.python(TELL)
    finally:
        back.gone()


def test_while_people_work_it_is_one_instant(file: Path, tmp_path: Path) -> None:
    """Writers go on, and what was saved is a state there was: the log replays to it (TELL checks the laws)."""
    busy, copy = House(tmp_path / "busy"), House(tmp_path / "copy")
    try:
        assert busy.call("restore", file).returncode == 0
        writers = [busy.start(WRITE) for _ in range(2)]
        try:
            for writer in writers:
                assert writer.stdout is not None
                assert writer.stdout.readline() == "writing\n"
            targets = [tmp_path / f"{n}.backup" for n in range(2)]
            for target in targets:
                done = busy.call("backup", target)
                assert done.returncode == 0, done.stderr
        finally:
            for writer in writers:
                writer.kill()
                writer.communicate()
        counts = [_tables(t)["tables"]["Event"]["rows"] for t in targets]
        assert counts == sorted(set(counts)), "nobody wrote meanwhile, so nothing was tested"
        assert copy.call("restore", targets[1]).returncode == 0
        assert copy.python(TELL)["tables"]["Event"][0] == counts[1]
    finally:
        busy.gone()
        copy.gone()


def test_a_backup_never_overwrites(company: House, tmp_path: Path) -> None:
    target = tmp_path / "kept.backup"
    target.write_text("precious")
    done = company.call("backup", target)
    assert (done.returncode, target.read_text()) == (2, "precious")
    assert "is there already" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["kept.backup"]


def test_a_backup_where_nothing_can_be_written_is_one_sentence(company: House, tmp_path: Path) -> None:
    done = company.call("backup", tmp_path / "no" / "such" / "folder.backup")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_used_installation_refuses(company: House, file: Path) -> None:
    before = company.python(TELL)
    done = company.call("restore", file)
    assert done.returncode == 2
    assert "is in use: a backup is restored into an empty installation only" in done.stderr
    assert company.python(TELL) == before


def _damaged(file: Path, how: str) -> bytes:
    content = file.read_bytes()
    if how == "half":
        return content[: len(content) // 2]
    if how == "no end":
        return content[:-10]
    if how == "empty":
        return b""
    if how == "something else":
        return b"PK\x03\x04 no backup at all" * 99
    if how == "another zip":
        import io

        with zipfile.ZipFile(out := io.BytesIO(), "w") as archive:
            archive.writestr("hello.txt", "hello")
        return out.getvalue()
    middle = {"a bit in the rows": 0.2, "a bit in the middle": 0.5, "a bit near the end": 0.9}[how]
    place = int(len(content) * middle)
    return content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :]


@pytest.mark.parametrize(
    "how",
    [
        "half",
        "no end",
        "empty",
        "something else",
        "another zip",
        "a bit in the rows",
        "a bit in the middle",
        "a bit near the end",
    ],
)
def test_a_damaged_file_is_found_before_anything_is_touched(file: Path, tmp_path: Path, how: str) -> None:
    """No database is asked for here: pytest would refuse one."""
    bad = tmp_path / "bad.backup"
    bad.write_bytes(_damaged(file, how))
    with pytest.raises(
        backup.BadBackup, match=r"damaged: .*\. Nothing was changed; take another copy of it\."
    ):
        backup.restore(bad)


def test_a_damaged_file_is_one_sentence_and_a_good_one_still_fits(
    file: Path, tmp_path: Path, empty: House
) -> None:
    bad = tmp_path / "bad.backup"
    bad.write_bytes(_damaged(file, "half"))
    done = empty.call("restore", bad)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert not [p for p in (Path(empty.env["FULLKIT_VAR"]) / "files").rglob("*") if p.is_file()]
    assert empty.call("restore", file).returncode == 0


def test_one_of_a_later_fullkit_is_refused(file: Path, tmp_path: Path, empty: House) -> None:
    later = tmp_path / "later.backup"
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(later, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "manifest.json":
                manifest = json.loads(content)
                manifest["migrations"].append("9999_from_the_future")
                content = json.dumps(manifest).encode()
            target.writestr(name, content)
    done = empty.call("restore", later)
    assert done.returncode == 2
    assert "Install that version first" in done.stderr


def test_a_restore_that_fails_half_way_leaves_nothing(file: Path, tmp_path: Path, empty: House) -> None:
    """A whole file with a row that no database takes: two packets held by one person."""
    wrong = tmp_path / "wrong.backup"
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(wrong, "w") as target:
        manifest = json.loads(source.read("manifest.json"))
        for name in source.namelist():
            content = source.read(name)
            if name == "tables/Slot.jsonl":
                first = content.splitlines()[0]
                content = content + first + b"\n"
                import hashlib

                manifest["tables"]["Slot"]["sha256"] = hashlib.sha256(content).hexdigest()
            if name != "manifest.json":
                target.writestr(name, content)
        target.writestr("manifest.json", json.dumps(manifest))
    done = empty.call("restore", wrong)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert empty.call("restore", file).returncode == 0


def test_it_holds_no_secret_key_and_only_its_owner_reads_it(company: House, file: Path) -> None:
    key = (Path(company.env["FULLKIT_VAR"]) / "secret_key").read_text().strip()
    with zipfile.ZipFile(file) as archive:
        assert not any(key.encode() in archive.read(name) for name in archive.namelist())
    assert file.stat().st_mode & 0o077 == 0


def test_nothing_company_yet_is_one_sentence(empty: House, tmp_path: Path) -> None:
    done = empty.call("backup", tmp_path / "none.backup")
    assert done.returncode == 2
    assert "no company here yet" in done.stderr
    assert not list(tmp_path.glob("*none*"))
