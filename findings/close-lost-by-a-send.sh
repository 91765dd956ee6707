#!/usr/bin/env bash
# A server writes a message and a close 4001 with a reason, and ends TCP. All of it lies in the client's kernel while the application is
# busy for half a second. Then the application sends two messages, or none, and waits for what comes.
# Node: ws 8.23.0, undici 7.30.2, faye-websocket 0.11.4, websocket 1.0.35. Python: websockets 17.4, aiohttp 3.14.5, tornado 6.6.1,
# httpx-ws 0.9.0, picows 2.3.1, websocket-client 1.9.2.
#
# Guess: what came first is read first: the application is told the message, 4001 and the reason, whether or not it sends before; a send
#        that fails says so, and takes nothing away from what was received.
# Seen: without a send all do. With two, ws, undici, faye-websocket, websocket, websockets, aiohttp and picows
#       throw away both: the failed write ends the connection, the application hears 1006, and never of the message that had arrived.
#       websocket-client gives the message and then an error of the socket. tornado and httpx-ws tell all.
#       So a client that is told by 4001 not to come back comes back, if it happened to be sending.
#
# It needs Node 20, npm and Python 3; traffic is on 127.0.0.1. It fails if that is no longer so.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund ws@8.23.0 undici@7.30.2 faye-websocket@0.11.4 websocket@1.0.35
python3 -m venv venv
venv/bin/pip install --quiet websockets==17.4 aiohttp==3.14.5 tornado==6.6.1 httpx-ws==0.9.0 picows==2.3.1 websocket-client==1.9.2

cat > client.js <<'JS'
const [, , library, url, sends] = process.argv;
const constructors = {
  ws: () => require('ws'), undici: () => require('undici').WebSocket,
  'faye-websocket': () => require('faye-websocket').Client, websocket: () => require('websocket').w3cwebsocket,
};
const socket = new (constructors[library]())(url);
socket.onopen = () => {
  require('fs').writeSync(1, 'open\n');
  for (const end = Date.now() + 500; Date.now() < end;);
  for (const text of sends) socket.send(text);
};
socket.onmessage = event => console.log('message', event.data);
socket.onerror = () => {};
socket.onclose = event => console.log('close', event.code);
JS
cat > client.py <<'PY'
import asyncio, sys, time

library, url, sends = sys.argv[1:]

def busy():
    print("open", flush=True)
    time.sleep(0.5)

async def try_sending(send):
    for text in sends:
        try:
            await send(text)
        except Exception:
            pass

async def websockets():
    from websockets.asyncio.client import connect
    socket = await connect(url)
    busy()
    await try_sending(socket.send)
    try:
        while True:
            print("message", await socket.recv())
    except Exception:
        print("close", socket.close_code)

async def aiohttp():
    import aiohttp
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(url)
        busy()
        await try_sending(socket.send_str)
        while (got := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            print("message", got.data)
        print("close", socket.close_code)

async def tornado():
    from tornado.websocket import websocket_connect
    socket = await websocket_connect(url)
    busy()
    await try_sending(socket.write_message)
    while (got := await socket.read_message()) is not None:
        print("message", got)
    print("close", socket.close_code)

async def httpx_ws():
    import httpx_ws
    try:
        async with httpx_ws.aconnect_ws(url) as socket:
            busy()
            await try_sending(socket.send_text)
            while True:
                print("message", await socket.receive_text())
    except BaseException as error:
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        print("close", getattr(error, "code", type(error).__name__))

async def picows():
    import picows
    ended, code = asyncio.Event(), [1006]

    class Listener(picows.WSListener):
        def on_ws_frame(self, transport, frame):
            if frame.msg_type == picows.WSMsgType.CLOSE:
                code[0] = int(frame.get_close_code())
            else:
                print("message", frame.get_payload_as_bytes().decode())

        def on_ws_disconnected(self, transport):
            ended.set()

    transport, _ = await picows.ws_connect(Listener, url)
    busy()

    async def send(text):
        transport.send(picows.WSMsgType.TEXT, text.encode())

    await try_sending(send)
    await ended.wait()
    print("close", code[0])

def websocket_client():
    import websocket
    socket = websocket.create_connection(url)
    busy()

    async def send(text):
        socket.send(text)

    asyncio.run(try_sending(send))
    try:
        while (got := socket.recv_data())[0] == websocket.ABNF.OPCODE_TEXT:
            print("message", got[1].decode())
        print("close", int.from_bytes(got[1][:2], "big"))
    except Exception as error:
        print("close unknown:", type(error).__name__)

run = globals()[library.replace("-", "_")]
asyncio.run(run()) if asyncio.iscoroutinefunction(run) else run()
PY
cat > peer.py <<'PY'
import subprocess, sys
from raw_peer import Peer

node = ["ws", "undici", "faye-websocket", "websocket"]
python = ["websockets", "aiohttp", "picows", "tornado", "httpx-ws", "websocket-client"]
for sends in ["", "ab"]:
    print("with two sends" if sends else "without a send")
    for library in node + python:
        with Peer() as peer:
            start = ["node", "client.js"] if library in node else ["venv/bin/python", "client.py"]
            command = start + [library, f"ws://127.0.0.1:{peer.port}/", sends]
            client = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            peer.accept()
            assert client.stdout.readline() == "open\n"
            peer.send(peer.text("hello") + peer.close(4001, "replaced"))
            peer.end()
            told = client.communicate(timeout=60)[0].split("\n")
            print(f"  {library}: {', '.join(line for line in told if line)}", flush=True)
PY
PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1 python3 peer.py | tee seen
diff seen - <<'SEEN'
without a send
  ws: message hello, close 4001
  undici: message hello, close 4001
  faye-websocket: message hello, close 4001
  websocket: message hello, close 4001
  websockets: message hello, close 4001
  aiohttp: message hello, close 4001
  picows: message hello, close 4001
  tornado: message hello, close 4001
  httpx-ws: message hello, close 4001
  websocket-client: message hello, close 4001
with two sends
  ws: close 1006
  undici: close 1006
  faye-websocket: close 1006
  websocket: close 1006
  websockets: close 1006
  aiohttp: close 1006
  picows: close 1006
  tornado: message hello, close 4001
  httpx-ws: message hello, close 4001
  websocket-client: message hello, close unknown: BrokenPipeError
SEEN
echo "as it was"
