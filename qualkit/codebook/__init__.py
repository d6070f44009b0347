"""Codebooks: load the YAML file, check it, compile its patterns into surface forms."""
