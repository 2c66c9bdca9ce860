"""Runs a command with an S3 server of its own: STORAGE_URL names a bucket of it."""

import logging
import os
import subprocess
import sys

KEYS = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}


def main(command: list[str]) -> int:
    """The command's exit code; the bucket is gone with it."""
    os.environ.update(KEYS)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    import boto3  # noqa: PLC0415 - there are keys now
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        boto3.client("s3", endpoint_url=url, region_name="us-east-1").create_bucket(Bucket="files")
        store = {"STORAGE_URL": f"s3://files?endpoint_url={url}&region_name=us-east-1"}
        return subprocess.run(command, env={**os.environ, **store}, check=False).returncode
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
