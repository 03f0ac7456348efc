"""An app as small as one can be, to see what it takes to add one."""
