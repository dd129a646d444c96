"""The JSON Schemas that pincheck publishes, as files beside this one."""

from importlib.resources import files


def text(which: str) -> str:
    """The schema of ``config``, ``report`` or ``recording``, as JSON text."""
    return (files(__name__) / f"{which}-v1.json").read_text(encoding="utf-8")
