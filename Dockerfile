# The image holds one virtual environment and no build tools.
# Python 3.11 is the version that the tests run on.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /source
COPY requirements requirements
RUN python -m venv --without-pip /opt/tagwright \
    && pip --python /opt/tagwright/bin/python install --require-hashes -r requirements/runtime.txt \
    && pip install --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md ./
COPY rulesets rulesets
COPY service service
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && pip --python /opt/tagwright/bin/python install --no-deps --no-index /wheels/*.whl

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /data tagwright
COPY --from=build /opt/tagwright /opt/tagwright
ENV PATH=/opt/tagwright/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TAGWRIGHT_BIND=0.0.0.0:8080 \
    TAGWRIGHT_DATABASE_URL=sqlite:////data/tagwright.db
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
CMD ["tagwright", "serve"]
