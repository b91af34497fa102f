"""A quote over stock and price, and what else could be had."""
