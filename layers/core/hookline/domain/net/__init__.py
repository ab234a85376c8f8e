"""Urls, addresses, headers, certificates: the rules of the wire."""
