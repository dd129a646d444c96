"""XcodeGen: the Info.plist that ``info.properties`` of a target becomes.

Source: https://github.com/yonaskolb/XcodeGen/blob/master/Docs/ProjectSpec.md (Target, Target
Template, Plist). A specification may be of any name, as others ``include`` it, and YAML or JSON.
"""

from collections.abc import Iterator

from pincheck.model import CodeContext, Declaration, Defect, Gap, SourceFile
from pincheck.parsers import _ats, _info_plist, _trustkit_ios
from pincheck.parsers._ats_origin import Origin
from pincheck.readers import json_text, yaml_text
from pincheck.readers.tree import Node
from pincheck.registry import parser


@parser(files=("*.yml", "*.yaml", "project.json"), markers=_info_plist.MARKERS)
def parse(source: SourceFile) -> Iterator[Declaration | Defect | Gap]:
    """Yield what each target and target template declares, the name of either as the variant."""
    root = json_text.read(source) if source.path.endswith(".json") else yaml_text.read(source)
    for section in ("targets", "targetTemplates"):
        targets = root.get(section)
        for name, target in targets.entries if targets else ():
            properties = target.follow("info", "properties")
            if properties:
                context = _context(target)
                yield from _ats.declarations(properties, Origin(variant=name.value, context=context))
                for found in _trustkit_ios.declarations(properties, name.value):
                    yield found._replace(context=context) if context else found


def _context(target: Node) -> CodeContext | None:
    """``test`` for a bundle of tests; the path tells for all others."""
    kind = target.get("type")
    return "test" if kind and kind.value.startswith("bundle.") and kind.value.endswith("-test") else None
