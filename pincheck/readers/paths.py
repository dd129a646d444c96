"""Path of a file -> what the file is for."""

import re
from functools import lru_cache

from pincheck.model import CodeContext
from pincheck.readers.env_files import is_sample

_PACKAGES = frozenset({"com", "org", "edu", "gov", "java", "kotlin", "scala", "groovy"})
"""Below one of these stand packages (``com/example``, ``com/test``), whose names mean nothing."""
_PACKAGES_IN_SOURCES = frozenset(
    {"net", "io", "dev", "app", "de", "fr", "uk", "nl", "it", "es", "jp", "cn", "ch"}
)
"""The same, right below a folder of sources."""
_SOURCES = frozenset({"src", "java", "kotlin", "main", "android"})

_TEST_FOLDER = (
    r"tests|__tests__|__mocks__|testing|specs?|test[-_]?data|test[-_]?fixtures|fixtures|__fixtures__"
    r"|e2e|integration[-_]tests?|unit[-_]?tests?|ui[-_]?tests?|androidTest|sharedTest|testFixtures|.*Tests|.*UITest|.*TestHost"
)
_TEST_SOURCE_SET = (
    r"test([A-Z]\w*)?|androidTest\w*|instrumentTest"
    r"|(common|jvm|js|native|apple|desktop|web|(ios|macos|tvos|watchos|linux|mingw|wasm|android)\w*)Test"
)
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
_IN_SOURCE_SET = frozenset({"res", "assets", "java", "kotlin", "resources", "AndroidManifest.xml"})
"""What stands in a Gradle source set; its name may be that of any flavour, ``demo`` or ``e2e``."""
_DEBUG_SOURCE_SET = r"debug|[a-z]\w*Debug"
_DEBUG_FILE = r"(?i)(^|[-_.])debug([-_.].*)?\.plist$"
_SOURCE_SET = r"(?:^|/)src/([^/]+)/"


@lru_cache(maxsize=4096)
def code_context(path: str) -> CodeContext:
    """Tell what a file is for from its repository-relative path.

    ``test`` means sources of automated tests; an environment called Test, tst, acc or stage is
    production. A package folder below a source root is neither test nor example. A sample of
    environment variables, ``.env.example``, is an example wherever it stands.
    """
    *folders, name = path.split("/")
    context: CodeContext = "production"
    for index, folder in enumerate(folders):
        parent = folders[index - 1] if index else ""
        if folder in _PACKAGES or (folder in _PACKAGES_IN_SOURCES and parent in _SOURCES):
            break
        if parent == "src" and re.fullmatch(_TEST_SOURCE_SET, folder):
            return "test"
        if parent == "src" and (*folders, name)[index + 1] in _IN_SOURCE_SET:
            return "debug" if context == "production" and re.fullmatch(_DEBUG_SOURCE_SET, folder) else context
        if parent in _ENVIRONMENTS:
            continue
        if re.fullmatch(_TEST_FOLDER, folder) or folder == "test":
            return "test"
        if re.fullmatch(_EXAMPLE_FOLDER, folder):
            context = "example"
    if context == "production" and is_sample(path):
        return "example"
    if context == "production" and re.search(_DEBUG_FILE, path.rpartition("/")[2]):
        return "debug"
    return context


def source_set(path: str) -> str:
    """The Gradle source set of a path (``main``, ``debug``, a flavour), or an empty string."""
    match = re.search(_SOURCE_SET, path)
    return match[1] if match else ""


def is_debug_source_set(name: str) -> bool:
    """Tell the name of a build type, or of a variant of it, that is never released."""
    return bool(re.fullmatch(_DEBUG_SOURCE_SET, name))
