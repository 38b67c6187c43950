"""Which checks there are: the catalogue by layer, without running or importing anything heavy."""

from collections.abc import Iterable

from expectations.errors import ExpectationsError
from expectations.spec import CheckSpec, Layer, Suite
from expectations.suites import SUITES


def catalogue(layer: Layer) -> tuple[CheckSpec, ...]:
    """The specs of every check of the layer, suite by suite in the order of declaration."""
    return tuple(spec for suite in suites(layer) for spec in suite.checks)


def suites(layer: Layer, tables: Iterable[str] | None = None) -> tuple[Suite, ...]:
    """The suites of the layer, or those of the named tables (`patient` or `marts.patient`).

    Raises ExpectationsError for a layer or table that has no suite.
    """
    of_layer = tuple(suite for suite in SUITES if suite.layer == layer)
    if not of_layer:
        raise ExpectationsError(f"No layer '{layer}' has checks: the layers are raw and marts.")
    if tables is None:
        return of_layer
    wanted = {name.removeprefix(f"{layer}.") for name in tables}
    unknown = sorted(wanted - {suite.table for suite in of_layer})
    if unknown:
        raise ExpectationsError(
            f"No checks are declared for {', '.join(f'{layer}.{name}' for name in unknown)}: "
            "declare a suite in expectations/suites/ or correct the name."
        )
    return tuple(suite for suite in of_layer if suite.table in wanted)
