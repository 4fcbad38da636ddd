"""How far the ingester has read each spool. Written in the same transaction as the rows."""

from __future__ import annotations

from django.db import models

from callspring.numbers.models import Connection


class Watermark(models.Model):
    """Everything before `offset` bytes of segment number `segment` of `spool` is in the record.

    `reached` is the time (Unix seconds) of the newest record ingested: no event of that door from before it is missing.
    """

    spool = models.CharField(max_length=60, primary_key=True)
    segment = models.BigIntegerField(default=0)
    offset = models.BigIntegerField(default=0)
    reached = models.FloatField(default=0.0)

    def __str__(self) -> str:
        return f"{self.spool} {self.segment}:{self.offset}"


class Rejected(models.Model):
    """A record that the database refused for good (a company deleted meanwhile, say). Kept so that nothing is lost."""

    spool = models.CharField(max_length=60)
    segment = models.BigIntegerField()
    offset = models.BigIntegerField()
    payload = models.TextField()
    error = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "rejected records"

    def __str__(self) -> str:
        return f"{self.spool} {self.segment}:{self.offset}"


class EarlySign(models.Model):
    """A visitor's sign of life at one door that was read before the visit, page or show that it belongs to, which
    another door wrote. `record` is as spooled, `at` its time (Unix seconds)."""

    visit = models.UUIDField(db_index=True)
    at = models.FloatField()
    record = models.TextField()
    kept_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return f"a sign of {self.visit}"


class CallList(models.Model):
    """How far a connection's carrier was asked for its list of calls: all that came in until `read_until` are here.

    Whoever holds `ticket` may ask, until `held_until`; then, or without a ticket, the next may. `problem` is what the
    carrier denied us with, as it was put down with the connection, "" while it lets us in.
    """

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, primary_key=True, related_name="+")
    read_until = models.DateTimeField(null=True)
    ticket = models.UUIDField(null=True)
    held_until = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.connection} {self.read_until}"
