"""The contract's verbs without HTTP: what the API, the admin panel, actions and commands call."""
