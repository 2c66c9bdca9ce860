"""A shop that was there before the API."""
