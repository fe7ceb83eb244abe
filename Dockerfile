# rolecall as one static binary in an empty image.
#
# Where a registry is reachable:
#   docker build -t rolecall .
# Where none is, from a static binary that was built before, in a folder of its own:
#   RUSTFLAGS="-C target-feature=+crt-static" cargo build --release --locked --target x86_64-unknown-linux-gnu -p rolecall
#   mkdir -p dist && cp target/x86_64-unknown-linux-gnu/release/rolecall dist/
#   DOCKER_BUILDKIT=1 docker build -t rolecall -f Dockerfile --target prebuilt dist

FROM rust:1.95-bookworm AS build
WORKDIR /rolecall
COPY . .
RUN RUSTFLAGS="-C target-feature=+crt-static" cargo build --release --locked --target x86_64-unknown-linux-gnu -p rolecall \
 && mkdir /dist && cp target/x86_64-unknown-linux-gnu/release/rolecall /dist/

FROM scratch AS settings
USER 65534:65534
EXPOSE 4566
HEALTHCHECK --interval=1s --timeout=2s --retries=10 CMD ["/rolecall", "ping"]
ENTRYPOINT ["/rolecall"]
CMD ["serve", "--address", "0.0.0.0"]

FROM settings AS prebuilt
COPY rolecall /rolecall

FROM settings
COPY --from=build /dist/rolecall /rolecall
