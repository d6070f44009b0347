"""The only place that knows SQL: schema, migrations, reads, writes and counts."""
