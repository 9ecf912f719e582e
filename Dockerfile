# docker build --build-arg VERSION=$(git describe --always) -t flywheel .
# Style and script of the merchants' pages. Packages first: this layer stays as long as the lock does.
FROM node:22-slim AS ui
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY server ./server
COPY templates ./templates
RUN node server/ui/build.mjs

FROM golang:1.26 AS build
WORKDIR /src
ENV CGO_ENABLED=0 GOFLAGS=-buildvcs=false
# Modules first: this layer stays as long as the pins do.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=ui /src/server/ui/dist ./server/ui/dist
ARG VERSION=dev
RUN go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /out/flywheel . && mkdir /out/data

# CA certificates, time zones, a user without rights (65532), no shell.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/flywheel /flywheel
# A new volume takes owner and mode from this folder.
COPY --from=build --chown=65532:65532 /out/data /data
ENV ADDR=0.0.0.0:8080 DATABASE_URL=sqlite:/data/flywheel.db
USER 65532:65532
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
# Asks http://ADDR/healthz. `work` has no such listener: run it with the health check off.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["/flywheel", "doctor", "--health"]
ENTRYPOINT ["/flywheel"]
# `all` is web and worker in one process on SQLite. Set SECRET_KEY, SMTP_URL and BASE_URL: the last is
# what links in mails lead to, and its default, http://ADDR, leads nowhere from outside.
CMD ["all"]
