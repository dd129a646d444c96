"""react-native-cert-pinner: the Android class that it generates, which its own package hands to the client.

Source: approov/react-native-cert-pinner, ``cli/cmds/gen.js`` writes
``com.criticalblue.reactnative.GeneratedCertificatePinner``; ``CertPinnerPackage.java`` loads it by that name.
"""

from collections.abc import Iterator

from pincheck.model import Installation, SourceFile
from pincheck.parsers import okhttp
from pincheck.readers import syntax
from pincheck.registry import parser


@parser(files=("GeneratedCertificatePinner.java",), markers=(b"com.criticalblue.reactnative",))
def parse(source: SourceFile) -> Iterator[Installation]:
    """Yield that the pinner of the class is used."""
    for frame in syntax.read(source).types:
        if frame.name == "GeneratedCertificatePinner" and frame.at is not None:
            yield Installation(frame.at, okhttp.INSTALLED_BY[0])
