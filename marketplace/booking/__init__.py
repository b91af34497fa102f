"""Bookings: from the hold to the voucher, the stay, and the way out."""
