"""A stand-in for OpenAI's API: images, moderations, responses and models."""
