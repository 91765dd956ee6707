#!/usr/bin/env bash
# Two programs with the same client identifier, each on its own library's defaults, log in to an MQTT 5 broker of thirty lines that does
# what the standard says: the newer CONNECT takes the session over, and the older link is told DISCONNECT 0x8E, 'session taken over',
# before it is closed. How often is the session taken over in fifteen seconds?
# Node: mqtt (MQTT.js) 5.16.0. Python: paho-mqtt 2.2.0 (loop_forever), gmqtt 0.8.0, aiomqtt 2.5.1.
#
# Guess: once. 0x8E names the one case in which coming back does harm, so whoever is told it stays away: a lost link is tried again, a lost
#        place is not.
# Seen: MQTT.js, paho-mqtt and gmqtt read the code, hand it to the application, and treat the link as lost: they come back after 1 s, 1 s
#       and 6 s, and take over from whoever took over from them, which then does the same. aiomqtt stays away, since it never
#       comes back by itself, whatever the reason.
#       So a broker cannot end a login for good by this code: a client needs a rule of its own for it.
#
# It needs Node 20, npm and Python 3; traffic is on 127.0.0.1. It fails if that is no longer so.
set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund mqtt@5.16.0
python3 -m venv venv
venv/bin/pip install --quiet paho-mqtt==2.2.0 gmqtt==0.8.0 aiomqtt==2.5.1

cat > broker.py <<'PY'
import asyncio, subprocess, sys

TAKEN_OVER = bytes.fromhex("e0028e00")
owner, taken_over = None, 0

async def serve(reader, writer):
    global owner, taken_over
    kind = (await reader.readexactly(2))[0]
    assert kind == 0x10, "a CONNECT comes first"
    await reader.read(200)
    if owner is not None:
        taken_over += 1
        owner.write(TAKEN_OVER)
        owner.close()
    owner = writer
    writer.write(bytes.fromhex("2003000000"))
    while await reader.read(200):
        pass
    if owner is writer:
        owner = None

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = str(server.sockets[0].getsockname()[1])
    first = subprocess.Popen([*sys.argv[1:], port])
    while owner is None:
        assert first.poll() is None, "the first client logs in"
        await asyncio.sleep(0.05)
    second = subprocess.Popen([*sys.argv[1:], port])
    await asyncio.sleep(15)
    for client in first, second:
        client.kill()
    print(taken_over)

asyncio.run(main())
PY
cat > mqttjs.js <<'JS'
const client = require('mqtt').connect('mqtt://127.0.0.1:' + process.argv[2], { clientId: 'same', protocolVersion: 5 });
client.on('disconnect', packet => console.error('told', packet.reasonCode));
client.on('error', () => {});
JS
cat > paho_client.py <<'PY'
import sys
import paho.mqtt.client as mqtt

client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="same", protocol=mqtt.MQTTv5)
client.on_disconnect = lambda _client, _data, _flags, reason, _properties: print("told", reason.value, file=sys.stderr, flush=True)
client.connect("127.0.0.1", int(sys.argv[1]))
client.loop_forever()
PY
cat > gmqtt_client.py <<'PY'
import asyncio, sys
import gmqtt

async def main():
    client = gmqtt.Client("same")
    client.on_disconnect = lambda _client, packet, exc=None: print("told", packet[0] if packet else None, file=sys.stderr, flush=True)
    await client.connect("127.0.0.1", int(sys.argv[1]), version=gmqtt.constants.MQTTv50)
    await asyncio.Event().wait()

asyncio.run(main())
PY
cat > aiomqtt_client.py <<'PY'
import asyncio, sys
import aiomqtt

async def main():
    try:
        async with aiomqtt.Client("127.0.0.1", int(sys.argv[1]), identifier="same", protocol=aiomqtt.ProtocolVersion.V5) as client:
            async for _ in client.messages:
                pass
    except aiomqtt.MqttError as error:
        print("told", error, file=sys.stderr, flush=True)

asyncio.run(main())
PY

failed=0
check() { # name, expected: 'again' or 'once', whether the application has to be told 142, command
  local taken
  taken=$(venv/bin/python broker.py "${@:4}" 2>told.txt)
  local seen=once
  [ "$taken" -gt 1 ] && seen=again
  printf '%-8s taken over %s times: %s\n' "$1" "$taken" "$seen"
  [ "$seen" = "$2" ] || failed=1
  [ "$3" = silent ] || grep -q '^told 142$' told.txt || { echo "$1 did not tell 142"; failed=1; }
}
check mqtt again told node mqttjs.js
check paho again told venv/bin/python paho_client.py
check gmqtt again told venv/bin/python gmqtt_client.py
check aiomqtt once silent venv/bin/python aiomqtt_client.py
exit "$failed"
