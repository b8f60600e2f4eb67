"""Exits from the app: the handling of requests to quit, and the dialogs that precede an exit."""
