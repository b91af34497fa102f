"""The office's figures as pages, tables, files and images."""
