"""Licences: which are required, how they are recorded, and how they end."""
