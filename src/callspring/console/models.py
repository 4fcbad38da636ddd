"""What people set up for themselves on the console's pages: saved views, columns, alerts they have seen, drafts."""

from __future__ import annotations

from django.db import models

from callspring.accounts.models import Company, User
from callspring.numbers.models import Number
from callspring.scenarios.models import Scenario


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


class Draft(models.Model):
    """A scenario that a person is making, or changing (`scenario`), kept as they left it, right or wrong.

    `way` is one of `console.wizard.steps.WAYS`. `typed` holds what each step's form was sent: step → field → values.
    `picked` are the numbers (`console.wizard.drafts.Picked`). `version` grows with each step that is sent, so that
    what a page keeps while somebody types does not come after it. One that nothing was typed into (`touched` false) is
    shown to nobody.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, null=True, related_name="+")
    way = models.CharField(max_length=12)
    title = models.CharField(max_length=500, blank=True)
    typed = models.JSONField(default=dict)
    picked = models.JSONField(default=dict)
    touched = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [models.Index(fields=["company", "user"], name="draft_by_person")]

    def __str__(self) -> str:
        return self.title or f"draft {self.pk}"


class FlowDraft(models.Model):
    """A call flow that a person is changing: of a `scenario`, or of a `number`. Callers meet none of it.

    `flow` is the tree as JSON, `past` what it was before each of the last changes, newest last, so that they can be
    undone. `revision` counts the changes: a page that shows an older one changes nothing. `base` is the version that
    was published when it was begun.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, null=True, related_name="+")
    number = models.ForeignKey(Number, on_delete=models.CASCADE, null=True, related_name="+")
    flow = models.JSONField()
    past = models.JSONField(default=list)
    revision = models.PositiveIntegerField(default=1)
    base = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "scenario"], name="one_flow_draft_per_person_and_scenario"),
            models.UniqueConstraint(fields=["user", "number"], name="one_flow_draft_per_person_and_number"),
        ]

    def __str__(self) -> str:
        return f"flow draft {self.pk}"
