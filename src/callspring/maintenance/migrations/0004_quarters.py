"""Hours know their quarters, for zones in which a day begins in the middle of an hour.

All hours so far are worked out anew by a job once the back runs; until then they count on the day that they begin on.
"""

from uuid import uuid4

from django.db import migrations, models


def mark(apps, schema_editor):
    hours = apps.get_model("maintenance", "PoolHour").objects.order_by().values_list("company", "scenario", "hour")
    stale = apps.get_model("maintenance", "StaleHour")
    some = []
    for company, scenario, hour in hours.iterator(chunk_size=2_000):
        some.append(stale(company=company, scenario=scenario, hour=hour, mark=uuid4()))
        if len(some) == 2_000:
            stale.objects.bulk_create(some, 500, ignore_conflicts=True)
            some = []
    stale.objects.bulk_create(some, 500, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("maintenance", "0003_confirmed_shows")]
    operations = [
        migrations.AddField(model_name="poolhour", name="quarters", field=models.JSONField(default=list)),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
