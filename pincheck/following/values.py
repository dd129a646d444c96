"""A value of source code -> the node it comes to, by following names, parameters and calls."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pincheck.following import calls, collections, files, parameters, project
from pincheck.following import vocabulary as words
from pincheck.following.names import ITSELF, Defined, Names, Written, nearest
from pincheck.following.nodes import (
    Bound,
    Late,
    Place,
    accessed,
    constant,
    entries_of,
    joined,
    key_of,
    placed,
    somewhere,
    unknown,
)
from pincheck.following.sources import BUILD_SCRIPTS, GENERATED, MAIN
from pincheck.following.worlds import Memory, Worlds
from pincheck.model import Text
from pincheck.model.code import (
    Call,
    Choice,
    Entries,
    Frame,
    Function,
    Index,
    Items,
    Joined,
    Lambda,
    Literal,
    Module,
    Name,
    Other,
    Parameter,
    Returned,
    Spread,
    Value,
)
from pincheck.readers.paths import source_set
from pincheck.readers.tree import Node

MAX_STEPS = 50_000
"""Values put together for what is sought in one file, in all worlds."""
MAX_GUESSED_STEPS = 4_000
"""Those for one thing sought that may be nothing."""
MAX_DEPTH = 60


class TooMuch(Exception):
    """Following a value takes longer than anybody would wait."""


_Followed = Name | Joined | Items | Entries | Spread | Call | Choice | Index | Lambda | Other


class _Known(NamedTuple):
    """What a value came to, and the names that were missed on the way."""

    node: Node
    missed: tuple[str, ...]


class Values:
    """Puts values together in one world after another."""

    def __init__(self, names: Names, worlds: Worlds) -> None:
        self.names = names
        self.worlds = worlds
        self._missed: list[str] = []
        self._steps: dict[str, int] = {}
        self._left = MAX_STEPS
        self._file = ""
        self._depth = 0
        self._active: set[int] = set()
        self._circumstances = 0
        """How often a value was found to depend on what else is being followed."""
        self._bindings = 0
        """How often a parameter was found bound, or not bound, by a call that is being followed."""
        self._known: dict[tuple[int, bool], tuple[Value, Memory[_Known]]] = {}
        """What values come to: inside a call that is being followed (true), and outside of any."""

    def start(self, file: str, guess: bool = False) -> None:
        """Begin with another thing sought, in a file; ``guess`` tells that it may be nothing."""
        self._file = file
        self._left = MAX_GUESSED_STEPS if guess else MAX_STEPS
        self._depth = 0
        self._missed.clear()
        self._active.clear()

    @property
    def wanted(self) -> frozenset[str]:
        """Names that the thing sought uses, and that no file read so far defines."""
        return frozenset(self._missed)

    @property
    def exhausted(self) -> bool:
        """Whether the file took all the steps there are, so that more files would not help."""
        return self._left < 0 or self._steps.get(self._file, 0) > MAX_STEPS

    def want(self, name: str) -> None:
        """Note that a name is not defined in any file read so far."""
        self._missed.append(name)

    # values ------------------------------------------------------------------

    def node(self, value: Value, place: Place) -> Node:
        """Return what a value comes to; a node of kind ``unknown`` says why it cannot be followed."""
        if isinstance(value, Literal):
            return Node("text", value.at, value.value)
        _, memory = self._known.get((id(value), bool(place.bound)), (value, None))
        if memory is not None and (known := memory.recall(self.worlds)) is not None:
            self._missed.extend(known.missed)
            return known.node
        self._steps[self._file] = steps = self._steps.get(self._file, 0) + 1
        self._left -= 1
        if self._left < 0 or steps > MAX_STEPS:
            raise TooMuch
        if self._depth > MAX_DEPTH:
            self._circumstances += 1
            return unknown("it is too deeply nested to follow", place)
        self._depth += 1
        before = (self._circumstances, self._bindings, len(self._missed), len(self.worlds.trace))
        try:
            found = self._node(value, place)
        finally:
            self._depth -= 1
        found = placed(found, value.at, place) if isinstance(value, Call | Choice) else found
        self._keep(value, found, place, *before)
        return found

    def _keep(
        self, value: Value, found: Node, place: Place,
        circumstances: int, bindings: int, missed: int, choices: int,
    ) -> None:  # fmt: skip
        """Remember what a value came to, unless it may be something else where it is asked for again."""
        if circumstances != self._circumstances or (place.bound and bindings != self._bindings):
            return
        known = _Known(found, tuple(self._missed[missed:]))
        for inside in (True, False) if bindings == self._bindings else (False,):
            _, memory = self._known.setdefault((id(value), inside), (value, Memory()))
            memory.keep(known, self.worlds.trace[choices:])

    def _node(self, value: _Followed, place: Place) -> Node:
        if isinstance(value, Name):
            return self._name(value, place)
        if isinstance(value, Call):
            return calls.call(self, value, place)
        if isinstance(value, Joined):
            return joined([self.node(part, place) for part in value.parts], place)
        if isinstance(value, Items):
            return Node("list", value.at, items=tuple(self.elements_of(value.items, place)))
        if isinstance(value, Entries):
            return self._map(value, place)
        if isinstance(value, Choice):
            return self._choice(value, place)
        if isinstance(value, Index):
            return self._indexed(value, place)
        if isinstance(value, Spread):
            return self.node(value.value, place)
        if isinstance(value, Lambda):
            return unknown("it is a function", place)
        return constant(value.text, value.at or somewhere(place)) or unknown(
            f"{value.text or 'it'} is computed", place
        )

    def elements_of(self, items: Sequence[Value], place: Place) -> list[Node]:
        """The elements of a list as written, with what is spread in it."""
        found: list[Node] = []
        for item in items:
            node = self.node(item, place)
            if isinstance(item, Spread) and node.kind == "list":
                found.extend(node.items)
            elif isinstance(item, Spread) and node.kind == "map":
                found.extend(entries_of(node))
            else:
                found.append(node)
        return found

    def _map(self, value: Entries, place: Place) -> Node:
        found: list[tuple[Text, Node]] = []
        for key, each in value.entries:
            if isinstance(key, Spread):
                found.extend(self.node(key.value, place).entries)
                continue
            named = self._key(key, place)
            if named.at == somewhere(place):  # a constant's name: nearer than that is what it stands for
                named = named._replace(at=getattr(each, "at", None) or value.at)
            found.append((key_of(named), placed(self.node(each, place), named.at, place)))
        return Node("map", value.at, entries=tuple(found))

    def _key(self, key: Value, place: Place) -> Node:
        """A key: what it comes to, or the constant's own name where that is defined in a library."""
        node = self._try(key, place)
        if node.kind == "unknown" and isinstance(key, Name) and not self._is_variable(key.path[0], place):
            return Node("text", node.at, key.name)
        return node

    def _is_variable(self, word: str, place: Place) -> bool:
        """Tell a name that the code itself gives a value, so that no library does."""
        given = (each for frame in place.frame.outward() for each in frame.parameters)
        return (
            word in ITSELF
            or self.names.knows(word)
            or any(word == each.name or word in parameters.names_of(each) for each in given)
        )

    def _choice(self, value: Choice, place: Place) -> Node:
        if not value.options:
            return unknown("it has no value", place)
        labels = [option.condition for option in value.options]
        if not any(labels):  # a ?? b
            node = self.node(value.options[0].value, place)
            if node.kind in ("unknown", "null"):
                rest = value._replace(options=value.options[1:])
                return self._choice(rest, place) if rest.options else node
            if all(_is_empty(option.value) for option in value.options[1:]):
                return node
        key = (place.module.path, value.at.line, value.at.column)
        index = self.worlds.choose(key, "either", labels)
        return self.node(value.options[index].value, place)

    def _indexed(self, value: Index, place: Place) -> Node:
        of = self.node(value.of, place)
        if of.kind == "unknown":
            return of
        key = self.node(value.key, place)
        return self.at_key(of, key, place)

    def at_key(self, of: Node, key: Node, place: Place) -> Node:
        """``of[key]``; of a map whose key is not known, every value in turn."""
        if of.kind == "list" and key.kind == "number" and key.value.isdigit():
            index = int(key.value)
            return of.items[index] if index < len(of.items) else unknown("the list is shorter", place)
        if of.kind == "list" and key.kind == "unknown" and of.items:
            return of.items[self.worlds.choose(("item", of.at), "each", [""] * len(of.items))]
        if of.kind == "map" and key.kind in ("text", "number"):
            return of.get(key.value) or unknown(f"there is no {key.value}", place)
        if of.kind == "map" and of.entries:
            index = self.worlds.choose(("entry", of.at), "each", [""] * len(of.entries))
            return of.entries[index][1]
        return unknown("what is asked of it is computed", place)

    # names -------------------------------------------------------------------

    def _try(self, value: Value, place: Place) -> Node:
        """Put a value together; if that fails, the names in it are not missed."""
        missed = len(self._missed)
        node = self.node(value, place)
        if node.kind == "unknown":
            del self._missed[missed:]
        return node

    def _name(self, name: Name, place: Place) -> Node:
        fixed = constant(name.name, somewhere(place)) if name.of is None else None
        if fixed:
            return fixed
        if name.of is None and name.name in ITSELF:
            return parameters.receiver(self, name.name, place)
        path = name.path
        if name.of is None or name.of == Name(""):
            return self._plain(name.name, place, place.frame.outward())
        if len(path) == 2 and path[0] in ITSELF:
            return self._plain(name.name, place, _from_type(place.frame))
        return files.named(self, name, place) or self._qualified(name, place)

    def _plain(self, word: str, place: Place, frames: Sequence[Frame]) -> Node:
        for frame in frames:
            bound = place.bound.get((place.module.path, frame.number), {})
            if word in bound:
                return self._bound(bound[word])
            for number, parameter in enumerate(frame.parameters):
                if parameter.name in bound and word in parameters.names_of(parameter):
                    return parameters.part(self._bound(bound[parameter.name]), word, place)
                if parameter.name == word or word in parameters.names_of(parameter):
                    return parameters.value(self, frame, number, parameter, word, place)
            found = self._others(self.names.in_frame(word, frame, place.module))
            if found:
                return self._defined(found, place)
            if frame.kind == "type":
                member = self._member(word, frame, place)
                if member is not None:
                    return member
        return self._elsewhere(word, place)

    def _others(self, found: Sequence[Defined]) -> list[Defined]:
        """Without the definition that is being put together: ``val host = host`` means another ``host``."""
        others = [each for each in found if id(each.definition) not in self._active]
        if len(others) < len(found):
            self._circumstances += 1
        return others

    def bind(self) -> None:
        """Note that what a value comes to depends on how a parameter is bound."""
        self._bindings += 1

    def _bound(self, bound: Bound) -> Node:
        self.bind()
        if isinstance(bound, Late):
            return self.node(bound.value, bound.place)
        return bound

    def _member(self, word: str, frame: Frame, place: Place) -> Node | None:
        """A computed property of a type, or what its constructor is given; None if it has no such member."""
        for written in self.names.functions(word):
            if (
                written.function.getter
                and written.module is place.module
                and _owner(written.function) is frame
            ):
                return self.result(written, {}, place)
        for written in self.names.functions("init"):
            if written.module is place.module and _owner(written.function) is frame:
                for number, parameter in enumerate(written.function.frame.parameters):
                    if parameter.name == word:
                        return parameters.from_callers(self, written.function.frame, number, parameter, place)
        for number, parameter in enumerate(frame.parameters):
            if parameter.name == word:
                return parameters.from_callers(self, frame, number, parameter, place)
        named = [each for each in self.names.calls(frame.name) if each.placed.call.named(word) is not None]
        if frame.name and named:
            return parameters.from_callers(self, frame, -1, Parameter(word), place)
        for base in frame.bases:
            for module, each in self.names.types(base)[:1]:
                found = self.names.in_frame(word, each, module)
                if found:
                    return self._defined(found, place)
        return None

    def _elsewhere(self, word: str, place: Place) -> Node:
        """What another file defines under this name."""
        found = nearest(self._others(self.names.anywhere(word)), place.module)
        if found:
            return self._defined(found, place)
        getters = [each for each in self.names.functions(word) if each.function.getter]
        if getters:
            return self.result(getters[0], {}, place)
        imported = self._imported(place.module)
        for path in imported:
            default = self.names.in_module("default", path)
            if default and _stem(path) == word:
                return self._defined(default, place)
        self.want(word)
        return unknown(f"{word} is not defined in any file that was read", place)

    def _imported(self, module: Module) -> list[str]:
        """The files that a script imports, of those that were read."""
        stems = {_stem(each) for each in module.imports}
        return [path for path in self.names.modules if path != module.path and _stem(path) in stems]

    def _qualified(self, name: Name, place: Place) -> Node:
        assert name.of is not None
        owner = name.path[-2]
        of = self._try(name.of, place)
        if of.kind != "unknown":
            found = accessed(of, name.name, place)
            if found.kind == "unknown":
                found = project.computed(self, of, name.name, place) or found
            if found.kind != "unknown":
                return found
        members = nearest(self.names.members(name.name, owner), place.module)
        if not members and owner in GENERATED:
            self.want(name.name)
            return unknown(f"no build script that was read sets {owner}.{name.name}", place)
        if not members and owner:
            typed = self.type_of(name.of, place)
            members = nearest(self.names.members(name.name, typed), place.module) if typed else []
            owner = typed or owner
        if members:
            return self._defined(members, place)
        for written in self.names.functions(name.name):
            inner = _owner(written.function)
            if written.function.getter and inner is not None and inner.name == owner:
                return self.result(written, {}, place)
        for module, frame in self.names.types(owner):
            member = self._member(name.name, frame, Place(module, frame, {}))
            if member is not None:
                return member
        found_in = [
            each for path in self._imported(place.module) for each in self.names.in_module(name.name, path)
        ]
        if found_in:
            return self._defined(found_in, place)
        only = self.names.anywhere(name.name)
        if len({each.module.path for each in only}) == 1 and len(name.name) > 3 and of.kind == "unknown":
            return self._defined(only, place)
        for word in filter(None, (name.name, owner)):
            self.want(word)
        shown = ".".join(word or "…" for word in name.path)
        return unknown(f"{shown} is not defined in any file that was read", place)

    def type_of(self, value: Value | None, place: Place) -> str:
        """The type that a variable or parameter is declared with, without its package; empty if not known."""
        if not isinstance(value, Name):
            return ""
        for frame in place.frame.outward():
            for parameter in frame.parameters:
                if parameter.name == value.name:
                    return _bare_type(parameter.type)
            for each in self.names.in_frame(value.name, frame, place.module):
                if each.definition.type:
                    return _bare_type(each.definition.type)
        return ""

    def _defined(self, found: Sequence[Defined], place: Place) -> Node:
        """What definitions give a name; where there are several, each in turn."""
        real = [each for each in found if not _is_empty(each.definition.value)] or list(found)
        chosen = real[0] if len(real) == 1 else self._one_of(real)
        definition = chosen.definition
        if id(definition) in self._active:
            self._circumstances += 1
            return unknown(f"{definition.name} is defined by itself", place)
        self._active.add(id(definition))
        try:
            bound = place.bound if chosen.module is place.module else {}
            node = self.node(definition.value, Place(chosen.module, definition.frame, bound))
            return self._added(node, chosen, found, place)
        finally:
            self._active.discard(id(definition))

    def _one_of(self, found: Sequence[Defined]) -> Defined:
        """The definition of one variant of the app where each has its own, else one after the other."""
        first = found[0].definition.at
        key = ("defined", first.path, first.line, first.column)
        variants = [_variant(each) for each in found]
        if all(variants) and len(set(variants)) == len(found):
            return found[self.worlds.choose(key, "variant", variants)]
        return found[self.worlds.choose(key, "either", [_label(each, found) for each in found])]

    def _added(self, node: Node, chosen: Defined, found: Sequence[Defined], place: Place) -> Node:
        """Add what the code around puts into a collection after making it."""
        empty = node.kind == "unknown" and isinstance(chosen.definition.value, Call)
        if node.kind not in ("list", "map") and not empty:
            return node
        name = chosen.definition.name
        function = chosen.definition.frame.enclosing("function") or chosen.definition.frame.enclosing("type")
        for verb in sorted(words.ADDING):
            for called in self.names.calls(verb):
                of = called.placed.call.of
                if called.module is not chosen.module or not isinstance(of, Name) or of.name != name:
                    continue
                if of.of is not None and of.path[0] not in ITSELF:
                    continue
                if function is not None and function not in called.placed.frame.outward():
                    continue
                bound = place.bound if called.module is place.module else {}
                node = collections.added(
                    self, node, called.placed.call, Place(called.module, called.placed.frame, bound)
                )
        return node

    # functions ---------------------------------------------------------------

    def result(self, written: Written, bound: Mapping[str, Bound], place: Place) -> Node:
        """What a function gives back."""
        function = written.function
        if not function.returned:
            return unknown(f"{function.name}() gives nothing back that could be read", place)
        if id(function) in self._active:
            self._circumstances += 1
            return unknown(f"{function.name}() calls itself", place)
        self._active.add(id(function))
        try:
            labels = [_conditions(each.frame, function.frame) for each in function.returned]
            real = [n for n, each in enumerate(function.returned) if not _is_empty(each.value)]
            kept = real or list(range(len(labels)))
            key = ("returned", written.module.path, function.frame.number)
            index = 0 if len(kept) == 1 else self.worlds.choose(key, "either", [labels[n] for n in kept])
            each: Returned = function.returned[kept[index]]
            inside = Place(written.module, function.frame, place.bound).inside(function.frame, bound)
            return self.node(each.value, inside._replace(frame=each.frame))
        finally:
            self._active.discard(id(function))

    def applied(self, function: Lambda, arguments: Sequence[Node], place: Place) -> Node:
        """What a lambda gives back for arguments."""
        bound = dict(zip((each.name for each in function.frame.parameters), arguments, strict=False))
        for name in [name for name in bound if name.startswith("(")]:
            pair = bound[name]
            if isinstance(pair, Node) and pair.kind == "list":
                bound |= dict(zip(name.strip("()").split(","), pair.items, strict=False))
        if not function.returned:
            return unknown("a function gives nothing back", place)
        inside = place.inside(function.frame, bound)
        index = 0
        if len(function.returned) > 1:
            labels = [_conditions(each.frame, function.frame) for each in function.returned]
            index = self.worlds.choose(("lambda", place.module.path, function.frame.number), "either", labels)
        each = function.returned[index]
        self.bind()
        return self.node(each.value, inside._replace(frame=each.frame))


def _owner(function: Function) -> Frame | None:
    outer = function.frame.outer
    while outer is not None and outer.kind == "branch":
        outer = outer.outer
    return outer if outer is not None and outer.kind == "type" else None


def _from_type(frame: Frame) -> tuple[Frame, ...]:
    """The frames from the enclosing type outward."""
    outward = frame.outward()
    index = next((n for n, each in enumerate(outward) if each.kind == "type"), 0)
    return outward[index:]


def _conditions(frame: Frame, end: Frame) -> str:
    """The conditions between a frame and one around it, the outer first."""
    texts = []
    for each in frame.outward():
        if each.number == end.number:
            break
        if each.kind == "branch" and each.name:
            texts.append(each.name)
    return " and ".join(reversed(texts))


def _variant(each: Defined) -> str:
    """The build type, flavour or source set that a definition is for; empty where that is not to be told."""
    if each.module.path.endswith(BUILD_SCRIPTS):
        block = each.definition.frame
        generated = each.definition.owner in (*GENERATED, "string")
        return block.name if block.kind == "branch" else MAIN if generated else ""
    return source_set(each.module.path)


def _label(each: Defined, others: Sequence[Defined]) -> str:
    """What tells one of several definitions from the others: its branch, else its source set or file."""
    branches = [one.name for one in each.definition.frame.outward() if one.kind == "branch"]
    if branches:
        return " and ".join(reversed(branches))
    if len({one.module.path for one in others}) == 1:
        return ""
    return source_set(each.module.path) or each.module.path.rpartition("/")[2]


def _is_empty(value: Value) -> bool:
    if isinstance(value, Other):
        return value.text in ("null", "nil", "nullptr", "NULL", "")
    if isinstance(value, Name):
        return value.name in ("nil", "null", "undefined", "None", "NULL", "nullptr")
    return isinstance(value, Literal) and not value.value


def _bare_type(text: str) -> str:
    """``List<a.b.C?>`` -> ``List``, ``a.b.C`` -> ``C``."""
    match = re.match(r"[\w.]+", text.strip())
    return match[0].rpartition(".")[2] if match else ""


def _stem(path: str) -> str:
    """The last word of a path, without its endings; that of a folder for its ``index`` file."""
    words = [word for word in path.split("/") if word]
    if not words:
        return ""
    name = words[-1].partition(".")[0] or words[-1].strip(".")
    return words[-2] if name == "index" and len(words) > 1 else name
