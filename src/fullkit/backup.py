"""One file that holds the company: every table as of one instant, and the uploaded files. And back again.

The file is a zip of plain things: `tables/NAME.jsonl` (one row a line, columns in the manifest), `files/` by digest,
and `manifest.json` with the number of rows and the SHA-256 of each. It says nothing of the database it came from, so
what was written on SQLite can be restored into PostgreSQL. The secret key and the sessions are not in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, NoReturn

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, connections, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from fullkit import __version__
from fullkit.env import BadSetting

FORMAT = 1
_ALIAS = "backup"
_FILE = re.compile(r"files/([0-9a-f]{2})/(\1[0-9a-f]{62})")
_CHUNK = 1 << 20
_ROWS = 500


class BadBackup(BadSetting):
    """A file that cannot be restored, or a place it cannot be restored into; says which and the cure."""


# --- writing -------------------------------------------------------------------------------------------------


def backup(target: Path) -> str:
    """Write the company to `target` while people work; says what is in it. Never overwrites, never leaves half."""
    if target.exists():
        raise BadBackup(f"{target} is there already. Choose another name; a backup is never overwritten.")
    draft = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        with draft.open("xb") as out:
            os.chmod(draft, 0o600)
            manifest = _write(out)
            out.flush()
            os.fsync(out.fileno())
        os.link(draft, target)  # a rename would overwrite what somebody else put there meanwhile
    except FileExistsError:
        raise BadBackup(f"{target} is there already. Choose another name.") from None
    except OSError as error:
        raise BadBackup(f"{target} cannot be written: {error.strerror}. Choose another place.") from None
    finally:
        draft.unlink(missing_ok=True)
    rows = sum(table["rows"] for table in manifest["tables"].values())
    missing = f" {len(manifest['missing'])} files are named but not there." if manifest["missing"] else ""
    return f"{target}: {rows} rows, {len(manifest['files'])} files.{missing}"


def _write(out: IO[bytes]) -> dict[str, Any]:
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "fullkit": __version__,
        "made_at": datetime.now(UTC).isoformat(),
        "tables": {},
        "files": {},
        "missing": [],
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive, _one_instant():
        applied = MigrationRecorder(connections[_ALIAS]).applied_migrations()
        manifest["migrations"] = sorted(name for app, name in applied if app == "fullkit")
        if not manifest["migrations"]:
            raise BadBackup("There is no company here yet. Start it once with `fullkit up`.")
        for model in _tables(apps):
            manifest["tables"][model.__name__] = _write_table(archive, model)
        uploads = apps.get_model("fullkit", "Upload")._base_manager.using(_ALIAS)
        for digest in uploads.order_by("digest").values_list("digest", flat=True).distinct():
            _write_file(archive, digest, manifest)
        archive.writestr("manifest.json", json.dumps(manifest, indent=1))
    return manifest


@contextmanager
def _one_instant() -> Iterator[None]:
    """A connection of its own that sees the database as of now, whatever is committed meanwhile.

    It is a reader: on SQLite the write-ahead log lets writers go on beside it, on PostgreSQL nobody waits.
    """
    reader: Any = connection.copy(alias=_ALIAS)
    options = reader.settings_dict["OPTIONS"] = dict(reader.settings_dict["OPTIONS"])
    options.pop("pool", None)
    if reader.vendor == "sqlite":
        options["transaction_mode"] = "DEFERRED"
    connections[_ALIAS] = reader
    try:
        with transaction.atomic(using=_ALIAS):
            if reader.vendor == "postgresql":
                with reader.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    finally:
        reader.close()
        del connections[_ALIAS]


def _write_table(archive: zipfile.ZipFile, model: type[models.Model]) -> dict[str, Any]:
    columns = [field.attname for field in model._meta.concrete_fields]
    rows, digest = 0, hashlib.sha256()
    found = model._base_manager.using(_ALIAS).order_by("pk").values_list(*columns)
    with archive.open(_entry(model), "w", force_zip64=True) as entry:
        for row in found.iterator(chunk_size=2000):
            line = json.dumps([_plain(value) for value in row], ensure_ascii=True).encode() + b"\n"
            digest.update(line)
            entry.write(line)
            rows += 1
    return {"rows": rows, "columns": columns, "sha256": digest.hexdigest()}


def _write_file(archive: zipfile.ZipFile, digest: str, manifest: dict[str, Any]) -> None:
    stored = _stored(digest)
    name = f"files/{digest[:2]}/{digest}"
    if not _FILE.fullmatch(name) or not stored.is_file():
        manifest["missing"].append(digest)
        return
    with archive.open(name, "w", force_zip64=True) as entry, stored.open("rb") as source:
        shutil.copyfileobj(source, entry, _CHUNK)
    manifest["files"][name] = stored.stat().st_size


# --- reading -------------------------------------------------------------------------------------------------


def restore(source: Path) -> str:
    """Bring a backup into an empty installation; says what came. Everything is checked before anything is changed."""
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _checked(archive, source)
            _must_be_empty(manifest)
            last = _version_of(manifest, source)
            placed: list[Path] = []
            try:
                _place_files(archive, manifest, placed)
                call_command("migrate", "fullkit", last, interactive=False, verbosity=0)
                _fill(archive, manifest, last)
            except (DatabaseError, ValidationError, ValueError, KeyError) as error:
                _withdraw(placed)
                _broken(
                    source, f"it holds a row that the database does not take ({error})".replace("\n", " ")
                )
            except BaseException:
                _withdraw(placed)
                raise
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError):
        _broken(source, "it is not a whole backup")
    except OSError as error:
        raise BadBackup(f"{source} cannot be read: {error.strerror or error}. Name another file.") from None
    call_command("migrate", interactive=False, verbosity=0)
    rows = sum(table["rows"] for table in manifest["tables"].values())
    return f"Restored {rows} rows and {len(manifest['files'])} files, as of {manifest['made_at'][:16]} UTC."


def _withdraw(placed: list[Path]) -> None:
    for path in placed:
        path.unlink(missing_ok=True)


def _checked(archive: zipfile.ZipFile, source: Path) -> dict[str, Any]:
    """The manifest, after every part was read once and held against its SHA-256."""
    try:
        manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
        if manifest["format"] != FORMAT:
            raise BadBackup(
                f"{source} is of a later format ({manifest['format']}). Restore it with the Fullkit it is of."
            )
        wanted = {f"tables/{name}.jsonl": table["sha256"] for name, table in manifest["tables"].items()}
        wanted |= {name: _FILE.fullmatch(name)[2] for name in manifest["files"]}  # type: ignore[index]
        for name, digest in wanted.items():
            if _digest_of(archive, name) != digest:
                _broken(source, f"{name} is not what was written")
    except (KeyError, TypeError, ValueError, zlib.error, NotImplementedError, RuntimeError):
        _broken(source, "it is not a whole backup")
    return manifest


def _broken(source: Path, what: str) -> NoReturn:
    raise BadBackup(f"{source} is damaged: {what}. Nothing was changed; take another copy of it.") from None


def _digest_of(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as entry:
        while chunk := entry.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _must_be_empty(manifest: dict[str, Any]) -> None:
    """No row of ours and no file, but what a restore of this very backup placed before it was killed."""
    there = set(connection.introspection.table_names())
    used = [m for m in _tables(apps) if m._meta.db_table in there and _any_row(m)]
    own = {Path(name).name for name in manifest["files"]}
    files = [path for path in _files_folder().rglob("*") if path.is_file()]
    drafts = [path for path in files if path.name.startswith("draft-")]
    if used or any(path.name not in own for path in files if path not in drafts):
        raise BadBackup(
            f"{settings.VAR} is in use: a backup is restored into an empty installation only. "
            "Choose an empty folder with FULLKIT_VAR, and an empty database."
        )
    _withdraw(drafts)


def _any_row(model: type[models.Model]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(model._meta.db_table)} LIMIT 1")
        return cursor.fetchone() is not None


def _version_of(manifest: dict[str, Any], source: Path) -> str:
    """The last migration the backup had; this version has to know all of them."""
    known = {name for app, name in MigrationExecutor(connection).loader.disk_migrations if app == "fullkit"}
    unknown = sorted(set(manifest["migrations"]) - known)
    if unknown:
        raise BadBackup(
            f"{source} was written by Fullkit {manifest['fullkit']}, which is later than this {__version__} "
            f"({unknown[-1]}). Install that version first."
        )
    return str(max(manifest["migrations"]))


def _place_files(archive: zipfile.ZipFile, manifest: dict[str, Any], placed: list[Path]) -> None:
    for name in manifest["files"]:
        path = _stored(Path(name).name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"draft-{secrets.token_hex(8)}")
        with archive.open(name) as entry, draft.open("xb") as out:
            os.chmod(draft, 0o600)
            shutil.copyfileobj(entry, out, _CHUNK)
            out.flush()
            os.fsync(out.fileno())
        os.replace(draft, path)
        placed.append(path)


def _fill(archive: zipfile.ZipFile, manifest: dict[str, Any], last: str) -> None:
    """All rows in one transaction, into the tables as they were when the backup was written."""
    then = MigrationExecutor(connection).loader.project_state(("fullkit", last)).apps
    with transaction.atomic():
        for model in _tables(then):
            _fill_table(archive, model, manifest["tables"][model.__name__])
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), _tables(then)):
                cursor.execute(statement)


def _fill_table(archive: zipfile.ZipFile, model: type[models.Model], table: dict[str, Any]) -> None:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    chosen = [fields[name] for name in table["columns"]]
    quote = connection.ops.quote_name
    columns, marks = ", ".join(quote(str(f.column)) for f in chosen), ", ".join(["%s"] * len(chosen))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})"
    with archive.open(_entry(model)) as entry, connection.cursor() as cursor:
        batch: list[list[Any]] = []
        for line in entry:
            batch.append([_stored_value(f, v) for f, v in zip(chosen, json.loads(line), strict=True)])
            if len(batch) == _ROWS:
                cursor.executemany(statement, batch)
                batch.clear()
        if batch:
            cursor.executemany(statement, batch)


# --- both ----------------------------------------------------------------------------------------------------


def _tables(known: Any) -> list[type[models.Model]]:
    """Every table of ours, in the order of their names."""
    return sorted(
        known.get_app_config("fullkit").get_models(include_auto_created=True), key=lambda m: m.__name__
    )


def _entry(model: type[models.Model]) -> str:
    return f"tables/{model.__name__}.jsonl"


def _files_folder() -> Path:
    return Path(settings.MEDIA_ROOT)


def _stored(digest: str) -> Path:
    return _files_folder() / digest[:2] / digest


def _plain(value: Any) -> Any:
    """A value as JSON keeps it without loss."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _stored_value(field: models.Field[Any, Any], value: Any) -> Any:
    """What `_plain` wrote, as the column keeps it."""
    if not isinstance(field, models.JSONField):
        value = field.to_python(value)
    return field.get_db_prep_save(value, connection)
