#!/usr/bin/env bash
# A server sends a WebSocket ping to a client whose application does nothing with the connection for a while: it sleeps, its event loop
# or a thread of the library free to run. aiohttp 3.14.5, websockets 17.4 (both of its clients), tornado 6.6.1, httpx-ws 0.9.0.
#
# Guess: the library answers, for its event loop runs: that is what aiohttp's `autoping=True`, the default, says.
# Seen: aiohttp answers only from within receive(): an application that only sends is silent to pings, and dropped by a server that counts
#       them. The others answer; the blocking client of websockets, too, from a thread of its own, however long the application is stuck.
#       So neither a pong nor its absence says whether the application lives.
#
# It needs Python 3; traffic is on 127.0.0.1. It fails if that is no longer so.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet aiohttp==3.14.5 websockets==17.4 tornado==6.6.1 httpx-ws==0.9.0

cat > client.py <<'PY'
import asyncio, sys, time

library, url = sys.argv[1:]

async def rest():
    print("open", flush=True)
    await asyncio.sleep(5)

async def aiohttp(reads=False):
    import aiohttp
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(url)
        await asyncio.gather(rest(), *([socket.receive()] if reads else []))

async def websockets():
    from websockets.asyncio.client import connect
    socket = await connect(url)
    await rest()

async def tornado():
    from tornado.websocket import websocket_connect
    socket = await websocket_connect(url)
    await rest()

async def httpx_ws():
    import httpx_ws
    async with httpx_ws.aconnect_ws(url) as socket:
        await rest()

def stuck_websockets():
    from websockets.sync.client import connect
    with connect(url) as socket:
        print("open", flush=True)
        time.sleep(5)

match library:
    case "aiohttp, in receive()":
        asyncio.run(aiohttp(reads=True))
    case "websockets, blocking":
        stuck_websockets()
    case _:
        asyncio.run(globals()[library.replace("-", "_")]())
PY
cat > peer.py <<'PY'
import subprocess
from raw_peer import PING, PONG, Peer

for library in ["aiohttp", "aiohttp, in receive()", "websockets", "websockets, blocking", "tornado", "httpx-ws"]:
    with Peer() as peer:
        command = ["venv/bin/python", "client.py", library, f"ws://127.0.0.1:{peer.port}/"]
        client = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        peer.accept()
        assert client.stdout.readline() == "open\n"
        peer.send(peer.frame(PING, b"there?"))
        pong = (PONG, b"there?") in peer.frames(within=2.5)
        print(f"  {library}: {'pong' if pong else 'no answer'}", flush=True)
        client.kill()
        client.wait()
PY
PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1 python3 peer.py | tee seen
diff seen - <<'SEEN'
  aiohttp: no answer
  aiohttp, in receive(): pong
  websockets: pong
  websockets, blocking: pong
  tornado: pong
  httpx-ws: pong
SEEN
echo "as it was"
