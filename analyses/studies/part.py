"""What every part of a study file shares: it is frozen, and an unknown key is an error.

Belongs here: the base of the parts. Does not belong here: any part (specification.py, and a module
for each topic of its own).
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

# At most a century, beyond which nothing is known.
Day = Annotated[int, Field(gt=0, le=36_525, description="days after the start of the clock")]
Names = Annotated[tuple[str, ...], Field(min_length=1)]


class Part(BaseModel):
    """A frozen part of a study file in which an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _true_is_no_number(cls, value: Any, key: ValidationInfo) -> Any:
        # Python takes true for 1, so that `horizons_days: [yes]` would be a horizon of a day.
        annotation = str(cls.model_fields[str(key.field_name)].annotation)
        given = value if isinstance(value, list | tuple) else [value]
        if isinstance(value, dict) and "dict[" in annotation:
            given = list(value.values())
        if "bool" not in annotation and any(isinstance(one, bool) for one in given):
            raise ValueError("true and false (yes, no, on, off) are no value here; quote a name")
        return value


def no_repeats(values: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    """The values; ValueError when one is listed twice."""
    if values is not None:
        repeated = sorted({str(value) for value in values if values.count(value) > 1})
        if repeated:
            raise ValueError(f"listed twice: {', '.join(repeated)}")
    return values


def parts_of(model: type[BaseModel], path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Every part of a study file by the keys that lead to it, the file itself first."""
    found: dict[tuple[str, ...], Any] = {path: model}
    for name, field in model.model_fields.items():
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel):
                found |= parts_of(part, (*path, name))
    return found
