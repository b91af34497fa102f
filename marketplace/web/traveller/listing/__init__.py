"""One listing: its facts, and what it answers to dates and people."""
