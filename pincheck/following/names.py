"""Which definitions, functions and callers a name may mean, over all the code that was read."""

from collections.abc import Iterable
from typing import NamedTuple

from pincheck.model.code import Definition, Frame, Function, Module, PlacedCall

ITSELF = frozenset({"this", "self", "Self", "super", "cls"})


class Defined(NamedTuple):
    """A definition, and the file it stands in."""

    module: Module
    definition: Definition


class Written(NamedTuple):
    """A function, and the file it stands in."""

    module: Module
    function: Function


class Called(NamedTuple):
    """A call, and the file it stands in."""

    module: Module
    placed: PlacedCall


class Names:
    """An index of all modules."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self.modules: dict[str, Module] = {}
        self._definitions: dict[str, list[Defined]] = {}
        self._functions: dict[str, list[Written]] = {}
        self._calls: dict[str, list[Called]] = {}
        self._types: dict[str, list[tuple[Module, Frame]]] = {}
        self._callers: dict[int, tuple[Frame, list[Called]]] = {}
        for module in modules:
            self.add(module)

    def add(self, module: Module) -> None:
        """Take in a file, once."""
        if module.path in self.modules:
            return
        self.modules[module.path] = module
        self._callers.clear()
        for definition in module.definitions:
            self._definitions.setdefault(definition.name, []).append(Defined(module, definition))
        for function in module.functions:
            name = function.name
            if name.startswith("Java_"):  # what Java and Kotlin know as a native function
                name = name.rpartition("_")[2]
            self._functions.setdefault(name, []).append(Written(module, function))
        for name, calls in module.calls.items():
            self._calls.setdefault(name, []).extend(Called(module, each) for each in calls)
        for each in module.types:
            self._types.setdefault(each.name, []).append((module, each))

    def in_frame(self, name: str, frame: Frame, module: Module) -> list[Defined]:
        """What gives a name its value in this frame, and not in a function inside it."""
        found = []
        for each in self._definitions.get(name, ()):
            if each.module is not module:
                continue
            outward = each.definition.frame.outward()
            numbers = [one.number for one in outward]
            if frame.number not in numbers:
                continue
            between = outward[: numbers.index(frame.number)]
            assigned = bool(each.definition.owner)
            if frame.kind in ("function", "lambda", "loop", "branch"):
                if all(one.kind in ("branch", "loop", "lambda") for one in between):
                    found.append(each)
            elif (assigned and self._assigns_member(each.definition, between)) or all(
                one.kind == "branch" for one in between
            ):
                found.append(each)
        return found

    def _assigns_member(self, definition: Definition, between: tuple[Frame, ...]) -> bool:
        """Tell whether an assignment in a method gives a member of the type its value."""
        if definition.owner != "=" and definition.owner not in ITSELF:
            return False
        return all(one.kind != "type" for one in between)

    def members(self, name: str, owner: str) -> list[Defined]:
        """What is called ``owner.name``: a member of a type or object, an enum constant, a build field."""
        return [
            each
            for each in self._definitions.get(name, ())
            if owner == each.definition.owner
            or (owner == self._owner(each.definition.frame) and not self._is_local(each.definition))
        ]

    @staticmethod
    def _is_local(definition: Definition) -> bool:
        """Tell a variable of a function, which nobody can ask of the function's type."""
        if definition.owner:
            return False
        for frame in definition.frame.outward():
            if frame.kind == "type":
                return False
            if frame.kind == "function":
                return True
        return False

    def anywhere(self, name: str) -> list[Defined]:
        """What is called ``name`` and stands outside all functions."""
        return [
            each
            for each in self._definitions.get(name, ())
            if not any(one.kind in ("function", "lambda", "loop") for one in each.definition.frame.outward())
        ]

    def in_module(self, name: str, path: str) -> list[Defined]:
        """What a file itself calls ``name``."""
        return [each for each in self.anywhere(name) if each.module.path == path]

    def functions(self, name: str) -> list[Written]:
        """The functions of a name."""
        return self._functions.get(name, [])

    def calls(self, name: str) -> list[Called]:
        """The calls of a name."""
        return self._calls.get(name, [])

    def callers(self, frame: Frame) -> list[Called]:
        """The calls of a function, or of a type's constructor, that give enough arguments; the first of many."""
        known = self._callers.get(id(frame))
        if known is None:
            known = self._callers[id(frame)] = (frame, self._found_callers(frame))
        return known[1]

    def _found_callers(self, frame: Frame) -> list[Called]:
        wanted = len([each for each in frame.parameters if each.default is None and not each.variadic])
        found = []
        for each in self.calls(called_as(frame)):
            few = len(each.placed.call.arguments) < wanted and frame.kind != "type"
            itself = frame.kind == "function" and frame in each.placed.frame.outward()
            if not itself and not (frame.parameters and few):
                found.append(each)
            if len(found) == MAX_CALLERS:
                break
        return found

    def types(self, name: str) -> list[tuple[Module, Frame]]:
        """The types of a name."""
        return self._types.get(name, [])

    def knows(self, name: str) -> bool:
        """Tell whether anything is called so."""
        return name in self._definitions or name in self._functions or name in self._types

    @staticmethod
    def _owner(frame: Frame) -> str:
        inner = frame.enclosing("type")
        return inner.name if inner else ""


MAX_CALLERS = 60


def called_as(frame: Frame) -> str:
    """The name that callers of a function use: a constructor goes by its type's."""
    if frame.name == "init" and frame.kind == "function":
        owner = frame.enclosing("type")
        return owner.name if owner else "init"
    return frame.name


def nearest(found: Iterable[Defined], module: Module) -> list[Defined]:
    """Those in the file that a name is used in, else in the folders nearest to it."""
    listed = list(found)
    if not listed:
        return []
    here = [each for each in listed if each.module.path == module.path]
    if here:
        return here
    folders = module.path.split("/")[:-1]
    closeness = [_common(folders, each.module.path.split("/")[:-1]) for each in listed]
    best = max(closeness)
    near = [each for each, close in zip(listed, closeness, strict=True) if close == best]
    return near if len({each.module.path for each in near}) <= 4 else listed


def _common(one: list[str], two: list[str]) -> int:
    count = 0
    for left, right in zip(one, two, strict=False):
        if left != right:
            break
        count += 1
    return count
