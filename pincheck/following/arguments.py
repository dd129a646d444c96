"""Which argument of a call goes to which parameter."""

from collections.abc import Sequence

from pincheck.model.code import (
    Argument,
    Call,
    Choice,
    Entries,
    Index,
    Items,
    Joined,
    Lambda,
    Literal,
    Name,
    Other,
    Parameter,
    Spread,
    Value,
)

VALUES = (Literal, Name, Joined, Items, Entries, Spread, Call, Choice, Index, Lambda, Other)


def argument_for(
    parameter: Parameter, number: int, parameters: Sequence[Parameter], call: Call
) -> Value | tuple[Value, ...] | None:
    """The argument that a call gives for a parameter: a value, several for a variadic one, or None."""
    labels = (parameter.label or parameter.name, parameter.name)
    named = call.named(*labels)
    if named is not None and not parameter.variadic:
        return named
    if number < 0:
        return None
    swift = any(each.label for each in parameters)
    positional = [
        argument for argument in call.arguments if not argument.name or (swift and argument.name in labels)
    ]
    if swift:
        positional = [argument for argument in call.arguments if argument.name in ("", "_")]
        unlabelled = [each for each in parameters if each.label == "_"]
        if parameter not in unlabelled:
            return _labelled(parameter, call) if parameter.variadic else None
        number = unlabelled.index(parameter)
    values = [argument.value for argument in positional]
    if parameter.variadic:
        return tuple(values[number:]) if len(values) > number else ()
    if number < len(call.arguments) and not swift and call.arguments[number].name and number >= len(values):
        labelled: Argument = call.arguments[number]
        return labelled.value if _objective(call) else None
    if _objective(call) and number < len(call.arguments):
        return call.arguments[number].value
    return values[number] if number < len(values) else None


def _labelled(parameter: Parameter, call: Call) -> tuple[Value, ...]:
    """A variadic parameter with a label takes what follows its label."""
    found, taking = [], False
    for argument in call.arguments:
        if argument.name:
            taking = argument.name in (parameter.label, parameter.name)
        if taking:
            found.append(argument.value)
    return tuple(found)


def _objective(call: Call) -> bool:
    """Tell an Objective-C message, whose labels name positions."""
    return call.at.path.endswith((".m", ".mm"))
