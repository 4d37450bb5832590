"""What ``mmpose report`` reads and shows."""
