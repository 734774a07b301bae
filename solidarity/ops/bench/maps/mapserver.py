"""MapServer as FastCGI behind nginx, which serves the tables of tile_servers as vector tiles."""

import os
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from solidarity.local.services import map_server
from solidarity.ops.bench import bench_server
from solidarity.ops.bench.maps import nginx_servers, pipelined
from solidarity.ops.bench.maps.pipelined import Server
from solidarity.ops.ports import free_port, running

# MapServer draws a buffer in pixels: 4 of 256 are 64 of 4096.
_MAP = """
MAP
  NAME "bench"
  SIZE 256 256
  UNITS METERS
  EXTENT -20037508 -20037508 20037508 20037508
  PROJECTION "epsg:3857" END
  OUTPUTFORMAT NAME "mvt" DRIVER "MVT" FORMATOPTION "EXTENT=4096" FORMATOPTION "EDGE_BUFFER=4" END
{layers}
END
"""
_LAYER = """
  LAYER
    NAME "{table}"
    TYPE POLYGON
    STATUS OFF
    PROJECTION "epsg:3857" END
    CONNECTIONTYPE POSTGIS
    CONNECTION "{login}"
    PROCESSING "CLOSE_CONNECTION=DEFER"
    DATA "geom FROM {schema}.{table} USING UNIQUE {unique} USING SRID=3857"
    METADATA "gml_include_items" "all" END
  END
"""
_NGINX = """
worker_processes auto;
pid {folder}/mapserver.pid;
error_log stderr alert;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/m1; proxy_temp_path {folder}/m2; fastcgi_temp_path {folder}/m3;
    uwsgi_temp_path {folder}/m4; scgi_temp_path {folder}/m5;
    access_log off;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            fastcgi_pass unix:{folder}/mapserver.sock; # a kept connection would keep a whole process
            fastcgi_buffers 16 16k;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param SCRIPT_NAME /;
        }}
    }}
}}
"""


def installed(folder: Path, say: Callable[[str], None]) -> Path | None:
    """Return MapServer's program, unpacked into a folder on first use. If that fails, print the reason and return
    None."""
    if map_server.program(folder) is None:
        try:
            map_server.unpack(folder)
        except (OSError, subprocess.CalledProcessError) as error:
            say(f"MapServer cannot be installed and is left out: {error}")
    return map_server.program(folder)


def path(table: str, zoom: int, x: int, y: int) -> str:
    """Return the address of a tile of a table."""
    return f"/?map=BENCH&mode=tile&tilemode=gmap&tile={x}+{y}+{zoom}&layers={table}&map.imagetype=mvt"


@contextmanager
def serving(program: Path, schema: str, tables: Mapping[str, str]) -> Iterator[Server]:
    """Serve tables of a schema inside the block, with as many processes as the site has. tables: the unique column of
    each."""
    values = connection.settings_dict
    parts = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER", "password": "PASSWORD"}
    login = " ".join(f"{name}={values[key]}" for name, key in parts.items() if values[key])
    layers = "".join(
        _LAYER.format(table=table, schema=schema, login=login, unique=unique) for table, unique in tables.items()
    )
    with tempfile.TemporaryDirectory() as made, socket.socket(socket.AF_UNIX) as listening:
        folder, server = Path(made), Server(free_port())
        (folder / "bench.map").write_text(_MAP.format(layers=layers))
        (folder / "mapserver.conf").write_text(f'CONFIG\n  MAPS\n    BENCH "{folder}/bench.map"\n  END\nEND\n')
        (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=server.port))
        listening.bind(f"{folder}/mapserver.sock")
        listening.listen(64)
        environment = {"MAPSERVER_CONFIG_FILE": f"{folder}/mapserver.conf", **map_server.libraries(program)}
        processes = [
            subprocess.Popen(
                [program], stdin=listening.fileno(), stdout=subprocess.DEVNULL, env=environment, cwd=folder
            )
            for _ in range(bench_server.WORKERS)
        ]
        first = next(iter(tables))

        def answers() -> bool:
            with server.connect() as link:
                return pipelined.first_answer(link, server.request(path(first, 0, 0, 0)))[0] == 200

        try:
            command = [str(nginx_servers.program()), "-e", "stderr", "-c", str(folder / "nginx.conf")]
            command += ["-g", f"daemon off; {nginx_servers.as_root()}"]
            with running(command, answers, env=dict(os.environ), seconds=20):
                yield server
        finally:
            for process in processes:
                process.kill()  # it waits for requests, and does not hear SIGTERM meanwhile
            for process in processes:
                process.wait(timeout=10)
