"""What settings.py is made of: each module returns settings for what it is named after."""
