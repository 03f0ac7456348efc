"""Pages of the repurchase rate: the report, its charts, its exports, the clients behind it."""
