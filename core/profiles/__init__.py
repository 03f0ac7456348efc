"""A client as people look one up: found by name, phone or number, with the tier held and the visits."""
