"""Appointments, as another program kept them: until they are made here, they are read from files and shown."""
