"""The guarded counters behind everything that is sold: pools, days, claims."""
