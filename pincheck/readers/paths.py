"""Path of a file -> what the file is for."""

import re

from pincheck.model import CodeContext

_PACKAGES = frozenset({"com", "org", "edu", "gov", "java", "kotlin", "scala", "groovy"})
"""Below one of these stand packages (``com/example``, ``com/test``), whose names mean nothing."""
_PACKAGES_IN_SOURCES = frozenset(
    {"net", "io", "dev", "app", "de", "fr", "uk", "nl", "it", "es", "jp", "cn", "ch"}
)
"""The same, right below a folder of sources."""
_SOURCES = frozenset({"src", "java", "kotlin", "main", "android"})

_TEST_FOLDER = (
    r"tests|__tests__|__mocks__|testing|specs?|test[-_]?data|test[-_]?fixtures|fixtures|__fixtures__"
    r"|e2e|integration[-_]tests?|unit[-_]?tests?|ui[-_]?tests?|androidTest|sharedTest|testFixtures|.*Tests|.*UITest"
)
_TEST_SOURCE_SET = r"test([A-Z]\w*)?|androidTest\w*|[a-z]\w*Test(Debug|Release)?"
_ENVIRONMENTS = frozenset(
    {
        *("config", "configs", "configuration", "configurations", "settings", "context", "contexts"),
        *("env", "envs", "environment", "environments", "stage", "stages", "variants"),
        *("flavor", "flavors", "flavour", "flavours", "assets", "resources", "res", "raw"),
    }
)
"""A folder ``test`` in one of these is an environment of that name, not automated tests."""
_EXAMPLE_FOLDER = (
    r"(?i)(examples?|samples?|demos?|docs?|documentation|tutorials?)"
    r"|(example|sample)[-_].+|.+[-_](examples?|samples?)"
)
_DEBUG_SOURCE_SET = r"debug|[a-z]\w*Debug"
_DEBUG_FILE = r"(?i)(^|[-_.])debug([-_.]|$)"
_SOURCE_SET = r"(?:^|/)src/([^/]+)/"


def code_context(path: str) -> CodeContext:
    """Tell what a file is for from its repository-relative path.

    ``test`` means sources of automated tests; an environment called Test, tst, acc or stage is
    production. A package folder below a source root is neither test nor example.
    """
    folders = path.split("/")[:-1]
    context: CodeContext = "production"
    for index, folder in enumerate(folders):
        parent = folders[index - 1] if index else ""
        if folder in _PACKAGES or (folder in _PACKAGES_IN_SOURCES and parent in _SOURCES):
            break
        if parent == "src" and re.fullmatch(_TEST_SOURCE_SET, folder):
            return "test"
        if re.fullmatch(_TEST_FOLDER, folder) or (folder == "test" and parent not in _ENVIRONMENTS):
            return "test"
        if re.fullmatch(_EXAMPLE_FOLDER, folder):
            context = "example"
        elif parent == "src" and re.fullmatch(_DEBUG_SOURCE_SET, folder) and context == "production":
            context = "debug"
    if context == "production" and re.search(_DEBUG_FILE, path.rpartition("/")[2]):
        return "debug"
    return context


def source_set(path: str) -> str:
    """The Gradle source set of a path (``main``, ``debug``, a flavour), or an empty string."""
    match = re.search(_SOURCE_SET, path)
    return match[1] if match else ""
