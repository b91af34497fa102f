"""What proves a fact: evidence, documents, and the files behind them."""
