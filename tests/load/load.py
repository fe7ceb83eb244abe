"""How an endpoint holds under load. Starts `rolecall serve`, loads it, prints what it saw; exit 1 when something broke.

    python3 tests/load/load.py target/release/rolecall [IDLE] [BUSY]

Needs boto3 (to sign) and as many file descriptors as connections.
"""

import asyncio
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

BINARY = sys.argv[1]
IDLE = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
BUSY = int(sys.argv[3]) if len(sys.argv) > 3 else 500
ROOT = Credentials("test", "test")
failed = []


def expect(holds, what):
    print(("ok    " if holds else "WRONG ") + what)
    if not holds:
        failed.append(what)


def signed(port, method, path, body=b""):
    url = f"http://127.0.0.1:{port}{path}"
    request = AWSRequest(method=method, url=url, data=body or None)
    S3SigV4Auth(ROOT, "s3", "us-east-1").add_auth(request)
    head = f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-length: {len(body)}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in request.headers.items() if name.lower() != "content-length")
    return head.encode() + b"\r\n" + body


async def answer(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split()[1])
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    body = await reader.readexactly(length) if length else b""
    return status, body


async def once(port, method, path, body=b""):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(signed(port, method, path, body))
    await writer.drain()
    try:
        return await answer(reader)
    finally:
        writer.close()


async def admin(port, path):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /_rolecall/{path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
    try:
        return await answer(reader)
    finally:
        writer.close()


def memory(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024


async def busy(port, until, counts, number):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    put = signed(port, "PUT", f"/load/{number}", b"x" * 1024)
    get = signed(port, "GET", f"/load/{number}")
    while time.monotonic() < until:
        for request in (put, get):
            began = time.monotonic()
            writer.write(request)
            status, _ = await answer(reader)
            counts.append((status, time.monotonic() - began))
    writer.close()


async def main(port, pid):
    expect((await once(port, "PUT", "/load"))[0] == 200, "a bucket")
    at_start = memory(pid)
    idle = []
    for begin in range(0, IDLE, 500):
        some = [asyncio.open_connection("127.0.0.1", port) for _ in range(begin, min(begin + 500, IDLE))]
        idle += await asyncio.gather(*some)
    for _ in range(100):
        text = (await admin(port, "metrics"))[1].decode()
        open_now = int(text.split("\nrolecall_connections ")[1].split()[0])
        if open_now >= IDLE:
            break
        await asyncio.sleep(0.1)
    print(f"      {IDLE} idle connections: {memory(pid) - at_start:.0f} MiB, {(memory(pid) - at_start) * 1024 / max(IDLE, 1):.1f} KiB each")
    expect(open_now >= IDLE, f"all of them are open ({open_now})")

    counts = []
    seconds = 5
    until = time.monotonic() + seconds
    await asyncio.gather(*(busy(port, until, counts, number) for number in range(BUSY)))
    slow = sorted(took for _, took in counts)
    bad = [status for status, _ in counts if status != 200]
    print(f"      {BUSY} busy ones beside them: {len(counts) / seconds:.0f} requests a second (the script is the slower half), "
          f"p50 {slow[len(slow) // 2] * 1000:.0f} ms, p99 {slow[len(slow) * 99 // 100] * 1000:.0f} ms")
    expect(not bad, f"every busy request was answered 200 ({bad[:3]})")

    big = b"y" * (32 << 20)
    expect((await once(port, "PUT", "/load/big", big))[0] == 200, "an object of 32 MiB")
    before = memory(pid)
    readers = []
    for _ in range(200):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(signed(port, "GET", "/load/big"))
        readers.append((reader, writer))
    writers = []
    for number in range(200):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(signed(port, "PUT", f"/load/slow{number}", b"z" * 65536)[:-60000])
        writers.append(writer)
    await asyncio.sleep(2)
    print(f"      200 readers of 32 MiB who do not read and 200 writers who stop halfway: {memory(pid) - before:+.0f} MiB")
    began = time.monotonic()
    expect((await once(port, "GET", "/load/1"))[0] == 200 and time.monotonic() - began < 1, "others are answered meanwhile")

    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nhost: x\r\nx-long: " + b"a" * 200_000 + b"\r\n\r\n")
    status = (await answer(reader))[0]
    expect(status == 431, f"a head of 200 KB is 431 ({status})")
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 9000000\r\n\r\n")
    try:
        for _ in range(90):
            writer.write(b"a" * 100_000)
            await writer.drain()
    except ConnectionError:
        pass
    try:
        expect((await answer(reader))[0] == 413, "a form of 9 MB is 413")
    except (asyncio.IncompleteReadError, ConnectionError):
        expect(False, "a form of 9 MB is answered")

    # Half-open: the other end goes without a word.
    for reader, writer in readers:
        writer.transport.abort()
    for writer in writers:
        writer.transport.abort()
    await asyncio.sleep(2)
    text = (await admin(port, "metrics"))[1].decode()
    left = int(text.split("\nrolecall_connections ")[1].split()[0])
    expect(left <= IDLE + 10, f"broken-off connections are gone ({left - IDLE} more than the idle ones)")

    # A stop lets an upload end that has begun.
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = signed(port, "PUT", "/load/last", b"w" * 200_000)
    writer.write(request[:-100_000])
    await writer.drain()
    await asyncio.sleep(0.3)
    os.kill(pid, signal.SIGTERM)
    await asyncio.sleep(0.5)
    writer.write(request[-100_000:])
    expect((await answer(reader))[0] == 200, "an upload that had begun ends well after SIGTERM")
    for _, writer in idle:
        writer.transport.abort()


resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
with tempfile.TemporaryDirectory() as folder:
    place = os.path.join(folder, "port")
    server = subprocess.Popen([BINARY, "serve", "--port", "0", "--port-file", place, "--quiet"], stdout=subprocess.DEVNULL)
    try:
        while not (os.path.exists(place) and open(place).read()):
            time.sleep(0.02)
        asyncio.run(main(int(open(place).read()), server.pid))
        expect(server.wait(12) == 0, "it stops with exit code 0")
    finally:
        server.kill()
sys.exit(1 if failed else 0)
