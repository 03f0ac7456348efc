"""Files in: recognise, validate, load, report."""
