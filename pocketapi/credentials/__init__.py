"""What a write itself needs of accounts, and what a caller proves."""
