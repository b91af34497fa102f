"""Many entries at once: import of directory files with preview and undo, and export."""
