"""Orders of before name the scenario of their rule."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def name_scenarios(apps, schema_editor):
    rules = apps.get_model("scenarios", "Rule").objects.filter(pk=OuterRef("rule"))
    orders = apps.get_model("numbers", "NumberOrder").objects.filter(rule__isnull=False, scenario=None)
    orders.update(scenario=Subquery(rules.values("scenario")[:1]))


class Migration(migrations.Migration):

    dependencies = [
        ("numbers", "0006_orders_of_a_scenario"),
    ]

    operations = [
        migrations.RunPython(name_scenarios, migrations.RunPython.noop),
    ]
