"""The screen in a browser: the server, its access token, and one process for each tab."""
