"""A case about an entry of the directory, step by step.

One set of pages serves two audiences: applicants and claimants below ``/apply``, and operators, who
change their own entry below their console. Neither is known here.
"""
