"""What ``mmpose browse`` draws."""
