"""What travellers, operators and the office read of bookings."""
