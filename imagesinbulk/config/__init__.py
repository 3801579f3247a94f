"""Parts of settings.py: each module returns the settings that it is named after."""
