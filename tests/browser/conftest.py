"""Debian's Chromium, driven without a network, and the report it opens from disk."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

import report_results

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-prefers-reduced-motion",
)


@pytest.fixture(scope="session")
def report_page(tmp_path_factory):
    """The report of the example results, written as a release has it."""
    from analyses.report import render

    page = tmp_path_factory.mktemp("release") / "report" / "index.html"
    page.parent.mkdir()
    text = render(
        report_results.studies(),
        report_results.results(),
        report_results.manifest(),
        report_results.checks(),
    )
    page.write_text(text, encoding="utf-8")
    return page


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A headless Chromium; the paths are given, so that selenium never looks for a download."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    for needed in (CHROMIUM, DRIVER):
        assert shutil.which(needed), f"{needed} is missing: apt-get install chromium-driver"
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in (*QUIET, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(executable_path=DRIVER))
    yield driver
    driver.quit()
