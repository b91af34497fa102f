"""Tables as offices write them, CSV or workbook, read as one stream of lines by column."""
