"""What a request costs at the front door, over HTTP, beside the least that it could cost."""
