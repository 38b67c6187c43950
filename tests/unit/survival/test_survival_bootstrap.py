"""The bootstrap agrees with what is known analytically, and is the same again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analyses.errors import AnalysisError
from analyses.survival import bootstrap_restricted_mean_difference, restricted_mean_difference
from tests.lib.parity_tables import lung

OPTIONS = {"by": "sex", "horizon": 365.0}


def test_it_agrees_with_the_analytic_difference() -> None:
    known = restricted_mean_difference(lung(), **OPTIONS).iloc[0]
    found = bootstrap_restricted_mean_difference(lung(), **OPTIONS, replicates=4000, seed=1)
    assert found.difference == pytest.approx(known["difference"], rel=1e-10)
    # The standard error of 4,000 replicates is known to about 1.1 %, its percentiles to 3 %.
    assert found.std_error == pytest.approx(known["std_error"], rel=0.05)
    assert found.ci_lower == pytest.approx(known["ci_lower"], abs=0.15 * known["std_error"])
    assert found.ci_upper == pytest.approx(known["ci_upper"], abs=0.15 * known["std_error"])
    assert (len(found.replicates), found.n_missing) == (4000, 0)


def test_a_seed_is_the_same_again_and_a_reference_turns_the_sign() -> None:
    one, again, other = (
        bootstrap_restricted_mean_difference(lung(), **OPTIONS, replicates=50, seed=seed)
        for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(one.replicates, again.replicates)
    assert one.std_error != other.std_error
    turned = bootstrap_restricted_mean_difference(
        lung(), **OPTIONS, reference=2, replicates=50, seed=3
    )
    np.testing.assert_array_equal(turned.replicates, -one.replicates)


def test_weights_count_as_repeated_people_in_the_estimate() -> None:
    frame = lung().assign(w=1.0 + lung()["age"] % 3)
    repeated = frame.loc[frame.index.repeat(frame["w"].astype(int))]
    found = bootstrap_restricted_mean_difference(frame, **OPTIONS, weight="w", replicates=20)
    expected = restricted_mean_difference(repeated, **OPTIONS)["difference"].item()
    assert found.difference == pytest.approx(expected, rel=1e-10)


def test_replicates_that_end_before_the_horizon_are_counted() -> None:
    frame = pd.DataFrame(
        {"time": [1, 2, 9, 3, 4, 9], "event": [1, 0, 0, 1, 0, 0], "g": list("aaabbb")}
    )
    found = bootstrap_restricted_mean_difference(frame, by="g", horizon=5, replicates=300)
    # A group lacks its one long follow-up in (2/3)^3 of the replicates, unless all had the event.
    assert 100 < found.n_missing < 200
    assert len(found.replicates) == 300 - found.n_missing
    beyond = frame.assign(time=[1, 2, 3, 3, 4, 4])
    with pytest.raises(AnalysisError, match="beyond the data"):
        bootstrap_restricted_mean_difference(
            beyond.assign(event=0), by="g", horizon=50, replicates=20
        )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"horizon": 0.0}, "horizon must be a finite number above 0"),
        ({"replicates": 1}, "2 replicates"),
        ({"by": "ecog"}, "column 'ecog' has 4"),
        ({"reference": 7}, "'sex' has no level equal to the reference"),
    ],
)
def test_what_has_no_meaning_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(AnalysisError, match=message):
        bootstrap_restricted_mean_difference(lung(), **{**OPTIONS, **options})
