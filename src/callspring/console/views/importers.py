"""Settings of another product, or older ones per number, become scenarios: a file, what it comes to, done, undone."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callspring.console import import_page
from callspring.console.guard import manager
from callspring.console.import_forms import ChoicesForm, UploadForm
from callspring.console.import_page import SHOWN_PROBLEMS
from callspring.console.request import CompanyRequest
from callspring.scenarios.importing import arrivals, carrying_out
from callspring.scenarios.importing.carrying_out import Gone, Look
from callspring.scenarios.importing.products import OWN_COLUMNS
from callspring.scenarios.importing.tables import MOST_BYTES, Unreadable
from callspring.scenarios.models import SettingsImport

State = SettingsImport.State


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def import_settings(request: CompanyRequest) -> HttpResponse:
    """Send a file; the imports that were."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            begun = carrying_out.begin(request.company, request.user, file.name, file.read(MOST_BYTES + 1))
            return redirect("console:settings_import", begun.pk)
        except Unreadable as problem:
            form.add_error("file", str(problem))
    past = [one for one in carrying_out.imports(request.company)[:30] if one.state != State.UNDONE]
    return render(request, "console/import_settings.html", {"form": form, "past": past, "columns": OWN_COLUMNS})


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def settings_import(request: CompanyRequest, import_id: int) -> HttpResponse:
    """What a file comes to, until it is carried out; then what became of it."""
    found = _find(request, import_id)
    go = request.POST.get("go", "") if request.method == "POST" else ""
    if found.state != State.DRAFT:
        return _after(request, found, go)
    if go == "discard":
        found.delete()
        messages.success(request, _("Discarded."))
        return redirect("console:import_settings")
    usual = found.choices or ChoicesForm.usual(request.company, found.product)
    form = ChoicesForm(request.company, request.POST if go else usual)
    valid = form.is_valid()
    if go and valid:
        SettingsImport.objects.filter(pk=found.pk).update(choices={name: form[name].value() for name in form.fields})
    if go == "create" and valid:
        return _create(request, found, form)
    return _preview(request, found, form)


@require_POST
@manager
def undo_import(request: CompanyRequest, import_id: int) -> HttpResponse:
    """Delete what an import made, as far as it is unchanged."""
    gone, kept = carrying_out.undo(_find(request, import_id))
    if gone:
        said = ngettext("%(n)d scenario is gone.", "%(n)d scenarios are gone.", len(gone))
        messages.success(request, said % {"n": len(gone)})
    if kept:
        said = _("These were changed, switched on or called, and stay: %(titles)s. Delete them in the table.")
        messages.info(request, said % {"titles": ", ".join(f"“{title}”" for title in kept[:10])})
    return redirect("console:settings_import" if kept else "console:import_settings", *([import_id] if kept else []))


@require_safe
@manager
def old_settings(request: CompanyRequest) -> HttpResponse:
    """Settings per number are no more: whoever comes for them is led to where they become scenarios."""
    said = _("Numbers are set up in scenarios now. Send the list of your numbers: those set up alike become one.")
    messages.info(request, said)
    return redirect("console:import_settings")


def _find(request: CompanyRequest, import_id: int) -> SettingsImport:
    found = carrying_out.find(request.company, import_id)
    if found is None:
        raise Http404
    return found


def _preview(request: CompanyRequest, found: SettingsImport, form: ChoicesForm, problem: str = "") -> HttpResponse:
    wrong: str = problem
    choices = form.decided()
    try:
        seen = carrying_out.look(found, choices)
    except Unreadable as unreadable:
        wrong, seen = str(unreadable), Look(import_page.nothing(choices.product), {}, (), {})
    context = {
        "import": found,
        "form": form,
        "wrong": wrong,
        "seen": seen,
        "headline": import_page.headline(seen),
        "tally": import_page.tally(seen),
        "groups": import_page.groups(seen),
        "problems": seen.plan.problems[:SHOWN_PROBLEMS],
        "more_problems": len(seen.plan.problems) - SHOWN_PROBLEMS,
        "detected": import_page.label(found.product),
        "as": import_page.label(choices.product),
    }
    return render(request, "console/import_preview.html", context)


def _create(request: CompanyRequest, found: SettingsImport, form: ChoicesForm) -> HttpResponse:
    try:
        made = carrying_out.carry_out(found, form.decided())
    except Gone:
        messages.info(request, _("This was imported already."))
    except ValidationError as problem:
        return _preview(request, found, form, " ".join(problem.messages))
    else:
        said = ngettext("%(n)d scenario is made. It is off.", "%(n)d scenarios are made. They are off.", len(made))
        messages.success(request, said % {"n": len(made)})
    return redirect("console:settings_import", found.pk)


def _after(request: CompanyRequest, found: SettingsImport, go: str) -> HttpResponse:
    if go == "place":
        count = arrivals.place(request.company)
        said = ngettext("%(n)d number went into its scenario.", "%(n)d numbers went into their scenarios.", count)
        messages.success(request, said % {"n": count})
        return redirect("console:settings_import", found.pk)
    if go:
        messages.info(request, _("This was imported already."))
        return redirect("console:settings_import", found.pk)
    return render(request, "console/import_done.html", {"done": import_page.done(found), "import": found})
