#!/bin/sh
# Makes the secrets that the services of a composed node share: once, each complete or not at all, readable by them alone.
set -eu
umask 077
cd /secrets

keep() { # keep FILE: what comes in becomes the file, unless there is one
  if [ -s "$1" ]; then return; fi
  cat >"$1.new"
  sync "$1.new"
  mv "$1.new" "$1"
  echo "made $1"
}

secret() { head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'; }

secret | keep nats-token
secret | keep carrier-token
secret | keep grafana-password
secret | keep meilisearch-key
printf 'master_key = "%s"\n' "$(cat meilisearch-key)" | keep meilisearch.toml
# In quotes: nats-server would read 1e3 as a number.
printf 'authorization { token: "%s" }\n' "$(cat nats-token)" | keep nats-authorization.conf
