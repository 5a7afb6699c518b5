"""A long personal queue costs the dealing no more than a short one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fullkit", "0002_log_is_append_only"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="packet",
            index=models.Index(
                condition=models.Q(
                    ("person__isnull", False),
                    ("state", "waiting"),
                    models.Q(("touched_at__isnull", False), ("step_due_at__isnull", False), _connector="OR"),
                ),
                fields=["person", "department"],
                name="packet_own_begun",
            ),
        ),
        migrations.AddIndex(
            model_name="packet",
            index=models.Index(
                condition=models.Q(
                    ("person__isnull", False),
                    ("state", "waiting"),
                    ("step_due_at__isnull", True),
                    ("touched_at__isnull", True),
                ),
                fields=["person", "department", "queued_at", "id"],
                name="packet_own_new",
            ),
        ),
    ]
