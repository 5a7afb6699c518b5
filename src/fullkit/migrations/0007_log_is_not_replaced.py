"""SQLite's INSERT OR REPLACE deletes a row without asking its DELETE trigger; so a known id is refused as well."""

from django.db import migrations

TRIGGER = """
CREATE TRIGGER fullkit_event_no_REPLACE BEFORE INSERT ON fullkit_event
WHEN EXISTS (SELECT 1 FROM fullkit_event WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the log is append-only: an event is never changed or deleted'); END
"""


def refuse(apps, editor):
    if editor.connection.vendor == "sqlite":
        editor.execute(TRIGGER)


def allow(apps, editor):
    if editor.connection.vendor == "sqlite":
        editor.execute("DROP TRIGGER IF EXISTS fullkit_event_no_REPLACE")


class Migration(migrations.Migration):
    dependencies = [("fullkit", "0006_board")]
    operations = [migrations.RunPython(refuse, allow)]
