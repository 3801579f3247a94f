"""Pictures drawn from a prompt with Pillow alone: no model, no system font, no network."""
