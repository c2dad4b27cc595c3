"""Certificates of graphs: what every step is, its conditions, and where they hold."""
