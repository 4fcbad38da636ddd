import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("numbers", "0001_initial"),
        ("scenarios", "0005_no_single_target"),
    ]

    operations = [
        migrations.CreateModel(
            name="WantedNumber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("e164", models.CharField(max_length=20)),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="numbers.connection"
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="wanted", to="scenarios.rule"
                    ),
                ),
                (
                    "scenario",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="wanted", to="scenarios.scenario"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("scenario", "e164"), name="a_scenario_wants_a_number_once")
                ],
            },
        ),
    ]
