"""A model that lost most patients to missing covariates is behind its diagnostic, whatever it is.

Under competing events there is a model a cause, and Fine-Gray's; of a later state a model a day.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from analyses.disclosure import SuppressionPolicy, suppress_results
from analyses.report import render
from analyses.report.diagnostics import without_failed_models
from orchestration import manifest
from orchestration.cli import main
from tests.lib.responders import responders
from tests.lib.studies import evaluated, found

STUDY: dict[str, Any] = {
    "id": "s", "title": "A study", "stratify_by": "product", "endpoints": ("relapse",),
}  # fmt: skip
ADJUSTED = {"cox_cause_specific_adjusted", "fine_gray_adjusted"}
CHECKS = ["layer", "table", "check", "severity", "status", "n_rows", "n_unexpected"]
CHECKS += ["share_unexpected", "reason"]


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    """Relapse, against death without it; `frail` is known of two people in five."""
    marts = responders(240)
    for number in range(240):
        if number % 5 < 2:
            marts.covariate(f"p{number:03d}", "frail", number % 3 % 2)
    return evaluated(
        marts, **STUDY, adjust_for=("covariate:frail",), landmark={"by": "response", "days": (60,)}
    ).tables


def test_every_model_that_lost_them_has_its_diagnostic(tables: dict[str, pd.DataFrame]) -> None:
    told = found(tables, "incomplete_covariates")
    failed = told[told["status"] == "fail"]
    models = [f"{model}, cause relapse" for model in sorted(ADJUSTED)]
    models += [
        "cox_cause_specific_adjusted, cause death",
        "cox_landmark_60_adjusted, cause relapse",
    ]
    named = failed["diagnostic"].str.removeprefix("incomplete_covariates: patients left out of ")
    assert sorted(named) == sorted(models)
    assert set(failed["value"].iloc[:3]) == {144}
    assert (told.loc[told["diagnostic"].str.contains("unadjusted"), "status"] == "pass").all()


def test_their_hazard_ratios_are_behind_it_and_the_others_are_not(
    tables: dict[str, pd.DataFrame],
) -> None:
    shown, behind = without_failed_models(tables["hazard_ratio"], tables["diagnostic"])
    assert set(behind["model"]) == {*ADJUSTED, "cox_landmark_60_adjusted"}
    assert set(behind.loc[behind["model"] != "cox_landmark_60_adjusted", "cause"]) == {
        "relapse", "death",
    }  # fmt: skip
    assert set(shown["model"]) == {
        "cox_cause_specific_unadjusted", "fine_gray_unadjusted", "cox_landmark_60",
    }  # fmt: skip
    page = render([STUDY], tables, {}, pd.DataFrame(columns=CHECKS))
    before, _, after = page.partition("Show the hazard ratios although a diagnostic failed")
    assert "Fine-Gray, adjusted" not in before[before.index("Hazard ratios of all terms") :]
    assert after.index("Fine-Gray, adjusted") < after.index("</details>")


def test_a_public_release_withholds_those_still_at_risk_without_a_covariate(
    tables: dict[str, pd.DataFrame],
) -> None:
    shown = found(suppress_results(tables, SuppressionPolicy()), "incomplete_covariates")
    of_states = shown["diagnostic"].str.contains("landmark")
    assert of_states.sum() == 1
    assert shown.loc[of_states, "value"].isna().all()
    assert shown.loc[~of_states, "value"].notna().any()


def test_the_forest_of_the_release_draws_none_of_them(
    tables: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    folder = tmp_path / "release" / "r1"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "atmp_rwe.duckdb")) as con:
        con.execute("CREATE SCHEMA results")
        for name in ("hazard_ratio", "diagnostic"):
            con.register("f", tables[name])
            con.execute(f"CREATE TABLE results.{name} AS FROM f")
    about = {key: [] for key in manifest.NEEDED} | {"profile": "internal"}
    (folder / "manifest.json").write_text(json.dumps(about))
    (folder.parent / "current").symlink_to("r1")
    file = tmp_path / "forest.svg"
    assert main(["--home", str(tmp_path), "figure", "s", "forest", "--to", str(file)]) == 0
    drawn = file.read_text()
    assert "B, unadjusted" in drawn
    assert "B, unadjusted, subdistribution (Fine-Gray)" in drawn
    assert "B, adjusted" not in drawn
