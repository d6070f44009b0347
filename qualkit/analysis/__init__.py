"""Counts, rows and arrays in; small result tables out. Touches no database and no file."""
