"""An ignore hides nothing, or its date has passed.

Left behind, it would hide the next real finding of that rule on that line.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <!-- pincheck: ignore[missing-backup-pin] second key ordered -->
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Good:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <!-- pincheck: ignore[missing-backup-pin] second key ordered -->
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Sources: the same check elsewhere: ESLint's ``--report-unused-disable-directives``, Rust's
``unfulfilled_lint_expectations``.
"""

from collections.abc import Iterator

from pincheck.model import Context, Problem, Suppression
from pincheck.registry import rule


@rule(Suppression, "warning")
def check(suppression: Suppression, context: Context) -> Iterator[Problem]:
    """Say so for a suppression that ``evaluate`` found idle."""
    names = ", ".join(suppression.rules) or "any rule"
    if suppression.until and suppression.until < context.today.isoformat():
        yield Problem(
            suppression.at,
            f"the ignore of {names} ended on {suppression.until} and hides nothing any more",
            remedy="mend the finding, or set a later date with a reason",
        )
    else:
        yield Problem(
            suppression.at,
            f"the ignore of {names} hides nothing",
            remedy="remove it",
        )
