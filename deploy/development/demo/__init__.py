"""Two demonstration chains: generated records, brought in through the ordinary import."""
