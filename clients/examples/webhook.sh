#!/usr/bin/env bash
# Verify a webhook with openssl, with the raw body on standard input and the headers in variables:
#   IIB_WEBHOOK_SECRET=whsec_… WEBHOOK_ID=… WEBHOOK_TIMESTAMP=… WEBHOOK_SIGNATURE=… bash webhook.sh < body
set -euo pipefail
oldest_seconds=300

# Step: verify
# The signature is an HMAC of id, time and raw body (standardwebhooks.com). Old messages are refused.
age=$(($(date +%s) - WEBHOOK_TIMESTAMP))
((${age#-} <= oldest_seconds)) || { echo "too old" >&2; exit 1; }
key=$(base64 --decode <<<"${IIB_WEBHOOK_SECRET#whsec_}" | od -An -v -tx1 | tr -d ' \n')
expected=$({ printf '%s.%s.' "$WEBHOOK_ID" "$WEBHOOK_TIMESTAMP"; cat; } |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)
for signature in $WEBHOOK_SIGNATURE; do
  [[ $signature == "v1,$expected" ]] && exit 0
done
echo "not genuine" >&2
exit 1
