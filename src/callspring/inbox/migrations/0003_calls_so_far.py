"""Calls that came before there was an inbox get their threads and messages, read by everybody who is here."""

from __future__ import annotations

from itertools import islice
from uuid import UUID

from django.db import migrations
from django.db.models import OuterRef, Subquery

from callspring.ids import derived_id

AT_ONCE = 500


def give_threads(apps, schema_editor):
    call = apps.get_model("calls", "Call")
    last = None
    while True:
        rest = call.objects.order_by("pk") if last is None else call.objects.filter(pk__gt=last).order_by("pk")
        calls = list(rest[:AT_ONCE])
        if not calls:
            break
        _write(apps, calls)
        last = calls[-1].pk
    _set_times(apps)
    _mark_read(apps)


def _write(apps, calls):
    thread, message = apps.get_model("inbox", "Thread"), apps.get_model("inbox", "Message")
    made = [
        thread(
            company_id=call.company_id,
            contact=call.caller,
            call=None if call.caller else call.pk,
            last_at=call.started_at,
            last_inbound_at=call.started_at,
        )
        for call in calls
    ]
    thread.objects.bulk_create(made, ignore_conflicts=True)
    known = thread.objects.filter(
        company__in={call.company_id for call in calls}, contact__in={call.caller for call in calls if call.caller}
    )
    by_caller = {(one.company_id, one.contact): one.pk for one in known}
    alone = thread.objects.filter(call__in=[call.pk for call in calls if not call.caller])
    by_call = {one.call: one.pk for one in alone}
    message.objects.bulk_create(
        [
            message(
                id=UUID(derived_id("message", "call", str(call.pk))),
                company_id=call.company_id,
                thread_id=by_caller[call.company_id, call.caller] if call.caller else by_call[call.pk],
                kind="call",
                at=call.started_at,
                call=call.pk,
                number_id=call.number_id,
            )
            for call in calls
        ],
        ignore_conflicts=True,
    )


def _set_times(apps):
    of_thread = apps.get_model("inbox", "Message").objects.filter(thread=OuterRef("pk")).order_by("-at")
    latest = Subquery(of_thread.values("at")[:1])
    threads = apps.get_model("inbox", "Thread").objects.filter(messages__isnull=False)
    apps.get_model("inbox", "Thread").objects.filter(pk__in=threads.values("pk")).update(
        last_at=latest, last_inbound_at=latest
    )


def _mark_read(apps):
    mark, thread = apps.get_model("inbox", "ReadMark"), apps.get_model("inbox", "Thread")
    for member in apps.get_model("accounts", "Membership").objects.all().iterator():
        threads = thread.objects.filter(company=member.company_id).values_list("pk", "last_inbound_at")
        marks = (mark(user_id=member.user_id, thread_id=pk, read_at=at) for pk, at in threads.iterator())
        while some := list(islice(marks, AT_ONCE)):
            mark.objects.bulk_create(some, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [
        ("inbox", "0002_sending"),
        ("calls", "0002_flags_and_recordings"),
        ("accounts", "0001_initial"),
    ]
    operations = [migrations.RunPython(give_threads, migrations.RunPython.noop)]
