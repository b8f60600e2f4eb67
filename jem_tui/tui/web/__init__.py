"""The screen in a browser: the server, its access token, and one session for each tab."""
