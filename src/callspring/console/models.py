"""What people set up for themselves on the console's pages: saved views, columns, and alerts they have seen."""

from __future__ import annotations

from django.db import models

from callspring.accounts.models import Company, User


class SavedView(models.Model):
    """A set of filters with a name. `query` is a page's canonical query string; `page` says which page's.

    Only `user` sees it unless it is `shared` with the company. A deleted view is kept for a day (`deleted_at`), so that
    deleting can be undone.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    shared = models.BooleanField(default=False)
    page = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "user", "page", "name"],
                condition=models.Q(deleted_at=None),
                name="one_saved_view_per_name",
            )
        ]
        indexes = [models.Index(fields=["company", "page"], name="saved_view_by_page")]

    def __str__(self) -> str:
        return self.name


class PageChoice(models.Model):
    """How one person likes one page of one company: its columns ([] is the page's own), and the view it opens with."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    page = models.CharField(max_length=20)
    columns = models.JSONField(default=list)
    view = models.ForeignKey(SavedView, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "company", "page"], name="one_choice_per_person_and_page")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.page}"


class SeenAlert(models.Model):
    """An alert that a person has put away. `episode` names this time it happened: the next time it is shown again."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    episode = models.CharField(max_length=64)
    seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "company", "episode"], name="an_alert_is_put_away_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.episode}"
