"""What a night costs, and why: tariffs, long-stay discounts, itemised quotes."""
