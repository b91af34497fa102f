"""Rooms and prices of many days, edited together: stock and prices are blind to each other."""
