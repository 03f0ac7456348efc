"""Two demonstration chains, made up by a generator and brought in through the ordinary import."""
