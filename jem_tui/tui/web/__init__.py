"""The screen in a browser: the server, its access token, and one process for each tab.

Each process runs the same program as in a terminal; only the driver differs.
"""
