"""Pages for the snippet.

What changes is written `⟦as the page has it|as it is shown⟧`; everything else stays, byte for byte.
"""

from __future__ import annotations

import re

from callspring.scenarios.tagging import national, spellings
from tests.browser.snippet_nasty import NASTY

FORMATS: dict[str, str] = {
    "national with hyphens": "<p>Call ⟦800-555-0199|312-555-0142⟧ now</p>",
    "national with brackets": "<p>⟦(800) 555-0199|(312) 555-0142⟧</p>",
    "national with brackets, no space": "<p>⟦(800)555-0199|(312)555-0142⟧, any time.</p>",
    "dots": "<p>⟦800.555.0199|312.555.0142⟧.</p>",
    "spaces": "<p>⟦800 555 0199|312 555 0142⟧</p>",
    "no-break spaces": "<p>⟦800&nbsp;555&nbsp;0199|312&nbsp;555&nbsp;0142⟧</p>",
    "thin and narrow spaces": "<p>⟦800\u2009555\u202f0199|312\u2009555\u202f0142⟧</p>",
    "unicode dashes": (
        "<p>⟦800\u2011555\u20130199|312\u2011555\u20130142⟧ ⟦800\u2212555\u20120199|312\u2212555\u20120142⟧</p>"
    ),
    "slashes": "<p>⟦800/555/0199|312/555/0142⟧</p>",
    "no separators": "<p>tel.⟦8005550199|3125550142⟧</p>",
    "groups of two": "<p>⟦80 05 55 01 99|31 25 55 01 42⟧</p>",
    "soft hyphen and zero-width characters": "<p>⟦800\u00ad555\u200b0199|312\u00ad555\u200b0142⟧</p>",
    "international": "<p>⟦+1 800 555 0199|+1 312 555 0142⟧</p>",
    "international in brackets": "<p>⟦(+1) 800-555-0199|(+1) 312-555-0142⟧</p>",
    "international, bracketed area": "<p>⟦+1 (800) 555-0199|+1 (312) 555-0142⟧</p>",
    "country without plus": "<p>⟦1-800-555-0199|1-312-555-0142⟧</p>",
    "E.164": "<p>⟦+18005550199|+13125550142⟧</p>",
    "dialled 00": "<p>⟦001 800 555 0199|001 312 555 0142⟧</p>",
    "dialled 011": "<p>⟦011 1 800 555 0199|011 1 312 555 0142⟧</p>",
    "UK national": "<p>⟦020 7946 0958|020 7946 0123⟧, ⟦(020) 7946 0958|(020) 7946 0123⟧</p>",
    "UK international": "<p>⟦+44 20 7946 0958|+44 20 7946 0123⟧</p>",
    "UK with bracketed trunk": "<p>⟦+44 (0)20 7946 0958|+44 (0)20 7946 0123⟧</p>",
    "UK with a trunk zero that does not belong": "<p>⟦+44 020 7946 0958|+442079460123⟧</p>",
    "UK 0044": "<p>⟦0044 20 7946 0958|0044 20 7946 0123⟧</p>",
    "French pairs": "<p>⟦01.99.00.54.32|01.86.65.00.11⟧ ou ⟦+33 1 99 00 54 32|+33 1 86 65 00 11⟧</p>",
    "longer number, national": "<p>Tel. ⟦030 / 231 25 678|089 123456789⟧ oder</p>",
    "longer number, international": "<p>⟦+49 (30) 23125678|+4989123456789⟧!</p>",
    "longer number, bracket opened before": "<p>⟦(030) 231 25 678|089 123456789⟧ (Berlin)</p>",
    "longer number, all in brackets": "<p>(⟦030 23125678|089 123456789⟧)</p>",
    "longer number, bracketed plus": "<p>⟦(+49) 30 23125678|+4989123456789⟧</p>",
    "other country, national": "<p>⟦(877) 555-0111|020 7946 0321⟧</p>",
    "other country, international": "<p>⟦+1 877-555-0111|+442079460321⟧</p>",
    "several in one text": "<p>⟦800-555-0199|312-555-0142⟧/⟦888-555-0177|312-555-0166⟧ or ⟦8005550199|3125550142⟧</p>",
    "twice, apart by a space": "<p>⟦800 555 0199|312 555 0142⟧ ⟦800 555 0199|312 555 0142⟧</p>",
    "hours before": "<p>24/7 ⟦800-555-0199|312-555-0142⟧ 24/7</p>",
    "right to left, Arabic digits around": "<p dir=rtl>الطابق ٣ ⟦800-555-0199|312-555-0142⟧ الساعة ٩</p>",
    "postal code before": "<p>Chicago, IL 60601 ⟦800-555-0199|312-555-0142⟧</p>",
    "extension": (
        "<p>⟦800-555-0199|312-555-0142⟧ x12, ⟦800-555-0199|312-555-0142⟧x12, ⟦800-555-0199|312-555-0142⟧ ext. 5</p>"
    ),
    "label with hash or hyphen": "<p>Ph#⟦8005550199|3125550142⟧ Tel-⟦8005550199|3125550142⟧</p>",
    "written in another script": "<p>电话⟦8005550199|3125550142⟧请 тел.⟦8005550199|3125550142⟧</p>",
    "trunk zero in brackets": (
        "<p>⟦+44 (020) 7946 0958|+442079460123⟧ ⟦(+44) (0)20 7946 0958|(+44) (0)20 7946 0123⟧</p>"
    ),
    "opening hours before": (
        "<p>9:00-18:00 ⟦030 23125678|089 123456789⟧, 9h00-18h00 ⟦01 99 00 54 32|01 86 65 00 11⟧</p>"
        "<p><span>8:00 - 17:00</span> <span>⟦(800) 555-0199|(312) 555-0142⟧</span></p>"
    ),
    "numbers in a row, with zeros": (
        "<p>⟦01 99 00 54 32|01 86 65 00 11⟧ - ⟦01 99 00 54 32|01 86 65 00 11⟧</p>"
        "<p>030 20 00 45 ⟦030 23125678|089 123456789⟧</p>"
        "<p>CNPJ 12.345.678/0001-90 - ⟦(800) 555-0199|(312) 555-0142⟧, fax 030 2004-00 ⟦030 23125678|089 123456789⟧</p>"
    ),
    "a house number before a trunk zero": (
        "<p>Hauptstr. 8 ⟦030 23125678|089 123456789⟧, rue 1 ⟦01 99 00 54 32|01 86 65 00 11⟧</p>"
    ),
    "a plus that is not the number's": (
        "<p>50+ ⟦800-555-0199|312-555-0142⟧, Rated A+ ⟦(800) 555-0199|(312) 555-0142⟧</p>"
    ),
    "right to left": "<p dir=rtl>اتصل \u2066⟦800-555-0199|312-555-0142⟧\u2069 الآن</p>",
    "what the other scenario shows": "<p>⟦800-555-0199|312-555-0142⟧ and ⟦312-555-0142|312-555-0199⟧</p>",
}

SPLIT: dict[str, str] = {
    "area in bold": "<p>⟦<b>800</b>-555-0199|<b>312</b>-555-0142⟧</p>",
    "every part in a span": (
        "<p>⟦<span>+1</span> (<span>800</span>) <span>555</span>-<span>0199</span>"
        "|<span>+1</span> (<span>312</span>) <span>555</span>-<span>0142</span>⟧</p>"
    ),
    "every digit in a span": (
        "<p>⟦" + "".join(f"<i>{digit}</i>" for digit in "8005550199") + "|"
        "" + "".join(f"<i>{digit}</i>" for digit in "3125550142") + "⟧</p>"
    ),
    "nested, with comments and line breaks in the source": (
        "<p>Call\n ⟦<a href='#x'><b>(<i>800</i>)</b><!-- area -->\n   <span>555</span>\n</a>\n -\n <u>0199</u>"
        "|<a href='#x'><b>(<i>312</i>)</b><!-- area -->\n   <span>555</span>\n</a>\n -\n <u>0142</u>⟧</p>"
    ),
    "mark of a footnote": (
        "<p>⟦800-555-0199|312-555-0142⟧<sup>1</sup> ⟦800-555-0199|312-555-0142⟧<sup><a href='#n2'>2</a></sup></p>"
    ),
    "raised country code": "<p><sup>+1</sup>⟦800 555 0199|312 555 0142⟧</p>",
    "plus on its own": "<p>⟦<sup>+</sup>1 800 555 0199|<sup>+</sup>1 312 555 0142⟧</p>",
    "longer number, split": "<p>⟦<b>030</b> 231 25 678|<b>089 123456789</b>⟧</p>",
    "beside words with figures, without white space": (
        "<div style='display:flex'><a href='#x'>⟦800-555-0199|312-555-0142⟧</a><span>Mon-Fri 9-5</span></div>"
        "<p><span>Open 24h</span><a href='#x'>⟦(800) 555-0199|(312) 555-0142⟧</a><i></i>"
        "<a href='#y'>info24@acme.example</a></p>"
    ),
    "beside figures that touch a link": (
        "<p><span>Suite 200</span><a href='#x'>⟦800-555-0199|312-555-0142⟧</a><span>24/7</span></p>"
        "<p><a href='#x'>⟦8005550199|3125550142⟧</a><a href='#y'>⟦8885550177|3125550166⟧</a></p>"
    ),
    "every digit in an element of a link": (
        "<a href='#x'>⟦" + "".join(f"<b>{digit}</b>" for digit in "8005550199") + "|"
        "" + "".join(f"<b>{digit}</b>" for digit in "3125550142") + "⟧</a>"
    ),
    "beside a word in another element": (
        "<p><span>Call</span><a href='#x'>⟦800-555-0199|312-555-0142⟧</a><span>now</span></p>"
    ),
    "beside digits that stand apart": (
        "<p><span style='display:block'>Line 7</span><span style='display:block'>⟦800-555-0199|312-555-0142⟧</span></p>"
    ),
    "parts that stand in a row": (
        "<div style='display:flex'><span>⟦(800)</span> <span>555-0199|(312)</span> <span>555-0142⟧</span></div>"
    ),
    "Arabic digits, split, right to left": (
        "<p dir=rtl>⟦<b>٨٠٠</b>-٥٥٥-<i>٠١٩٩</i>|<b>٣١٢</b>-٥٥٥-<i>٠١٤٢</i>⟧ اتصل</p>"
    ),
    "lines apart by br": "<p>⟦800-555-0199|312-555-0142⟧<br>⟦800-555-0199|312-555-0142⟧</p>",
    "loose text in body": "⟦800-<b>555</b>-0199|312-<b>555</b>-0142⟧<div>x</div>",
    "svg": "<svg><text>⟦800-<tspan>555</tspan>-0199|312-<tspan>555</tspan>-0142⟧</text></svg>",
    "table, list, heading, button": (
        "<table><tr><td>⟦800-555-0199|312-555-0142⟧</td><th>⟦800-555-0199|312-555-0142⟧</th></tr></table>"
        "<ul><li>⟦800-555-0199|312-555-0142⟧</ul><h1>⟦800-555-0199|312-555-0142⟧</h1><button>⟦800-555-0199|312-555-0142⟧</button>"
    ),
}

ATTRIBUTES: dict[str, str] = {
    "tel link": "<a href='⟦tel:+18005550199|tel:+13125550142⟧'>⟦800-555-0199|312-555-0142⟧</a>",
    "tel links as people write them": (
        "<a href='⟦tel:800-555-0199|tel:+13125550142⟧'>a</a><a href='⟦TEL:1-800-555-0199|TEL:+13125550142⟧'>b</a>"
        "<a href='⟦tel:(800)%20555-0199|tel:+13125550142⟧'>c</a><a href='⟦tel://8005550199|tel:+13125550142⟧'>d</a>"
        "<a href='⟦tel:%2B18005550199|tel:+13125550142⟧'>e</a><a href='⟦tel:0018005550199|tel:+13125550142⟧'>f</a>"
        "<a href='⟦tel:+44(0)2079460958|tel:+442079460123⟧'>g</a>"
    ),
    "tel link with more behind": (
        "<a href='⟦tel:8005550199|tel:+13125550142⟧;ext=5'>a</a><a href='⟦tel:8005550199|tel:+13125550142⟧,,12#'>b</a>"
    ),
    "sms link keeps its text": (
        "<a href='⟦sms:8005550199|sms:+13125550142⟧?body=Call 800'>a</a>"
        "<a href='⟦sms:+18005550199|sms:+13125550142⟧&amp;body=8005550199'>b</a>"
    ),
    "callto link, area of a map": (
        "<a href='⟦callto:8005550199|callto:+13125550142⟧'>a</a><map name=m>"
        "<area alt='' href='⟦tel:8005550199|tel:+13125550142⟧'></map>"
    ),
    "title, label, alt": (
        "<p title='Call ⟦800-555-0199|312-555-0142⟧'>x</p>"
        "<button aria-label='⟦(800) 555-0199|(312) 555-0142⟧'>y</button>"
        "<img alt='Van with ⟦1-800-555-0199|1-312-555-0142⟧' src='data:,'>"
    ),
}

LOOKALIKES: dict[str, str] = {
    "one digit differs": "<p>800-555-0198 801-555-0199 +1 800 555 0190</p>",
    "longer digit run": "<p>98005550199 80055501990 18005550199000 5-800-555-0199 800-555-0199-1 800.555.0199.7</p>",
    "longer run over elements": "<p>12<b>8005550199</b></p><p><b>8005550199</b><i>34</i></p>",
    "another country's number": (
        "<p>+7 800 555 01 99, +800 555 0199, 8 (800) 555-01-99, +49 800 5550199, 0049 800 5550199</p>"
    ),
    "calls in addresses": "<p>https://x.example/call/8005550199?x</p>",
    "other countries' prefixes": (
        "<p>Tel:0049 800 5550199, (0049) 800 5550199, tel 00 49 800 5550199; Tel+49 800 555 0199; 8 800 555-01-99</p>"
    ),
    "prices": "<p>$8005550199 8.005.550.199,00 € 8 005 550 199 € 8,005,550,199 €8005550199 8005550199.50</p>",
    "dates": "<p>2024-01-15, 2024/01/15 but ⟦20 24 01 15|21 00 00 00⟧</p>",
    "codes": (
        "<p>#8005550199 INV-8005550199 sku:8005550199 ISBN 8005550199 Order no. 8005550199 "
        "id=8005550199 8005550199@example.com 8005550199-b x8005550199 8005550199abc a_8005550199</p>"
    ),
    "addresses in text": "<p>https://shop.example/8005550199 shop.example/p?id=8005550199 8005550199.html</p>",
    "too far apart": "<p>800, 555, 0199; 800: 555: 0199; 800 and 555 0199; 800 - - - - 555 0199</p>",
    "cells, rows and blocks": (
        "<table><tr><td>800</td><td>555</td><td>0199</td></tr></table><div>800</div><div>555-0199</div>"
        "<p>800<br>555<br>0199</p><ul><li>800-555<li>-0199</ul><p>800<img alt='' src='data:,'>5550199</p>"
    ),
    "links of other kinds": (
        "<a href='mailto:8005550199@example.com'>a</a><a href='/8005550199'>b</a><a href='tel:+78005550199'>c</a>"
    ),
    "other attributes": "<p id=n8005550199 data-phone='800-555-0199' class='c-800-555-0199'>x</p>",
}

OFF: dict[str, str] = {
    "scripts and styles": (
        "<script>window.phone = '800-555-0199'</script><style>p::after { content: '800-555-0199' }</style>"
        '<script type=\'application/ld+json\'>{"telephone": "+1-800-555-0199"}</script>'
        "<noscript>800-555-0199</noscript>"
        "<template><p>800-555-0199</p></template>"
    ),
    "form fields": (
        "<label>a<input value='800-555-0199' placeholder='800-555-0199' title='800-555-0199'></label>"
        "<textarea aria-label=x>800-555-0199</textarea>"
        "<select aria-label=y><option title='800-555-0199'>800-555-0199</select>"
    ),
    "editable text": (
        "<div contenteditable>800-555-0199</div><div contenteditable='true'><p>800-<b>555</b>-0199</p></div>"
        "<div contenteditable='false'>⟦800-555-0199|312-555-0142⟧</div>"
    ),
    "switched off": (
        "<div data-callspring='off'>800-555-0199 <a title='800-555-0199' href='tel:+18005550199'>x</a></div>"
        "<p>⟦800-555-0199|312-555-0142⟧ <span data-callspring='off'>800-555-0199</span> ⟦800-555-0199|312-555-0142⟧</p>"
        "<p>800-<span data-callspring='off'>555</span>-0199</p>"
    ),
    "comments": "<!-- 800-555-0199 --><p>⟦800-<!-- 800-555-0199 -->555-0199|312-<!-- 800-555-0199 -->555-0142⟧</p>",
}


def _country(target: str, number: str, *ways: str) -> tuple[dict[str, object], str]:
    """A swap as the server sends it, and a page with all ways to write the target.

    What is shown has the number's digits from the right; digits of other scripts, and what the page has before the
    national number, stay as they are. `(0)` is a trunk zero.
    """
    swap: dict[str, object] = {"find": list(spellings(target)), "number": number, "national": national(number)}
    changed = len(target) - next(at for at, (a, b) in enumerate(zip(target, number, strict=True)) if a != b)
    return swap, "".join(f"<p>⟦{way}|{_written(way, number[-changed:])}⟧</p>" for way in ways)


def _written(way: str, digits: str) -> str:
    left = list(digits)
    return re.sub(r"\d", lambda mark: _in_script(mark[0], left.pop()) if left else mark[0], way[::-1])[::-1]


def _in_script(like: str, digit: str) -> str:
    return chr(ord(like) - int(like) + int(digit))


_COUNTRIES = {
    "Spain": _country(
        "+34912345678", "+34912876543",
        "912 345 678", "91 234 56 78", "+34 912 34 56 78", "(0034) 912345678",
    ),
    "Italy": _country(
        "+390669821234", "+390669876543",
        "06 6982 1234", "+39 06 69821234", "06/69821234", "0039 06 6982.1234",
    ),
    "Netherlands": _country(
        "+31201234567", "+31207654321",
        "020-123 45 67", "+31 (0)20 123 4567", "(020) 1234567", "020 - 123 45 67",
    ),
    "Poland": _country(
        "+48221234567", "+48227654321",
        "22 123 45 67", "(22) 123-45-67", "+48 22 123 45 67", "48 221234567",
    ),
    "Russia": _country(
        "+74951234567", "+74957654321",
        "8 (495) 123-45-67", "+7 (495) 123-45-67", "+7 495 123 45 67", "84951234567",
    ),
    "Japan": _country(
        "+81312345678", "+81387654321",
        "03-1234-5678", "03（1234）5678", "０３－１２３４－５６７８", "+81-3-1234-5678",
    ),
    "India": _country(
        "+919876543210", "+919123456789",
        "098765 43210", "+91 98765 43210", "+91-9876543210", "98765-43210",
    ),
    "Australia": _country(
        "+61255501234", "+61255509876",
        "(02) 5550 1234", "02 5550 1234", "+61 2 5550 1234", "+61 (0)2 5550 1234",
    ),
    "Brazil": _country(
        "+5511912345678", "+5511987654321",
        "(11) 91234-5678", "+55 11 91234-5678", "11 9 1234 5678", "+55 (11) 91234.5678",
    ),
    "Turkey": _country(
        "+902121234567", "+902127654321",
        "0 (212) 123 45 67", "0212 123 4567", "+90 212 123 45 67", "0212-1234567",
    ),
    "Saudi Arabia": _country(
        "+966111234567", "+966117654321",
        "٠١١ ١٢٣ ٤٥٦٧", "011 123 4567", "+966 11 123 4567", "+٩٦٦ ١١ ١٢٣ ٤٥٦٧",
    ),
    "Iran": _country(
        "+982112345678", "+982187654321",
        "۰۲۱ ۱۲۳۴ ۵۶۷۸", "021-12345678", "+98 21 1234 5678", "(۰۲۱) ۱۲۳۴-۵۶۷۸",
    ),
    "Switzerland": _country(
        "+41446681800", "+41446681234",
        "044 668 18 00", "+41 44 668 18 00", "0041 (0)44 668 18 00", "044/668.18.00",
    ),
    "China": _country(
        "+861012345678", "+861087654321",
        "010 1234 5678", "(010) 1234–5678", "+86 10 1234 5678", "010·1234·5678",
    ),
}  # fmt: skip
COUNTRY_SWAPS = [{"scenario": 100 + at, **swap} for at, (swap, _) in enumerate(_COUNTRIES.values())]
COUNTRIES = {name: html for name, (_, html) in _COUNTRIES.items()}

GROUPS: dict[str, dict[str, str]] = {
    "formats": FORMATS,
    "split numbers": SPLIT,
    "attributes": ATTRIBUTES,
    "look-alikes": LOOKALIKES,
    "countries": COUNTRIES,
    "off": OFF,
    "nasty pages": NASTY,
}
