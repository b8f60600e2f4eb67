"""The run browser: a table of recorded runs with a preview, from which runs are opened, compared, labelled and deleted.

Logs are read on a thread of their own; the screen draws what that thread has finished. No change to a run is made without the user's
confirmation, and none to a live run.
"""
