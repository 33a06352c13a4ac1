# Builds the image of consilod from source:  docker build -t consilod .
# script/image makes the same image of the package without a container engine. docs/deploy.md says how to run it.

FROM debian:bookworm AS build
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y --no-install-recommends \
    binutils ca-certificates debhelper dpkg-dev lintian mmdebstrap patchelf
WORKDIR /src
# What is needed to build changes seldom, and is kept while it does not.
COPY script/setup script/setup
COPY script/lib script/lib
RUN script/setup
COPY . .
RUN script/package
# The package with the libraries it depends on, time zones and certificates: no shell, and no program but consilod.
RUN script/lib/image-root .build/package/consilod_*.deb /image

FROM scratch
COPY --from=build /image /
LABEL org.opencontainers.image.title="consilod"
# Not a name: Kubernetes' runAsNonRoot wants a number.
USER 65532:65532
# The SQLite store, where it is used, and the model. Nothing else is written: the root file system may be read-only.
VOLUME /var/lib/consilod
WORKDIR /var/lib/consilod
# All interfaces, as only the container's ports that are published can be reached. The rest is as in systemd/consilod.service.
ENV PATH=/usr/bin \
    STATE_DIRECTORY=/var/lib/consilod \
    CONSILOD_HTTP_HOST=0.0.0.0 \
    OMP_NUM_THREADS=1 \
    OMP_WAIT_POLICY=passive \
    LIBDISPATCH_LOG=NO \
    SWIFT_BACKTRACE=enable=no
EXPOSE 8080
# Requests in flight are answered within shutdown.timeout_seconds (30): give it 65 seconds, as the unit does.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=2m --retries=3 CMD ["/usr/bin/consilod", "ready"]
ENTRYPOINT ["/usr/bin/consilod"]
CMD ["serve"]
