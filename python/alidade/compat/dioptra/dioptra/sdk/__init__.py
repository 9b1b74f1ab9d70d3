"""The plugin author's side of Dioptra."""
