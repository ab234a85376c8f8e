"""Starts the deployed system on this machine, beside an AWS emulator and a receiver.

Nothing here is part of what is deployed.
"""
