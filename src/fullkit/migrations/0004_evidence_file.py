"""The file that shows what the customer did is known as one, so that who may read it follows from its packet."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fullkit", "0003_own_queue"),
    ]

    operations = [
        migrations.AddField(
            model_name="stageexit",
            name="file",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="exits",
                to="fullkit.upload",
            ),
        ),
    ]
