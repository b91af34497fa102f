"""Applying for an entry of the directory, claiming one, and changing one's own.

The steps serve two audiences: applicants below ``/apply``, operators below their own console. All
routes stand on the blueprint of ``routes``.
"""
