"""The call flow of a scenario, or of a number that no scenario uses: seen, changed, tried, published."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from callspring.accounts.roles import Verb
from callspring.console.flows import drafts, words
from callspring.console.flows.drafts import Edited, Stale, TooLarge, edited
from callspring.console.flows.page import addresses, editor, form_of, history, trial
from callspring.console.flows.picture import place
from callspring.console.guard import fragment, manager, may
from callspring.console.request import CompanyRequest, may_change
from callspring.flows.editing import NoSuchPlace, find, free_id, move, nudge, put_in, put_instead, take_out
from callspring.flows.flow import Flow, read, whole
from callspring.numbers.models import Number
from callspring.numbers.queries import numbers as all_numbers
from callspring.scenarios import sounds
from callspring.scenarios.flow_history import Target, versions
from callspring.scenarios.flow_publishing import Overtaken, Unpublished, publish_flow
from callspring.scenarios.models import Sound
from callspring.scenarios.queries import scenario as find_scenario
from callspring.stores.blobs.port import NoSuchBlob

PART = "console/parts/flow_editor.html"


@require_safe
@may(Verb.SEE_SETUP)
def flow(request: CompanyRequest, scenario_id: int = 0, own_number_id: int = 0) -> HttpResponse:
    """The flow as a picture. `edit` opens the form of a step, `add` the choice of kinds at a place, `kind` its form."""
    target = _target(request, scenario_id, own_number_id)
    if isinstance(target, Number) and target.scenario_id is not None:
        return redirect("console:scenario_flow", target.scenario_id)
    seen = edited(request.user, target)
    return _show(request, seen, **(_opened(request, seen) if may_change(request.membership) else {}))


@require_safe
@may(Verb.SEE_SETUP)
def try_flow(request: CompanyRequest, scenario_id: int = 0, own_number_id: int = 0) -> HttpResponse:
    """What a caller would meet, as the person sees the flow now."""
    seen = edited(request.user, _target(request, scenario_id, own_number_id))
    return render(request, "console/parts/flow_tried.html", trial(request.company, seen, request.GET))


@require_safe
@may(Verb.SEE_SETUP)
def flow_sound(request: CompanyRequest, sound_id: int) -> HttpResponse:
    """A recording that flows play, to be listened to."""
    sound = Sound.objects.filter(company=request.company, pk=sound_id).first()
    if sound is None:
        raise Http404
    try:
        body = sounds.content(sound)
    except NoSuchBlob:
        raise Http404 from None
    response = HttpResponse(body, content_type="audio/wav" if sound.name.endswith(".wav") else "audio/mpeg")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@manager
def change_flow(request: CompanyRequest, scenario_id: int = 0, own_number_id: int = 0) -> HttpResponse:
    """One change of the draft, named by `do`. What was seen has to be what is there (`state`)."""
    target = _target(request, scenario_id, own_number_id)
    seen, did = edited(request.user, target), request.POST.get("do", "")
    if request.POST.get("state") != seen.state:
        return _show(request, seen, stale=True)
    if did == "save":
        return _save(request, seen)
    try:
        said = _change(request, seen, did)
    except (Stale, NoSuchPlace):
        return _show(request, edited(request.user, target), stale=True)
    except TooLarge:
        return _show(request, seen, large=True)
    return _changed(request, target, **said)


@require_POST
@manager
def publish(request: CompanyRequest, scenario_id: int = 0, own_number_id: int = 0) -> HttpResponse:
    """Let callers meet the draft."""
    target = _target(request, scenario_id, own_number_id)
    seen = edited(request.user, target)
    if request.POST.get("state") != seen.state:
        return _show(request, seen, stale=True)
    try:
        version = publish_flow(target, seen.flow, request.user, seen.live.version)
    except Unpublished:
        return _show(request, seen, refused=True)
    except (Overtaken, IntegrityError):  # the version's number was taken at the same moment
        return _show(request, edited(request.user, target), stale=True)
    except (ValidationError, NoSuchBlob, OSError) as problem:
        said = problem.messages if isinstance(problem, ValidationError) else [_("A recording cannot be stored.")]
        return _show(request, seen, trouble=" ".join(said))
    drafts.discard(request.user, target)
    published = _("Version %(n)d is published. The next caller meets it.") % {"n": version}
    if not fragment(request):
        messages.success(request, published)
    target.refresh_from_db()
    return _changed(request, target, said=published)


def _change(request: CompanyRequest, seen: Edited, did: str) -> dict[str, Any]:
    """Make the change; what the page says and where the focus goes."""
    user, step = request.user, _number(request.POST.get("step", ""))
    if did == "undo":
        drafts.undo(seen)
        return {"said": _("Undone.")}
    if did == "discard":
        drafts.discard(user, seen.target)
        return {"said": _("Your changes are gone.")}
    if did == "bring":
        drafts.change(user, seen, _version(seen.target, _number(request.POST.get("version", ""))))
        return {"said": _("It is in your draft. Publish it, and callers meet it again.")}
    if did in ("up", "down"):
        drafts.change(user, seen, nudge(seen.flow, step, -1 if did == "up" else 1))
        return {}
    if did == "move" and (where := place(request.POST.get("place", ""))) is not None:
        drafts.change(user, seen, move(seen.flow, step, where))
        return {"focus": step}
    if did == "delete":
        gone = find(seen.flow, step)
        drafts.change(user, seen, take_out(seen.flow, step))
        return {"deleted": words.title(gone)}
    raise NoSuchPlace(did)


def _save(request: CompanyRequest, seen: Edited) -> HttpResponse:
    """A step's form: a new step at its place, or one that is there as it is to be."""
    opened, kind = _number(request.POST.get("step", "")), request.POST.get("kind", "")
    adding = request.POST.get("place", "")
    where = place(adding)
    form = form_of(request.company, request.user, seen, opened, kind, request.POST, request.FILES)
    if form is None or (not opened and where is None):
        return _show(request, seen, stale=True)
    if not form.is_valid():
        return _show(request, seen, form=form, kind=words.KINDS.get(kind), opened=opened, adding=adding)
    try:
        made = form.make(opened or free_id(seen.flow))
        after = put_instead(seen.flow, made) if opened or where is None else put_in(seen.flow, where, made)
        drafts.change(request.user, seen, after)
    except (Stale, NoSuchPlace):
        return _show(request, edited(request.user, seen.target), stale=True)
    except TooLarge:
        return _show(request, seen, large=True)
    return _changed(request, seen.target, focus=made.id)


def _opened(request: CompanyRequest, seen: Edited) -> dict[str, Any]:
    """The form or the choice that the address asks for."""
    opened, adding = _number(request.GET.get("edit", "")), request.GET.get("add", "")
    kind = request.GET.get("kind", "")
    if opened:
        form = form_of(request.company, request.user, seen, opened, "")
        return {"form": form, "opened": opened} if form is not None else {}
    if place(adding) is None:
        return {"focus": _number(request.GET.get("at", ""))}
    form = form_of(request.company, request.user, seen, 0, kind)
    return {"form": form, "kind": words.KINDS.get(kind), "adding": adding}


def _changed(request: CompanyRequest, target: Target, **shown: Any) -> HttpResponse:
    """The picture as it is now; a browser without htmx is led to it."""
    if not fragment(request):
        return redirect(addresses(target)["page"])
    return _show(request, edited(request.user, target), **shown)


def _show(request: CompanyRequest, seen: Edited, **shown: Any) -> HttpResponse:
    context = editor(request.company, seen, **shown) | {"versions": history(seen)}
    if fragment(request):
        response = render(request, PART, context)
        response.headers["HX-Trigger-After-Settle"] = json.dumps({"flow-changed": ""})
        return response
    return render(request, "console/call_flow.html", context | trial(request.company, seen, request.GET))


def _target(request: CompanyRequest, scenario_id: int, own_number_id: int) -> Target:
    """What the address names, of this company; 404 for an outsider's."""
    found: Target | None
    if scenario_id:
        found = find_scenario(request.company, scenario_id)
    else:
        found = all_numbers(request.company).filter(pk=own_number_id).first()
    if found is None:
        raise Http404
    return found


def _version(target: Target, number: int) -> Flow:
    """A version as a tree. Raises `NoSuchPlace` for one that never was."""
    kept = versions(target).filter(version=number).first()
    found = None if kept is None else whole(read(kept.flow))
    if found is None:
        raise NoSuchPlace(number)
    return msgspec.structs.replace(found, version=0)


def _number(text: str) -> int:
    """0, which nothing has, for what is no number."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
