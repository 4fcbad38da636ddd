from django.db import migrations


class Migration(migrations.Migration):
    # A migration of its own: PostgreSQL alters no table in the transaction that has just filled a table with foreign
    # keys into it.

    dependencies = [
        ("scenarios", "0004_move_targets"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="scenario",
            name="target",
        ),
    ]
