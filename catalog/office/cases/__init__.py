"""Cases: their life, their review, and the handlers of each kind of case."""
