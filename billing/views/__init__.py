"""The pages of prices, and of a chain's plan and payments."""
