"""What the application does: plain functions over a session and plain values."""
