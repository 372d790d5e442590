"""A browser, and a demo of its own that it may change."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.process import serving

_WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""


@dataclass(kw_only=True)
class Watched:
    """A page, and what it did that a reader would not see."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def violations(self) -> list[str]:
        """Give what the content security policy has stopped so far."""
        return list(await self.page.evaluate("window.violations"))


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, without a window."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("there is no Chromium here: install Debian's package `chromium`")
    async with async_playwright() as playwright:
        # Chromium's own sandbox refuses to work for root.
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        opened = await playwright.chromium.launch(executable_path=program, args=options)
        yield opened
        await opened.close()


@pytest.fixture(scope="session")
def shown(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[serving.Serving]:
    """A server with demo data, for the browser alone."""
    served = serving.start(tmp_path_factory.mktemp("shown") / "data", "--demo")
    yield served
    assert served.stop() == 0


@pytest.fixture
async def watched(browser: Browser) -> AsyncIterator[Watched]:
    """A fresh page without anybody's session."""
    page = await browser.new_page(viewport={"width": 1400, "height": 850})
    found = Watched(page=page)
    await page.add_init_script(_WATCH)
    page.on("request", lambda request: found.requests.append(request.url))
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.on("console", lambda message: found.complaints.append(message.text) if message.type == "error" else None)
    yield found
    await page.close()
