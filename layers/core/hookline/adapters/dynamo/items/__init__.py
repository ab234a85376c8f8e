"""Domain values as items and back, one kind a module: plain, readable attributes, ISO times."""
