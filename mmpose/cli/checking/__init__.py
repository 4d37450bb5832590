"""What ``mmpose check`` looks at."""
