"""Every rule of price as a row of a table: read, written, compared with what is set, applied."""
