#!/usr/bin/env bash
# Create a folder of pictures from a list of prompts, with curl and jq:
#   IIB_API_KEY=iib_… IIB_URL=https://images.example.com bash batch.sh folder
set -euo pipefail
api="$IIB_URL/api/v1"
folder=${1:-pictures}
mkdir -p "$folder"

# The key goes through a file descriptor: others could read it in the list of processes.
ask() {
  curl --silent --show-error --fail-with-body --retry 5 --retry-connrefused \
    --config <(printf 'header = "Authorization: Bearer %s"\n' "$IIB_API_KEY") "$@"
}

# Step: submit
# With the same Idempotency-Key, a repeated request creates and costs nothing.
once="postcards-$(date +%s)-$$"
id=$(ask "$api/batches" --header "Content-Type: application/json" --header "Idempotency-Key: $once" --data @- <<'LIST' | jq -r .id
{
  "prompts": ["a lighthouse at dawn", {"prompt": "a red fox in the snow", "name": "fox", "ratio": "16:9"}],
  "style": "watercolour",
  "quality": "low",
  "format": "png"
}
LIST
)

# Step: wait
while
  batch=$(ask "$api/batches/$id")
  status=$(jq -r .status <<<"$batch")
  [[ $status != finished && $status != cancelled ]]
do
  sleep 2
done
jq -r '.images[] | select(.error) | "\(.name): \(.error.message)"' <<<"$batch" >&2

# Step: save
jq -r '.images[] | select(.url) | [.url, .name] | @tsv' <<<"$batch" | while IFS=$'\t' read -r url name; do
  ask "$url" --output "$folder/$name"
done
jq -r '.images[] | select(.url) | "\(.sha256)  \(.name)"' <<<"$batch" | (cd "$folder" && sha256sum --check --quiet)

# Step: zip
ask "$api/batches/$id/zip" --output "$folder.zip"
