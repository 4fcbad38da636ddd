"""Pages that somebody wrote who never thought of us; marked as in snippet_formats.py."""

from __future__ import annotations

NASTY: dict[str, str] = {
    "comments between parts": (
        "<p>⟦<span>800</span><!-- 9 --><span>-</span><!--0--><span>555</span><!----><span>-0199</span>"
        "|<span>312</span><!-- 9 --><span>-</span><!--0--><span>555</span><!----><span>-0142</span>⟧</p>"
    ),
    "entities": "<p>⟦800&#8209;555&nbsp;0199|312&#8209;555&nbsp;0142⟧ ⟦&#40;800) 555&#x2013;0199|(312) 555–0142⟧</p>",
    "elements of old sites and of translators": (
        "<p>⟦<font><font>800</font></font>-555-0199|<font><font>312</font></font>-555-0142⟧ "
        "⟦(800) <nobr>555-0199</nobr>|(312) <nobr>555-0142</nobr>⟧ ⟦800-<ins>555</ins>-0199|312-<ins>555</ins>-0142⟧ "
        "⟦<code>800</code>-<q>555</q>-<s>0199</s>|<code>312</code>-<q>555</q>-<s>0142</s>⟧</p>"
    ),
    "elements of a framework": "<p>⟦<x-area>800</x-area>-555-0199|<x-area>312</x-area>-555-0142⟧</p>",
    "white space before an address": "<a href=' ⟦tel:8005550199|tel:+13125550142⟧'>x</a>",
    "digits apart": "<p>⟦8 0 0 5 5 5 0 1 9 9|3 1 2 5 5 5 0 1 4 2⟧</p>",
    "lines in the source": "<p>⟦800  555\n\t0199|312  555\n\t0142⟧</p>",
    "word joiners": "<p>⟦800\u2060-\u2060555-0199|312\u2060-\u2060555-0142⟧</p>",
    "break opportunities": "<p>⟦800<wbr>-555<wbr>-0199|312<wbr>-555<wbr>-0142⟧</p>",
    "symbols around": "<p>📞⟦800-555-0199|312-555-0142⟧📞 ☎⟦8005550199|3125550142⟧☎️ –⟦800–555–0199|312–555–0142⟧–</p>",
    "words and figures around": (
        "<p>Phone1: ⟦800-555-0199|312-555-0142⟧ Line 2 ⟦800-555-0199|312-555-0142⟧; 24h ⟦800-555-0199|312-555-0142⟧; "
        "8-20 ⟦800-555-0199|312-555-0142⟧; (1) ⟦800-555-0199|312-555-0142⟧, 2. ⟦800-555-0199|312-555-0142⟧</p>"
    ),
    "fifty elements deep": "<p>" + "<b>" * 50 + "⟦800-555-0199|312-555-0142⟧" + "</b>" * 50 + "</p>",
    "bracketed country": "<p>⟦(44) 20 7946 0958|(44) 20 7946 0123⟧ ⟦+44(0)20 7946 0958|+44(0)20 7946 0123⟧</p>",
    "pauses, extensions and contexts of links": (
        "<a href='⟦tel:+1-800-555-0199|tel:+13125550142⟧;ext=102'>a</a>"
        "<a href='⟦tel:8005550199|tel:+13125550142⟧p102'>b</a><a href='⟦tel:8005550199|tel:+13125550142⟧w9'>c</a>"
        "<a href='⟦tel:8005550199|tel:+13125550142⟧;phone-context=+1'>d</a>"
    ),
    "links as programs write them": (
        "<a href='⟦tel:%2B1%20800%20555%200199|tel:+13125550142⟧'>a</a>"
        "<a href='⟦tel:%28800%29%20555%2D0199|tel:+13125550142⟧'>b</a>"
        "<a href='⟦tel:%E2%80%8E8005550199|tel:+13125550142⟧'>c</a>"
        "<a href='⟦tel: +1 800 555 0199|tel:+13125550142⟧'>d</a>"
    ),
    "other ways to reach somebody": (
        "<a href='https://wa.me/18005550199'>a</a><a href='whatsapp://send?phone=18005550199'>b</a>"
        "<a href='viber://chat?number=%2B18005550199'>c</a><a href='skype:+18005550199?call'>d</a>"
        "<a href='mailto:a@b.example?subject=Call 800-555-0199'>e</a><a href='https://a.example/?q=tel:8005550199'>f</a>"
    ),
    "a link around blocks": (
        "<a href='⟦tel:8005550199|tel:+13125550142⟧'><div>Call</div><div>⟦800-555-0199|312-555-0142⟧</div></a>"
    ),
    "drawings and formulas": (
        "<svg><text>⟦800-555-0199|312-555-0142⟧</text>"
        "<style>.a{content:'800-555-0199'}</style><a href='⟦tel:8005550199|tel:+13125550142⟧'><text>x</text></a></svg>"
        "<math><mtext>⟦800-555-0199|312-555-0142⟧</mtext></math>"
    ),
    "the title of a drawing": "<svg><title>⟦800-555-0199|312-555-0142⟧</title></svg>",
    "what programs read": (
        "<p data-phone='800-555-0199'>x</p><meta itemprop=telephone content='800-555-0199'>"
        "<span itemprop=telephone content='800-555-0199'>⟦800-555-0199|312-555-0142⟧</span>"
    ),
    "lists of choices": (
        "<datalist><option>800-555-0199</option></datalist>"
        "<select aria-label=a><optgroup label='800-555-0199'><option value='800-555-0199'>x</optgroup></select>"
        "<input type=button value='800-555-0199'><button value='800-555-0199'>⟦800-555-0199|312-555-0142⟧</button>"
    ),
    "editable only as plain text": "<div contenteditable='plaintext-only'>800-555-0199</div>",
    "hidden for now": (
        "<div hidden>⟦800-555-0199|312-555-0142⟧</div><details><summary>⟦800-555-0199|312-555-0142⟧</summary>"
        "<p>⟦800-555-0199|312-555-0142⟧</p></details><dialog>⟦800-555-0199|312-555-0142⟧</dialog>"
    ),
    "digits that nobody sees": "<p>800-<span style='display:none'>123</span>555-0199</p>",
    "a button in its middle": "<p>800-<button>555</button>-0199</p>",
    "accounts, versions, measures": (
        "<p>DE89 8005 5501 9900 0000 00, 4111 8005 5501 9911, 52.8005550199, 0.8005550199, 0x8005550199, v8005550199, "
        "8005550199.0, 8005550199e5, 8005550199ms, 2025-8005550199, order 8005550199-1</p>"
    ),
    "marks that no number has": "<p>800_555_0199 800~555~0199 800*555*0199 800|555|0199 {800} 555-0199</p>",
    "letters for digits": "<p>1-800-FLOWERS 800-555-OI99 800-555-019O</p>",
    "direct lines and ranges": "<p>030 23125678-0, 030 / 231 25 678-12</p>",
}
