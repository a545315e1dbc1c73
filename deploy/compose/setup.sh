#!/bin/sh
# Prepares the volumes of a composed node before its services start: each service finds its own secrets in a volume that no
# other service mounts. It may be killed at any point and run again at any time.
set -eu
umask 077
SECRETS=${SECRETS:-/secrets}
VOLUMES=${VOLUMES:-/volumes}
SERVICES='transfer p2p-node indexer watcher gateway'

is_secret() { # is_secret FILE: whether it holds one whole secret
  [ -f "$1" ] && [ "$(wc -c <"$1")" -eq 32 ] && grep -Eqx '[A-Za-z0-9_-]{32}' "$1"
}

secret() { head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'; }

write() { # write FILE: replaces the file by the input, whole or not at all
  rm -f "$1.new"
  cat >"$1.new"
  chmod 0400 "$1.new"
  if [ -f "$1" ] && cmp -s "$1.new" "$1"; then
    rm "$1.new"
    return
  fi
  sync "$1.new"
  mv -f "$1.new" "$1"
  sync "$(dirname "$1")"
  echo "wrote $1"
}

create() { # create FILE: creates the secret, unless there is a whole one
  if is_secret "$1"; then return; fi
  if [ -e "$1" ]; then echo "$1 was damaged: restart the whole node with 'docker compose restart'" >&2; fi
  secret | write "$1"
}

files_in() { find "$@" -type f | head -n 1; }

# The folder of documents becomes a collection in a new node only. The mark comes before the first secret: a run that ends
# in between leaves a marked node, or one that the next run marks.
if [ -z "$(files_in "$SECRETS" "$VOLUMES/secrets" "$VOLUMES/nats" "$VOLUMES/transfer")" ]; then
  mkdir -p -m 0700 "$VOLUMES/transfer/transfer"
  : >"$VOLUMES/transfer/transfer/new-node"
  sync "$VOLUMES/transfer/transfer/new-node" "$VOLUMES/transfer/transfer" "$VOLUMES/transfer"
fi

# Version 0.1 kept all secrets in one volume. Grafana remembers the password of its first start.
if is_secret "$VOLUMES/secrets/grafana-password" && ! is_secret "$SECRETS/grafana/grafana-password"; then
  write "$SECRETS/grafana/grafana-password" <"$VOLUMES/secrets/grafana-password"
fi
create "$SECRETS/grafana/grafana-password"

for service in $SERVICES; do create "$SECRETS/$service/nats-password"; done
for service in $SERVICES; do
  # In quotes: nats-server would read 1e3 as a number.
  printf 'NATS_PASSWORD_%s: "%s"\n' "$(echo "$service" | tr 'a-z-' 'A-Z_')" "$(cat "$SECRETS/$service/nats-password")"
done | write "$SECRETS/nats/passwords.conf"

create "$SECRETS/transfer/carrier-token"
for service in p2p-node gateway; do write "$SECRETS/$service/carrier-token" <"$SECRETS/transfer/carrier-token"; done

create "$SECRETS/indexer/meilisearch-key"
printf 'master_key = "%s"\n' "$(cat "$SECRETS/indexer/meilisearch-key")" | write "$SECRETS/meilisearch/meilisearch.toml"

# Last: until here the old password of Grafana may be needed.
for name in nats-token carrier-token grafana-password meilisearch-key meilisearch.toml nats-authorization.conf; do
  rm -f "$VOLUMES/secrets/$name" "$VOLUMES/secrets/$name.new"
done
