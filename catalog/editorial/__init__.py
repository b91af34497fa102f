"""What the product tells of the clusters and themes: short texts, facts with sources, honest gaps.

Both languages stand side by side. Every fact names where it is from and how old it is; what has not
been found out is said too, and nothing here is a promise about health.
"""
