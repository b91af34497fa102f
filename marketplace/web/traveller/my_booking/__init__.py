"""A traveller's own booking: its state, the voucher, changes, rehousing, the next summer."""
