"""How fast quality of life is scored and modelled, beside statsmodels and R's nlme and lme4.

    python -m benchmarks.quality_of_life [--jobs score,model] [--scale 0.1]

Seconds of one process, the fastest of three runs on data made before the clock starts. A peer that
is not installed is left out and named; nlme's unstructured covariance and statsmodels are run on
the smaller sample alone. The limits are those the project promises; a job over its limit ends with
exit code 1.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from analyses.quality_of_life import mixed_model, score
from analyses.quality_of_life.quality_adjusted import quality_adjusted_survival
from analyses.quality_of_life.shared_effects import shared_effects
from analyses.quality_of_life.spline import spline_model

R_SCRIPT = Path(__file__).with_name("quality_of_life.R")
DAYS = np.array([0, 30, 91, 182, 365, 548, 730, 1096])
KNOTS = (0.0, 150.0, 500.0, 1096.0)


def main() -> None:
    options = _options()
    late = False
    print(f"{'job':<34}{'limit s':>9}{'seconds':>9}")
    for name, (limit, make) in JOBS.items():
        if options.jobs and name.split()[0] not in options.jobs.split(","):
            continue
        run = make(options.scale)
        seconds = min(_seconds(run) for _ in range(3))
        late |= limit is not None and seconds > limit and options.scale >= 1
        shown = "" if limit is None else f"{limit:g}"
        print(f"{name:<34}{shown:>9}{seconds:>9.2f}", flush=True)
    if not options.jobs or "model" in options.jobs:
        _peers(options.scale)
    sys.exit(1 if late else 0)


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def scores(people: int) -> pd.DataFrame:
    """Scores of people at eight visits who drop out by the score before; two groups."""
    rng = np.random.default_rng(20260710)
    own = rng.normal(60, 12, (people, 1)) + rng.normal(0, 6, (people, 1)) * DAYS / 365
    values = own + rng.normal(0, 8, (people, len(DAYS)))
    missing = rng.random(values.shape) < 0.1 + 0.1 * (np.roll(values, 1, axis=1) < 50)
    missing[:, 0] = False
    person, visit = np.nonzero(~missing)
    day = DAYS[visit] + np.where(visit > 0, (person * 7 + visit * 13) % 21 - 10, 0)
    return pd.DataFrame(
        {
            "unit": person,
            "visit": visit,
            "time": np.clip(day, 0, 1096),
            "value": values[person, visit],
            "group": np.where(person % 2 == 0, "a", "b"),
        }
    )


def _score(scale: float) -> Callable[[], object]:
    rng = np.random.default_rng(20260711)
    n_forms = int(1_000_000 * scale)
    answers = {f"q{n}": rng.integers(1, 8 if n > 28 else 5, n_forms) for n in range(1, 31)}
    frame = pd.DataFrame(answers).astype(float).mask(rng.random((n_forms, 30)) < 0.05)
    return lambda: score("qlq-c30", frame)


def _model(people: int) -> Callable[[float], Callable[[], object]]:
    def make(scale: float) -> Callable[[], object]:
        frame = scores(int(people * scale))
        return lambda: mixed_model(frame, by="group")

    return make


def _spline(people: int) -> Callable[[float], Callable[[], object]]:
    def make(scale: float) -> Callable[[], object]:
        frame = scores(int(people * scale))
        return lambda: spline_model(frame, at=DAYS.tolist(), knots=KNOTS, by="group")

    return make


def _bootstrap(scale: float) -> Callable[[], object]:
    rng = np.random.default_rng(20260712)
    people = int(500 * scale)
    groups = []
    for _ in range(2):
        life, left = rng.exponential(600, people), rng.uniform(100, 1200, people)
        follow = np.ceil(np.minimum(life, left))
        utilities = 0.7 + 0.1 * rng.normal(size=(people, len(DAYS)))
        groups.append((follow, life <= left, np.where(follow[:, None] > DAYS, utilities, np.nan)))

    def run() -> None:
        for follow, died, utilities in groups:
            quality_adjusted_survival(
                follow, died, utilities, DAYS.tolist(), horizons=[730], replicates=1000
            )

    return run


def _joint(scale: float) -> Callable[[], object]:
    frame = scores(int(500 * scale))
    table = frame.pivot_table(index="unit", columns="visit", values="value").to_numpy()
    last = table.shape[1] - 1 - np.argmax(~np.isnan(table[:, ::-1]), axis=1)
    place = np.arange(table.shape[1])
    at_risk = (place > 0) & (place <= last[:, None] + 1)
    drops = place == last[:, None] + 1
    group = np.arange(len(table)) % 2
    return lambda: shared_effects(table, at_risk, drops, group, DAYS.tolist())


JOBS: dict[str, tuple[float | None, Callable[[float], Callable[[], object]]]] = {
    "score QLQ-C30, 1e6 forms": (3.0, _score),
    "model 2,000 people x 8": (2.0, _model(2_000)),
    "model 20,000 people x 8": (5.0, _model(20_000)),
    "spline 2,000 people x 8": (None, _spline(2_000)),
    "spline 20,000 people x 8": (None, _spline(20_000)),
    "bootstrap 1,000 of 2 x 500": (2.0, _bootstrap),
    "joint 500 people x 8": (None, _joint),
}


def _peers(scale: float) -> None:
    """What others take for the same scores; they model less, or one of them only."""
    if importlib.util.find_spec("statsmodels") is None:
        print("not installed, left out: statsmodels")
    else:
        import statsmodels.formula.api as smf

        frame = scores(int(2_000 * scale))
        fit = smf.mixedlm("value ~ C(visit) * group", frame, groups="unit", re_formula="~time")
        print(f"{'statsmodels, slope, 2,000 x 8':<43}{_seconds(fit.fit):>9.2f}", flush=True)
    if shutil.which("Rscript") is None:
        print("not installed, left out: R")
        return
    for people in (2_000, 20_000):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "scores.csv"
            scores(int(people * scale)).to_csv(path, index=False)
            done = subprocess.run(
                ["Rscript", str(R_SCRIPT), str(path)], capture_output=True, text=True, timeout=3600
            )
        print(done.stdout.rstrip() or done.stderr.rstrip(), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", default="", help="score, model, spline, bootstrap, joint")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size")
    return parser.parse_args()


if __name__ == "__main__":
    main()
