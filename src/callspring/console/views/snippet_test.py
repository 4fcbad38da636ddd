"""Settings → Integrations → Test snippet: is the script on a page, and does it work there?"""

from __future__ import annotations

import re
from typing import cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callspring.accounts.roles import Verb
from callspring.console.guard import fragment, manager, may
from callspring.console.request import CompanyRequest, may_change
from callspring.console.snippet import snippet_line
from callspring.console.snippet_words import lines, verdict
from callspring.scenarios.snippet_tests import allow_host, ask, can_test_deeply, is_over
from callspring.sites.fetching.address import LONGEST
from callspring.sites.international import address_to_unicode, to_unicode
from callspring.sites.models import Site, SnippetTest
from callspring.sites.queries import site as find_site
from callspring.sites.queries import sites, snippet_tests
from callspring.sites.queries import snippet_test as find_test


class SnippetTestForm(forms.Form):
    """The address of a page. Whether it can be tested is for `callspring.sites.fetching` to say."""

    address = forms.CharField(
        label=gettext_lazy("Address of a page of your site"),
        max_length=LONGEST,
        widget=forms.TextInput(
            attrs={
                "placeholder": "https://example.com/contact",
                "inputmode": "url",
                "autocomplete": "url",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
        error_messages={"required": gettext_lazy("Type the address of a page, like https://example.com/contact.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@may(Verb.SEE_SETUP)
def snippet_test_list(request: CompanyRequest) -> HttpResponseBase:
    """What was tested; the form tests another page."""
    return _new(request) if request.method == "POST" else _page(request)


@require_safe
@may(Verb.SEE_SETUP)
def snippet_test(request: CompanyRequest, test_id: int) -> HttpResponse:
    """One test, while it runs and afterwards; for htmx the result alone."""
    test = _found(request, test_id)
    if fragment(request):
        # The list has changed too once the test is over.
        context = {**_told(request, test), "again": is_over(test), "tests": snippet_tests(request.company)}
        return render(request, "console/parts/snippet_result.html", context)
    return _page(request, test=test)


@require_POST
@manager
def repeat_snippet_test(request: CompanyRequest, test_id: int) -> HttpResponse:
    """Test the same address again, with `deep` in a browser too."""
    test = _found(request, test_id)
    return _ask(request, SnippetTestForm({"address": test.address}), deep="deep" in request.POST)


@require_POST
@manager
def allow_tested_host(request: CompanyRequest, test_id: int) -> HttpResponse:
    """Add the host that was tested to the allowed hosts of the site `site`, or of the company's only one."""
    test = _found(request, test_id)
    site = _site(request)
    if site is None or not test.host:
        raise Http404
    try:
        allow_host(test, site)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("console:snippet_test", test.pk)
    said = _("%(host)s is allowed. Test the page again to see the whole result.")
    messages.success(request, said % {"host": to_unicode(test.host)})
    return redirect("console:snippet_test", test.pk)


def _site(request: CompanyRequest) -> Site | None:
    chosen = request.POST.get("site", "")
    if chosen:
        return find_site(request.company, int(chosen)) if re.fullmatch("[0-9]{1,18}", chosen) else None
    every = sites(request.company)[:2]
    return every[0] if len(every) == 1 else None


@manager
def _new(request: CompanyRequest) -> HttpResponse:
    return _ask(request, SnippetTestForm(request.POST))


def _ask(request: CompanyRequest, form: SnippetTestForm, *, deep: bool = False) -> HttpResponse:
    if form.is_valid():
        try:
            test = ask(request.company, form.cleaned_data["address"], deep=deep)
            return redirect("console:snippet_test", test.pk)
        except ValidationError as problem:
            form.add_error(None, problem)
    return _page(request, form=form)


def _found(request: CompanyRequest, test_id: int) -> SnippetTest:
    test = find_test(request.company, test_id)
    if test is None:
        raise Http404
    return test


def _page(
    request: CompanyRequest, *, form: SnippetTestForm | None = None, test: SnippetTest | None = None
) -> HttpResponse:
    context = {
        "test_form": form or SnippetTestForm({"address": address_to_unicode(test.address)} if test else None),
        "tests": snippet_tests(request.company),
        **(_told(request, test) if test else {}),
    }
    return render(request, "console/snippet_test.html", context)


def _told(request: CompanyRequest, test: SnippetTest) -> dict[str, object]:
    """The result as people read it. A host may be allowed where somebody of this company may do that."""
    over = is_over(test)
    told = lines(cast("list[dict[str, object]]", test.findings), snippet_line(request.company))
    return {
        "test": test,
        "over": over,
        "broke_off": over and test.state != SnippetTest.State.DONE,
        "verdict": verdict(test.level, test.findings) if test.level else "",
        "lines": told,
        "deeply": can_test_deeply(),
        "sites": sites(request.company) if may_change(request.membership) else (),
    }
