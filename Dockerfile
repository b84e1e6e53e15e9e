# One image for web, worker, beat and migrate; docker-compose.yml says which is which.
FROM python:3.11-slim-bookworm AS packages
COPY requirements-prod.lock /
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes --only-binary=:all: --no-deps \
      --requirement /requirements-prod.lock

FROM python:3.11-slim-bookworm
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home o2c \
 && install --directory --owner=o2c --mode=0700 /var/lib/o2c \
 && install --directory --owner=o2c /srv/static /srv/fonts
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    O2C_STATE_DIR=/var/lib/o2c \
    STATIC_ROOT=/srv/static \
    COMPRESS_STATIC=1 \
    FONTCONFIG_FILE=/srv/fonts/fonts.conf
USER o2c
RUN python manage.py collectstatic --no-input --verbosity=0 \
 && python -c "from pathlib import Path; \
from o2c.core.pdf_support import write_font_configuration as write; write(Path('/srv/fonts'))"
VOLUME /var/lib/o2c
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["gunicorn", "o2c.wsgi", "--bind=0.0.0.0:8000", "--worker-class=gthread", "--workers=2", "--threads=4", \
     "--preload", "--no-control-socket", "--max-requests=5000", "--max-requests-jitter=500"]
