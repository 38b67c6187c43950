"""The simulation's truth of quality of life, recovered: each mean against the mean it stands for.

Scores are utilities of the simulated CAR-T patients, whose forms go missing by the utility last
given: at random given the scores, and commoner in the sick. Bias is in standard deviations of the
visit. docs/quality-of-life.md shows the table, and a test holds it to these numbers.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analyses.quality_of_life.answered import Answered
from analyses.quality_of_life.model_curve import fit_model, model_curve
from analyses.quality_of_life.observed_mean import observed_mean
from analyses.quality_of_life.while_alive import while_alive_curve
from simulation.cart.patients import counterfactual
from simulation.products import AXI
from simulation.quality_of_life.trajectory import (
    VISIT_DAYS,
    VISITS,
    latent_health,
    missing,
    utilities,
)
from simulation.streams import stream

PAGE = Path(__file__).resolve().parents[2] / "docs" / "quality-of-life.md"
SAMPLES, PEOPLE = 200, 150


def answered(values: np.ndarray, given: np.ndarray) -> Answered:
    """The scores given of people expected wherever they have one."""
    expected = ~np.isnan(values)
    stratum = np.full(len(values), "overall", dtype=object)
    return Answered("utility", "utility", VISITS, stratum, given, expected, ~expected & False)


@cache
def worlds() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Utilities, and those given, of one population in which nobody dies and in which people do."""
    frame = counterfactual(SAMPLES * PEOPLE, 20260801, AXI)
    health = latent_health(frame.assign(death_days=np.inf), stream(1, "endless.health"))
    _, endless = utilities(health, stream(1, "endless.utility"))
    dead = frame["death_days"].to_numpy()[:, None] <= VISIT_DAYS
    mortal = np.where(dead, np.nan, endless)
    return {
        name: (values, np.where(missing(values, stream(1, name)), np.nan, values))
        for name, values in {"endless": endless, "mortal": mortal}.items()
    }


def observed(one: Answered) -> pd.DataFrame:
    """Mean and limits at every visit of those who answered."""
    person, visit = np.nonzero(~np.isnan(one.scores))
    rows = pd.DataFrame({"visit": visit, "value": one.scores[person, visit]})
    return observed_mean(rows, ["visit"]).sort_values("visit", ignore_index=True)


def modelled(one: Answered) -> pd.DataFrame:
    """The same by the mixed model."""
    model, problem = fit_model(one)
    assert problem is None
    return model_curve(one, model)


@cache
def bias(world: str, truth: str) -> pd.DataFrame:
    """By visit and method, in deviations, from the means of the population `truth`."""
    values, given = worlds()[world]
    whole = worlds()[truth][0]
    one = answered(values, given)
    found = {
        "observed": observed(one),
        "mixed_model": modelled(one),
        "while_alive": while_alive_curve(one)[0],
    }
    scale = np.nanstd(whole, axis=0)
    return pd.DataFrame(
        {
            name: (table["mean"].to_numpy() - np.nanmean(whole, axis=0)) / scale
            for name, table in found.items()
        },
        index=list(VISITS),
    )


@cache
def coverage() -> pd.DataFrame:
    """By visit, the share of samples whose 95 % limits hold the population's mean."""
    values, given = worlds()["endless"]
    truth = values.mean(axis=0)
    holds: dict[str, list[np.ndarray]] = {"observed": [], "mixed_model": []}
    for start in range(0, len(values), PEOPLE):
        of = slice(start, start + PEOPLE)
        one = answered(values[of], given[of])
        for table, held in (
            (observed(one), holds["observed"]),
            (modelled(one), holds["mixed_model"]),
        ):
            held.append(((table["ci_lower"] < truth) & (table["ci_upper"] > truth)).to_numpy())
    return pd.DataFrame(
        {name: np.mean(held, axis=0) for name, held in holds.items()}, index=list(VISITS)
    )


def test_the_mixed_model_recovers_the_truth_where_the_observed_mean_does_not() -> None:
    """Missing at random, nobody dies: the model's mean is the population's at every visit."""
    found = bias("endless", "endless")
    later = list(VISITS[2:])
    assert found.loc[later, "observed"].min() > 0.1
    assert found["mixed_model"].abs().max() < 0.06


def test_limits_of_the_mixed_model_hold_the_truth_as_often_as_they_say() -> None:
    """Utilities are skewed and vary more where they are low; the observed mean's limits miss."""
    found = coverage()
    # 200 samples tell a share of 0.95 to 0.03.
    assert found["mixed_model"].min() > 0.905
    assert found["mixed_model"].max() < 0.98
    assert found.loc[list(VISITS[3:]), "observed"].max() < 0.5


def test_where_people_die_each_method_is_near_the_mean_it_stands_for_and_no_other() -> None:
    """A third and more die, by their disease and not by their scores alone."""
    living, endless = bias("mortal", "mortal"), bias("mortal", "endless")
    later = list(VISITS[2:])
    assert living.loc[later, "observed"].min() > 0.1
    assert living["while_alive"].abs().max() < 0.1
    # Deaths are not at random given the scores: the model takes most of the bias away, not all.
    assert endless.loc["M24", "observed"] > 0.3
    assert (endless["mixed_model"] < endless["observed"] / 2)[later].all()
    assert endless["mixed_model"].abs().max() < 0.2
    # And it does not stand for those alive, who are better than all would be had they lived.
    assert living.loc["M24", "mixed_model"] < -0.1


def test_the_page_shows_these_numbers() -> None:
    text = PAGE.read_text(encoding="utf-8").split("<!-- recovered -->\n")[1].split("\n\n")[0]
    shown = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    found = table()
    assert [row[0] for row in shown[2:]] == list(found.index)
    numbers = np.array([[float(cell) for cell in row[1:]] for row in shown[2:]])
    # Rounded, of a simulation that other versions of numpy may draw a little differently.
    assert numbers == pytest.approx(found.to_numpy(), abs=0.02)


def table() -> pd.DataFrame:
    """The page's table: biases and coverage by visit."""
    endless, mortal = bias("endless", "endless"), bias("mortal", "mortal")
    return pd.DataFrame(
        {
            "observed": endless["observed"],
            "mixed_model": endless["mixed_model"],
            "observed_coverage": coverage()["observed"],
            "mixed_model_coverage": coverage()["mixed_model"],
            "observed_of_living": mortal["observed"],
            "while_alive": mortal["while_alive"],
            "observed_if_nobody_died": bias("mortal", "endless")["observed"],
            "mixed_model_if_nobody_died": bias("mortal", "endless")["mixed_model"],
        }
    )
