"""pocketapi.yaml to a frozen, linked Config. No Django here."""
