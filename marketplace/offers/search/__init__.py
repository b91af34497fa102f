"""What a traveller asks and what is found: filters, facets, dates, nearest alternatives."""
