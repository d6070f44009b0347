"""A YAML file as a tree that remembers its lines; faults are collected, not raised.

Values are taken as the author wrote them: `- no` is the word "no", not a
truth value, wherever a text is expected.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from qualkit.errors import near_matches
from qualkit.model import Problem

if TYPE_CHECKING:
    from yaml.nodes import Node

MOST_BYTES = 5_000_000
MOST_NESTED = 30

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"
Fields: TypeAlias = "dict[str, Node]"


@dataclass(slots=True)
class Faults:
    """The faults of one file, as they are found."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def add(self, line: int, text: str, code: str = "") -> None:
        """Note a fault on a line, counted from 1."""
        self.problems.append(Problem(self.file, line, text, code))

    def by_line(self) -> list[Problem]:
        """Return the faults in the order of their lines."""
        return sorted(self.problems, key=lambda problem: problem.line)


def line_of(node: Node) -> int:
    """Return the line on which a node begins, counted from 1."""
    return int(node.start_mark.line) + 1


def read_tree(path: Path, faults: Faults) -> tuple[Node | None, bytes]:
    """Return the tree of a YAML file and its bytes; no tree when it cannot be read."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            faults.add(1, f"the file has {size:,} bytes; a codebook has at most {MOST_BYTES:,}")
            return None, b""
        content = path.read_bytes()
    except OSError as error:
        faults.add(1, f"the file cannot be read: {error.strerror or 'unknown reason'}")
        return None, b""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        faults.add(line, "the file is not UTF-8 text: save it as UTF-8")
        return None, content
    return _compose(text, faults), content


def content_hash(content: bytes, *more: str) -> str:
    """Return the SHA-256 of a file's bytes and of further texts, hexadecimal."""
    digest = hashlib.sha256(content)
    for text in more:
        digest.update(b"\0" + text.encode())
    return digest.hexdigest()


def _compose(text: str, faults: Faults) -> Node | None:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        if not _is_harmless(text, faults):
            return None
        tree: Node | None = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        faults.add(line, f"this is not YAML: {error.problem or 'unreadable'}{_hint(error)}")
        return None
    except yaml.YAMLError:
        faults.add(1, "this is not YAML: it holds characters that YAML does not allow")
        return None
    if tree is None:
        faults.add(1, "the file is empty")
    return tree


def _hint(error: Exception) -> str:
    text = str(error)
    if "mapping values are not allowed" in text:
        return " (put a text that holds a colon in quotes)"
    if "cannot start any token" in text or "block end" in text:
        return " (check the indentation, tabs, and quotes around texts with special signs)"
    return ""


def _is_harmless(text: str, faults: Faults) -> bool:
    """Refuse aliases and deep nesting, by which a small file can grow without end."""
    import yaml

    depth = 0
    starts = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
    ends = (yaml.SequenceEndEvent, yaml.MappingEndEvent)
    documents = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        line = event.start_mark.line + 1 if event.start_mark is not None else 1
        if isinstance(event, yaml.AliasEvent):
            faults.add(line, "*aliases are not used in codebooks: write it out (or quote the *)")
            return False
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                faults.add(line, "a second document begins here (---): a file holds one codebook")
                return False
        if isinstance(event, starts):
            depth += 1
        elif isinstance(event, ends):
            depth -= 1
        if depth > MOST_NESTED:
            faults.add(line, f"lists or mappings nest more than {MOST_NESTED} deep")
            return False
    return True


def read_mapping(
    node: Node, faults: Faults, what: str, known: Collection[str] | None, code: str = ""
) -> Fields:
    """Return the fields of a mapping, noting unknown and repeated ones.

    `known` None takes every key.
    """
    import yaml

    if not isinstance(node, yaml.MappingNode):
        faults.add(line_of(node), f"{what}: {_kind(node)} where fields (key: value) belong", code)
        return {}
    fields: Fields = {}
    for key_node, value_node in node.value:
        line = line_of(key_node)
        if not isinstance(key_node, yaml.ScalarNode):
            faults.add(line, f"{what}: a field's name must be a word", code)
            continue
        key = str(key_node.value)
        if known is not None and key not in known:
            near = near_matches(key, known, most=1)
            hint = f"did you mean '{near[0]}'?" if near else "known: " + ", ".join(sorted(known))
            faults.add(line, f"{what} has no field '{key}' ({hint})", code)
        elif key in fields:
            first = line_of(fields[key])
            faults.add(line, f"'{key}' stands here twice (first on line {first})", code)
        else:
            fields[key] = value_node
    return fields


def is_blank(node: Node | None) -> bool:
    """Return whether a field is left out or left empty."""
    import yaml

    if node is None:
        return True
    return isinstance(node, yaml.ScalarNode) and (
        node.tag.endswith(":null") or (not node.value.strip() and node.style is None)
    )


def read_text(fields: Fields, key: str, faults: Faults, code: str = "") -> str:
    """Return a field as one text, empty when it is left out."""
    node = fields.get(key)
    if node is None or is_blank(node):
        return ""
    return text_of(node, faults, f"'{key}'", code) or ""


def text_of(node: Node, faults: Faults, what: str, code: str = "") -> str | None:
    """Return a scalar as it was written, white space at the ends stripped."""
    import yaml

    if isinstance(node, yaml.ScalarNode):
        return str(node.value).strip()
    hint = ""
    if isinstance(node, yaml.MappingNode):
        hint = " (a text that holds a colon, or begins with {, needs quotes)"
    elif isinstance(node, yaml.SequenceNode) and node.flow_style:
        hint = " (a text that begins with [ needs quotes)"
    faults.add(line_of(node), f"{what}: {_kind(node)} where a text belongs{hint}", code)
    return None


def read_items(fields: Fields, key: str, faults: Faults, code: str = "") -> list[Node]:
    """Return the items of a list field, none when it is left out."""
    import yaml

    node = fields.get(key)
    if node is None or is_blank(node):
        return []
    if not isinstance(node, yaml.SequenceNode):
        faults.add(line_of(node), f"'{key}': {_kind(node)} where a list belongs (- item)", code)
        return []
    return list(node.value)


def read_texts(
    fields: Fields, key: str, faults: Faults, code: str = ""
) -> Iterator[tuple[str, int]]:
    """Yield the texts of a list field with their lines; empty ones are faults."""
    for node in read_items(fields, key, faults, code):
        text = text_of(node, faults, f"'{key}'", code)
        if text is None:
            continue
        if not text or is_blank(node):
            faults.add(line_of(node), f"'{key}' has an empty item", code)
        else:
            yield text, line_of(node)


def read_choice(
    fields: Fields, key: str, faults: Faults, known: Collection[str], default: str, code: str = ""
) -> str:
    """Return a field that has one of a few values."""
    text = read_text(fields, key, faults, code)
    if not text:
        return default
    if text not in known:
        faults.add(line_of(fields[key]), unknown_value(key, text, known), code)
        return default
    return text


def unknown_value(key: str, text: str, known: Collection[str]) -> str:
    """Return what to say of a value that is none of the known ones."""
    near = near_matches(text, known, most=1)
    hint = f"did you mean '{near[0]}'?" if near else "one of: " + ", ".join(sorted(known))
    return f"'{key}' cannot be '{text[:40]}' ({hint})"


def plain_value(node: Node) -> Plain:
    """Return a node as lists, dicts and scalars, for a spaCy pattern."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        return {str(key.value): plain_value(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain_value(item) for item in node.value]
    text = str(node.value)
    kind = node.tag.rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind == "int" and text.lstrip("+-").isdecimal():
        return int(text)
    return float(text) if kind == "float" and _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _kind(node: Node) -> str:
    import yaml

    if isinstance(node, yaml.MappingNode):
        return "fields"
    return "a list" if isinstance(node, yaml.SequenceNode) else "a single value"
