"""What can be sold, to whom and for how much: stock, prices, bookings, money, partners, web."""
