"""First calls remember what each source had of them; those that are credited already learn it from their credits."""

from django.db import migrations, models

COLUMNS = ("source", "medium", "campaign", "keyword", "channel")
AT_ONCE = 500


def remember(apps, schema_editor):
    first_call, share = apps.get_model("calls", "FirstCall"), apps.get_model("calls", "CreditShare")
    shared = share.objects.filter(credit__current=True).values("credit__call")
    calls = list(first_call.objects.filter(call__in=shared).values_list("pk", "call"))
    for some in (calls[at : at + AT_ONCE] for at in range(0, len(calls), AT_ONCE)):
        shares = share.objects.filter(credit__current=True, credit__call__in=[call for _, call in some])
        by_call = {}
        for row in shares.order_by("-weight", "pk").values("credit__call", "weight", *COLUMNS):
            by_call.setdefault(row.pop("credit__call"), []).append(row)
        for pk, call in some:
            first_call.objects.filter(pk=pk).update(shares=by_call[call])


class Migration(migrations.Migration):
    dependencies = [("calls", "0007_leg_destinations")]
    operations = [
        migrations.AddField("firstcall", "shares", models.JSONField(default=list)),
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
