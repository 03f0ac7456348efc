"""How a column is read where its cells alone leave it open: by its other cells, by the chain, or by the user's word."""
