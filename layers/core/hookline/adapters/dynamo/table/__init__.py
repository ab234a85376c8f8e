"""What every table shares: keys, reads, writes, attributes."""
