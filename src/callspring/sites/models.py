"""The websites on which a company's numbers are swapped."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company


class Site(models.Model):
    """A website, recognised by its hosts (`host` or `host:port`, lower case, without `www.`)."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="sites")
    name = models.CharField(max_length=120)
    hosts = models.JSONField(
        default=list, help_text=_("Host names on which the snippet may show this company's numbers")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
