"""Accounts elsewhere: what is set about each provider, and proving what one says of somebody."""
