// The shell of an instance: it hands what happens to the page to the machine, and does what the machine says, in order. It decides
// nothing.
// @ts-check

import { Identity, randomBits } from './identity.js';
import { Links } from './links.js';
import { Instance } from './sut_web.js';
import { Timers } from './timers.js';

/** @import { Answer, Effect, MachineEvent, Refusal } from './effects.js' */
/** @typedef {(machine: Instance, now: number) => string} Input what happens to the machine, which answers with effects */
/** @typedef {{ resolve: (answer: Answer) => void, reject: (refusal: Refusal) => void }} Call */

/** What waits until the next attempt at a link, as the machine calls it. */
const BACKOFF = 'backoff';
const LINK_DOWN = 2800;

/** @param {string} hex */
const bits = hex => BigInt(`0x${hex}`);

/** One instance on this page. Calls that come before its identity is known wait for that, in order. */
export class Shell {
    /** @type {Instance | undefined} */
    #machine;
    /** @type {Identity | undefined} */
    #identity;
    /** @type {Input[]} */
    #early = [];
    /** @type {Map<number, Call>} */
    #calls = new Map();
    #lastCall = 0;
    /** @type {(() => void)[]} */
    #outputs = [];
    #isTelling = false;
    /** Why there is no link. @type {string | undefined} */
    #trouble;
    #page = new AbortController();
    #url;
    #links;
    #timers;
    #publish;
    #ended;

    /**
     * @param {{ sdkAppId: number, url: string, name: string }} options
     * @param {(event: MachineEvent) => void} publish takes the events, each once
     * @param {() => void} ended is called once the instance is destroyed and all is told
     */
    constructor({ sdkAppId, url, name }, publish, ended) {
        this.#url = url;
        this.#publish = publish;
        this.#ended = ended;
        this.#timers = new Timers(timer => this.#input((machine, now) => {
            this.#learnEpoch(machine);
            return machine.timer(now, timer);
        }));
        this.#links = new Links(url, {
            up: epoch => {
                this.#trouble = undefined;
                this.#input((machine, now) => machine.linkUp(now, epoch));
            },
            text: (epoch, text) => this.#input((machine, now) => machine.text(now, epoch, text)),
            binary: epoch => this.#input((machine, now) => machine.binary(now, epoch)),
            lost: epoch => this.#lose(epoch),
            closed: (epoch, code, reason) => this.#input((machine, now) => machine.linkClosed(now, epoch, code, reason)),
        });
        this.#listen();
        Identity.of(name).then(
            identity => this.#begin(sdkAppId, identity),
            error => this.#begin(sdkAppId, undefined, `the browser keeps no key: ${error.message}`),
        );
    }

    /**
     * @param {Call} call is settled once, as is that of every other call
     * @param {string} userID
     * @param {string} userSig
     */
    login(call, userID, userSig) {
        const secret = bits(randomBits());
        this.#call(call, (machine, now, id) => {
            this.#learnEpoch(machine);
            return machine.login(now, id, userID, userSig, secret);
        });
    }

    /** @param {Call} call */
    logout(call) {
        this.#call(call, (machine, now, id) => machine.logout(now, id));
    }

    /** @param {Call} call */
    destroy(call) {
        this.#call(call, (machine, now, id) => machine.destroy(now, id));
    }

    /**
     * @param {Call} call
     * @param {string} message
     * @param {string} to
     * @param {string} text
     */
    send(call, message, to, text) {
        this.#call(call, (machine, now, id) => machine.send(now, id, bits(message), to, text));
    }

    get isReady() {
        return this.#machine?.isReady() ?? false;
    }

    get loginUser() {
        return this.#machine?.loginUser() ?? '';
    }

    /**
     * The instance starts. Without an identity it has one that nobody keeps, and opens no link.
     * @param {number} sdkAppId
     * @param {Identity | undefined} identity
     * @param {string} [trouble]
     */
    #begin(sdkAppId, identity, trouble) {
        this.#identity = identity;
        this.#trouble = trouble;
        this.#machine = new Instance(BigInt(sdkAppId), bits(identity?.key ?? randomBits()), 0);
        this.#early.splice(0).forEach(input => this.#input(input));
    }

    /**
     * A page that is frozen or put aside gives its links up, and one that wakes or is looked at tries again at once (LINK-6). While it is put
     * aside, the next page of the tab may have its key.
     */
    #listen() {
        const { signal } = this.#page;
        const sleep = () => this.#links.giveUp().forEach(epoch => this.#lose(epoch));
        const wake = () => this.#timers.fire(BACKOFF);
        document.addEventListener('freeze', sleep, { signal });
        document.addEventListener('resume', wake, { signal });
        document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && wake(), { signal });
        addEventListener('pagehide', ({ persisted }) => {
            if (!persisted) return;
            sleep();
            this.#identity?.release();
        }, { signal });
        addEventListener('pageshow', ({ persisted }) => {
            if (!persisted) return;
            this.#identity?.hold();
            wake();
        }, { signal });
    }

    /**
     * @param {Call} call
     * @param {(machine: Instance, now: number, id: number) => string} ask
     */
    #call(call, ask) {
        const id = ++this.#lastCall;
        this.#calls.set(id, call);
        this.#input((machine, now) => ask(machine, now, id));
    }

    /** Before a link may be asked for: another page may have had links under this key. @param {Instance} machine */
    #learnEpoch(machine) {
        machine.learnEpoch(this.#identity?.epoch ?? 0);
    }

    /** @param {number} epoch */
    #lose(epoch) {
        this.#input((machine, now) => machine.linkLost(now, epoch));
    }

    /** @param {Input} input */
    #input(input) {
        if (!this.#machine) {
            this.#early.push(input);
            return;
        }
        /** @type {Effect[]} */
        const effects = JSON.parse(input(this.#machine, Date.now()));
        effects.forEach(effect => this.#perform(effect));
        this.#tell();
    }

    /** @param {Effect} effect */
    #perform(effect) {
        switch (effect.do) {
            case 'open': return this.#open(effect.epoch);
            case 'send': return this.#links.send(effect.epoch, effect.text);
            case 'close': return this.#links.close(effect.epoch, effect.code);
            case 'resolve': return this.#settle(effect.call, call => call.resolve(effect.answer));
            case 'reject': return this.#settle(effect.call, call => call.reject(this.#explained(effect.refusal)));
            case 'publish': return void this.#outputs.push(() => this.#publish(effect.event));
            case 'arm': return this.#timers.arm(effect.timer, effect.afterMs);
            case 'arm-within': return this.#timers.arm(effect.timer, Math.random() * effect.boundMs);
            case 'disarm': return this.#timers.disarm(effect.timer);
            case 'end': return this.#end();
            default: return /** @type {never} */ (effect);
        }
    }

    /** A link that cannot even be asked for is lost. @param {number} epoch */
    #open(epoch) {
        try {
            if (!this.#identity) throw new Error(this.#trouble);
            this.#trouble = `no WebSocket to ${this.#url}`;
            this.#identity.note(epoch);
            this.#links.open(epoch);
        } catch (error) {
            this.#trouble = /** @type {Error} */ (error).message;
            queueMicrotask(() => this.#lose(epoch));
        }
    }

    /**
     * @param {number} id
     * @param {(call: Call) => void} how
     */
    #settle(id, how) {
        const call = this.#calls.get(id);
        this.#calls.delete(id);
        if (call) this.#outputs.push(() => how(call));
    }

    /**
     * A refusal for want of a link says why there is none.
     * @param {Refusal} refusal
     */
    #explained({ code, text }) {
        return { code, text: code === LINK_DOWN && this.#trouble ? `${text} (${this.#trouble})` : text };
    }

    /**
     * Tells the application what has been, one thing after the other: whoever waits for an answer goes on before the event behind it is
     * told.
     */
    async #tell() {
        if (this.#isTelling) return;
        this.#isTelling = true;
        for (let output = this.#outputs.shift(); output; output = this.#outputs.shift()) {
            output();
            await null;
        }
        this.#isTelling = false;
    }

    #end() {
        this.#page.abort();
        this.#timers.end();
        this.#identity?.release();
        this.#outputs.push(this.#ended);
    }
}
