"""What each finding of a test of the snippet is called, what it means, and what to do: for `snippet_words`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from callspring.console.words import phone
from callspring.sites.fetching.refusal import sentence
from callspring.sites.snippet_test import Code

Values = Mapping[str, Any]
# The title, the text, and what may be copied.
Words = Callable[[Values], tuple[str, ...]]


def _refused(values: Values) -> tuple[str, ...]:
    said = sentence(values["reason"], values["detail"])
    if values["hop"]:
        return _("The page sends visitors on to an address that is not tested"), f"{values['hop']}: {said}"
    return _("The page could not be fetched"), said


def _reached(values: Values) -> tuple[str, ...]:
    if values["hops"]:
        said = ngettext(
            "After %(hops)s redirect this page was read: %(address)s",
            "After %(hops)s redirects this page was read: %(address)s",
            values["hops"],
        )
        return _("The page answers"), said % values
    return _("The page answers"), values["address"]


def _http_error(values: Values) -> tuple[str, ...]:
    status = values["status"]
    if status in {401, 403, 429, 503}:
        said = _(
            "The site answers our server with status %(status)s. If the page opens in your browser, the site turns "
            "programs away: let visitors named Callspring through, or test another page."
        )
    elif status in {404, 410}:
        said = _("There is no page at this address (status %(status)s). Check the address.")
    else:
        said = _("The site answers with an error (status %(status)s). Open the page in your browser: is the site well?")
    return _("The page is not shown"), said % values


def _not_html(values: Values) -> tuple[str, ...]:
    return (
        _("This is no web page"),
        _("What came is of the type %(kind)s. Test the address of a page that visitors open.") % values,
    )


def _key_other(_values: Values) -> tuple[str, ...]:
    return (
        _("The script on the page is another company's"),
        _("Its visits and calls go to another company of this installation. Replace it by your own line:"),
    )


def _key_unknown(values: Values) -> tuple[str, ...]:
    return (
        _("The script on the page has a key that nobody has here"),
        _("Its key is %(key)s. Replace it by your own line:") % values,
    )


def _policy(values: Values, what: str) -> tuple[str, ...]:
    """The whole directive as it should be is there to be copied."""
    directive = {"default-src": "script-src" if what == "script" else "connect-src"}.get(
        values["directive"], values["directive"]
    )
    has = "" if values["has"].lower() == "'none'" else values["has"]
    if what == "script":
        title = _("The site's security policy keeps browsers from loading the script")
    else:
        title = _("The site's security policy keeps the script from asking for numbers")
    if directive == values["directive"]:
        said = _("Its Content-Security-Policy (%(directive)s) lacks %(add)s. Whoever runs the site can change it to:")
    else:
        said = _("Its Content-Security-Policy (%(directive)s) lacks %(add)s. Whoever runs the site can add to it:")
    return title, said % values, " ".join(f"{directive} {has} {values['add']}".split()) + ";"


def _policy_lets(values: Values) -> tuple[str, ...]:
    if values["has_policy"]:
        return _("The site's security policy lets the script work"), ""
    return _("No security policy stands in the way"), ""


def _target_found(values: Values) -> tuple[str, ...]:
    return _counted(values, _("%(counted)s, counted in the HTML as served. Each would be swapped."))


def _browser_target(values: Values) -> tuple[str, ...]:
    return _counted(values, _("%(counted)s, counted after the page's scripts have run. Each would be swapped."))


def _counted(values: Values, said: str) -> tuple[str, ...]:
    total = values["total"]
    title = ngettext(
        "%(number)s is on the page, in %(total)s place", "%(number)s is on the page, in %(total)s places", total
    )
    text, link, label = (values.get(kind, 0) for kind in ("text", "link", "attribute"))
    kinds = [
        (text, ngettext("%d in a text", "%d in texts", text)),
        (link, ngettext("%d in a phone link", "%d in phone links", link)),
        (label, ngettext("%d in a label or description", "%d in labels and descriptions", label)),
    ]
    counted = ", ".join(name % count for count, name in kinds if count)
    return title % {"number": phone(values["target"]), "total": total}, said % {"counted": counted}


def _target_missing(values: Values) -> tuple[str, ...]:
    return (
        _("%(number)s is not on this page") % {"number": phone(values["target"])},
        _(
            "A scenario replaces this number, but the HTML as served does not have it in any way of writing. If the "
            "page shows it as text, a script writes it there, and the snippet will find it. In a picture it cannot."
        ),
    )


def _browser_target_missing(values: Values) -> tuple[str, ...]:
    return (
        _("%(number)s is not on this page") % {"number": phone(values["target"])},
        _("A scenario replaces this number, but the page does not show it as text, nor after its scripts have run."),
    )


def _browser_blocked(values: Values) -> tuple[str, ...]:
    if values["how"] == "csp":
        said = _("The site's security policy forbids %(address)s.")
    else:
        said = _("The browser could not load %(address)s (%(how)s).")
    return _("In a real browser the script does not load"), said % values


def _browser_not_started(values: Values) -> tuple[str, ...]:
    if values["why"] == "sandbox":
        said = _(
            "It finds no sandbox against hostile pages. The server's operator can install Chromium's (on Debian the "
            "package chromium-sandbox), or allow its user to make namespaces."
        )
    else:
        said = _(
            "The server's log has what it said. Its operator can try, as the user that Callspring runs as: "
            "chromium --headless --dump-dom about:blank"
        )
    return _("Chromium does not start on this server"), said


def _strangers(values: Values) -> tuple[str, ...]:
    numbers = ", ".join(phone(each) if each.startswith("+") else each for each in values["numbers"])
    return (
        _("Phone links that no scenario replaces: %(numbers)s") % {"numbers": numbers},
        _("If callers should be counted there too, make a tracking number whose swap target it is."),
    )


def _visit_seen(values: Values) -> tuple[str, ...]:
    at = date_format(localtime(datetime.fromisoformat(values["at"])), "j M Y, H:i")
    said = _("The latest visit of “%(site)s” began on %(at)s: there the script runs in people's browsers.")
    return _("Visits arrive from this site"), said % {"site": values["site"], "at": at}


def _says(title: str, text: str = "") -> Words:
    """Words in which values may stand, translated when they are asked for."""
    return lambda values: (_(title) % values, _(text) % values if text else "")


WORDS: dict[Code, Words] = {
    Code.REFUSED: _refused,
    Code.FAILED: _says(
        gettext_noop("The test broke off"), gettext_noop("That is our fault, not the page's. Try again in a minute.")
    ),
    Code.REACHED: _reached,
    Code.HTTP_ERROR: _http_error,
    Code.NOT_HTML: _not_html,
    Code.SENT_ON: _says(
        gettext_noop("The page sends visitors on"),
        gettext_noop(
            "It leads browsers to %(address)s. Test that address too: what counts is the page where visitors stay."
        ),
    ),
    Code.SCRIPT_RIGHT: _says(gettext_noop("Your script is on the page, with the right key")),
    Code.SCRIPT_IN_CONTAINER: _says(
        gettext_noop("Your script comes with %(container)s, with the right key"),
        gettext_noop("The container has it. Whether its trigger fires on this page only a visit shows."),
    ),
    Code.SCRIPT_MISSING: _says(
        gettext_noop("Your script is not on the page"), gettext_noop("Paste this line before </head>, then test again:")
    ),
    Code.SCRIPT_MISSING_JS: _says(
        gettext_noop("Your script is not in the HTML as served"),
        gettext_noop(
            "This page is built by JavaScript in the browser. If the line is in your application, run the deep test or "
            "open the page yourself: the visit shows up in the console. Otherwise add this line:"
        ),
    ),
    Code.SCRIPT_COMMENT: _says(
        gettext_noop("Your script is commented out"),
        gettext_noop("It stands inside an HTML comment, so browsers skip it. Take the comment marks away."),
    ),
    Code.SCRIPT_NOSCRIPT: _says(
        gettext_noop("Your script stands inside <noscript>"),
        gettext_noop("Browsers read that only where scripts are off. Move the line before </head>."),
    ),
    Code.SCRIPT_WAITS: _says(
        gettext_noop("Your script waits for a consent tool"),
        gettext_noop(
            "The line is changed so that it does nothing until the visitor agrees. Until then visitors see the "
            "page's own number. If that is not what you want, take our line out of the tool's list."
        ),
    ),
    Code.SCRIPT_SEVERAL: _says(
        gettext_noop("Your script is on the page %(times)s times"),
        gettext_noop("It runs once all the same. Leave one line."),
    ),
    Code.SCRIPT_HOLDS_UP: _says(
        gettext_noop("The page waits for the script"),
        gettext_noop(
            "Its tag lacks “async”, so a slow line to us delays your page. Copy the line from Integrations anew."
        ),
    ),
    Code.SCRIPT_PINNED: _says(
        gettext_noop("The page is pinned to today's version of the script"),
        gettext_noop("It does not update by itself. After an upgrade, take the new line from Integrations."),
    ),
    Code.SCRIPT_PINNED_OTHER: _says(
        gettext_noop("The page is pinned to another version of the script than today's"),
        gettext_noop(
            "It names version %(version)s, which works as long as this installation has it. Take the new line from "
            "Integrations, or the one that updates by itself."
        ),
    ),
    Code.SCRIPT_MIXED: _says(
        gettext_noop("Browsers refuse the script"),
        gettext_noop(
            "The page is https, but loads %(address)s, which is not. This installation needs an https address: its "
            "operator sets CALLSPRING_DOORS_URL."
        ),
    ),
    Code.SCRIPT_OWN_ADDRESS: _says(
        gettext_noop("The script is served from another address than ours, and is there"), gettext_noop("%(address)s")
    ),
    Code.SCRIPT_NOT_SERVED: _says(
        gettext_noop("The script is not where the page looks for it"),
        gettext_noop(
            "There is no script of ours at %(address)s. If the site serves it from its own address, check that "
            "forwarding; otherwise copy the line from Integrations anew."
        ),
    ),
    Code.KEY_OTHER: _key_other,
    Code.KEY_UNKNOWN: _key_unknown,
    Code.CONTAINER_WITHOUT: _says(
        gettext_noop("%(container)s is on the page, without your script"),
        gettext_noop(
            "To load the script with it, add a custom HTML tag with your line, let it fire on all pages, and publish."
        ),
    ),
    Code.CONTAINER_UNREAD: _says(
        gettext_noop("%(container)s is on the page and could not be read"),
        gettext_noop(
            "Whether your script is in it is not known. Check in the tag manager that the container is published."
        ),
    ),
    Code.POLICY_LETS: _policy_lets,
    Code.POLICY_SCRIPT: lambda values: _policy(values, "script"),
    Code.POLICY_NONCE: _says(
        gettext_noop("The site's security policy keeps browsers from loading the script"),
        gettext_noop(
            "Its Content-Security-Policy (%(directive)s) has 'strict-dynamic', so only scripts with the page's nonce "
            'run. Whoever runs the site puts the same nonce="…" into our line as into its other scripts.'
        ),
    ),
    Code.POLICY_CONNECT: lambda values: _policy(values, "connect"),
    Code.NO_SCENARIO: _says(
        gettext_noop("No scenario is switched on for this site"),
        gettext_noop("So nothing would be swapped. Make a tracking number, or switch one on."),
    ),
    Code.TARGET_FOUND: _target_found,
    Code.TARGET_MISSING: _target_missing,
    Code.STRANGERS: _strangers,
    Code.HOST_ALLOWED: _says(gettext_noop("%(host)s is an allowed host of “%(site)s”")),
    Code.HOST_UNKNOWN: _says(
        gettext_noop("%(host)s is not an allowed host"),
        gettext_noop("The script shows numbers on allowed hosts only. Is this site yours?"),
    ),
    Code.BROWSER_RAN: _says(gettext_noop("In a real browser the script loads and asks for numbers")),
    Code.BROWSER_BLOCKED: _browser_blocked,
    Code.BROWSER_SILENT: _says(
        gettext_noop("In a real browser the script loads, but does not get to ask for numbers"),
        gettext_noop("It asks at %(address)s (%(how)s). Check the security policy and what forwards that address."),
    ),
    Code.BROWSER_WITHOUT: _says(
        gettext_noop("In a real browser the script does not appear either"),
        gettext_noop("The page's scripts ran, and none of them asked for ours."),
    ),
    Code.BROWSER_TARGET: _browser_target,
    Code.BROWSER_TARGET_MISSING: _browser_target_missing,
    Code.BROWSER_ONLY_LISTED: _says(
        gettext_noop("The page was not loaded in a browser"),
        gettext_noop(
            "This server runs as root, where Chromium has no sandbox against hostile pages. Its operator can run it as "
            "another user, or list the page's origin in CALLSPRING_TEST_ORIGINS."
        ),
    ),
    Code.BROWSER_NOT_STARTED: _browser_not_started,
    Code.BROWSER_FAILED: _says(
        gettext_noop("The page could not be loaded in a browser"),
        gettext_noop("It took too long, or the browser broke off. What stands here is from the HTML as served."),
    ),
    Code.VISIT_SEEN: _visit_seen,
    Code.VISIT_NONE: _says(
        gettext_noop("No visit has come from “%(site)s” yet"),
        gettext_noop(
            "Once the lines above are all right, open the page in your browser: the visit shows up in the console."
        ),
    ),
}
