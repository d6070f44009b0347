"""Seeded mutations of files: of their bytes, their text, and the XML within zip archives.

One number gives one mutated file, always the same one.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from itertools import chain

from faults.file_bases import COMMANDS, Base, archive

Change = Callable[[random.Random, bytes], bytes]

MOST_BYTES = 3_000_000
_ODD_TEXT = (
    *("\0", "\ufeff", "\x1b[2J", "\x85", "\u2028", "\x0b", "\u202e", "\u200b", "\uffff"),
    *("\U0010ffff", "\r", "\n", "\n\n", "\t", '"', "'", ":", "-->", "<", "&#0;", "]]>"),
    *("\\ud800", "\\u0000", "{", "}", "[", "\\", "1e999", "NaN", "²", "٣", "NOTE", "WEBVTT"),
    *("sep=", "=1+1", "#", "*", "**", "---", "{\\rtf1", "\\u55357?", "\\'e9", "<v ", "</v>"),
    *("0:0:0,0:0:0", "99999999999:00:00.000", "Q1 ", "Mum: ", "UFRN: ", "|", "_x0000_"),
)
_ODD_BYTES = (b"\xff\xfe", b"\xfe\xff", b"\x80", b"\xed\xa0\x80", b"\xf5", b"\xc0\x80", b"\x00\x00")
_NUMBERS = (
    *("-1", "0", "1e308", "-1e308", "9223372036854775808", "4294967296", "2147483648", "NaN"),
    *("1048576", "16384", "65536", "99999999", "", "abc", "0.0000001", "-0", "1e-320", "١"),
)
_NUMBER = re.compile(rb"\d+(?:\.\d+)?")
_TAG = re.compile(rb"<[^<>]*>")
_ATTRIBUTE = re.compile(rb' [\w:]+="([^"]*)"')


def mutate(seed: int, bases: Sequence[Base]) -> tuple[str, str, bytes]:
    """Return the command, the ending and the bytes of mutated file number `seed`."""
    rng = random.Random(seed)
    base = _choose(rng, bases)
    data, ending = base.data, base.ending
    zipped = data[:2] == b"PK"
    for _ in range(rng.choice((1, 1, 1, 2, 3) if zipped else (1, 1, 1, 2, 3, 6))):
        if zipped and rng.random() < 0.9:
            data = _within_archive(rng, data)
        elif rng.random() < 0.05:
            data = _splice(rng, data, _choose(rng, bases).data)
        else:
            data = rng.choice(_BYTE_CHANGES if zipped else _CHANGES)(rng, data)
        data = data[:MOST_BYTES]
    if rng.random() < 0.04:
        ending = rng.choice(sorted(COMMANDS))
    return rng.choice(COMMANDS[ending]), ending, data


def _choose(rng: random.Random, bases: Sequence[Base]) -> Base:
    """Choose a format first, so that each is mutated about as often as another."""
    ending = rng.choice(sorted({base.ending for base in bases}))
    fitting = [base for base in bases if base.ending == ending]
    # Half of the time the small file that is sound throughout: most real ones are refused as such.
    return fitting[0] if rng.random() < 0.5 else rng.choice(fitting)


# --- bytes ----------------------------------------------------------------------


def _at(rng: random.Random, data: bytes) -> int:
    return rng.randrange(len(data) + 1)


def _span(rng: random.Random, data: bytes) -> tuple[int, int]:
    start = _at(rng, data)
    return start, min(len(data), start + rng.choice((1, 2, 5, 20, 200, 2000)))


def _flip(rng: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20)) if out else 0):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def _delete(rng: random.Random, data: bytes) -> bytes:
    start, end = _span(rng, data)
    return data[:start] + data[end:]


def _insert(rng: random.Random, data: bytes) -> bytes:
    at = _at(rng, data)
    new = rng.choice((rng.randbytes(rng.choice((1, 4, 50))), rng.choice(_ODD_BYTES)))
    return data[:at] + new + data[at:]


def _duplicate(rng: random.Random, data: bytes) -> bytes:
    (start, end), at = _span(rng, data), _at(rng, data)
    return data[:at] + data[start:end] + data[at:]


def _truncate(rng: random.Random, data: bytes) -> bytes:
    return data[: _at(rng, data)]


def _repeat(rng: random.Random, data: bytes) -> bytes:
    start, end = _span(rng, data)
    times = rng.choice((3, 3, 50, 50, 1000, 5000))
    return data[:end] + data[start:end] * min(times, MOST_BYTES // max(1, end - start)) + data[end:]


def _splice(rng: random.Random, data: bytes, other: bytes) -> bytes:
    return data[: _at(rng, data)] + other[_at(rng, other) :]


# --- text -----------------------------------------------------------------------


def _insert_text(rng: random.Random, data: bytes) -> bytes:
    new = rng.choice(_ODD_TEXT) * rng.choice((1, 1, 1, 2, 300))
    at = _at(rng, data)
    return data[:at] + new.encode("utf-8", "surrogatepass") + data[at:]


def _replace_text(rng: random.Random, data: bytes) -> bytes:
    start, end = _span(rng, data)
    return data[:start] + rng.choice(_ODD_TEXT).encode() * rng.choice((1, 5)) + data[end:]


def _replace_everywhere(rng: random.Random, data: bytes) -> bytes:
    if not data:
        return data
    at = rng.randrange(len(data))
    return data.replace(data[at : at + 1], rng.choice(_ODD_TEXT).encode(), 2000)


def _change_number(rng: random.Random, data: bytes) -> bytes:
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    number = rng.choice(found)
    return data[: number.start()] + rng.choice(_NUMBERS).encode() + data[number.end() :]


def _shuffle_lines(rng: random.Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    rng.shuffle(lines)
    return b"".join(lines)


def _change_encoding(rng: random.Random, data: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(rng.choice(("utf-16", "utf-16-le", "utf-32", "cp1252", "utf-7")), "replace")


_BYTE_CHANGES: tuple[Change, ...] = (_flip, _delete, _insert, _duplicate, _truncate, _repeat)
_TEXT_CHANGES: tuple[Change, ...] = (
    *(_insert_text, _insert_text, _replace_text, _replace_everywhere),
    *(_change_number, _shuffle_lines, _change_encoding),
)
_CHANGES = _BYTE_CHANGES + _TEXT_CHANGES


# --- XML within archives --------------------------------------------------------


def _delete_tag(rng: random.Random, data: bytes) -> bytes:
    found = list(_TAG.finditer(data))
    if not found:
        return data
    tag = rng.choice(found)
    return data[: tag.start()] + data[tag.end() :]


def _delete_elements(rng: random.Random, data: bytes) -> bytes:
    """Delete all elements of one name, tags only or with what is in them."""
    names = sorted(set(re.findall(rb"<([\w:]+)", data)))
    if not names:
        return data
    name = re.escape(rng.choice(names))
    if rng.random() < 0.5:
        return re.sub(rb"</?" + name + rb"(?: [^<>]*)?>", b"", data)
    return re.sub(
        rb"<" + name + rb"(?: [^<>]*)?(?:/>|>.*?</" + name + rb">)", b"", data, flags=re.S
    )


def _repeat_element(rng: random.Random, data: bytes) -> bytes:
    found = list(re.finditer(rb"<([\w:]+)(?: [^<>]*)?>[^<>]*</\1>|<[\w:]+[^<>]*/>", data))
    if not found:
        return data
    one = rng.choice(found)
    times = min(rng.choice((2, 100, 5000)), MOST_BYTES // len(one.group()))
    return data[: one.end()] + one.group() * times + data[one.end() :]


def _nest(rng: random.Random, data: bytes) -> bytes:
    found = list(re.finditer(rb"<([\w:]+)(?: [^<>]*)?(?<!/)>", data))
    if not found:
        return data
    tag = rng.choice(found)
    times = rng.choice((2, 50, 250, 5000))
    close = b"</" + tag[1] + b">"
    inside = tag.group() * times + close * times
    return data[: tag.end()] + inside + data[tag.end() :]


def _change_attribute(rng: random.Random, data: bytes) -> bytes:
    found = list(_ATTRIBUTE.finditer(data))
    if not found:
        return data
    one = rng.choice(found)
    choices = [one[1] * 2, b"x" * 100_000, rng.choice(_NUMBERS).encode(), b"", b"../../x"]
    choices += [rng.choice(found)[1], b"&lt;", b"&#xD;", b"XFD1048576", b"A1:XFD1048576"]
    return data[: one.start(1)] + rng.choice(choices) + data[one.end(1) :]


def _delete_attribute(rng: random.Random, data: bytes) -> bytes:
    found = list(_ATTRIBUTE.finditer(data))
    if not found:
        return data
    one = rng.choice(found)
    if rng.random() < 0.3:
        name = one.group().partition(b"=")[0]
        return re.sub(re.escape(name) + rb'="[^"]*"', b"", data)
    return data[: one.start()] + data[one.end() :]


def _add_doctype(rng: random.Random, data: bytes) -> bytes:
    entity = b'<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">'
    at = data.find(b"?>") + 2 if b"?>" in data[:200] else 0
    data = data[:at] + b"<!DOCTYPE x [" + entity + b"]>" + data[at:]
    return data.replace(b"</", rng.choice((b"&a;", b"&b;", b"&c;")) + b"</", 3)


def _change_words(rng: random.Random, data: bytes) -> bytes:
    """Replace the words between two tags by odd text that XML allows."""
    found = list(re.finditer(rb">([^<>]+)<", data))
    if not found:
        return data
    one = rng.choice(found)
    odd = re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd]", "", rng.choice(_ODD_TEXT + _NUMBERS))
    new = odd.replace("&", "&amp;").replace("<", "&lt;") * rng.choice((1, 1, 50, 5000))
    return data[: one.start(1)] + new.encode() + data[one.end(1) :]


_XML_CHANGES: tuple[Change, ...] = (
    *(_delete_tag, _delete_elements, _repeat_element, _nest, _change_attribute, _change_attribute),
    *(_delete_attribute, _delete_attribute, _change_number, _change_number, _change_number),
    *(_change_words, _change_words, _insert_text, _add_doctype, _truncate),
)


def _within_archive(rng: random.Random, data: bytes) -> bytes:
    """Change one part of an archive, or drop, double, swap or rename parts."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts: dict[str, str | bytes] = {
                each.filename: packed.read(each)
                for each in packed.infolist()
                if each.file_size < MOST_BYTES
            }
    except (OSError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        return rng.choice(_BYTE_CHANGES)(rng, data)
    if not parts:
        return data
    names = [name for name in parts if name.endswith((".xml", ".rels"))] or list(parts)
    name = rng.choice(names)
    chance = rng.random()
    if chance < 0.04:
        del parts[name]
    elif chance < 0.07:
        parts[name] = parts[rng.choice(names)]
    elif chance < 0.09:
        parts["../" + name] = parts.pop(name)
    else:
        content = bytes(parts[name]) if not isinstance(parts[name], str) else b""
        parts[name] = rng.choice(_XML_CHANGES)(rng, content)[:MOST_BYTES]
    return archive(parts)


def endings_of(bases: Sequence[Base]) -> list[str]:
    """Return the endings of the bases, each once."""
    return sorted(set(chain.from_iterable([base.ending] for base in bases)))
