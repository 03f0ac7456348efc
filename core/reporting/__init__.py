"""Repurchase facts and the figures made of them."""
