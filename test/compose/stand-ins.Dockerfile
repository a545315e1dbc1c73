# Images with the names and the ways of the published ones, made of Debian's packages and of our own pinned Node: for
# machines that reach no registry. README.md lists what they stand in for and how they differ.
FROM allibrary-test/debian AS node
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
 && groupadd -g 1000 node && useradd -u 1000 -g node -m node
CMD ["node"]

FROM allibrary-test/debian AS nats
COPY nats-server /usr/local/bin/nats-server
# As in Alpine, wget is busybox.
RUN ln -s /usr/bin/busybox /usr/bin/wget
# nats-server 2.9 does not start with an option of 2.10. It finds the secrets from /data by the same relative path.
ENTRYPOINT ["sh", "-c", "sed /sync_interval/d /etc/nats/nats.conf >/data/nats.conf && exec nats-server -c /data/nats.conf"]

FROM allibrary-test/debian AS prometheus
COPY prometheus /bin/prometheus
RUN mkdir /prometheus && chown nobody:nogroup /prometheus
USER nobody
ENTRYPOINT ["/bin/prometheus"]

FROM allibrary-test/debian AS node-exporter
COPY prometheus-node-exporter /bin/node_exporter
USER nobody
ENTRYPOINT ["/bin/node_exporter"]
