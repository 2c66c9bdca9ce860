"""Who may touch which rows and columns."""
