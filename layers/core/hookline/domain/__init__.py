"""Pure, frozen values and their rules: no I/O, no clock and no randomness of their own."""
