"""The user's tables as Django models: built from the config, migrated, connected."""
