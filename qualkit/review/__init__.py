"""A person at the terminal: decide, add, memo; imports Textual only when it runs."""
