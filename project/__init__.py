"""The demo project: pocketapi with settings from the environment."""
