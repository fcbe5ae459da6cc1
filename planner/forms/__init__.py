"""Grows next."""
