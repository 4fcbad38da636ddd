"""What people write down about a call, and who changed what."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company, User


class Tag(models.Model):
    """A word that a company's people put on calls, as they wrote it first; `key` is what makes two of them the same."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    key = models.CharField(max_length=40)

    class Meta:
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["company", "key"], name="a_tag_is_made_once")]

    def __str__(self) -> str:
        return self.name


class CallChange(models.Model):
    """One thing about a call that somebody changed, or the spam filter (`by` None). `before` and `after` are shown as
    they stand; of a note they are its beginning.
    """

    class What(models.TextChoices):
        TAGS = "tags", _("Tags")
        NOTE = "note", _("Note")
        VALUE = "value", _("Value")
        QUALIFIED = "qualified", _("Qualified lead")
        FLAG = "flag", _("Flag")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    call = models.ForeignKey("calls.Call", on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    what = models.CharField(max_length=10, choices=What)
    before = models.CharField(max_length=400, blank=True)
    after = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes = [models.Index(fields=["call", "at"], name="call_change_by_call")]

    def __str__(self) -> str:
        return f"{self.what}: {self.before} → {self.after}"
