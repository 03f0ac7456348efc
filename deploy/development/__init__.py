"""What only development, tests and the demo need; neither the wheel nor the container image holds it."""
