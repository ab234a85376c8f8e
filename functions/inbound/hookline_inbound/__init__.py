"""The function that takes what third parties send under /in."""
