"""`python -m qualkit`: the program, where its script is not on the path."""

from __future__ import annotations

from qualkit.cli.main import run

if __name__ == "__main__":
    run()
