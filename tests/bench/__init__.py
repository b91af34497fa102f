"""The figures of stock, search and requests: ``python -m tests.bench`` prints them."""
