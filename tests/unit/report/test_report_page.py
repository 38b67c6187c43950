"""The page: complete, self-contained, escaped, the same for the same input, empty where empty."""

import html
import json
import re
from html.parser import HTMLParser

import pandas as pd
import pytest
import report_results

from analyses.report import render


class Page(HTMLParser):
    """Collects what the tests ask about."""

    def __init__(self, text):
        super().__init__()
        self.headings, self.ids, self.urls, self.scripts = [], [], [], []
        self.labels, self.handlers = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if "id" in found:
            self.ids.append(found["id"])
        self.urls += [v for k, v in attributes if k in ("src", "href", "xlink:href", "action")]
        self.handlers += [k for k in found if k.startswith("on")]
        if tag == "script":
            self.scripts.append(found.get("type", "code"))
        if found.get("role") == "img":
            self.labels.append(found.get("aria-label"))


@pytest.fixture(scope="module")
def page(report):
    return Page(report)


@pytest.fixture(scope="module")
def small(results):
    """One study with few figures, for what would otherwise be slow."""
    kept = {name: frame[frame["study_id"] == "lbcl_car_t"] for name, frame in results.items()}
    for name, column, value in (
        ("quality_of_life_curve", "scale", "utility"),
        ("completion", "instrument", "eq-5d-5l"),
        ("cumulative_incidence", "endpoint", "relapse"),
        ("survival_curve", "endpoint", "overall_survival"),
    ):
        kept[name] = kept[name][kept[name][column] == value]
    return kept


def visible(text):
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_nothing_is_loaded_from_anywhere(page, report):
    # One link leads out of the page, to the file that the release holds beside it.
    assert [u for u in page.urls if not u.startswith(("#", "data:"))] == ["../docs/index.html"]
    assert "http" not in re.sub(r"http-equiv", "", report)
    assert "default-src 'none'" in report


def test_only_our_script_may_run(page):
    assert page.scripts.count("code") == 1
    assert page.handlers == []
    assert set(page.scripts) == {"code", "application/json"}


def test_hostile_texts_are_text(report):
    assert "<script>window.hacked" not in report
    assert html.escape(report_results.NASTY) in report
    for data in re.findall(r'<script type="application/json">(.*?)</script>', report):
        json.loads(data)


def test_ids_are_unique_and_links_lead_somewhere(page):
    assert len(page.ids) == len(set(page.ids))
    assert [u for u in page.urls if u.startswith("#") and u[1:] not in page.ids] == []


def test_headings_never_skip_a_level(page):
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(page.headings, page.headings[1:], strict=False))


def test_every_figure_has_an_alternative(page):
    assert page.labels
    assert all(label and len(label) > 20 for label in page.labels)


def test_the_same_input_gives_the_same_bytes(results, report):
    again = render(
        report_results.studies(),
        {name: frame.copy() for name, frame in results.items()},
        report_results.manifest(),
        report_results.checks(),
    )
    assert again == report


def test_synthetic_data_is_said_first_and_real_data_is_not_called_so(report):
    assert visible(report).index("Synthetic data: not for clinical use") < 300
    real = render([], {}, {**report_results.manifest(), "synthetic": False}, pd.DataFrame())
    assert "Synthetic" not in real


def test_diagnostics_come_before_results_and_failed_ones_hide_them(report):
    study = report[report.index('id="study-lbcl_car_t"') :]
    assert study.index("Read this first") < study.index('id="lbcl_car_t-survival"')
    failed = study[study.index('<h4 id="lbcl_car_t-death_by_cause"') :]
    failed = failed[: failed.index("</section>")]
    assert failed.index('class="behind"') < failed.index("<figure")
    passed = study[study.index('<h4 id="lbcl_car_t-relapse"') :]
    assert "behind" not in passed[: passed.index("</section>")]


def test_warnings_are_folded_at_the_top_and_stand_once_beside_what_they_concern(report):
    study = report[report.index('id="study-lbcl_car_t"') :]
    study = study[: study.index('<section class="study"')]
    top = study[study.index('-diagnostics">') : study.index('-cohort">')]
    assert "alert warn" not in study
    assert top.index('class="alert fail"') < top.index('<details class="cautions">')
    listed = visible(top[top.index('<details class="cautions">') :])
    number = int(re.search(r"(\d+) warnings? of \d+ kind", listed)[1])
    assert number == top[top.index('class="cautions"') : top.index("</details>")].count("<li>")
    models = study[study.index('-comparison">Comparison') :]
    models = models[: models.index("<table")]
    assert ("about models" in models) == ("cox_" in listed)
    for block in re.findall(r'<section class="outcome".*?</section>', study, flags=re.DOTALL):
        assert block.count('class="caution"') <= 1


def test_checks_that_warn_are_folded_and_printed_and_their_tables_fit_the_page(report):
    checks = report[report.index('id="checks"') : report.index('<section class="study"')]
    assert checks.count('class="checks"') == 3
    assert checks.index("Checks that did not pass") < checks.index("<details data-printed>")


def test_a_test_of_dbt_that_nobody_described_is_named_once():
    row = {"layer": "dbt", "table": "several", "check": "assert_sources_agree", "severity": "WARN"}
    row |= {"status": "warned", "reason": "assert_sources_agree", "n_unexpected": 2}
    assert render([], {}, {}, pd.DataFrame([row])).count("assert_sources_agree") == 1


def test_numbers_of_the_results_are_in_the_tables(results, report):
    summary = results["survival_summary"]
    row = summary[
        (summary["study_id"] == "lbcl_car_t")
        & (summary["endpoint"] == "overall_survival")
        & (summary["statistic"] == "survival_at")
        & (summary["horizon_days"] == 365)
    ].iloc[0]
    shown = [f"{100 * row[c]:.1f}" for c in ("value", "ci_lower", "ci_upper")]
    text = visible(report)
    assert f"{shown[0]} ({shown[1]} to {shown[2]})" in text
    assert "<0.001" in text
    assert "38\u202f210" in report
    assert "epro 2026-10-01: column `item` is missing" in text


def test_median_not_reached_and_horizon_beyond_the_data_are_said(results):
    summary = results["survival_summary"]
    summary = summary[summary["study_id"] == "sma_gene_therapy"].copy()
    nothing = ["value", "std_error", "ci_lower", "ci_upper"]
    summary.loc[summary["statistic"].isin(["median", "survival_at"]), nothing] = None
    text = visible(
        render(report_results.studies()[2:3], {"survival_summary": summary}, {}, pd.DataFrame())
    )
    assert re.search(r"Median, months \(95% CI\) not reached", text)
    assert re.search(r"At 12 months, % \(95% CI\) not estimable", text)


def test_an_empty_cohort_says_so_with_its_attrition(results):
    only = {"attrition": results["attrition"]}
    text = render(report_results.studies()[3:], only, {}, report_results.checks().iloc[:0])
    assert "Nobody is left in this cohort" in text
    assert "12 excluded" in text
    assert "No check of severity ERROR failed" in text


@pytest.mark.parametrize("keep_columns", [True, False])
def test_empty_and_missing_tables_leave_their_parts_out(results, keep_columns):
    empty = {k: v.iloc[:0] if keep_columns else pd.DataFrame() for k, v in results.items()}
    text = visible(render(report_results.studies(), empty, {}, pd.DataFrame()))
    assert text.count("This study has no results in this release") == 4
    assert "NaN" not in text
    assert "None" not in text.replace("None declared", "")


@pytest.mark.parametrize(
    "table",
    ["survival_curve", "survival_summary", "diagnostic", "baseline", "completion", "hazard_ratio"],
)
def test_any_one_table_may_be_missing(small, table):
    kept = {name: frame for name, frame in small.items() if name != table}
    text = render(report_results.studies()[:1], kept, {}, report_results.checks())
    assert "CAR-T cells" in text


def test_no_release_without_its_facts_and_failures_first(report):
    text = visible(report)
    assert "20261122T210000Z-1a2b3c4" in text
    assert "66682bd4c6e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7" in text
    assert "lifelines 0.30.3" in text
    did_not_pass = text.index("Checks that did not pass")
    assert did_not_pass < text.index("duration_not_negative") < text.index("ldh_unit_filled")


def test_a_public_release_has_no_censoring_ticks(small):
    def uses(profile):
        manifest = {**report_results.manifest(), "profile": profile}
        return render(report_results.studies()[:1], small, manifest, pd.DataFrame()).count("<use")

    assert uses("public") < uses("internal")


def test_a_study_object_is_read_through_model_dump(small):
    class Study:
        def model_dump(self):
            return report_results.studies()[0]

    text = render([Study()], small, {}, pd.DataFrame())
    assert "CAR-T cells in relapsed" in text
    with pytest.raises(TypeError, match="model_dump"):
        render([object()], small, {}, pd.DataFrame())


def test_frames_with_the_types_of_the_release_are_read(small, report):
    from analyses.results import conform

    typed = {name: conform(name, frame) for name, frame in small.items()}
    text = render(report_results.studies()[:1], typed, {}, pd.DataFrame())
    plain = render(report_results.studies()[:1], small, {}, pd.DataFrame())
    assert visible(text) == visible(plain)


def test_completion_counts_the_people_of_each_reason(small):
    text = visible(render(report_results.studies()[:1], small, {}, pd.DataFrame()))
    forms = small["completion"]
    of = forms[(forms["stratum"] == report_results.AXI) & (forms["visit"] == "month_3")]
    reasons = of[of["reason"].notna()]
    said = "; ".join(f"{r.reason} {r.n_fixed}" for r in reasons.itertuples())
    assert said in text


def test_control_characters_of_deliveries_do_not_reach_the_page(report):
    assert not [c for c in report if ord(c) < 32 and c not in "\n\t"]
