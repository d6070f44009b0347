"""Writes docs/commands.md from the program's own help.

    python docs/make_commands.py [--check]

With --check it writes nothing and ends with 1 if the file is out of date.
"""

from __future__ import annotations

import sys
from pathlib import Path

import typer
from typer.main import get_command

from qualkit.cli.main import app

TARGET = Path(__file__).resolve().parent / "commands.md"
HEAD = """# Commands

Made from the program's own help by `python docs/make_commands.py`; do not edit.

Every command ends with 0 when done, 1 after an error that you can mend (one
message says what, where and what to do), 2 after wrong usage. `--project` (or
`-p`, or the environment variable `QUALKIT_PROJECT`) names the project file,
`qualkit.db` in the current folder if left out.
"""


def reference() -> str:
    """Return the whole reference as Markdown."""
    root = get_command(app)
    blocks = [HEAD]
    context = typer.Context(root, info_name="qualkit", terminal_width=88, max_content_width=88)
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        inner = typer.Context(
            command,
            info_name=name,
            parent=context,
            terminal_width=88,
            max_content_width=88,
        )
        subcommands = getattr(command, "commands", None)
        if subcommands is None:
            blocks.append(_block(f"qualkit {name}", command.get_help(inner)))
            continue
        for subname, subcommand in subcommands.items():
            leaf = typer.Context(
                subcommand,
                info_name=subname,
                parent=inner,
                terminal_width=88,
                max_content_width=88,
            )
            blocks.append(_block(f"qualkit {name} {subname}", subcommand.get_help(leaf)))
    return "\n".join(blocks)


def _block(title: str, text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return f"## {title}\n\n```text\n{lines}\n```\n"


def main() -> int:
    """Write the reference, or with --check compare it."""
    text = reference()
    if "--check" in sys.argv:
        if TARGET.read_text(encoding="utf-8") != text:
            sys.stdout.write("docs/commands.md is out of date: python docs/make_commands.py\n")
            return 1
        return 0
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
