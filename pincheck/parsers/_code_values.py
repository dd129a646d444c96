"""All values of a file of source code, each with its place."""

from collections.abc import Iterator

from pincheck.model.code import (
    Call,
    Choice,
    Entries,
    Frame,
    Index,
    Items,
    Joined,
    Lambda,
    Module,
    Name,
    Other,
    Placed,
    Spread,
    Value,
)


def placed(module: Module) -> Iterator[Placed]:
    """The values that stand as statements, are given to names, are returned, are defaults, or are asked."""
    yield from (Placed(each.value, each.frame) for each in module.definitions)
    for function in module.functions:
        yield from (Placed(each.value, each.frame) for each in function.returned)
        for parameter in function.frame.parameters:
            if parameter.default is not None:
                yield Placed(parameter.default, function.frame)
    yield from module.statements
    yield from module.conditions


def below(value: Value, frame: Frame) -> Iterator[Placed]:
    """A value and all values inside it, each once, in order."""
    waiting = [Placed(value, frame)]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(reversed(list(_inside(each))))


def _inside(each: Placed) -> Iterator[Placed]:
    value, frame = each
    parts: list[Value] = []
    if isinstance(value, Call):
        parts = [*((value.of,) if value.of is not None else ()), *(one.value for one in value.arguments)]
    elif isinstance(value, Entries):
        parts = [part for pair in value.entries for part in pair]
    elif isinstance(value, Items):
        parts = list(value.items)
    elif isinstance(value, Joined | Other):
        parts = list(value.parts)
    elif isinstance(value, Choice):
        parts = [option.value for option in value.options]
    elif isinstance(value, Index):
        parts = [value.of, value.key]
    elif isinstance(value, Spread):
        parts = [value.value]
    elif isinstance(value, Name) and value.of is not None:
        parts = [value.of]
    elif isinstance(value, Lambda):
        yield from (Placed(one.value, one.frame) for one in value.returned)
    yield from (Placed(part, frame) for part in parts)
