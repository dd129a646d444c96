"""The oldest release of each platform that a project's app runs on: what is older need not be asked."""

from typing import Literal

from pincheck.model import Project

# Android's table "SDK platforms", and the uses-sdk element's for the older ones; both levels of a release
# with two are the same here, as nothing that matters to pins changed between them.
_ANDROID = {
    **dict.fromkeys((9, 10), "2"),
    **dict.fromkeys((11, 12, 13), "3"),
    **dict.fromkeys(range(14, 21), "4"),
    **dict.fromkeys((21, 22), "5"),
    23: "6",
    **dict.fromkeys((24, 25), "7"),
    **dict.fromkeys((26, 27), "8"),
    28: "9",
    29: "10",
    30: "11",
    **dict.fromkeys((31, 32), "12"),
    33: "13",
    34: "14",
    35: "15",
    36: "16",
    37: "17",
}


def minimum(project: Project, platform: Literal["android", "ios"]) -> str:
    """The lowest release of a platform that production code is built for, or empty if none states one.

    What libraries state counts only where nothing else is stated: no app runs on less, and most on more.
    """
    stated = [each for each in project.minimums if each.platform == platform]
    of_apps = [each for each in stated if not each.of_library]
    return min((each.version for each in of_apps or stated), key=_numbers, default="")


def android_release(api_level: int) -> str:
    """The release of an API level, by its first number: ``8`` for 26 and 27; empty for an unknown level."""
    return _ANDROID.get(api_level, "")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
