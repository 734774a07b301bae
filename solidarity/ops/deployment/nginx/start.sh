#!/bin/sh
# Starts the proxy: completes the configuration beside this file, makes a certificate if there is none, and runs nginx.
# Every setting has a default for the image; docs/deploy.md names those that a machine without containers needs.
set -eu
umask 077
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

hosts=${SOLIDARITY_ALLOWED_HOSTS:?the host names that people use, separated by commas}
NGINX_NAMES=$(printf '%s' "$hosts" | tr ',' ' ')
NGINX_APPLICATION=${SOLIDARITY_APPLICATION:-web:8000}
NGINX_UPSTREAM='' NGINX_NEXT=off
case $NGINX_APPLICATION in
*,*) # several web hosts: one that does not answer is left out for five seconds
    NGINX_UPSTREAM="upstream application { server $(printf '%s' "$NGINX_APPLICATION" |
        sed 's/,/ max_fails=1 fail_timeout=5s; server /g') max_fails=1 fail_timeout=5s; }"
    NGINX_APPLICATION=application
    NGINX_NEXT='error timeout' # what may have changed something is sent to one host only (nginx's rule for POST)
    ;;
esac
NGINX_HTTP_PORT=${SOLIDARITY_HTTP_LISTEN:-8080}
NGINX_HTTPS_PORT=${SOLIDARITY_HTTPS_LISTEN:-8443}
NGINX_CERTIFICATES=${SOLIDARITY_CERTIFICATES:-/certificates}
NGINX_ACME=${SOLIDARITY_ACME:-/acme}
static=${SOLIDARITY_STATIC_ROOT:-/app/static}
NGINX_FILES=${SOLIDARITY_MEDIA_ROOT:-/files}
NGINX_PAGES=$here
NGINX_RUN=${SOLIDARITY_NGINX_RUN:-/tmp/nginx}
NGINX_WWW=$NGINX_RUN/www
NGINX_ACCESS_LOG=${SOLIDARITY_ACCESS_LOG:-/dev/stdout}
NGINX_LOG_BUFFER=${SOLIDARITY_ACCESS_LOG_BUFFER-buffer=32k flush=1s}
NGINX_RESOLVER=$(sed -n 's/^nameserver[[:space:]]*\([0-9.]*\)$/\1/p' /etc/resolv.conf | head -n 1)
NGINX_RESOLVER=${NGINX_RESOLVER:-127.0.0.11}
NGINX_HSTS="max-age=${SOLIDARITY_HSTS_SECONDS:-31536000}; includeSubDomains; preload"
nginx=${SOLIDARITY_NGINX:-nginx}
brotli=${SOLIDARITY_NGINX_MODULES:-/usr/lib/nginx/modules}/ngx_http_brotli_static_module.so
NGINX_MODULES='' NGINX_BROTLI=''
if [ -e "$brotli" ]; then
    NGINX_MODULES="load_module $brotli;" NGINX_BROTLI='brotli_static on;'
fi

mkdir -p "$NGINX_WWW"
ln -sfn "$static" "$NGINX_WWW/static"
mkdir -p "$NGINX_WWW/map/releases"
ln -sfn "$NGINX_FILES/releases/public" "$NGINX_WWW/map/releases/public"
if [ ! -s "$NGINX_CERTIFICATES/fullchain.pem" ]; then
    name=${hosts%%,*}
    name=${name#.}
    own=${SOLIDARITY_OWN_CERTIFICATE:-$NGINX_RUN}
    if [ ! -s "$own/fullchain.pem" ]; then
        echo "No certificate in $NGINX_CERTIFICATES: a self-signed one is made. Browsers will warn of it (docs/deploy.md)."
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 825 -subj "/CN=$name" \
            -addext "subjectAltName=DNS:$name" -keyout "$own/privkey.pem" -out "$own/fullchain.pem" 2>/dev/null
    fi
    NGINX_CERTIFICATES=$own
fi

export NGINX_UPSTREAM NGINX_NEXT NGINX_NAMES NGINX_APPLICATION NGINX_HTTP_PORT NGINX_HTTPS_PORT NGINX_CERTIFICATES NGINX_ACME NGINX_PAGES NGINX_RUN
export NGINX_WWW NGINX_FILES NGINX_ACCESS_LOG NGINX_LOG_BUFFER NGINX_RESOLVER NGINX_HSTS NGINX_MODULES NGINX_BROTLI
for file in nginx.conf proxy_request.conf static_types.conf; do
    # shellcheck disable=SC2016  # envsubst wants the names as they are: nginx has variables of its own
    envsubst "$(env | sed -n 's/^\(NGINX_[A-Z_]*\)=.*/${\1}/p' | tr '\n' ' ')" < "$here/$file" > "$NGINX_RUN/$file"
done
if [ -e /proc/net/if_inet6 ]; then # a port without an address: IPv6 too, in a socket of its own
    sed -i 's/^\( *\)listen \([0-9]*\)\( .*\)\{0,1\};$/&\n\1listen [::]:\2\3;/' "$NGINX_RUN/nginx.conf"
fi
exec "$nginx" -e stderr -c "$NGINX_RUN/nginx.conf" -g "daemon off; ${SOLIDARITY_NGINX_GLOBAL:-}"
