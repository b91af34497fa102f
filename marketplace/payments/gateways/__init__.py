"""Payment gateways behind their port, and talking to them."""
