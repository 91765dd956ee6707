"""The rules of login, logout and kick, in memory: clients and a server in one process, and for each link a queue each way.

It answers the JSON Lines of README.md beside it. Timers, links that fail, accepted messages, destroy and REST are not in it."""
import json
import sys
from types import SimpleNamespace as Thing

ALL = "Android,iPhone,iPad,Windows,Mac,Linux,Web"
CLASSES = {"single": ALL, "dual": ALL.replace(",Web", ".Web"), "triple": "Android,iPhone,iPad.Windows,Mac,Linux.Web",
           "multi": ALL.replace(",", ".")}
REFUSALS = {"bad_user_id": 70402, "empty": 70002, "malformed": 70003, "other_app": 70014, "other_identifier": 70013,
            "wrong_signature": 70009, "expired": 70001, "revoked": 70052}
DOES = ["login", "logout", "send", "open", "to_server", "to_client"]


class World:
    def __init__(self, settings):
        classes, *more = settings["policy"].split("+")  # own=till,office.phone+account=2+refuse
        classes = CLASSES.get(classes, classes.removeprefix("own=")).split(".")
        self.classes = {kind.split("=")[0]: names for names in classes for kind in names.split(",")}
        self.limits, self.refuses = settings["limits"], "refuse" in more
        self.account = next((int(one[8:]) for one in more if one.startswith("account=")), None)
        new = {"phase": "out", "account": None, "login": None, "link": None}
        self.instances = {place["name"]: Thing(**place, **new, logouts=[]) for place in settings["instances"]}
        self.online = {account: [] for account in settings["accounts"]}  # the links of sessions, in login order
        self.told, self.kicks = [], {account: {} for account in settings["accounts"]}

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
        if before in ("waiting", "online", "ready"):
            self.write_up(i.link, "logout")
        i.logouts.append(of)
        if before in ("out", "opening"):
            self.has_left(i)

    def has_left(self, i):
        i.phase, i.account = "out", None
        while i.logouts:
            self.tell(i, "answer", of=i.logouts.pop(0), outcome="done")

    def send(self, i, of, to, message=None):
        self.tell(i, "answer", of=of, outcome="refused", code=2999 if i.phase == "online" else 2024)

    def open(self, i, of):
        i.phase, i.link = "waiting", Thing(instance=i, account=None, up=[], down=[], server="listening", held=True)
        self.write_up(i.link, "login", *i.login[1:])

    def write_up(self, link, *frame):
        link.up += [frame] if link.server != "closed" else []

    def write_down(self, link, *frame):
        link.down += [frame] if link.held else []

    def to_server(self, i, of, link, frame):
        link, (frame, *said) = i.link, i.link.up.pop(0)
        if link.server == "listening":
            self.greet(link, *said)
        elif link.server == "serving" and frame == "sync":
            self.write_down(link, "sync-answer")
        elif link.server == "serving" and frame == "logout":
            self.online[link.account].remove(link)
            self.write_down(link, "logout-answer")
            link.server, link.up = "closed", []
        elif link.server == "kicked" and frame == "kick-ack":
            del self.kicks[link.account][i.name]
            link.server, link.up = "closed", []

    def in_the_way(self, link, online):
        own, others = link.instance.platform, [other for other in online if other.instance.platform != link.instance.platform]
        of_class = [other for other in others if self.classes[other.instance.platform] == self.classes[own]]
        counted = [other for other in online if other not in (of_class if self.account else others)]
        over = counted[:max(0, len(counted) + 1 - (self.account or self.limits[own]))]
        return [other for other in online if other in of_class + over]

    def greet(self, link, account, credential):
        going = self.in_the_way(link, self.online[account])
        refused = REFUSALS.get(credential) or (70409 if self.refuses and going else None)
        self.write_down(link, "login-answer", refused)
        if refused:
            link.server, link.up = "closed", []
            return
        link.server, link.account = "serving", account
        self.kicks[account].pop(link.instance.name, None)
        for other in going:
            self.kick(other, "multipleAccount" if other.instance.platform == link.instance.platform else "multipleDevice")
        self.online[account].append(link)

    def kick(self, link, reason):
        self.online[link.account].remove(link)
        self.kicks[link.account][link.instance.name] = reason
        self.write_down(link, "notice", reason)
        link.server = "kicked"

    def to_client(self, i, of, frame):
        frame, *said = i.link.down.pop(0)
        if frame == "login-answer" and said == [None] and i.phase == "waiting":
            i.phase, i.account = "online", i.login[1]
            self.tell(i, "answer", of=i.login[0], outcome="resolved")
            self.write_up(i.link, "sync")
        elif frame == "sync-answer" and i.phase == "online":
            i.phase = "ready"
            self.tell(i, "event", name="SDK_READY")
        elif frame in ("logout-answer", "notice") or said and said[0]:  # nothing follows on this link
            if frame == "login-answer" and i.phase == "waiting":
                self.tell(i, "answer", of=i.login[0], outcome="refused", code=said[0])
            if frame == "notice" and i.phase == "ready":
                self.tell(i, "event", name="SDK_NOT_READY")
            if frame == "notice" and i.phase in ("online", "ready"):
                self.tell(i, "event", name="KICKED_OUT", type=said[0])
            if frame == "notice":
                self.write_up(i.link, "kick-ack")
            i.link.held, i.link.down = False, []
            self.has_left(i)

    def seen(self):
        told, self.told = self.told, []
        instances = {i.name: {"login_user": i.account, "ready": i.phase == "ready"} for i in self.instances.values()}
        links = {i.name: i.link for i in self.instances.values() if i.link}
        in_flight = {name: {"to_server" if link.held else "old_to_server": [frame[0] for frame in link.up],
                            "to_client": [frame[0] for frame in link.down]} for name, link in links.items()}
        online = {account: [link.instance.name for link in links] for account, links in self.online.items()}
        kicks = {account: [{"instance": name, "type": why} for name, why in of.items()] for account, of in self.kicks.items()}
        return {"told": told, "instances": instances, "online": online, "kicks": kicks, "in_flight": in_flight}


for line in sys.stdin:
    request = json.loads(line)
    number, do, what = request.pop("id"), request.pop("do"), request.pop("what", None)
    if do == "reset":
        world, answer = World(request), {"protocol": "kickproof-lines/2", "tells": ["kicks", "in_flight"], "does": DOES}
    elif do == "step" and what in DOES:
        getattr(world, what)(world.instances[request.pop("instance")], number, **request)
        answer = world.seen()
    else:
        answer = world.seen() if do == "observe" else {"cannot": f"there is no {what} here"}
    print(json.dumps({"id": number, **answer}), flush=True)
