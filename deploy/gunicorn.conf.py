"""gunicorn's settings, wherever the site runs. Options of the command line and GUNICORN_CMD_ARGS take precedence.

One process, unless WEB_CONCURRENCY is set: without Redis each would count the requests per minute for itself.
"""

# The proxy's machine only. In a container: --bind=0.0.0.0:8000
bind = "127.0.0.1:8000"
# A bad setting stops the start, and processes share memory. Restart after an upgrade: SIGHUP loads no new code.
preload_app = True
# A slow client must not block a process.
worker_class = "gthread"
threads = 16
timeout = 60
# Longer than programs wait between two polls. A request that meets a closing connection fails.
keepalive = 30
graceful_timeout = 30
# It would be in the home directory.
control_socket_disable = True
loglevel = "warning"
