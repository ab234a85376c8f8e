"""Pure, frozen values and the rules about them: no I/O, no clock, no randomness of their own."""
