#!/bin/sh
# What a container of the application does: "serve" (the default), "worker", "beat", a management command of the site
# (upgrade, backup, restore, …), or any other program.
set -eu
media=${SOLIDARITY_MEDIA_ROOT:-${SOLIDARITY_STATE:-/state}/media}
mkdir -p "$media/releases" "$media/basemap" # the proxy reads both
case "${1:-serve}" in
serve)
    link=$(python manage.py first_start_link || :) # empty once somebody administers the site
    if [ -n "$link" ]; then
        printf 'Open this link to create the administrator. It works once, for a day:\n\n    %s\n\n' "$link"
    fi
    exec granian --interface wsgi --host "${SOLIDARITY_LISTEN:-0.0.0.0}" --port 8000 \
        --workers "${SOLIDARITY_WEB_WORKERS:-2}" --blocking-threads "${SOLIDARITY_WEB_THREADS:-4}" \
        --respawn-failed-workers --no-access-log --no-ws solidarity.wsgi:application
    ;;
worker)
    exec celery -A solidarity worker -Q celery -P prefork -c "${SOLIDARITY_TASK_WORKERS:-2}" -l WARNING
    ;;
beat)
    exec celery -A solidarity beat -l WARNING -s "${SOLIDARITY_BEAT_FILE:-/tmp/beat-schedule}" --pidfile=
    ;;
*)
    if [ -n "$(find solidarity volunteers needs mapping -path "*/management/commands/$1.py" -print -quit)" ]; then
        exec python manage.py "$@"
    fi
    exec "$@"
    ;;
esac
