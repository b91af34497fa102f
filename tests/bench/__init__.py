"""The figures of stock and search: ``python -m tests.bench`` prints them for both databases."""
