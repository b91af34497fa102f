"""What happens to a booking after it is placed, from its payment to the last night."""
