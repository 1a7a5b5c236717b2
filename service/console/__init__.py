"""The console: HTTP for people. Pages made on the server, on the same operations as the API; scripts only make them
better.
"""
