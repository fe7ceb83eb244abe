# rolecall as one static binary in an empty image.
#
# Where a registry is reachable:
#   docker build -t rolecall .
# Where none is, from a static binary that was built before, in a folder of its own with an empty `data` beside it:
#   RUSTFLAGS="-C target-feature=+crt-static" cargo build --profile dist --locked --target x86_64-unknown-linux-gnu -p rolecall
#   mkdir -p dist/data && cp target/x86_64-unknown-linux-gnu/dist/rolecall dist/
#   docker build -t rolecall -f Dockerfile --target prebuilt dist
# The stages stand in this order so that a builder that takes them one by one, without BuildKit, never asks a registry.

FROM scratch AS settings
USER 65534:65534
EXPOSE 4566
# Inside a container every address is the container's own. Publish the port on loopback, or choose a root secret.
ENV ROLECALL_HOST=0.0.0.0
HEALTHCHECK --interval=1s --timeout=2s --retries=10 CMD ["/rolecall", "ping"]
ENTRYPOINT ["/rolecall"]
CMD ["serve"]

FROM settings AS prebuilt
COPY rolecall /rolecall
COPY --chown=65534:65534 data /data

FROM rust:1.95-bookworm AS build
WORKDIR /rolecall
COPY . .
RUN RUSTFLAGS="-C target-feature=+crt-static" cargo build --profile dist --locked --target x86_64-unknown-linux-gnu -p rolecall \
 && mkdir -p /dist/data && cp target/x86_64-unknown-linux-gnu/dist/rolecall /dist/

FROM settings
COPY --from=build /dist/rolecall /rolecall
COPY --from=build --chown=65534:65534 /dist/data /data
