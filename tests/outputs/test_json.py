"""The JSON report against its published schema."""

import json
from typing import Any

import fixed
import jsonschema
import pytest

from pincheck import schemas
from pincheck.outputs import json_v1

SCHEMA = json.loads(schemas.text("report"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(fixed.REPORT, id="all kinds of things"),
        pytest.param(fixed.NOTHING, id="nothing"),
        pytest.param(fixed.LIVE, id="live hosts"),
        pytest.param(fixed.COMPARED, id="compared with an earlier state"),
        *(pytest.param(fixed.hostile(text), id=ascii(text[:24])) for text in fixed.HOSTILE_TEXTS),
        *(pytest.param(fixed.compared(text), id=ascii(text[:24])) for text in fixed.HOSTILE_TEXTS),
    ],
)
def test_a_report_is_valid(report: Any) -> None:
    VALIDATOR.validate(json.loads(json_v1.render(report)))


def test_every_object_is_closed_and_every_field_described() -> None:
    assert list(open_or_undescribed(SCHEMA, "")) == []


OPTIONAL = {"since", "new", "gone"}
"""Fields that only a comparison with an earlier state adds."""


def open_or_undescribed(schema: dict[str, Any], where: str) -> Any:
    """Yield the place of each object that allows more fields, or field without a description."""
    fields = schema.get("properties", {})
    if fields and (
        schema.get("additionalProperties") is not False or set(fields) - set(schema["required"]) - OPTIONAL
    ):
        yield where or "the report"
    for name, field in fields.items():
        referred = SCHEMA["$defs"].get(field.get("$ref", "").rpartition("/")[2], {})
        if not (field.get("description") or referred.get("description")):
            yield f"{where}.{name}"
    for name, inner in {**fields, **schema.get("$defs", {})}.items():
        yield from open_or_undescribed(inner, f"{where}.{name}")
