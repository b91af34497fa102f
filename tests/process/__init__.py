"""The whole product as processes, driven from outside, while somebody kills them."""
