from __future__ import annotations

import pytest

from callspring.visits.sources import classify, is_own
from callspring.visits.touch import DIRECT, Channel, Source, Touch

OWN = frozenset({"plumber.example"})
PAGE = "https://plumber.example/boilers"


def arrive(query: str = "", referrer: str = "") -> Touch:
    return classify(f"{PAGE}?{query}" if query else PAGE, referrer, OWN)


def channel(query: str = "", referrer: str = "") -> str:
    return arrive(query, referrer).source.channel


def test_nothing_known_is_direct() -> None:
    touch = arrive()
    assert touch.source == DIRECT == Source(channel="direct")
    assert (touch.host, touch.path, touch.parameters, touch.referrer_host) == (
        "plumber.example",
        "/boilers",
        (),
        "",
    )


@pytest.mark.parametrize("referrer", ["about:blank", "null", "file:///home/me/x.html", "chrome://newtab/", "https://"])
def test_a_referrer_that_is_no_site_is_direct(referrer: str) -> None:
    assert arrive(referrer=referrer).source == DIRECT


@pytest.mark.parametrize(
    ("referrer", "name"),
    [
        ("https://www.google.com/", "google"),
        ("https://www.google.co.uk/", "google"),
        ("https://google.de/search?q=", "google"),
        ("android-app://com.google.android.googlequicksearchbox/", "google"),
        ("https://www.bing.com/", "bing"),
        ("https://cn.bing.com/", "bing"),
        ("https://duckduckgo.com/", "duckduckgo"),
        ("https://r.search.yahoo.com/", "yahoo"),
        ("https://search.yahoo.co.jp/", "yahoo"),
        ("https://yandex.ru/", "yandex"),
        ("https://ya.ru/", "yandex"),
        ("https://yandex.com.tr/", "yandex"),
        ("https://www.baidu.com/link", "baidu"),
        ("https://www.ecosia.org/", "ecosia"),
        ("https://www.qwant.com/", "qwant"),
        ("https://search.brave.com/", "brave"),
        ("https://www.startpage.com/", "startpage"),
        ("https://m.search.naver.com/", "naver"),
        ("https://search.seznam.cz/", "seznam"),
    ],
)
def test_search_engines(referrer: str, name: str) -> None:
    assert arrive(referrer=referrer).source == Source(name, "organic", "", "", Channel.ORGANIC_SEARCH)


@pytest.mark.parametrize(
    "referrer",
    ["https://docs.google.com/", "https://google.evil.com/", "https://www.notgoogle.com/", "https://google/"],
)
def test_not_everything_that_says_google_is_search(referrer: str) -> None:
    assert channel(referrer=referrer) == Channel.REFERRAL


@pytest.mark.parametrize(
    ("referrer", "name"),
    [
        ("https://chatgpt.com/", "chatgpt"),
        ("https://www.perplexity.ai/", "perplexity"),
        ("https://gemini.google.com/", "gemini"),
        ("https://copilot.microsoft.com/", "copilot"),
        ("https://claude.ai/", "claude"),
    ],
)
def test_ai_assistants_are_not_search(referrer: str, name: str) -> None:
    assert arrive(referrer=referrer).source == Source(name, "ai-assistant", "", "", Channel.AI_ASSISTANT)


@pytest.mark.parametrize(
    ("referrer", "name"),
    [
        ("https://l.facebook.com/", "facebook"),
        ("https://lm.facebook.com/", "facebook"),
        ("http://m.facebook.com/", "facebook"),
        ("android-app://com.facebook.katana/", "facebook"),
        ("https://l.instagram.com/", "instagram"),
        ("https://t.co/abc", "x"),
        ("https://x.com/", "x"),
        ("https://www.linkedin.com/", "linkedin"),
        ("https://lnkd.in/", "linkedin"),
        ("https://www.pinterest.de/", "pinterest"),
        ("https://pinterest.com.mx/", "pinterest"),
        ("https://old.reddit.com/", "reddit"),
        ("https://www.tiktok.com/", "tiktok"),
    ],
)
def test_social_networks(referrer: str, name: str) -> None:
    assert arrive(referrer=referrer).source == Source(name, "social", "", "", Channel.ORGANIC_SOCIAL)


@pytest.mark.parametrize(
    ("referrer", "source"),
    [
        ("https://www.youtube.com/", Source("youtube", "video", "", "", Channel.VIDEO)),
        ("https://mail.google.com/mail/u/0/", Source("gmail", "email", "", "", Channel.EMAIL)),
        ("android-app://com.google.android.gm/", Source("gmail", "email", "", "", Channel.EMAIL)),
        ("https://outlook.live.com/", Source("outlook", "email", "", "", Channel.EMAIL)),
        (
            "https://emea01.safelinks.protection.outlook.com/",
            Source("outlook", "email", "", "", Channel.EMAIL),
        ),
        ("https://webmail.isp.example/", Source("webmail.isp.example", "email", "", "", Channel.EMAIL)),
        ("https://www.amazon.co.uk/", Source("amazon", "shopping", "", "", Channel.SHOPPING)),
        ("https://googleads.g.doubleclick.net/", Source("google", "display", "", "", Channel.DISPLAY)),
        (
            "https://www.Trade-Press.example:8080/x",
            Source("trade-press.example", "referral", "", "", Channel.REFERRAL),
        ),
        ("android-app://com.example.news/", Source("com.example.news", "referral", "", "", Channel.REFERRAL)),
    ],
)
def test_other_referrers(referrer: str, source: Source) -> None:
    assert arrive(referrer=referrer).source == source


@pytest.mark.parametrize(
    ("referrer", "keyword"),
    [
        ("https://duckduckgo.com/?q=boiler+repair", "boiler repair"),
        ("https://yandex.ru/search/?lr=213&text=%D0%BA%D0%BE%D1%82%D1%91%D0%BB", "котёл"),
        ("https://search.yahoo.com/search?p=leak", "leak"),
        ("https://blog.example/?q=leak", ""),
    ],
)
def test_keywords_of_those_that_still_tell(referrer: str, keyword: str) -> None:
    assert arrive(referrer=referrer).source.keyword == keyword


# What a click id proves


def test_a_gclid_with_an_empty_referrer_is_paid_search() -> None:
    touch = arrive("gclid=Cj0abc")
    assert touch.source == Source("google", "cpc", "", "", Channel.PAID_SEARCH)
    assert touch.click_ids == (("gclid", "Cj0abc"),)


def test_fbclid_is_not_paid() -> None:
    assert arrive("fbclid=IwAR0").source == Source("facebook", "social", "", "", Channel.ORGANIC_SOCIAL)
    assert channel("fbclid=IwAR0", "https://l.facebook.com/") == Channel.ORGANIC_SOCIAL


def test_fbclid_on_instagram_comes_from_instagram() -> None:
    assert arrive("fbclid=PAa", "https://l.instagram.com/").source.source == "instagram"


@pytest.mark.parametrize(
    ("click_id", "source", "expected"),
    [
        ("gbraid", "google", Channel.PAID_SEARCH),
        ("wbraid", "google", Channel.PAID_SEARCH),
        ("dclid", "google", Channel.DISPLAY),
        ("msclkid", "bing", Channel.PAID_SEARCH),
        ("ttclid", "tiktok", Channel.PAID_SOCIAL),
        ("li_fat_id", "linkedin", Channel.PAID_SOCIAL),
        ("yclid", "yandex", Channel.PAID_SEARCH),
        ("ysclid", "yandex", Channel.ORGANIC_SEARCH),
        ("twclid", "x", Channel.PAID_SOCIAL),
        ("ScCid", "snapchat", Channel.PAID_SOCIAL),
        ("mc_cid", "mailchimp", Channel.EMAIL),
        ("irclickid", "impact", Channel.AFFILIATE),
    ],
)
def test_click_ids(click_id: str, source: str, expected: Channel) -> None:
    touch = arrive(f"{click_id}=abc")
    assert (touch.source.source, touch.source.channel) == (source, expected)
    assert touch.click_ids == ((click_id.lower(), "abc"),)


def test_a_gclid_says_google_and_the_page_that_showed_it_says_which_kind() -> None:
    assert channel("gclid=a", "https://www.youtube.com/") == Channel.VIDEO
    assert channel("gclid=a", "https://googleads.g.doubleclick.net/") == Channel.DISPLAY
    assert channel("gclid=a", "https://www.google.com/") == Channel.PAID_SEARCH


def test_yahoo_japan_has_yclid_too() -> None:
    assert arrive("yclid=a", "https://search.yahoo.co.jp/").source.source == "yahoo"


def test_the_strongest_click_id_counts_unless_the_referrer_has_its_own() -> None:
    assert channel("fbclid=a&gclid=b") == Channel.PAID_SEARCH
    assert channel("gclid=b&fbclid=a", "https://l.facebook.com/") == Channel.ORGANIC_SOCIAL


def test_empty_and_endless_click_ids_prove_nothing() -> None:
    assert arrive("gclid=").source == DIRECT
    endless = arrive("gclid=" + "a" * 600)
    assert (endless.source, endless.click_ids) == (DIRECT, ())


# What tags mean


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("utm_source=google&utm_medium=cpc", Channel.PAID_SEARCH),
        ("utm_source=Google&utm_medium=CPC", Channel.PAID_SEARCH),
        ("UTM_SOURCE=google&Utm_Medium=ppc", Channel.PAID_SEARCH),
        ("utm_source=google&utm_medium=cpm", Channel.DISPLAY),
        ("utm_source=google&utm_medium=cpc&utm_campaign=Shopping+-+all", Channel.SHOPPING),
        ("utm_source=google&utm_medium=organic&utm_campaign=gbp", Channel.ORGANIC_SEARCH),
        ("utm_source=facebook&utm_medium=cpc", Channel.PAID_SOCIAL),
        ("utm_source=facebook&utm_medium=cpm", Channel.PAID_SOCIAL),
        ("utm_source=fb&utm_medium=paid", Channel.PAID_SOCIAL),
        ("utm_source=ig&utm_medium=referral", Channel.ORGANIC_SOCIAL),
        ("utm_source=spring&utm_medium=paid_social", Channel.PAID_SOCIAL),
        ("utm_source=facebook", Channel.ORGANIC_SOCIAL),
        ("utm_source=youtube&utm_medium=cpv", Channel.VIDEO),
        ("utm_source=trade-press&utm_medium=cpc", Channel.PAID_OTHER),
        ("utm_source=trade-press&utm_medium=banner", Channel.DISPLAY),
        ("utm_source=july&utm_medium=E-Mail", Channel.EMAIL),
        ("utm_source=july&utm_medium=e_mail", Channel.EMAIL),
        ("utm_source=newsletter", Channel.EMAIL),
        ("utm_source=partner&utm_medium=affiliate", Channel.AFFILIATE),
        ("utm_source=partner&utm_medium=link", Channel.REFERRAL),
        ("utm_source=reminder&utm_medium=sms", Channel.SMS),
        ("utm_source=van&utm_medium=QR%20Code", Channel.OFFLINE),
        ("utm_source=chatgpt.com", Channel.AI_ASSISTANT),
        ("utm_source=google&utm_medium=social", Channel.ORGANIC_SOCIAL),
        ("utm_campaign=spring", Channel.OTHER_CAMPAIGN),
        ("utm_source=somebody&utm_medium=something", Channel.OTHER_CAMPAIGN),
    ],
)
def test_tags(query: str, expected: Channel) -> None:
    assert channel(query) == expected


def test_tags_are_read_whole() -> None:
    touch = arrive("utm_source=July+Letter&utm_medium=Email&utm_campaign=Boilers+50%25&utm_term=Leak&utm_content=top")
    assert touch.source == Source("july letter", "email", "Boilers 50%", "Leak", Channel.EMAIL)
    assert dict(touch.utm)["content"] == "top"
    assert ("utm_campaign", "Boilers 50%") in touch.parameters


def test_the_first_of_a_repeated_tag_counts_and_empty_ones_do_not() -> None:
    touch = arrive("utm_source=&utm_source=bing&utm_source=google&utm_medium=cpc")
    assert touch.source.source == "bing"


def test_unknown_utm_parameters_are_only_parameters() -> None:
    assert arrive("utm_colour=red").source == DIRECT


def test_a_site_that_tags_with_its_host_is_one_source() -> None:
    assert arrive("utm_source=chatgpt.com").source.source == arrive(referrer="https://chatgpt.com/").source.source


def test_a_tag_is_claimed_and_a_click_id_proves() -> None:
    assert channel("utm_source=google&utm_medium=organic&gclid=a") == Channel.PAID_SEARCH
    assert channel("utm_source=google&utm_campaign=brand&gclid=a") == Channel.PAID_SEARCH
    assert channel("utm_source=spring&utm_medium=whatever&gclid=a") == Channel.PAID_SEARCH
    assert channel("utm_source=google&utm_medium=display&gclid=a") == Channel.DISPLAY
    assert channel("utm_source=spring&utm_medium=cpc&fbclid=a") == Channel.PAID_SOCIAL
    assert channel("utm_source=facebook&utm_medium=cpc&fbclid=a") == Channel.PAID_SOCIAL
    assert channel("utm_source=july&utm_medium=email&fbclid=a") == Channel.EMAIL


def test_a_click_id_left_over_from_another_network_proves_nothing() -> None:
    assert arrive("utm_source=facebook&utm_medium=social&gclid=old").source == Source(
        "facebook", "social", "", "", Channel.ORGANIC_SOCIAL
    )


def test_tags_without_a_source_take_it_from_the_click_id_or_the_referrer() -> None:
    assert arrive("utm_campaign=spring&gclid=a").source == Source("google", "cpc", "spring", "", Channel.PAID_SEARCH)
    assert arrive("utm_campaign=spring", "https://www.bing.com/").source == Source(
        "bing", "organic", "spring", "", Channel.ORGANIC_SEARCH
    )
    assert arrive("utm_campaign=spring", "https://blog.example/").source == Source(
        "blog.example", "referral", "spring", "", Channel.REFERRAL
    )


def test_a_tagged_source_does_not_take_the_referrers_medium() -> None:
    source = arrive("utm_source=spring", "https://www.google.com/").source
    assert (source.medium, source.channel) == ("", Channel.OTHER_CAMPAIGN)


# The company's own domain


@pytest.mark.parametrize(
    "referrer",
    ["https://plumber.example/", "https://www.plumber.example/x?q=1", "https://blog.plumber.example/"],
)
def test_the_companys_own_domain_is_never_a_referral(referrer: str) -> None:
    touch = arrive(referrer=referrer)
    assert touch.is_internal
    assert touch.source == DIRECT


def test_the_pages_own_host_is_own_even_when_nobody_listed_it() -> None:
    assert classify("https://www.other.example/", "https://other.example/a", OWN).is_internal


def test_a_tagged_link_within_the_site_is_an_arrival() -> None:
    touch = arrive("utm_source=banner&utm_medium=display", "https://plumber.example/")
    assert not touch.is_internal
    assert touch.source.channel == Channel.DISPLAY


def test_somebody_elses_domain_is_not_own() -> None:
    assert not is_own("notplumber.example", "plumber.example", OWN)
    assert not is_own("plumber.example.evil.example", "plumber.example", OWN)
    assert not is_own("example", "plumber.example", OWN)


def test_listed_hosts_may_be_written_with_www() -> None:
    assert is_own("plumber.example", "", {"www.plumber.example"})
