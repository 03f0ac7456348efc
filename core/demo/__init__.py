"""The demo chains: generated records, loaded through the ordinary import."""
