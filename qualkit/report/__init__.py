"""Results to rich tables, Markdown, CSV, XLSX and JSON; computes nothing."""
