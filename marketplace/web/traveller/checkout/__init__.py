"""From the quote to the payment: prices line by line, the steps of booking, paying."""
