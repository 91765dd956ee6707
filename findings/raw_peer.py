"""A WebSocket server of one connection in plain Python: a script tells it frame by frame what to do, and it tells what came.

    with Peer() as peer:          # ws://127.0.0.1:peer.port
        peer.accept()                                           # the handshake
        peer.send(peer.text("hello") + peer.close(4001, "why"))      # one segment
        peer.frames(within=2.0)   # [(opcode, payload)], and ("end", b"") where TCP ended
"""

import base64
import hashlib
import socket
import struct
import threading

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Peer:
    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(30)
        self.port = self.listener.getsockname()[1]
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        self.link, _ = self.listener.accept()
        self.link.settimeout(30)
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.link.recv(4096)
        head, self.rest = head.split(b"\r\n\r\n", 1)
        key = next(l.split(b":", 1)[1].strip() for l in head.split(b"\r\n") if l.lower().startswith(b"sec-websocket-key:"))
        accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        self.link.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")

    @staticmethod
    def frame(opcode, payload=b""):
        size = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + struct.pack(">H", len(payload))
        return bytes([0x80 | opcode]) + size + payload

    def text(self, what):
        return self.frame(TEXT, what.encode())

    def close(self, code, reason=""):
        return self.frame(CLOSE, struct.pack(">H", code) + reason.encode())

    def send(self, data):
        self.link.sendall(data)

    def end(self):
        self.link.close()

    def reset(self):
        self.link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.link.close()

    def _take(self, count):
        while len(self.rest) < count:
            more = self.link.recv(65536)
            if not more:
                raise EOFError
            self.rest += more
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def frames(self, within):
        """What comes until nothing came for `within` seconds or TCP ended."""
        self.link.settimeout(within)
        found = []
        try:
            while True:
                first, second = self._take(2)
                size = second & 0x7F
                if size == 126:
                    size = struct.unpack(">H", self._take(2))[0]
                mask = self._take(4) if second & 0x80 else b"\0\0\0\0"
                found.append((first & 15, bytes(b ^ mask[i % 4] for i, b in enumerate(self._take(size)))))
        except (EOFError, ConnectionError):
            found.append(("end", b""))
        except socket.timeout:
            pass
        return found


def code_of(frames):
    """The close that is among the frames: its code, 'no code', 'TCP end' or 'nothing'."""
    for opcode, payload in frames:
        if opcode == CLOSE:
            return str(struct.unpack(">H", payload[:2])[0]) if payload else "no code"
        if opcode == "end":
            return "TCP end"
    return "nothing"
