"""Whose comments are whose."""

from typing import Any

import pytest

from pincheck.action import posting
from pincheck.action.inputs import Inputs

INPUTS = Inputs("/work", "/work/apps/shop")


@pytest.mark.parametrize(
    "other",
    [
        {"root": "/work/apps/wallet"},
        {"paths": ("android",)},
        {"paths": (".", "../shared")},
        {"config": "/work/strict.yml"},
        {"live": True},
    ],
)
def test_two_jobs_are_told_apart(other: dict[str, Any]) -> None:
    assert posting.key(INPUTS._replace(**other)) != posting.key(INPUTS)


def test_a_job_is_the_same_elsewhere_and_whoever_looks() -> None:
    given = INPUTS._replace(config="/work/apps/shop/strict.yml", live=True)
    moved = {"workspace": "/there", "root": "/there/apps/shop", "config": "/there/apps/shop/strict.yml"}
    assert posting.key(given._replace(**moved)) == posting.key(given)
    assert posting.key(given._replace(live=False, recorded="x", max_comments=3)) == posting.key(given)
