// The face of the SDK: what the vendor's page calls, with the vendor's shapes. It knows no rule, and no link.
// @ts-check

import { EVENT, TYPES } from './constants.js';
import { randomBits } from './identity.js';
import { Shell } from './shell.js';
import init from './sut_web.js';

/** @import { Answer, MachineEvent, Refusal } from './effects.js' */
/** @import { Call } from './shell.js' */

const PATH = '/v1/ws';
const BAD_FIELD = 70402;
const DESTROYED = 6013;

await init({ module_or_path: new URL('./sut_web_bg.wasm', import.meta.url) });

/** Why a call was refused: what the vendor's page calls `imError`. */
class TIMError extends Error {
    /** @param {Refusal} refusal */
    constructor({ code, text }) {
        super(text);
        this.name = 'TIMError';
        this.code = code;
    }
}

/** @param {string} text */
const badField = text => new TIMError({ code: BAD_FIELD, text });

/** @param {unknown} value */
const shown = value => JSON.stringify(value) ?? String(value);

/**
 * @param {string} where
 * @param {Record<string, any> | undefined} options
 * @param {string[]} names of what must be there, and be text
 */
const checkTexts = (where, options, names) => {
    for (const name of names) {
        const value = options?.[name];
        if (typeof value !== 'string') throw badField(`${where}: ${name} must be a string, and is ${shown(value)}`);
    }
};

/**
 * @param {string | undefined} server
 * @returns {string} where its links lead
 */
const linkUrl = server => {
    try {
        const url = new URL(server ?? location.origin);
        url.protocol = url.protocol.replace(/^http/, 'ws');
        if (!/^wss?:$/.test(url.protocol)) throw new TypeError('no WebSocket leads there');
        return url.pathname === '/' ? new URL(PATH, url).href : url.href;
    } catch {
        throw badField(`TIM.create: server must be an address like wss://host:port, and is ${shown(server ?? location.origin)}`);
    }
};

/**
 * An event of the machine as the page is told of it.
 * @param {MachineEvent} event
 * @returns {{ name: string, data: any }}
 */
const toldEvent = event => {
    if (event === 'sdk-ready') return { name: EVENT.SDK_READY, data: [] };
    if (event === 'sdk-not-ready') return { name: EVENT.SDK_NOT_READY, data: [] };
    if (event === 'messages-lost') return { name: EVENT.MESSAGES_LOST, data: [] };
    if ('kicked-out' in event) {
        const { reason, refusal } = event['kicked-out'];
        const why = refusal ? { code: refusal.code, message: refusal.text } : {};
        return { name: EVENT.KICKED_OUT, data: { type: reason, ...why } };
    }
    if ('net-state-change' in event) return { name: EVENT.NET_STATE_CHANGE, data: { state: event['net-state-change'] } };
    const { id, from, to, text } = event['message-received'];
    return { name: EVENT.MESSAGE_RECEIVED, data: [textMessage(id, from, to, text, 'in')] };
};

/**
 * @param {string} ID
 * @param {string} from
 * @param {string} to
 * @param {string} text
 * @param {'in' | 'out'} flow
 */
const textMessage = (ID, from, to, text, flow) =>
    ({ ID, from, to, flow, type: TYPES.MSG_TEXT, conversationType: TYPES.CONV_C2C, payload: { text } });

/** One instance: what the vendor's page calls `tim`. */
class Tim {
    /** @type {Map<string, Set<(event: any) => void>>} */
    #listeners = new Map(Object.values(EVENT).map(name => [name, new Set()]));
    #isDestroyed = false;
    #shell;

    /** @param {{ sdkAppId: number, url: string, name: string }} options */
    constructor(options) {
        this.#shell = new Shell(options, event => this.#publish(toldEvent(event)), () => this.#listeners.clear());
    }

    /** @param {{ userID: string, userSig: string }} options */
    login(options) {
        return this.#ask(call => {
            checkTexts('login', options, ['userID', 'userSig']);
            this.#shell.login(call, options.userID, options.userSig);
        }, answer => ({
            actionStatus: 'OK',
            errorCode: 0,
            errorInfo: typeof answer === 'object' ? answer.repeat.error_info : '',
            repeatLogin: typeof answer === 'object',
        }));
    }

    logout() {
        return this.#ask(call => this.#shell.logout(call), () => ({}));
    }

    destroy() {
        this.#isDestroyed = true;
        instances.forEach((tim, name) => tim === this && instances.delete(name));
        return this.#ask(call => this.#shell.destroy(call), () => ({}));
    }

    /** @param {{ to: string, payload: { text: string } }} options */
    createTextMessage(options) {
        checkTexts('createTextMessage', options, ['to']);
        checkTexts('createTextMessage: payload', options.payload, ['text']);
        return textMessage(randomBits(), this.getLoginUser(), options.to, options.payload.text, 'out');
    }

    /** @param {ReturnType<typeof textMessage>} message */
    sendMessage(message) {
        return this.#ask(call => {
            checkTexts('sendMessage', message, ['ID', 'to']);
            checkTexts('sendMessage: payload', message.payload, ['text']);
            if (!/^[0-9a-f]{32}$/.test(message.ID)) throw badField('sendMessage: ID must be that of tim.createTextMessage');
            this.#shell.send(call, message.ID, message.to, message.payload.text);
        }, () => ({ message }));
    }

    isReady() {
        return this.#shell.isReady;
    }

    getLoginUser() {
        return this.#shell.loginUser;
    }

    /**
     * @param {string} name
     * @param {(event: any) => void} listener
     */
    on(name, listener) {
        if (this.#isDestroyed) throw new TIMError({ code: DESTROYED, text: 'the instance is destroyed' });
        if (typeof listener !== 'function') throw badField(`on: the listener must be a function, and is ${shown(listener)}`);
        this.#of(name).add(listener);
    }

    /**
     * @param {string} name
     * @param {(event: any) => void} listener
     */
    off(name, listener) {
        if (!this.#isDestroyed) this.#of(name).delete(listener);
    }

    /** @param {string} name */
    #of(name) {
        const listeners = this.#listeners.get(name);
        if (!listeners) throw badField(`on, off: no event is named ${shown(name)}; TIM.EVENT has ${Object.keys(EVENT).join(', ')}`);
        return listeners;
    }

    /**
     * A listener that throws is reported, and disturbs no other.
     * @param {{ name: string, data: any }} event
     */
    #publish(event) {
        for (const listener of [...this.#listeners.get(event.name) ?? []]) {
            try {
                listener(event);
            } catch (error) {
                reportError(error);
            }
        }
    }

    /**
     * Answers and refusals in the page's shapes.
     * @param {(call: Call) => void} begin throws what is wrong with the call
     * @param {(answer: Answer) => any} data
     */
    #ask(begin, data) {
        return new Promise((resolve, reject) => begin({
            resolve: answer => resolve({ code: 0, data: data(answer) }),
            reject: refusal => reject(new TIMError(refusal)),
        }));
    }
}

/** @type {Map<string, Tim>} */
const instances = new Map();

/**
 * The instance of that app, server and name: the same until it is destroyed.
 * @param {{ SDKAppID: number, server?: string, instance?: string }} options
 */
const create = options => {
    const { SDKAppID, server, instance = '' } = options ?? {};
    if (!Number.isSafeInteger(SDKAppID) || SDKAppID < 0) {
        throw badField(`TIM.create: SDKAppID must be a whole number, and is ${shown(SDKAppID)}`);
    }
    checkTexts('TIM.create', { instance }, ['instance']);
    const url = linkUrl(server);
    const name = `kickproof ${SDKAppID} ${url} ${instance}`;
    const known = instances.get(name) ?? new Tim({ sdkAppId: SDKAppID, url, name });
    instances.set(name, known);
    return known;
};

/** @type {typeof import('./index.d.ts').default} */
const TIM = Object.freeze({ create, EVENT, TYPES });

export default TIM;
