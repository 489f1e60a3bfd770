"""The server behind the page: inference, requests, limits, files."""
