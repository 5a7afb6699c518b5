"""Puts back the conditional unique constraints that PostgreSQL lost.

Taking the plain index off a foreign key (0005, 0006) drops every single-column index of that column there, and a
conditional unique constraint is one: nothing then kept a person from holding two packets. SQLite rebuilds the table
and keeps them.
"""

from django.db import migrations


def put_back(apps, editor):
    introspection = editor.connection.introspection
    with editor.connection.cursor() as cursor:
        for model in apps.get_app_config("fullkit").get_models():
            there = introspection.get_constraints(cursor, model._meta.db_table)
            for constraint in model._meta.constraints:
                if constraint.name not in there:
                    editor.add_constraint(model, constraint)


class Migration(migrations.Migration):
    dependencies = [("fullkit", "0007_log_is_not_replaced")]
    operations = [migrations.RunPython(put_back, migrations.RunPython.noop)]
