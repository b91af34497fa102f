"""Searching: the question, the form of its dates, and the page of results."""
