#!/usr/bin/env bash
# A client of a server with connection state recovery (two minutes) loses its link, and is back over another one a tenth of a second later:
# once with both ends of the lost link closed, and once with the server's end still open, as behind a lost Wi-Fi, where nothing tells the
# server until its own ping goes unanswered. A message is sent while the client is away.
# Node: socket.io 4.8.4 and socket.io-client 4.8.4.
#
# Guess: recovered both times, with the message: the client shows the session's secret id and the last offset it has seen, so the server
#        can put the new link in the old one's place.
# Seen: with the old link closed it is recovered, has its id again and gets the message. With the old link open at the server it is not:
#       it is another session, the message is lost without a word, and the old one goes on being counted, until its ping times out.
#       The state is kept from the moment when the server notices the loss, and the client was quicker.
#       So the quicker a client comes back, the more it loses; a server that counts logins counts it twice.
#
# It needs Node 20 and npm; traffic is on 127.0.0.1. It fails if that is no longer so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund socket.io@4.8.4 socket.io-client@4.8.4

cat > away.js <<'JS'
const net = require('net');
const { once } = require('events');
const { Server } = require('socket.io');
const { io } = require('socket.io-client');
const after = ms => new Promise(done => setTimeout(done, ms));

async function away(serverNotices) {
  const options = { transports: ['websocket'], pingInterval: 1000, pingTimeout: 2000, connectionStateRecovery: { maxDisconnectionDuration: 120000 } };
  const server = new Server(0, options);
  const lines = [];
  const proxy = net.createServer(client => {
    const behind = net.connect(server.httpServer.address().port);
    lines.push({ client, behind });
    for (const end of [client, behind]) end.on('error', () => {});
    client.on('data', data => behind.write(data));
    behind.on('data', data => client.destroyed || client.write(data));
    client.on('close', () => serverNotices && behind.destroy());
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');

  const client = io('http://127.0.0.1:' + proxy.address().port, { transports: ['websocket'], reconnectionDelay: 100 });
  const got = [];
  client.on('message', text => got.push(text));
  const told = name => new Promise(done => client.once(name, done));
  await told('connect');
  const id = client.id;
  server.emit('message', 'before');
  await after(200);
  lines[0].client.destroy();
  await told('disconnect');
  server.emit('message', 'away');
  await told('connect');
  await after(300);
  server.emit('message', 'behind');
  await after(200);
  const counted = (await server.fetchSockets()).length;
  await after(4000);
  const later = (await server.fetchSockets()).length;
  const seen = { recovered: client.recovered, sameId: client.id === id, got: got.join(' '), counted, later };
  client.close();
  server.close();
  proxy.close();
  lines.forEach(line => line.behind.destroy());
  return JSON.stringify(seen);
}

(async () => {
  console.log('closed', await away(true));
  console.log('open', await away(false));
  process.exit();
})();
JS
timeout 60 node away.js | tee seen.txt
diff seen.txt - <<'TXT'
closed {"recovered":true,"sameId":true,"got":"before away behind","counted":1,"later":1}
open {"recovered":false,"sameId":false,"got":"before behind","counted":2,"later":1}
TXT
