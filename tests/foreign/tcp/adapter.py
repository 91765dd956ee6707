"""Holds the server beside it against the rules over real sockets: it answers the JSON Lines of ../README.md, and is the client.

The server has no hold in it and is not changed. What a client writes stays here until `to_server`; what the server writes stays in the
socket until `to_client`. Behind each thing that the server is given comes an echo on the same link: when that is back, or the link is at
its end, the server has done all that follows. It tells no frames in flight and no kick records: of what is in a socket it knows nothing."""
import json
import pathlib
import socket
import subprocess
import sys
from types import SimpleNamespace as Thing

DOES = ["login", "logout", "send", "open", "to_server", "to_client"]


class Link:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lines, self.echoes, self.up, self.down = self.socket.makefile("r"), 0, [], []
        self.barrier()

    def write(self, *frames):
        self.socket.sendall("".join(json.dumps(frame) + "\n" for frame in frames).encode())

    def barrier(self, *frames):
        """The server has done what these frames ask; what it wrote before the echo is kept in order."""
        self.echoes += 1
        try:
            self.write(*frames, {"echo": self.echoes})
            for line in self.lines:
                if json.loads(line) == {"echo": self.echoes}:
                    return
                self.down.append(json.loads(line))
        except OSError:
            pass  # the server has ended the link, and what it wrote before was read

    def next(self):
        return self.down.pop(0) if self.down else json.loads(self.lines.readline())

    def ask(self, question):
        self.write(question)
        return json.loads(self.lines.readline())

    def close(self):
        self.lines.close()
        self.socket.close()


class World:
    def __init__(self, port, administrator, settings):
        self.port, self.administrator = port, administrator
        administrator.barrier({"world": settings["policy"], "limits": settings["limits"]})
        new = {"phase": "out", "account": None, "login": None, "link": None}
        self.instances = {place["name"]: Thing(**place, **new, logouts=[]) for place in settings["instances"]}
        self.online, self.told = {account: [] for account in settings["accounts"]}, []

    def tell(self, i, kind, **what):
        self.told.append({"instance": i.name, kind: what})

    def login(self, i, of, account, credential):
        if i.phase == "out":
            i.phase, i.login = "opening", (of, account, credential)
        elif i.phase == "leaving":
            self.tell(i, "answer", of=of, outcome="refused", code=7502)
        elif i.phase in ("opening", "waiting"):
            self.tell(i, "answer", of=of, outcome="refused", code=2025, because="login_runs")
        elif account == i.account and credential != "bad_user_id":
            self.tell(i, "answer", of=of, outcome="repeat", text="logged in already")
        else:
            self.tell(i, "answer", of=of, outcome="refused", code=2025, because="other_account")

    def logout(self, i, of):
        before, i.phase, i.account = i.phase, "leaving", None
        if before in ("opening", "waiting"):
            self.tell(i, "answer", of=i.login[0], outcome="refused", code=6023)
        if before == "ready":
            self.tell(i, "event", name="SDK_NOT_READY")
        i.logouts.append(of)
        if before in ("waiting", "online", "ready"):
            i.link.up.append({"frame": "logout"})
        if before in ("out", "opening"):
            self.has_left(i)

    def has_left(self, i):
        i.phase, i.account = "out", None
        while i.logouts:
            self.tell(i, "answer", of=i.logouts.pop(0), outcome="done")

    def send(self, i, of, to):
        self.tell(i, "answer", of=of, outcome="refused", code=2999 if i.phase == "online" else 2024)

    def open(self, i, of):
        i.phase, i.link = "waiting", Link(self.port)
        _, account, credential = i.login
        i.link.up.append({"frame": "login", "name": i.name, "platform": i.platform, "account": account, "credential": credential})

    def to_server(self, i, of, link, frame):
        i.link.barrier(i.link.up.pop(0))
        if link == "old" and not i.link.up:
            i.link.close()
        self.online = {account: self.administrator.ask({"who": account})["who"] for account in self.online}

    def to_client(self, i, of, frame):
        came = i.link.next()
        kind, code = came["frame"], came.get("code")
        if kind == "login-answer" and code is None and i.phase == "waiting":
            i.phase, i.account = "online", i.login[1]
            self.tell(i, "answer", of=i.login[0], outcome="resolved")
            i.link.up.append({"frame": "sync"})
        elif kind == "sync-answer" and i.phase == "online":
            i.phase = "ready"
            self.tell(i, "event", name="SDK_READY")
        elif kind in ("logout-answer", "notice") or code:  # nothing follows on this link
            if kind == "login-answer" and i.phase == "waiting":
                self.tell(i, "answer", of=i.login[0], outcome="refused", code=code)
            if kind == "notice" and i.phase == "ready":
                self.tell(i, "event", name="SDK_NOT_READY")
            if kind == "notice" and i.phase in ("online", "ready"):
                self.tell(i, "event", name="KICKED_OUT", type=came["type"])
            if kind == "notice":
                i.link.up.append({"frame": "kick-ack"})
            else:
                i.link.close()
            self.has_left(i)

    def seen(self):
        told, self.told = self.told, []
        instances = {i.name: {"login_user": i.account, "ready": i.phase == "ready"} for i in self.instances.values()}
        return {"told": told, "instances": instances, "online": self.online}

    def close(self):
        [i.link.close() for i in self.instances.values() if i.link]


server = subprocess.Popen([sys.executable, pathlib.Path(__file__).with_name("server.py")], stdout=subprocess.PIPE, text=True)
port = int(server.stdout.readline())
administrator, world = Link(port), None
for line in sys.stdin:
    request = json.loads(line)
    number, do, what = request.pop("id"), request.pop("do"), request.pop("what", None)
    if do == "reset":
        if world:
            world.close()
        world, answer = World(port, administrator, request), {"protocol": "kickproof-lines/2", "tells": [], "does": DOES}
    elif do == "step" and what in DOES:
        getattr(world, what)(world.instances[request.pop("instance")], number, **request)
        answer = world.seen()
    else:
        answer = world.seen() if do == "observe" else {"cannot": f"there is no {what} here"}
    print(json.dumps({"id": number, **answer}), flush=True)
server.kill()
