"""Joint Energy-based Models, trained and watched in the terminal."""

__version__ = "0.1.0"
