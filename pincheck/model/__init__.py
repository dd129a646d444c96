"""The nouns of pincheck: immutable values, standard library only.

They are named tuples rather than frozen dataclasses: creating the classes costs a sixth of the
time, and a commit hook pays it at every commit.
"""

from pincheck.model.chains import Certificate, Observation, Target, Verification, VerifiedPath
from pincheck.model.declarations import (
    CertificateFile,
    Declaration,
    DeclaredHost,
    Defect,
    DefectKind,
    Gap,
    Manifest,
    Parsed,
    PrivateKey,
    ResourceUse,
    Suppression,
)
from pincheck.model.pins import (
    DeclaredPin,
    Depth,
    Expiry,
    Fault,
    HostPattern,
    HostSyntax,
    Pin,
    PinCodec,
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
from pincheck.model.report import Finding, Problem, Project, Report
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
    "Certificate",
    "CertificateFile",
    "CodeContext",
    "Context",
    "Declaration",
    "DeclaredHost",
    "DeclaredPin",
    "Defect",
    "DefectKind",
    "Depth",
    "Expiry",
    "Fault",
    "Finding",
    "Gap",
    "HostPattern",
    "HostPolicy",
    "HostSyntax",
    "Location",
    "Manifest",
    "Mapping",
    "NotChecked",
    "Observation",
    "Parsed",
    "Pin",
    "PinCodec",
    "PinSet",
    "Policy",
    "PrivateKey",
    "Problem",
    "Project",
    "Report",
    "ResourceUse",
    "Semantics",
    "Severity",
    "SourceFile",
    "StatedPin",
    "Suppression",
    "Target",
    "Text",
    "TrustAnchor",
    "Verification",
    "VerifiedPath",
]
