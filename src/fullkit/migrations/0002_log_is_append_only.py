"""Triggers that refuse UPDATE and DELETE on the log, on both databases.

SQLite's INSERT OR REPLACE deletes a row without asking its DELETE trigger; so there a known id is refused as well.
"""

from django.db import migrations

SQLITE = """
CREATE TRIGGER fullkit_event_no_{verb} BEFORE {verb} ON fullkit_event
BEGIN SELECT RAISE(ABORT, 'the log is append-only: an event is never changed or deleted'); END
"""
SQLITE_REPLACE = """
CREATE TRIGGER fullkit_event_no_REPLACE BEFORE INSERT ON fullkit_event
WHEN EXISTS (SELECT 1 FROM fullkit_event WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the log is append-only: an event is never changed or deleted'); END
"""
POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION fullkit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the log is append-only: an event is never changed or deleted'; END $$
"""
POSTGRES = """
CREATE TRIGGER fullkit_event_no_{verb} BEFORE {verb} ON fullkit_event
FOR EACH ROW EXECUTE FUNCTION fullkit_event_refuse()
"""


def refuse(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(POSTGRES_FUNCTION)
    else:
        editor.execute(SQLITE_REPLACE)
    for verb in ("UPDATE", "DELETE"):
        editor.execute((POSTGRES if editor.connection.vendor == "postgresql" else SQLITE).format(verb=verb))


def allow(apps, editor):
    if editor.connection.vendor == "sqlite":
        editor.execute("DROP TRIGGER IF EXISTS fullkit_event_no_REPLACE")
    for verb in ("UPDATE", "DELETE"):
        on = " ON fullkit_event" if editor.connection.vendor == "postgresql" else ""
        editor.execute(f"DROP TRIGGER IF EXISTS fullkit_event_no_{verb}{on}")


class Migration(migrations.Migration):
    dependencies = [("fullkit", "0001_initial")]
    operations = [migrations.RunPython(refuse, allow)]
