#!/bin/sh
# Creates deploy/docker/secrets/ with one file for each secret of compose.yaml. Files that exist stay as they are.
set -eu
cd "$(dirname "$0")"
# Compose gives the files to the containers with their owner and mode: readable there, and unreachable here.
mkdir -p secrets
chmod 700 secrets
umask 022

new() { [ -e "secrets/$1" ] || printf '%s' "$2" >"secrets/$1"; }
random() { head -c 48 /dev/urandom | base64 | tr -d '\n/+='; }

# On a site that had no such key, the secret key was it.
new safety_identifier_key "$(cat secrets/secret_key 2>/dev/null || random)"
new secret_key "$(random)"
new safety_identifier_key "$(random)"
new database_password "$(random)"
new database_url "mysql://images:$(cat secrets/database_password)@db/images"
for name in email_url openai_api_key stripe_secret_key; do
  new "$name" ""
  [ -s "secrets/$name" ] || echo "Write the value into $PWD/secrets/$name"
done
