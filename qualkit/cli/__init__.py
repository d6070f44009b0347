"""Thin Typer commands, one file a group: parse, call the project, print."""
