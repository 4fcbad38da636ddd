"""Each scenario's one target number becomes the first of its swap targets."""

from django.db import migrations

AT_ONCE = 2_000  # rows in memory, whatever the table holds


def move(apps, schema_editor):
    Scenario = apps.get_model("scenarios", "Scenario")
    SwapTarget = apps.get_model("scenarios", "SwapTarget")
    targets = SwapTarget.objects.using(schema_editor.connection.alias)
    last = 0
    while True:
        rows = Scenario.objects.using(schema_editor.connection.alias).filter(pk__gt=last).order_by("pk")
        some = list(rows.values_list("pk", "target")[:AT_ONCE])
        if not some:
            return
        targets.bulk_create(
            SwapTarget(scenario_id=pk, kind="number", value=target, part="", position=0) for pk, target in some if target
        )
        last = some[-1][0]


def move_back(apps, schema_editor):
    alias = schema_editor.connection.alias
    scenarios = apps.get_model("scenarios", "Scenario").objects.using(alias)
    numbers = apps.get_model("scenarios", "SwapTarget").objects.using(alias).filter(kind="number")
    for target in numbers.order_by("-position", "-pk").iterator(AT_ONCE):  # the first is written last, and stays
        scenarios.filter(pk=target.scenario_id).update(target=target.value)


class Migration(migrations.Migration):

    dependencies = [
        ("scenarios", "0003_targets"),
    ]

    operations = [
        migrations.RunPython(move, move_back),
    ]
