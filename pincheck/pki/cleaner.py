"""The chain that OkHttp compares pins with on a JVM.

Source: square/okhttp, ``BasicCertificateChainCleaner`` and ``BasicTrustRootIndex``; from version 5 on it also holds
the trust anchor to its own path length, which is not done here.
"""

from collections.abc import Sequence

from pincheck.model.chains import Certificate
from pincheck.pki import certificates
from pincheck.pki.certificates import Opened
from pincheck.pki.signatures import is_signed_by
from pincheck.pki.trust import JVM, Trust

MAX_SIGNERS = 9


def basic_cleaner(served: Sequence[bytes], trust: Trust) -> tuple[Certificate, ...] | None:
    """The cleaned chain, or None where OkHttp finds none and the call fails.

    ``served`` is DER, as sent. Only anchors of the JVM's store count. No dates and no names are checked.
    """
    opened = [found for der in served if (found := certificates.open_der(der))]
    cleaned = clean(opened, trust) if opened else None
    return tuple(each.facts for each in cleaned) if cleaned else None


def clean(served: Sequence[Opened], trust: Trust) -> tuple[Opened, ...] | None:
    """As ``basic_cleaner``; ``served`` is not empty."""
    result, left, trusted = [served[0]], list(served[1:]), False
    for _ in range(MAX_SIGNERS):
        current = result[-1]
        if root := _trusted_issuer(current, trust):
            if len(result) > 1 or root.digest != current.digest:
                result.append(root)
            if is_signed_by(root, root):
                return tuple(result)
            trusted = True
        elif signer := next((each for each in left if is_signed_by(current, each)), None):
            left.remove(signer)
            result.append(signer)
        else:
            return tuple(result) if trusted else None
    return None


def _trusted_issuer(certificate: Opened, trust: Trust) -> Opened | None:
    for anchor in trust.named(certificate.issuer):
        if JVM in anchor.releases and (opened := anchor.opened) and is_signed_by(certificate, opened):
            return opened
    return None
