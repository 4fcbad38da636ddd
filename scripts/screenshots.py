"""`make docs`: the screenshots in docs/screenshots, of the running product after a fortnight of invented traffic."""

# ruff: noqa: T201 - it is a command: what it prints is what it is for
from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import ARGUMENTS, CHROMIUM, user_agent  # noqa: E402 - found only now
from tests.journeys.running import Running, eventually, run  # noqa: E402
from tests.journeys.shop import arrive  # noqa: E402
from tests.system.processes import free_ports  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
WIDE = {"width": 1280, "height": 860}
PHONE = {"width": 375, "height": 760}
LONG = {"calls-wide", "shop-wide"}
CALLER = "+13125550177"


def main() -> None:
    """Take all of them, wide and phone-sized."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, run(Path(folder) / "var", free_ports()) as running:
        done = running.command("demo-history")
        print(done.stdout or done.stderr)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            call = _the_first_credited_call(browser, running)
            pages = {
                "dashboard": f"{running.console}/",
                "inbox": f"{running.console}/inbox/",
                "thread": f"{running.console}/calls/{call}/thread/",
                "calls": f"{running.console}/calls/",
                "call": f"{running.console}/calls/{call}/",
                "tracking-numbers": f"{running.console}/tracking-numbers/",
                "new-tracking-number": f"{running.console}/tracking-numbers/new/",
                "campaign": f"{running.console}/tracking-numbers/new/campaign/",
                "scenario": f"{running.console}/tracking-numbers/new/scenario/",
                "users": f"{running.console}/tracking-numbers/new/users/",
                "numbers": f"{running.console}/numbers/",
                "integrations": f"{running.console}/settings/integrations/",
                "company": f"{running.console}/settings/company/",
                "carriers": f"{running.console}/settings/carriers/",
                "people": f"{running.console}/settings/people/",
                "staff": f"{running.console}/settings/staff/",
                "profile": f"{running.console}/profile/",
                "arrive": f"{running.shop}/arrive",
                "shop": f"{running.shop}/",
                "phone": f"{running.shop}/phone",
                "mail": f"{running.shop}/mail",
            }
            _shoot_signed_in(browser, running, pages)
            _shoot(browser.new_context(viewport=WIDE).new_page(), "sign-in-wide", f"{running.console}/sign-in/")  # type: ignore[arg-type]
            browser.close()


def _the_first_credited_call(browser: Browser, running: Running) -> str:
    """Somebody arrives from the newsletter, looks around and calls; the id of the call once its credit is final."""
    page = browser.new_context(user_agent=user_agent(browser)).new_page()
    number = arrive(page, running.shop, "newsletter")
    for path in ("/services", "/prices"):
        page.goto(f"{running.shop}{path}")
        time.sleep(2)
    running.command(
        "sandbox", "call", "--from", CALLER, "--to", f"+1{number}", "--answer-after", "2", "--duration", "4"
    )
    page.goto(f"{running.shop}/contact")

    def final() -> str:
        calls = running.api("calls", caller=CALLER)["items"]
        return next((str(c["id"]) for c in calls if c["credit"]["stage"] == "final" and c["credit"]["visit"]), "")

    return str(eventually("the credit is final", final, 30))


def _shoot_signed_in(browser: Browser, running: Running, pages: dict[str, str]) -> None:
    context = browser.new_context(viewport=WIDE, user_agent=user_agent(browser))  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(running.sign_in)
    page.wait_for_url(f"{running.console}/")
    for name, address in pages.items():
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        _shoot(page, f"{name}-wide", address)
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        _shoot(page, f"{name}-phone", address)


def _shoot(page: Page, name: str, address: str) -> None:
    page.goto(address)
    page.wait_for_timeout(700)  # charts draw themselves
    # What a person sees: a whole page of 50 calls, or one with a bar fixed in its middle, is nobody's sight.
    page.screenshot(path=FOLDER / f"{name}.png", full_page=name.endswith("-wide") and name not in LONG)
    print(name)


if __name__ == "__main__":
    main()
