# Two images: "app" for the web server, the worker and the scheduler, "proxy" for nginx. docker-compose.yml says which is
# which. `make pin` adds the digest of each image below to its version.

FROM node:22.23.2-slim AS browser-libraries
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY solidarity/styles solidarity/styles
RUN npm ci --no-audit --no-fund --ignore-scripts && npm run --silent styles && npm prune --omit=dev --no-audit --no-fund

FROM python:3.13.14-slim-trixie AS python-packages
WORKDIR /app
ARG REQUIREMENTS=requirements.txt
COPY requirements.txt requirements-lake.txt ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r "$REQUIREMENTS"

FROM python:3.13.14-slim-trixie AS app
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# GDAL (with GEOS and PROJ) for GeoDjango, Pango for WeasyPrint, gettext to compile the translations, pg_dump for back-ups.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fonts-dejavu-core gettext libgdal36 libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
        postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /state --shell /usr/sbin/nologin solidarity \
    && install -d -o solidarity -g solidarity /state /state/media /state/media/basemap /state/media/releases
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SOLIDARITY_STATE=/state \
    SOLIDARITY_STATIC_ROOT=/app/static
WORKDIR /app
COPY --from=python-packages /venv /venv
COPY . .
# The keys exist for this command alone, and the browser libraries are wanted only where they are collected from.
RUN --mount=type=bind,from=browser-libraries,source=/app/node_modules,target=/app/node_modules \
    find . -path ./node_modules -prune -o -name '*.po' -print \
        | while read -r po; do msgfmt -o "${po%.po}.mo" "$po" || exit 1; done \
    && SOLIDARITY_DEMO=1 SOLIDARITY_SECRET_KEY=build \
        SOLIDARITY_FIELD_KEY="$(head -c 32 /dev/urandom | base64 | tr '+/' '-_')" python manage.py collectstatic --noinput
USER 10001
VOLUME /state
EXPOSE 8000
ENTRYPOINT ["sh", "/app/solidarity/ops/deployment/entrypoint.sh"]
CMD ["serve"]

FROM debian:trixie-20260918-slim AS proxy
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends curl gettext-base libnginx-mod-http-brotli-static nginx openssl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /certificates --shell /usr/sbin/nologin solidarity \
    && install -d -o solidarity -g solidarity /own-certificate
COPY --from=app /app/static /app/static
COPY solidarity/ops/deployment/nginx /app/nginx
USER 10001
EXPOSE 8080 8443
ENTRYPOINT ["sh", "/app/nginx/start.sh"]
