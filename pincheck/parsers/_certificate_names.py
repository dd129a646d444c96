"""Which certificate file a value of code stands for, where the code makes a path of its name."""

import re
from collections.abc import Iterator

from pincheck.model import Text
from pincheck.model.code import Frame, Literal, Module, Name, Value
from pincheck.parsers import _script
from pincheck.readers.tree import Node

ENDING = r"(?i).*\.(?:cer|der|crt|pem|p12|pfx)"
_MAX_VALUES = 200


def literals(value: Value, module: Module, frame: Frame) -> tuple[Literal, ...]:
    """The texts with a certificate's ending in a value, and in the variables near by that it uses."""
    return tuple(
        each
        for each in _inside(value, module, frame)
        if isinstance(each, Literal) and re.fullmatch(ENDING, each.value)
    )


def _inside(value: Value, module: Module, frame: Frame) -> Iterator[Value]:
    waiting, count = [value], 0
    while waiting and count < _MAX_VALUES:
        count += 1
        each = waiting.pop()
        if isinstance(each, Name) and each.of is None:
            settled = _script.settled(each, module, frame)
            if settled is not None and settled is not each:
                waiting.append(settled)
            continue
        yield each
        waiting.extend(below for below, _ in reversed(list(_script.below(each, frame))))


def named(node: Node | None) -> tuple[Text, ...]:
    """The file that a value that could be followed names: a text, or the last part of a path."""
    if node is None or node.kind != "text" or not node.value:
        return ()
    return (node.text,)
