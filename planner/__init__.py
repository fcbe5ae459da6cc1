"""Bundlinje's web application and command line, standing on `optimizer`."""

__version__ = "0.1.0"
