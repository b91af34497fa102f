"""Where things are and where people come from: towns, divisions, cities, stations, distances."""
