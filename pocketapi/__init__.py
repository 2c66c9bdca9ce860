"""One YAML file becomes a backend: tables, row-level rules, accounts and a REST API, as a reusable Django app."""
