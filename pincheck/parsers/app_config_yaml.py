"""YAML files of an app's own that hold pins."""

from collections.abc import Iterator

from pincheck.model import Declaration, Gap, SourceFile
from pincheck.parsers import _app_config
from pincheck.readers import yaml_text
from pincheck.readers.unreadable import Unreadable
from pincheck.registry import parser


@parser(files=("*.yml", "*.yaml"), markers=(*_app_config.MARKERS, b"sha256:", b"SHA256:"), shaped=True)
def parse(source: SourceFile) -> Iterator[Declaration | Gap]:
    """Yield the pins, with the hosts that stand nearest; what is no YAML holds none."""
    if not _app_config.is_candidate(source) or source.path.rpartition("/")[2].startswith(".pincheck."):
        return
    try:
        documents = yaml_text.read_documents(source)
    except Unreadable:
        return
    for root in documents:
        yield from _app_config.declarations(source, root, "app-config-file")
