"""Files in; sources, cases and segments out. One module a format; none touches a database."""
