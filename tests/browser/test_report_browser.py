"""The report in a real browser: opens from disk, loads nothing, fits, and can be read out."""

import itertools
import json

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

pytestmark = pytest.mark.browser

FIGURE = "lbcl_car_t-overall_survival-0"


def resize(browser, width):
    """Sets the width of the page itself, also below the smallest window Chromium allows."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )


@pytest.fixture
def opened(browser, report_page):
    for log in ("browser", "performance"):
        browser.get_log(log)
    resize(browser, 1280)
    browser.get(report_page.as_uri())
    return browser


def test_it_opens_without_errors_and_without_any_request(opened, report_page):
    assert opened.title.startswith("Real-world evidence report")
    assert opened.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in opened.get_log("performance")]
    asked = {
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    }
    assert {url for url in asked if not url.startswith("data:")} == {report_page.as_uri()}
    assert opened.execute_script("return performance.getEntriesByType('resource').length") == 0


def test_hostile_texts_did_not_run(opened):
    assert opened.execute_script("return window.hacked") is None
    assert opened.execute_script("return document.scripts.length") > 1


def test_an_injected_script_is_stopped_by_the_policy(opened):
    opened.execute_script(
        "const s = document.createElement('script'); s.textContent = 'window.injected = 1';"
        "document.body.append(s)"
    )
    assert opened.execute_script("return window.injected") is None


@pytest.mark.parametrize("width", [420, 800, 1280])
def test_the_page_never_scrolls_sideways(opened, width):
    resize(opened, width)
    opened.execute_script("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    assert opened.execute_script("return innerWidth") == width
    assert opened.execute_script("return document.documentElement.scrollWidth") <= width


def test_figures_are_visible_and_labelled(opened):
    opened.execute_script("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    figures = opened.find_elements(By.CSS_SELECTOR, "figure svg")
    assert len(figures) > 20
    for figure in figures:
        assert figure.size["width"] >= 500
        assert figure.size["height"] >= 60
        assert figure.get_attribute("role") == "img"
        assert len(figure.get_attribute("aria-label")) > 20


def test_texts_of_a_figure_do_not_leave_it_nor_cover_each_other(opened):
    overlaps = opened.execute_script(
        """
        document.querySelectorAll('details').forEach((d) => (d.open = true));
        const found = [];
        for (const svg of document.querySelectorAll('figure svg')) {
          const frame = svg.getBoundingClientRect();
          const boxes = [...svg.querySelectorAll('text')]
            .filter((t) => t.textContent.trim())
            .map((t) => [t.textContent, t.getBoundingClientRect()]);
          boxes.forEach(([a, p], i) => {
            if (p.left < frame.left - 1 || p.right > frame.right + 1 || p.bottom > frame.bottom + 1)
              found.push(`${a} leaves its figure`);
            for (const [b, q] of boxes.slice(i + 1)) {
              const wide = Math.min(p.right, q.right) - Math.max(p.left, q.left);
              const tall = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
              if (wide > 1 && tall > 5) found.push(`${a} covers ${b}`);
            }
          });
        }
        return found;
        """
    )
    assert not overlaps, "\n".join(overlaps)


def test_headings_are_in_order(opened):
    levels = [
        int(heading.tag_name[1])
        for heading in opened.find_elements(By.CSS_SELECTOR, "h1, h2, h3, h4, h5, h6")
    ]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_landmarks_tables_and_language_are_declared(opened):
    for landmark in ("main", "nav[aria-label]", "header", "a.skip"):
        assert len(opened.find_elements(By.CSS_SELECTOR, landmark)) == 1
    assert opened.execute_script(
        "return [...document.querySelectorAll('table')].every((t) => t.caption && t.tHead)"
    )
    assert opened.find_element(By.TAG_NAME, "html").get_attribute("lang") == "en"


def read_out(browser, figure):
    rows = browser.find_elements(By.CSS_SELECTOR, f"#{figure} .readout tbody tr")
    return [[cell.text for cell in row.find_elements(By.CSS_SELECTOR, "th, td")] for row in rows]


def test_the_read_out_follows_the_keyboard_with_the_values_of_the_curve(opened):
    data = json.loads(
        opened.execute_script(
            f"return document.querySelector('#{FIGURE} script').textContent",
        )
    )
    slider = opened.find_element(By.CSS_SELECTOR, f"#{FIGURE} input[type=range]")
    assert read_out(opened, FIGURE)[0][1] == "100.0"
    slider.send_keys(*[Keys.ARROW_RIGHT] * 100)
    assert slider.get_attribute("value") == "100"
    shown = read_out(opened, FIGURE)
    for row, series in zip(shown, data["series"], strict=True):
        assert row[0] == series["name"]
        assert float(row[1]) == pytest.approx(100 * series["value"][100], abs=0.051)
        assert row[3] == str(series["n"][100])
    assert data["labels"][100] in slider.get_attribute("aria-valuetext")
    assert "(day " in opened.find_element(By.CSS_SELECTOR, f"#{FIGURE} .at").text


def test_the_read_out_follows_the_pointer(opened):
    svg = opened.find_element(By.CSS_SELECTOR, f"#{FIGURE} svg")
    opened.execute_script("arguments[0].scrollIntoView({block: 'center'})", svg)
    ActionChains(opened).move_to_element_with_offset(svg, 100, 0).perform()
    first = read_out(opened, FIGURE)
    guide = opened.find_element(By.CSS_SELECTOR, f"#{FIGURE} .guide")
    assert guide.value_of_css_property("display") != "none"
    place = float(guide.get_attribute("x1"))
    ActionChains(opened).move_to_element_with_offset(svg, 200, 0).perform()
    assert float(guide.get_attribute("x1")) > place
    assert read_out(opened, FIGURE) != first


def test_results_behind_a_failed_diagnostic_open_on_request(opened):
    behind = opened.find_element(By.CSS_SELECTOR, "details.behind")
    figure = behind.find_element(By.CSS_SELECTOR, "svg")
    assert not figure.is_displayed()
    summary = behind.find_element(By.TAG_NAME, "summary")
    opened.execute_script("arguments[0].scrollIntoView({block: 'center'})", summary)
    summary.click()
    assert figure.is_displayed()


def test_checks_can_be_filtered(opened):
    opened.execute_script("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    field = opened.find_element(By.CSS_SELECTOR, ".filter input")
    rows = opened.find_elements(By.CSS_SELECTOR, "table[data-filter] tbody tr")
    opened.execute_script("arguments[0].scrollIntoView({block: 'center'})", field)
    field.send_keys("vein")
    assert [row.is_displayed() for row in rows] == ["vein" in row.text for row in rows]
    assert sum(row.is_displayed() for row in rows) == 1
