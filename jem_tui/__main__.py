"""`python -m jem_tui`."""

from jem_tui.cli import main

if __name__ == "__main__":
    main()
