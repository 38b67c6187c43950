"""The report of a real run of the demo, opened from disk as a reader does."""

import pytest
from selenium.webdriver.common.by import By

from tests.conftest import Ran

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def opened(demo: Ran, browser):
    browser.set_window_size(1280, 1000)
    browser.get((demo.home / "release" / "current" / "report" / "index.html").resolve().as_uri())
    return browser


def test_it_opens_without_a_word_on_the_console_nor_a_request(opened) -> None:
    assert [entry for entry in opened.get_log("browser") if entry["level"] != "DEBUG"] == []
    loaded = opened.execute_script(
        "return performance.getEntriesByType('resource').map(entry => entry.name)"
    )
    assert [name for name in loaded if not name.startswith("data:")] == []


def test_it_says_that_the_data_are_synthetic(opened) -> None:
    assert "synthetic" in opened.find_element(By.TAG_NAME, "body").text[:400].lower()


def test_every_study_shows_its_estimand_attrition_and_curves(opened) -> None:
    text = opened.find_element(By.TAG_NAME, "main").text
    assert text.count("What is estimated") == 4
    assert text.count("Cohort") >= 4
    figures = opened.find_elements(By.CSS_SELECTOR, "figure svg")
    assert len(figures) > 10
    shown = [figure for figure in figures if figure.is_displayed()]
    assert shown
    assert all(figure.size["width"] > 200 and figure.size["height"] > 60 for figure in shown)


@pytest.mark.parametrize("width", [420, 1280])
def test_it_fits_the_window(opened, width: int) -> None:
    opened.set_window_size(width, 1000)
    overflow = opened.execute_script(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow <= 0


def test_data_docs_open_without_a_request(demo: Ran, browser) -> None:
    page = (demo.home / "release" / "current" / "data_docs" / "index.html").resolve()
    browser.get(page.as_uri())
    loaded = browser.execute_script(
        "return performance.getEntriesByType('resource').map(entry => entry.name)"
    )
    assert [name for name in loaded if not name.startswith(("data:", "file:"))] == []
    assert "expectation" in browser.find_element(By.TAG_NAME, "body").text.lower()


def test_the_documentation_of_the_models_opens_without_a_request(demo: Ran, browser) -> None:
    release = (demo.home / "release" / "current").resolve()
    page = (release / "docs" / "index.html").as_uri()
    browser.get(f"{page}#!/model/model.atmp_rwe.time_to_event")
    loaded = browser.execute_script(
        "return performance.getEntriesByType('resource').map(entry => entry.name)"
    )
    assert [name for name in loaded if not name.startswith("data:")] == []
    text = browser.find_element(By.TAG_NAME, "body").text
    assert "One row per source, patient, treatment, endpoint and analysis set" in text
    browser.get((release / "report" / "index.html").as_uri())
    link = browser.find_element(By.LINK_TEXT, "dbt documentation of this release")
    assert link.get_attribute("href") == page
