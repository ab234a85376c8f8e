"""What waits, and who lets it go on."""
