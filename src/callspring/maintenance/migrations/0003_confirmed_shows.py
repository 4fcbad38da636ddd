"""Only confirmed shows are counted, and how long visitors stayed; decisions say how the last week was.

All hours so far are worked out anew by a job once the back runs, the newest first.
"""

from datetime import UTC
from uuid import uuid4

from django.db import migrations, models
from django.db.models.functions import TruncHour


def mark(apps, schema_editor):
    show = apps.get_model("visits", "Show")
    stale = apps.get_model("maintenance", "StaleHour")
    hours = show.objects.filter(dynamic=True).annotate(hour=TruncHour("granted_at", tzinfo=UTC))
    found = hours.order_by().values_list("company", "scenario", "hour").distinct()
    rows = (stale(company=company, scenario=scenario, hour=hour, mark=uuid4()) for company, scenario, hour in found)
    stale.objects.bulk_create(rows, 500, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("maintenance", "0002_mark_what_there_is"), ("visits", "0003_anonymous_counts")]
    operations = [
        migrations.RemoveField(model_name="poolhour", name="show_seconds"),
        migrations.RemoveField(model_name="poolhour", name="unconfirmed"),
        migrations.AddField(model_name="poolhour", name="timed", field=models.PositiveIntegerField(default=0)),
        migrations.AddField(model_name="poolhour", name="visit_seconds", field=models.FloatField(default=0)),
        migrations.AddField(model_name="decision", name="lately_shows", field=models.PositiveIntegerField(default=0)),
        migrations.AddField(
            model_name="decision", name="lately_exclusive", field=models.PositiveIntegerField(default=0)
        ),
        migrations.AddField(model_name="maintenance", name="told_at", field=models.DateTimeField(null=True)),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
