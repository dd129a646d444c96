"""The nouns of pincheck: immutable values, standard library only.

They are named tuples rather than frozen dataclasses: creating the classes costs a sixth of the
time, and a commit hook pays it at every commit. Those of ``chains`` are not re-exported: only a
run that looks at hosts needs them.
"""

from pincheck.model.declarations import (
    CertificateFile,
    Declaration,
    DeclaredHost,
    Defect,
    DefectKind,
    Dependency,
    Gap,
    Installation,
    Manifest,
    MinimumVersion,
    Parsed,
    PrivateKey,
    ResourceUse,
    Suppression,
)
from pincheck.model.findings import Edit, Finding, Fix, Problem, Said
from pincheck.model.pins import (
    Cleartext,
    DeclaredPin,
    Depth,
    Expiry,
    Fault,
    HostPattern,
    HostSyntax,
    Pin,
    PinCodec,
    PinnedFile,
    PinSet,
    Semantics,
    TrustAnchor,
)
from pincheck.model.policy import (
    Context,
    HostPolicy,
    Mapping,
    Policy,
    StatedPin,
)
from pincheck.model.project import Project
from pincheck.model.report import Report
from pincheck.model.source import (
    MAX_LINE,
    SEVERITIES,
    CodeContext,
    Location,
    NotChecked,
    Severity,
    SourceFile,
    Text,
)

__all__ = [
    "MAX_LINE",
    "SEVERITIES",
    "CertificateFile",
    "Cleartext",
    "CodeContext",
    "Context",
    "Declaration",
    "DeclaredHost",
    "DeclaredPin",
    "Defect",
    "DefectKind",
    "Dependency",
    "Depth",
    "Edit",
    "Expiry",
    "Fault",
    "Finding",
    "Fix",
    "Gap",
    "HostPattern",
    "HostPolicy",
    "HostSyntax",
    "Installation",
    "Location",
    "Manifest",
    "Mapping",
    "MinimumVersion",
    "NotChecked",
    "Parsed",
    "Pin",
    "PinCodec",
    "PinSet",
    "PinnedFile",
    "Policy",
    "PrivateKey",
    "Problem",
    "Project",
    "Report",
    "ResourceUse",
    "Said",
    "Semantics",
    "Severity",
    "SourceFile",
    "StatedPin",
    "Suppression",
    "Text",
    "TrustAnchor",
]
