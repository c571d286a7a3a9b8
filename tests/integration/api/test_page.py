"""The page /migration in a real Chromium: it asks for the token, shows what there is, and goes on by itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from api_world import Api
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = next(
    (path for name in (os.environ.get("NLJCTL_CHROMIUM"), "chromium", "chromium-browser", "google-chrome") if name and (path := shutil.which(name))), None
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: scripts/browser installs it, or says why it cannot")

PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Chromium's own sandbox refuses root, as which CI runs; it opens nothing but this service.
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield found
        found.close()


@pytest.fixture
def page(browser: Browser, api: Api) -> Iterator[Page]:
    """The page in a new session. Whatever the browser complains of, a refused style or script among it, fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda message: wrong.append(message.text) if message.type == "error" and "401" not in message.text else None)
    opened.goto(f"{api.address}/migration")
    yield opened
    context.close()
    assert wrong == []


def enter(page: Page, token: str) -> None:
    page.get_by_label("Token", exact=True).fill(token)
    page.get_by_role("button", name="Open").click()


def test_it_opens_with_the_token_and_shows_the_move(page: Page, api: Api) -> None:
    expect(page.get_by_role("heading", name="A token is needed")).to_be_visible()
    enter(page, "wrong")
    expect(page.get_by_role("alert")).to_contain_text("did not open")
    enter(page, api.token)
    expect(page.locator('#steps [aria-current="step"]')).to_have_text("Cut over", timeout=PATIENCE_MS)
    expect(page.locator("#faststream-share")).to_have_text("100 %")
    expect(page.get_by_role("heading", name="A token is needed")).to_be_hidden()
    assert page.title() == "cut-over 100 % · nljctl"


def test_every_part_has_its_data(page: Page, api: Api) -> None:
    enter(page, api.token)
    expect(page.locator("#lag-chart svg .dot").last).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("#share-chart svg")).to_have_attribute("aria-label", "Now: faststream's share 100 %.")
    expect(page.locator("#comparisons .comparison")).to_have_count(1)
    expect(page.locator("#letters")).to_contain_text("invalid-xapi")
    expect(page.locator("#validation")).to_contain_text("stored")
    expect(page.locator("#decisions")).to_contain_text("initial")
    expect(page.locator("#components")).to_contain_text("nlj-faststream-consumer")


def test_it_goes_on_by_itself_and_keeps_the_token_for_this_tab_only(page: Page, api: Api) -> None:
    enter(page, api.token)
    judged = page.locator("#figures div", has_text="records judged").locator("dd")
    expect(judged).to_be_visible(timeout=PATIENCE_MS)
    before = judged.inner_text()
    assert api.stack.run("publish-test", "--count", "3", "--event", "learning.experienced", "--wait", "processed", "--json").code == 0
    expect(judged).not_to_have_text(before, timeout=PATIENCE_MS)
    page.reload()
    expect(judged).to_be_visible(timeout=PATIENCE_MS)
    assert page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    page.get_by_role("button", name="Forget token").click()
    expect(page.get_by_role("heading", name="A token is needed")).to_be_visible()


def test_it_fits_a_phone_and_can_be_read_by_what_reads_pages(page: Page, api: Api) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    enter(page, api.token)
    expect(page.locator("#lag-chart svg")).to_be_visible(timeout=PATIENCE_MS)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.locator("svg[role=img]:not([aria-label])").count() == 0
    assert page.locator("img:not([alt]), input:not([aria-label]):not(#token)").count() == 0
    headings = page.get_by_role("heading", level=2)
    assert headings.count() >= 8
