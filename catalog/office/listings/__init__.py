"""Documents of listings: schema, checks, preview, and making them true."""
