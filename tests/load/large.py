"""Objects of 5 GiB against an endpoint: how much memory it takes. Prints what it saw; exit 1 when something broke.

    python3 tests/load/large.py target/release/rolecall [GIB]

Needs boto3 and twice as much room in the temporary directory as the object has.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import threading
import time

import boto3
from botocore.config import Config

BINARY = sys.argv[1]
SIZE = (int(sys.argv[2]) if len(sys.argv) > 2 else 5) << 30
PIECE = os.urandom(1 << 20)
LIMIT = 64 << 20
failed = []


class Repeated:
    """A body that is never in memory: one MiB again and again."""

    def __init__(self, size):
        self.size, self.at = size, 0

    def __len__(self):
        return self.size

    def tell(self):
        return self.at

    def seek(self, to, whence=0):
        self.at = {0: to, 1: self.at + to, 2: self.size + to}[whence]
        return self.at

    def read(self, amount=-1):
        left = self.size - self.at
        amount = left if amount is None or amount < 0 else min(amount, left)
        start = self.at % len(PIECE)
        piece = PIECE[start:start + amount]
        self.at += len(piece)
        return piece


def expect(holds, what):
    print(("ok    " if holds else "WRONG ") + what, flush=True)
    if not holds:
        failed.append(what)


def resident(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        fields = dict(line.split(":", 1) for line in status)
    # The files that content lies in are cached by the system: only memory of its own counts.
    return int(fields["RssAnon"].split()[0]) << 10


class Watch:
    """The most that was resident while it was watched, beyond what was before."""

    def __init__(self, process, what):
        self.process, self.what, self.before = process, what, resident(process)
        self.most, self.ends = self.before, threading.Event()
        self.thread = threading.Thread(target=self.look)

    def look(self):
        while not self.ends.wait(0.02):
            self.most = max(self.most, resident(self.process))

    def __enter__(self):
        self.thread.start()
        self.began = time.monotonic()

    def __exit__(self, *_):
        took = time.monotonic() - self.began
        self.ends.set()
        self.thread.join()
        grown = self.most - self.before
        expect(grown < LIMIT, f"{self.what}: {grown / (1 << 20):.1f} MiB over rest, {took:.0f} s")


def digest(stream):
    whole = hashlib.md5()
    for piece in stream.iter_chunks(1 << 20):
        whole.update(piece)
    return whole.hexdigest()


def main():
    with tempfile.TemporaryDirectory() as folder:
        port = os.path.join(folder, "port")
        with subprocess.Popen([BINARY, "serve", "--quiet", "--port", "0", "--port-file", port]) as process:
            try:
                while not (os.path.exists(port) and os.path.getsize(port)):
                    time.sleep(0.02)
                with open(port, encoding="ascii") as file:
                    endpoint = f"http://127.0.0.1:{file.read().strip()}"
                run(process, boto3.client(
                    "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test",
                    # Otherwise the client reads the body twice, to sign it.
                    config=Config(request_checksum_calculation="when_required", read_timeout=600,
                                  s3={"payload_signing_enabled": False})))
            finally:
                process.terminate()


def run(process, s3):
    s3.create_bucket(Bucket="large")
    s3.put_object(Bucket="large", Key="small", Body=b"1")
    expected = hashlib.md5()
    for _ in range(SIZE // len(PIECE)):
        expected.update(PIECE)
    with Watch(process, f"PutObject of {SIZE >> 30} GiB"):
        put = s3.put_object(Bucket="large", Key="one", Body=Repeated(SIZE))
    expect(put["ETag"] == f'"{expected.hexdigest()}"', "its ETag is its MD5")
    with Watch(process, f"GetObject of {SIZE >> 30} GiB"):
        got = digest(s3.get_object(Bucket="large", Key="one")["Body"])
    expect(got == expected.hexdigest(), "what comes back is what was put")
    s3.delete_object(Bucket="large", Key="one")

    upload, parts = s3.create_multipart_upload(Bucket="large", Key="parts")["UploadId"], []
    size = 5 << 20
    with Watch(process, f"{SIZE // size} parts of 5 MiB"):
        for number in range(1, SIZE // size + 1):
            part = s3.upload_part(Bucket="large", Key="parts", UploadId=upload, PartNumber=number, Body=Repeated(size))
            parts.append({"PartNumber": number, "ETag": part["ETag"]})
    with Watch(process, "their CompleteMultipartUpload"):
        s3.complete_multipart_upload(Bucket="large", Key="parts", UploadId=upload, MultipartUpload={"Parts": parts})
    with Watch(process, "their GetObject"):
        length = sum(len(piece) for piece in s3.get_object(Bucket="large", Key="parts")["Body"].iter_chunks(1 << 20))
    expect(length == SIZE // size * size, "all of it comes back")
    s3.delete_object(Bucket="large", Key="parts")

    # Parts have 5 MiB at least: ten thousand of them are copies, which need no room.
    s3.put_object(Bucket="large", Key="part", Body=Repeated(size))
    upload, parts = s3.create_multipart_upload(Bucket="large", Key="copies")["UploadId"], []
    with Watch(process, "10,000 parts by UploadPartCopy"):
        for number in range(1, 10_001):
            part = s3.upload_part_copy(Bucket="large", Key="copies", UploadId=upload, PartNumber=number, CopySource="large/part")
            parts.append({"PartNumber": number, "ETag": part["CopyPartResult"]["ETag"]})
    with Watch(process, "their CompleteMultipartUpload"):
        s3.complete_multipart_upload(Bucket="large", Key="copies", UploadId=upload, MultipartUpload={"Parts": parts})
    head = s3.head_object(Bucket="large", Key="copies")
    expect(head["ContentLength"] == 10_000 * size and head["ETag"].endswith('-10000"'), "the object has all of them")
    last = s3.get_object(Bucket="large", Key="copies", PartNumber=10_000)
    expect(digest(last["Body"]) == parts[-1]["ETag"].strip('"'), "its last part is the last one")


if __name__ == "__main__":
    main()
    sys.exit(1 if failed else 0)
