# One image for all five services: the command names the one that a container runs.
# No heredoc, COPY --link or syntax line: they would ask a registry for a build frontend.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY apps/gateway/package.json apps/gateway/
COPY apps/indexer/package.json apps/indexer/
COPY apps/p2p-node/package.json apps/p2p-node/
COPY apps/supervisor/package.json apps/supervisor/
COPY apps/transfer/package.json apps/transfer/
COPY apps/watcher/package.json apps/watcher/
COPY libs/api/package.json libs/api/
COPY libs/carrier/package.json libs/carrier/
COPY libs/contracts/package.json libs/contracts/
COPY libs/core/package.json libs/core/
COPY libs/library/package.json libs/library/
COPY libs/messaging/package.json libs/messaging/
COPY libs/platform/package.json libs/platform/
COPY libs/testing/package.json libs/testing/
# Behind a proxy that ends TLS, the build secret `ca` holds the proxy's certificate; without one Node goes on with a warning.
RUN --mount=type=secret,id=ca,required=false --mount=type=cache,target=/root/.npm \
    NODE_EXTRA_CA_CERTS=/run/secrets/ca npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node tools/build.ts \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund
# What is left runs: nothing that only builds, tests or supervises. The image has a Node of its own.
# Node looks for compiled code in a folder whose name ends with the id of the user that runs it.
RUN rm -rf node_modules/node-linux-* node_modules/.bin \
           apps/supervisor node_modules/@allibrary/supervisor libs/testing node_modules/@allibrary/testing \
           apps/*/src apps/*/web apps/*/tsconfig*.json libs/*/src libs/*/tsconfig*.json \
           node_modules/@tesseract.js-data/eng/4.0.0 node_modules/@hyzyla/pdfium/dist/*base64* \
 && for cache in apps/*/dist/compile-cache/*-0; do mv "$cache" "${cache%-0}-1000"; done \
 && chmod -R a+rX apps/*/dist/compile-cache \
 && find node_modules/tesseract.js-core -name 'tesseract-core*' ! -name 'tesseract-core-simd-lstm.*' -delete

FROM ${NODE_IMAGE}
# The indexer runs them in confined processes to read PDFs and scans. Without poppler-data, East Asian PDFs lack letters.
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends poppler-utils poppler-data tesseract-ocr \
 && rm -rf /var/lib/apt/lists/*
ENV ALLIBRARY_DATA=/data \
    ALLIBRARY_HTTP_HOST=0.0.0.0 \
    ALLIBRARY_HTTP_PORT=8080
WORKDIR /app
# Owned by root: a service can't change its own code. A new volume at /data takes over the owner that it has here.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/libs libs
COPY --from=build /app/apps apps
RUN mkdir /volumes && for folder in /data /secrets \
      /secrets/gateway /secrets/grafana /secrets/indexer /secrets/meilisearch \
      /secrets/nats /secrets/p2p-node /secrets/transfer /secrets/watcher \
      /volumes/grafana /volumes/meilisearch /volumes/nats /volumes/secrets /volumes/transfer; do \
      mkdir -m 0700 "$folder" && chown node:node "$folder"; \
    done
USER node
LABEL org.opencontainers.image.title="AlLibrary Seedbox" \
      org.opencontainers.image.description="The always-on node of a peer-to-peer document library" \
      org.opencontainers.image.licenses="MIT"
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.ALLIBRARY_HTTP_PORT + '/health/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Starts the service that the command names, with its flags: libs/platform/src/service-process.ts.
ENTRYPOINT ["node", "libs/platform/dist/container.js"]
