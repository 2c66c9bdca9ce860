"""An S3 server of its own with one bucket: prints its STORAGE_URL, and stops when stdin ends. Takes any keys."""

import sys

import boto3
from moto.server import ThreadedMotoServer


def main() -> None:
    """Serves from memory."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        boto3.client("s3", endpoint_url=url, region_name="us-east-1").create_bucket(Bucket="files")
        sys.stdout.write(f"s3://files?endpoint_url={url}&region_name=us-east-1\n")
        sys.stdout.flush()
        sys.stdin.read()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
