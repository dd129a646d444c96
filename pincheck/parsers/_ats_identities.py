"""A list of identities: what iOS keeps of ``NSPinnedLeafIdentities`` or ``NSPinnedCAIdentities``.

Source: Apple's Security framework, ``SecPolicy.c`` (``parseNSPinnedDomains``).
"""

from typing import NamedTuple

from pincheck.model import Semantics, Text
from pincheck.parsers._ats_origin import PIN, a
from pincheck.parsers._info_plist import build_setting, shown, texts
from pincheck.readers.pin_text import read_pin
from pincheck.readers.tree import Node


class Identities(NamedTuple):
    """The elements of a list, sorted."""

    pins: tuple[Text, ...]
    settings: tuple[Text, ...]
    """Pins that a build setting fills in."""
    dropped: tuple[tuple[Node, str], ...]
    """Elements that iOS drops, each with the reason."""

    @property
    def dropped_texts(self) -> tuple[Text, ...]:
        """What may be a pin in the elements that iOS drops."""
        return tuple(text for element, _ in self.dropped for text in texts(element))

    def blocks(self, semantics: Semantics) -> bool:
        """Tell whether no certificate at all can satisfy the list. Placeholders are left to their rule."""
        if self.settings:
            return False
        read = [read_pin(text, semantics) for text in self.pins]
        return all(pin.fault and not pin.placeholder for pin in read)


def identities(node: Node) -> Identities:
    """Sort the elements of a list."""
    pins, settings, dropped = [], [], []
    for element in node.items:
        value = element.get(PIN)
        if value is None or value.kind != "text":
            dropped.append((element, _why_dropped(element, value)))
        elif build_setting(value.value):
            settings.append(value.text)
        else:
            pins.append(value.text)
    return Identities(tuple(pins), tuple(settings), tuple(dropped))


def _why_dropped(element: Node, value: Node | None) -> str:
    if element.kind != "map":
        return f"it is {a(element)} instead of a dictionary with {PIN}"
    if value is not None:
        return f"its {PIN} is {a(value)} instead of a string"
    names = [key.value for key, _ in element.entries]
    return f"it has {shown(names[0])} instead of {PIN}" if names else f"it has no {PIN}"
