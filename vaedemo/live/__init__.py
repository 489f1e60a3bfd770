"""Decoding in the browser: the WebAssembly kernels, their weights, and the worker around them (``static/``)."""
