"""Fullkit runs B2B sales as an engineered production process."""

__version__ = "0.2.0"
