"""Celery's options for each kind of broker."""


def transport_options(url: str) -> dict[str, object]:
    if url.startswith("memory://"):
        return {"polling_interval": 0.1}
    if url.startswith("redis"):
        return {
            "visibility_timeout": 900,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "max_connections": 300,
            "socket_keepalive": True,
            "health_check_interval": 25,
        }
    return {"confirm_publish": True}
