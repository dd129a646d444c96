"""Java's ``X509TrustManager`` that accepts every server: its check is empty.

Source: Java SE, ``javax.net.ssl.X509TrustManager``: ``checkServerTrusted`` refuses by throwing, so one that
does nothing trusts any certificate.
"""

from collections.abc import Iterator

from pincheck.model import Defect, SourceFile
from pincheck.model.code import Function, Module
from pincheck.readers import syntax
from pincheck.registry import parser

CHECK = "checkServerTrusted"


@parser(files=("*.kt", "*.java"), markers=(CHECK.encode(),))
def parse(source: SourceFile) -> Iterator[Defect]:
    """Yield every check that does nothing."""
    module = syntax.read(source)
    for function in module.functions:
        if function.name == CHECK and function.frame.at is not None and not _does_anything(function, module):
            yield Defect(
                "unenforced", function.frame.at,
                f"{CHECK} is empty, so a connection that uses this trust manager accepts any certificate, whatever"
                " is pinned elsewhere",
                "remove the trust manager, or keep it out of what is released", severity="warning",
                if_pinned=True,
            )  # fmt: skip


def _does_anything(function: Function, module: Module) -> bool:
    placed = [frame for calls in module.calls.values() for _, frame in calls]
    placed += [each.frame for each in (*module.statements, *module.conditions, *module.definitions)]
    inside = any(function.frame in frame.outward() for frame in placed)
    return inside or bool(function.returned)
