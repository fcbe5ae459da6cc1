"""The forms; they know no database."""
