"""An app of a project, whose models the tests expose as tables. It has no migrations: its tables are made with the databases."""
