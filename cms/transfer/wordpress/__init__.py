"""WordPress: exports in its WXR format, versions 1.0 to 1.2."""
