"""All that a repository declares."""

from typing import NamedTuple

from pincheck.model.declarations import (
    CertificateFile,
    Defect,
    Gap,
    MinimumVersion,
    PrivateKey,
    Suppression,
    Unpinned,
)
from pincheck.model.pins import PinSet


class Project(NamedTuple):
    """All that the files of one tree declare."""

    pin_sets: tuple[PinSet, ...] = ()
    defects: tuple[Defect, ...] = ()
    gaps: tuple[Gap, ...] = ()
    private_keys: tuple[PrivateKey, ...] = ()
    certificate_files: tuple[CertificateFile, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    minimums: tuple[MinimumVersion, ...] = ()
    """Gathered only by a run that looks at hosts."""
    unpinned: tuple[Unpinned, ...] = ()
