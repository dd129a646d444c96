"""Whether Dart code goes without the system's anchors."""

from pincheck.model.code import Module, Other


def only_own(module: Module) -> bool:
    """Whether some ``SecurityContext`` of a file trusts only the certificates that it is given."""
    made = module.calls.get("SecurityContext", ())
    return any(
        isinstance(value := each.call.named("withTrustedRoots"), Other) and value.text == "false"
        for each in made
    ) or any(not each.call.arguments for each in made)
