// What a page of the harness has before anything else runs in it: a clock that stands, sockets that are counted, timers that are the
// harness's. It does what the harness asks, and says when nothing more can run. It decides nothing.
'use strict';

const harness = (() => {
    /** The moment at which the replay stands. */
    let now = 0;
    Date.now = () => now;

    /** What no page of the client's should do. */
    const strange = [];
    const noted = what => void strange.push(String(what));
    addEventListener('error', ({ message }) => noted(message));
    addEventListener('unhandledrejection', ({ reason }) => noted(reason));
    for (const name of ['setTimeout', 'setInterval', 'requestAnimationFrame', 'requestIdleCallback']) {
        window[name] = () => void noted(`a timer beside the client's own, by ${name}`);
    }

    /** Whether the page is frozen, or put aside for going back. */
    let isAsleep = false;
    const falls = asleep => () => { isAsleep = asleep; };
    document.addEventListener('freeze', falls(true));
    document.addEventListener('resume', falls(false));
    addEventListener('pagehide', falls(true));
    addEventListener('pageshow', falls(false));

    /** The sockets that something is still to be said of, by their number on this page. */
    const sockets = new Map();
    let lastSocket = 0;
    /** What the proxy tells this page's sockets by. */
    let pageName = '';

    /** A socket that counts what was heard and written. Its address names it. */
    window.WebSocket = class extends WebSocket {
        #heard = 0;
        #isGivenUp = false;
        #waits = [];
        /** How many pieces it wrote: the head of the handshake, texts, its close. */
        wrote = 1;

        constructor(url, ...more) {
            super(`${url}?${pageName}.${++lastSocket}`, ...more);
            if (isAsleep) noted('a link that is asked for by a page that sleeps');
            sockets.set(lastSocket, this);
            for (const kind of ['open', 'message', 'close']) this.addEventListener(kind, () => this.#look(++this.#heard));
        }

        send(text) {
            if (this.readyState === WebSocket.OPEN) this.wrote += 1;
            super.send(text);
        }

        close(...why) {
            const { readyState } = this;
            super.close(...why);
            if (readyState === WebSocket.OPEN) this.wrote += 1;
            this.#isGivenUp = true;
            this.#look();
        }

        /** Resolves once so much was heard on it, or it hears nothing more. */
        until(heard) {
            return new Promise(done => {
                this.#waits.push({ heard, done });
                this.#look();
            });
        }

        #look() {
            const isOver = ({ heard }) => this.#isGivenUp || this.#heard >= heard;
            this.#waits.filter(isOver).forEach(({ done }) => done());
            this.#waits = this.#waits.filter(wait => !isOver(wait));
        }
    };

    /** How many locks were asked for and are neither given nor refused. */
    let locksAsked = 0;
    const request = navigator.locks.request.bind(navigator.locks);
    navigator.locks.request = (name, options, given) => {
        locksAsked += 1;
        return request(name, options, lock => {
            locksAsked -= 1;
            return given(lock);
        });
    };

    let TIM, tim, machine, timers, lockName, isOver;
    /** Answers and events, in the order in which the application hears them. */
    const told = [];

    /** An event in the machine's words, from what the SDK's face made of it. */
    const plain = ({ name, data }) => {
        switch (name) {
            case TIM.EVENT.SDK_READY: return 'sdk-ready';
            case TIM.EVENT.SDK_NOT_READY: return 'sdk-not-ready';
            case TIM.EVENT.MESSAGES_LOST: return 'messages-lost';
            case TIM.EVENT.NET_STATE_CHANGE: return { 'net-state-change': data.state };
            case TIM.EVENT.KICKED_OUT: {
                const refusal = data.code === undefined ? null : { code: data.code, text: data.message };
                return { 'kicked-out': { reason: data.type, refusal } };
            }
            case TIM.EVENT.MESSAGE_RECEIVED: {
                const [{ ID, from, to, payload }] = data;
                return { 'message-received': { id: ID, from, to, text: payload.text } };
            }
        }
    };

    const settled = (call, asked, answer) => void asked.then(
        response => told.push({ settled: { call, outcome: { Ok: answer(response.data) } } }),
        ({ code, message }) => told.push({ settled: { call, outcome: { Err: { code, text: message } } } }),
    );

    /** What the harness asks for. */
    const deeds = {
        begin: (name, key, server, SDKAppID) => {
            pageName = name;
            const slot = `kickproof ${SDKAppID} ${server}/v1/ws `;
            if (key) sessionStorage.setItem(slot, JSON.stringify({ key, epoch: 0 }));
            [machine, isOver, lockName] = [undefined, false, `kickproof ${JSON.parse(sessionStorage.getItem(slot)).key}`];
            tim = TIM.create({ SDKAppID, server });
            Object.values(TIM.EVENT).forEach(name => tim.on(name, event => told.push({ published: plain(event) })));
        },
        login: (call, userID, userSig) => settled(call, tim.login({ userID, userSig }), ({ repeatLogin, errorInfo }) =>
            (repeatLogin ? { repeat: { error_info: errorInfo } } : 'logged-in')),
        logout: call => settled(call, tim.logout(), () => 'done'),
        destroy: call => settled(call, tim.destroy(), () => 'done'),
        send: (call, id, to, text) => {
            const made = tim.createTextMessage({ to, conversationType: TIM.TYPES.CONV_C2C, payload: { text } });
            settled(call, tim.sendMessage(id ? { ...made, ID: id } : made), () => 'sent');
        },
        fire: name => timers.fire(name),
    };

    /** All that runs now has run, and its microtasks. */
    const turn = () => new Promise(done => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done(port1.close());
        port2.postMessage(0);
    });

    const isOpen = ({ readyState }) => readyState === WebSocket.CONNECTING || readyState === WebSocket.OPEN;

    const report = async watched => {
        const { held } = await navigator.locks.query();
        const isReady = tim.isReady();
        const links = [...sockets].filter(([, socket]) => isOpen(socket));
        const waiting = links.findLast(([, socket]) => socket.readyState === WebSocket.CONNECTING);
        const wrote = watched.map(number => [number, sockets.get(number).wrote, !isOpen(sockets.get(number))]);
        for (const [number, socket] of sockets) if (!isOpen(socket) && !watched.includes(number)) sockets.delete(number);
        return {
            told: told.splice(0),
            strange: strange.splice(0),
            timers: timers.running(now),
            links: links.length,
            opening: waiting?.[0] ?? null,
            wrote,
            isReady,
            user: tim.getLoginUser(),
            isAlive: held.some(({ name }) => name === lockName),
            isOver,
            kept: machine?.keptMessages() ?? 0,
            debts: machine?.debts() ?? 0,
        };
    };

    /**
     * Does what is asked for, and tells all that came of it once nothing more can run: each socket has heard so much, and no lock is asked
     * for. `watched` are the sockets of which it is told how much they wrote.
     */
    const settle = async (moment, asked, heard, watched) => {
        now = moment;
        asked.forEach(([deed, ...words]) => deeds[deed](...words));
        await Promise.all(heard.map(([number, count]) => sockets.get(number)?.until(count)));
        do await turn(); while (locksAsked > 0);
        return report(watched);
    };

    /** The client is loaded. */
    const loaded = ([index, { Instance }]) => {
        TIM = index.default;
        const { isReady } = Instance.prototype;
        Instance.prototype.isReady = function() {
            machine = this;
            return isReady.call(this);
        };
    };

    return {
        settle,
        loaded,
        /** The timers of the newest instance. */
        armsBy: own => { timers = own; },
        ended: () => { isOver = true; },
    };
})();
