"""Sets of filters with a name: a person's own, and those shared with the company. Which page's is a parameter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.carriers.outside import clean
from callspring.console.models import PageChoice, SavedView
from callspring.console.request import CompanyRequest, may_change

MOST = 100  # of one person on one page
KEPT = timedelta(days=1)  # after deleting, for the person who wants it back
NAME = 60


@dataclass(frozen=True, slots=True)
class Views:
    """What a person finds in the menu: `own` and `others` (shared by teammates), by name; `first` opens the page."""

    own: list[SavedView]
    others: list[SavedView]
    first: SavedView | None

    def find(self, view: str) -> SavedView | None:
        """The one with this id, as it stands in an address."""
        return next((each for each in [*self.own, *self.others] if str(each.pk) == view), None)


def views(request: CompanyRequest, choice: PageChoice | None, page: str) -> Views:
    """Every view that this person may open on this page."""
    found = list(_seen_by(request).filter(page=page, deleted_at=None).order_by("name", "pk"))
    first = next((view for view in found if choice and view.pk == choice.view_id), None)
    mine = [view for view in found if view.user_id == request.user.pk]
    return Views(mine, [view for view in found if view not in mine], first)


def choice_of(request: CompanyRequest, page: str) -> PageChoice | None:
    """What this person chose for this page; None before they chose anything."""
    return PageChoice.objects.filter(user=request.user, company=request.company, page=page).first()


def find(request: CompanyRequest, view_id: int) -> SavedView | None:
    """A view that this person may open, also one they deleted a moment ago."""
    return _seen_by(request).filter(pk=view_id).first()


def may_edit(request: CompanyRequest, view: SavedView) -> bool:
    """Its own person; what is shared also owners and managers, for people leave."""
    return view.user_id == request.user.pk or (view.shared and may_change(request.membership))


def save(request: CompanyRequest, page: str, name: str, query: str, *, shared: bool) -> SavedView:
    """Keep a new view. Raises `ValidationError` with a sentence for people."""
    own = SavedView.objects.filter(company=request.company, user=request.user, page=page)
    own.filter(deleted_at__lt=timezone.now() - KEPT).delete()
    if own.filter(deleted_at=None).count() >= MOST:
        raise ValidationError(_("You have %(n)s views on this page. Delete one first.") % {"n": MOST})
    view = SavedView(company=request.company, user=request.user, page=page, query=query, shared=shared)
    return rename(view, name)


def rename(view: SavedView, name: str) -> SavedView:
    """Give it a name, or a new one. Raises `ValidationError`."""
    view.name = " ".join(clean(name, NAME * 4).split())[:NAME]
    if not view.name:
        raise ValidationError(_("Give the view a name."))
    return _stored(view)


def delete(view: SavedView) -> None:
    """Take it out of everybody's menu; `restore` brings it back within a day."""
    view.deleted_at = timezone.now()
    view.save(update_fields=["deleted_at"])


def restore(view: SavedView) -> SavedView:
    """Bring a deleted view back. Raises `ValidationError` where its name has been given away meanwhile."""
    view.deleted_at = None
    return _stored(view)


def open_with(request: CompanyRequest, page: str, view: SavedView | None) -> None:
    """Let the page open with this view for this person; None for all calls."""
    PageChoice.objects.update_or_create(user=request.user, company=request.company, page=page, defaults={"view": view})


def _stored(view: SavedView) -> SavedView:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise ValidationError(_("There is a view named “%(name)s” already.") % {"name": view.name}) from None
    return view


def _seen_by(request: CompanyRequest) -> QuerySet[SavedView]:
    return SavedView.objects.filter(Q(user=request.user) | Q(shared=True), company=request.company)
