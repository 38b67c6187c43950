"""A real registry through the whole job: EBMT's `ebmt4`, held against R to full precision.

The golden files and the R script that made them are in tests/data/ebmt/.
"""

import csv
import math
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.lib.command_line import CHECKOUT, atmp_rwe

pytestmark = pytest.mark.slow

GOLDEN = CHECKOUT / "tests" / "data" / "ebmt"
EXACT, ITERATED = 1e-8, 1e-6


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The released file of a home that holds this registry and nothing else."""
    home = tmp_path_factory.mktemp("ebmt") / "home"
    script = CHECKOUT / "examples" / "ebmt" / "prepare.py"
    subprocess.run([sys.executable, str(script), str(home)], check=True, capture_output=True)
    process = atmp_rwe(home, "run")
    assert process.returncode == 0, process.stdout + process.stderr
    return duckdb.connect(str(home / "release" / "current" / "atmp_rwe.duckdb"), read_only=True)


def _golden(name: str) -> list[dict[str, str]]:
    with (GOLDEN / name).open(newline="") as handle:
        return list(csv.DictReader(handle))


def _number(text: str) -> float | None:
    return float(text) if text else None


def _one(con: duckdb.DuckDBPyConnection, sql: str, values: list[object]) -> tuple[object, ...]:
    rows = con.execute(sql, values).fetchall()
    assert len(rows) == 1, (sql, values, len(rows))
    return tuple(rows[0])


def test_the_published_numbers_come_out(con: duckdb.DuckDBPyConnection) -> None:
    """838 deaths of 2,279; S(1, 2, 5 years) .741, .674, .632; follow-up 6.53 years."""
    at = dict(
        con.execute(
            "select horizon_days, round(value, 3) from results.survival_summary "
            "where endpoint = 'overall_survival' and statistic = 'survival_at'"
        ).fetchall()
    )
    assert at == {365: 0.741, 730: 0.674, 1826: 0.632}
    counts = "select distinct n, n_event from results.survival_summary where endpoint = ?"
    assert _one(con, counts, ["overall_survival"]) == (2279, 838)
    follow_up = (
        "select round(value / 365.25, 2), round(ci_lower / 365.25, 2), round(ci_upper / 365.25, 2) "
        "from results.survival_summary "
        "where endpoint = 'overall_survival' and statistic = 'follow_up_median'"
    )
    assert _one(con, follow_up, []) == (6.53, 6.22, 6.81)


@pytest.mark.parametrize(
    "row",
    [r for r in _golden("summary.csv") if r["statistic"] in ("survival_at", "follow_up_median")],
    ids=lambda r: f"{r['endpoint']}-{r['statistic']}-{r['horizon_days']}",
)
def test_survival_equals_r(con: duckdb.DuckDBPyConnection, row: dict[str, str]) -> None:
    found = _one(
        con,
        "select value, std_error, ci_lower, ci_upper from results.survival_summary where "
        "endpoint = ? and statistic = ? and horizon_days is not distinct from ?",
        [row["endpoint"], row["statistic"], _number(row["horizon_days"])],
    )
    expected = [_number(row[name]) for name in ("value", "std_error", "ci_lower", "ci_upper")]
    for got, wanted in zip(found, expected, strict=True):
        assert (got is None) == (wanted is None)
        if wanted is not None:
            assert got == pytest.approx(wanted, abs=EXACT)


@pytest.mark.parametrize(
    "row",
    [r for r in _golden("summary.csv") if r["statistic"] == "incidence_at"],
    ids=lambda r: f"{r['cause']}-{r['horizon_days']}",
)
@pytest.mark.parametrize("endpoint", ["relapse", "non_relapse_mortality"])
def test_incidence_equals_r(
    con: duckdb.DuckDBPyConnection, row: dict[str, str], endpoint: str
) -> None:
    competing = {"relapse": "relapse", "non_relapse_mortality": "death"}
    own = row["cause"] == endpoint or endpoint == "non_relapse_mortality"
    cause = row["cause"] if own else competing[row["cause"]]
    found = _one(
        con,
        "select incidence, std_error from results.cumulative_incidence where endpoint = ? "
        "and cause = ? and time_days <= ? order by time_days desc limit 1",
        [endpoint, cause, _number(row["horizon_days"])],
    )
    assert found[0] == pytest.approx(float(row["value"]), abs=EXACT)
    assert found[1] == pytest.approx(float(row["std_error"]), abs=EXACT)


@pytest.mark.parametrize("endpoint", ["overall_survival", "progression_free_survival"])
def test_cox_contrasts_equal_r(con: duckdb.DuckDBPyConnection, endpoint: str) -> None:
    """R and the study choose other reference levels, so differences between levels are held."""
    fitted: dict[str, dict[str, float]] = {}
    for term, reference, ratio in con.execute(
        "select term, reference, hazard_ratio from results.hazard_ratio "
        "where endpoint = ? and model = 'cox_adjusted'",
        [endpoint],
    ).fetchall():
        variable, level = term.removeprefix("covariate:").split("=", 1)
        levels = fitted.setdefault(variable, {reference: 0.0})
        levels[level] = math.log(ratio)
    compared = 0
    for row in _golden("cox.csv"):
        if row["endpoint"] != endpoint:
            continue
        variable, level = row["term"].split("=", 1)
        levels = fitted[variable]
        base = {"agecl": "0-20", "proph": "no", "match": "gender mismatch", "year": "1985-1989"}
        contrast = levels[level] - levels[base[variable]]
        assert contrast == pytest.approx(float(row["coefficient"]), abs=ITERATED), row["term"]
        compared += 1
    assert compared == 6


def test_the_proportional_hazards_test_equals_r(con: duckdb.DuckDBPyConnection) -> None:
    """A term's p-value does not depend on its reference level."""
    found = dict(
        con.execute(
            "select split_part(replace(term, 'covariate:', ''), '=', 1), any_value(ph_p_value) "
            "from results.hazard_ratio where endpoint = 'overall_survival' "
            "and model = 'cox_adjusted' group by 1"
        ).fetchall()
    )
    golden = {
        row["term"]: float(row["p_value"])
        for row in _golden("cox_zph.csv")
        if row["endpoint"] == "overall_survival" and row["term"] != "GLOBAL"
    }
    assert found == pytest.approx(golden, abs=ITERATED)


def test_the_attrition_keeps_everybody(con: duckdb.DuckDBPyConnection) -> None:
    last = "select n_remaining from results.attrition order by step desc limit 1"
    assert _one(con, last, []) == (2279,)
    assert _one(con, "select sum(n_excluded) from results.attrition", []) == (0,)


def test_nothing_in_the_project_knows_this_table() -> None:
    for folder in ("analyses", "dbt_project", "expectations", "ingestion", "orchestration"):
        for path in (CHECKOUT / folder).rglob("*.*"):
            if path.suffix in (".py", ".sql", ".yml") and "target" not in path.parts:
                assert "ebmt" not in Path(path).read_text().lower(), path
