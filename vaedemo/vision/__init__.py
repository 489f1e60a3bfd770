"""Pictures: what people upload, faces brought into place, CIELAB, warps, GIFs."""
