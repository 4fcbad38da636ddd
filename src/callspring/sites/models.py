"""The websites on which a company's numbers are swapped."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company


class SitesInUse(models.Manager["Site"]):
    """Sites that are not removed."""

    def get_queryset(self) -> models.QuerySet[Site]:
        """See `Site`."""
        return super().get_queryset().filter(removed_at=None)


class Site(models.Model):
    """A website, recognised by its hosts (`host` or `host:port`, lower case, without `www.`).

    `needs_consent`: a visitor of whom no consent tool says anything is treated as one who has refused. `takes_forms`:
    what visitors send with the site's forms is told, but for what nobody should keep (`visits.private`).

    One with `removed_at` shows no numbers and is in no list: neither `Site.objects` nor `company.sites` has it. Its row
    stays, for visits and scenarios name it (`scenario.site` and joins do have it) and it can come back.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="sites")
    name = models.CharField(max_length=120)
    hosts = models.JSONField(
        default=list, help_text=_("Host names on which the snippet may show this company's numbers")
    )
    needs_consent = models.BooleanField(default=False)
    takes_forms = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = SitesInUse()
    every: models.Manager[Site] = models.Manager()

    def __str__(self) -> str:
        return self.name


class SnippetTest(models.Model):
    """Somebody asked whether the script is on a page and works (`sites.snippet_test`); the newest few are kept.

    `address` is what was typed, in full; `host` the host of the page that was read in the end, as sites keep hosts,
    "" until then and where sites cannot have it. A `deep` test loads the page in a browser too. `level` and `findings`
    are there once it is done.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for its turn")
        FETCHING = "fetching", _("Fetching the page")
        READING = "reading", _("Reading what it loads")
        LOADING = "loading", _("Loading it in a browser")
        DONE = "done", _("Done")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="snippet_tests")
    site = models.ForeignKey(Site, on_delete=models.SET_NULL, null=True, related_name="snippet_tests")
    address = models.CharField(max_length=2000)
    host = models.CharField(max_length=260, blank=True)
    deep = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    level = models.CharField(max_length=8, blank=True)
    findings = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["company", "created_at"], name="snippet_test_by_time")]

    def __str__(self) -> str:
        return self.address
