"""A server of somebody's own: the rules of login, logout and kick over TCP, a line of JSON a frame. It knows nothing of kickproof.

An administrator's connection sets it up ({"world": ...}) and asks who is online ({"who": ACCOUNT}). A client's connection carries one
login, and what follows from it. {"echo": N} on any connection is answered as it is, once all that came before it is done."""
import asyncio
import json

SINGLE = dict.fromkeys(("Android", "iPhone", "iPad", "Windows", "Mac", "Linux", "Web"), "any")
DUAL = {**SINGLE, "Web": "web"}
CLASSES = {"single": SINGLE, "dual": DUAL, "triple": {**DUAL, **dict.fromkeys(("Windows", "Mac", "Linux"), "desktop")},
           "multi": {name: name for name in SINGLE}}
REFUSALS = {"bad_user_id": 70402, "empty": 70002, "malformed": 70003, "other_app": 70014, "other_identifier": 70013,
            "wrong_signature": 70009, "expired": 70001, "revoked": 70052}


class Server:
    limits, classes, online = {}, DUAL, {}  # online: the links of each account's sessions, in login order

    async def serve(self, reader, writer):
        link = Link(self, writer)
        async for line in reader:
            frame = json.loads(line)
            if "world" in frame:
                self.limits, self.classes, self.online = frame["limits"], CLASSES[frame["world"]], {}
            elif "who" in frame:
                link.write(who=[online.name for online in self.online.get(frame["who"], [])])
            elif "echo" in frame:
                link.write(**frame)
            elif link.is_over(frame):
                break
        link.lost()

    def admit(self, link):
        sessions = self.online.setdefault(link.account, [])
        sessions.append(link)
        for other in list(sessions):
            kinds = [online.platform for online in sessions]
            if other.platform == link.platform and kinds.count(link.platform) > self.limits[link.platform]:
                other.kick("multipleAccount")
            elif other.platform != link.platform and self.classes[other.platform] == self.classes[link.platform]:
                other.kick("multipleDevice")


class Link:
    def __init__(self, server, writer):
        self.server, self.writer, self.state, self.account = server, writer, "listening", None

    def write(self, **frame):
        self.writer.write(json.dumps(frame).encode() + b"\n")

    def is_over(self, frame):
        """What a frame does; whether it was the last one."""
        kind = frame["frame"]
        if kind == "login" and self.state == "listening":
            code = REFUSALS.get(frame["credential"])
            self.write(frame="login-answer", code=code)
            if code is None:
                self.name, self.platform, self.account, self.state = frame["name"], frame["platform"], frame["account"], "serving"
                self.server.admit(self)
            return code is not None
        if kind == "sync" and self.state == "serving":
            self.write(frame="sync-answer")
        if kind == "logout" and self.state == "serving":
            self.server.online[self.account].remove(self)
            self.state = "over"
            self.write(frame="logout-answer")
        return self.state == "over" or kind == "kick-ack"

    def kick(self, reason):
        self.server.online[self.account].remove(self)
        self.state = "kicked"
        self.write(frame="notice", type=reason)

    def lost(self):
        if self in self.server.online.get(self.account, []):
            self.server.online[self.account].remove(self)
        self.writer.close()


async def main():
    listening = await asyncio.start_server(Server().serve, "127.0.0.1", 0)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()

asyncio.run(main())
