"""Have the figures of all shows so far worked out; a job does it once the back runs."""

from datetime import UTC
from uuid import uuid4

from django.db import migrations
from django.db.models.functions import TruncHour


def mark(apps, schema_editor):
    show = apps.get_model("visits", "Show")
    stale = apps.get_model("maintenance", "StaleHour")
    hours = show.objects.filter(dynamic=True).annotate(hour=TruncHour("granted_at", tzinfo=UTC))
    found = hours.order_by().values_list("company", "scenario", "hour").distinct()
    rows = (stale(company=company, scenario=scenario, hour=hour, mark=uuid4()) for company, scenario, hour in found)
    stale.objects.bulk_create(rows, 500, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("maintenance", "0001_maintenance"), ("visits", "0002_when_last_dropped")]
    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
