"""Whether nominal 95 % intervals cover what is true 95 times in 100: `make validation`.

    python -m benchmarks.validation [--replicates 10000] [--laws cox,incidence] [--sizes 60,200]

Takes the better part of an hour; by hand, not in the tests (which run the same code on few
replicates). Each law and size that is finished is kept under `--kept`, so that a run that was
stopped goes on where it was; the table is written into `docs/validation.md` when all are there.
Here belong the counting and the page; the laws are in `validation_laws` and `validation_models`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analyses import survival
from benchmarks import validation_laws, validation_models
from benchmarks.validation_laws import CURVES, SIZES, Law
from benchmarks.validation_models import MODELS

PAGE = Path(__file__).parents[1] / "docs" / "validation.md"
START, END = "<!-- coverage: start -->", "<!-- coverage: end -->"
LAWS = {**CURVES, **MODELS}
NOMINAL = 0.95
REPLICATES = 10_000
MOST_ROWS = 1_000_000
SEED = 20261130


@dataclass(frozen=True)
class Coverage:
    """Replicates whose limits are known, and of these how many have the truth within, or lie
    wholly below or above it."""

    replicates: int
    known: int
    low: int
    high: int

    @property
    def share(self) -> float:
        return 1 - (self.low + self.high) / self.known

    @property
    def error(self) -> float:
        """Monte Carlo standard error, were the coverage nominal."""
        return math.sqrt(NOMINAL * (1 - NOMINAL) / self.known)

    @property
    def is_nominal(self) -> bool:
        """Within three Monte Carlo errors: of a hundred true statements nearly all are."""
        return abs(self.share - NOMINAL) <= 3 * self.error


def coverage(law: Law, n: int, replicates: int, name: str) -> dict[str, Coverage]:
    """`law` drawn in blocks that fit into memory, each with a random stream of its own."""
    known, low, high = (dict.fromkeys(law.truths, 0) for _ in range(3))
    for block, size in enumerate(_blocks(n, replicates)):
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])
        generator = np.random.default_rng([SEED, key, n, block])
        for label, (lower, upper) in law.limits(generator, size, n).items():
            has = ~(np.isnan(lower) | np.isnan(upper))
            known[label] += int(has.sum())
            low[label] += int((upper[has] < law.truths[label]).sum())
            high[label] += int((lower[has] > law.truths[label]).sum())
    return {
        label: Coverage(replicates, known[label], low[label], high[label]) for label in law.truths
    }


def _blocks(n: int, replicates: int) -> Iterator[int]:
    most = MOST_ROWS // n
    for start in range(0, replicates, most):
        yield min(most, replicates - start)


def table(found: dict[tuple[str, int], dict[str, Coverage]]) -> str:
    """The tables as Markdown: coverage at each size, then how the smallest misses."""
    sizes = sorted({n for _, n in found})
    lines = [
        f"| method | interval of | truth | {' | '.join(f'n = {n}' for n in sizes)} |",
        "|---|---|---|" + "---|" * len(sizes),
    ]
    for name, label, truth in _rows():
        cells = [_cell(found[name, n][label]) if n in LAWS[name].sizes else "" for n in sizes]
        lines.append(f"| {LAWS[name].method} | {label} | {truth:.5g} | {' | '.join(cells)} |")
    smallest = sizes[0]
    lines += [
        "",
        f"How intervals miss at n = {smallest}, in % of those with limits (even: 2.5 and 2.5):",
        "",
        "| method | interval of | wholly below the truth | wholly above it | without limits |",
        "|---|---|---|---|---|",
    ]
    for name, label, _ in _rows():
        one = found[name, smallest][label]
        lines.append(
            f"| {LAWS[name].method} | {label} | {100 * one.low / one.known:.1f}"
            f" | {100 * one.high / one.known:.1f}"
            f" | {one.replicates - one.known} of {one.replicates} |"
        )
    return "\n".join(lines)


def _rows() -> Iterator[tuple[str, str, float]]:
    for name, law in LAWS.items():
        for label, truth in law.truths.items():
            yield name, label, truth


def _cell(one: Coverage) -> str:
    mark = "" if one.is_nominal else " *"
    return f"{100 * one.share:.2f} ± {100 * one.error:.2f}{mark}"


def code_behind() -> list[Path]:
    """The files that decide what the intervals are: the laws and the estimators."""
    laws = (Path(module.__file__ or "") for module in (validation_laws, validation_models))
    return [*laws, *sorted(Path(survival.__file__ or "").parent.rglob("*.py"))]


def fingerprint(files: Iterable[Path]) -> str:
    """What is kept is of these files as they are, and of no older ones."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def main() -> None:
    options = _options()
    kept = Path(options.kept)
    kept.mkdir(parents=True, exist_ok=True)
    found: dict[tuple[str, int], dict[str, Coverage]] = {}
    of_code = fingerprint(code_behind())
    for name in options.laws.split(","):
        wanted = {int(size) for size in options.sizes.split(",")}
        for n in (size for size in LAWS[name].sizes if size in wanted):
            replicates = min(options.replicates, LAWS[name].most_replicates or options.replicates)
            file = kept / f"{name}-{n}-{replicates}-{of_code}.json"
            if not file.exists():
                start = time.perf_counter()
                done = coverage(LAWS[name], n, replicates, name)
                file.write_text(json.dumps({label: vars(one) for label, one in done.items()}))
                print(f"{name}, n = {n}: {time.perf_counter() - start:.0f} s", flush=True)
            read = json.loads(file.read_text())
            found[name, n] = {label: Coverage(**one) for label, one in read.items()}
    if set(found) == {(name, n) for name, law in LAWS.items() for n in law.sizes}:
        before, rest = PAGE.read_text().split(START)
        PAGE.write_text(f"{before}{START}\n{table(found)}\n{END}{rest.split(END)[1]}")
        print(f"written to {PAGE}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--laws", default=",".join(LAWS))
    parser.add_argument("--sizes", default=",".join(str(n) for n in SIZES))
    parser.add_argument("--replicates", type=int, default=REPLICATES)
    parser.add_argument("--kept", default="data/validation", help="results of each law and size")
    return parser.parse_args()


if __name__ == "__main__":
    main()
