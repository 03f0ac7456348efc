#!/bin/sh
# Django's deployment checks on the production settings, any warning being a failure. Needs no database.
set -eu
cd "$(dirname "$0")/.."
export DJANGO_SETTINGS_MODULE=config.settings.prod
export SECRET_KEY="${SECRET_KEY:-$(.venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(60))')}"
export ALLOWED_HOSTS="${ALLOWED_HOSTS:-.example.com}"
export DATABASE_URL="${DATABASE_URL:-postgres://revisit@localhost/revisit}"
export BROKER_URL="${BROKER_URL:-redis://localhost/0}"
export CACHE_URL="${CACHE_URL:-redis://localhost/1}"
export EMAIL_URL="${EMAIL_URL:-smtp+tls://user:password@localhost:587}"
export PLATFORM_OPERATOR_NAME="${PLATFORM_OPERATOR_NAME:-Example}"
export PLATFORM_OPERATOR_ADDRESS="${PLATFORM_OPERATOR_ADDRESS:-1 Example Street}"
export PLATFORM_OPERATOR_EMAIL="${PLATFORM_OPERATOR_EMAIL:-privacy@example.com}"
exec .venv/bin/revisit check --deploy --fail-level WARNING
