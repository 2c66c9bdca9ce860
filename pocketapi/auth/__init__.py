"""Opening sessions."""
