// Who an instance is over the reloads of its tab: a key and the number of its last link in `sessionStorage`, the key guarded by a Web
// Lock. It opens no link.
// @ts-check

/** 128 random bits as 32 hexadecimal digits. */
export const randomBits = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('');
};

/** Where the key and the epoch of an instance stand, if they stand there. */
class Slot {
    #name;

    /** @param {string} name */
    constructor(name) {
        this.#name = name;
    }

    /**
     * What is kept; nothing if that is something else.
     * @returns {{ key: string, epoch: number } | undefined}
     * @throws if the browser refuses storage
     */
    read() {
        try {
            const { key, epoch } = JSON.parse(sessionStorage.getItem(this.#name) ?? 'null') ?? {};
            return /^[0-9a-f]{32}$/.test(key) && Number.isSafeInteger(epoch) && epoch >= 0 ? { key, epoch } : undefined;
        } catch (error) {
            if (error instanceof SyntaxError) return undefined;
            throw error;
        }
    }

    /**
     * @param {string} key
     * @param {number} epoch
     */
    write(key, epoch) {
        sessionStorage.setItem(this.#name, JSON.stringify({ key, epoch }));
    }
}

/**
 * Takes the lock of a key, and holds it until the page ends or `release` is called.
 * @param {string} key
 * @returns {Promise<(() => void) | null>} `release`; null if another page holds it, or the browser has no locks
 */
const lock = key => new Promise((resolve, reject) => {
    if (!navigator.locks) return resolve(null);
    navigator.locks.request(`kickproof ${key}`, { ifAvailable: true }, held => {
        if (!held) return resolve(null);
        return new Promise(release => resolve(() => release(undefined)));
    }).catch(reject);
});

/**
 * The identity of one instance. A page whose key another living page holds, since `window.open` or "duplicate tab" copied the storage, is
 * an instance of its own: it has a new key, and no epoch. So has every page where the browser has no Web Locks, as without HTTPS: two pages
 * never share a key.
 */
export class Identity {
    /** @readonly */
    key;
    #slot;
    #release;

    /**
     * @param {string} key
     * @param {Slot} slot
     * @param {() => void} [release]
     */
    constructor(key, slot, release = () => {}) {
        this.key = key;
        this.#slot = slot;
        this.#release = release;
    }

    /**
     * @param {string} name what the instance is called among those of its tab
     * @returns {Promise<Identity>}
     * @throws if the browser refuses storage or locks
     */
    static async of(name) {
        const slot = new Slot(name);
        const kept = slot.read();
        const release = kept && await lock(kept.key);
        if (kept && release) return new Identity(kept.key, slot, release);
        const identity = new Identity(randomBits(), slot);
        slot.write(identity.key, 0);
        await identity.hold();
        return identity;
    }

    /** The number of the last link that any page opened under this key, as the storage has it now: never from memory alone. */
    get epoch() {
        const kept = this.#slot.read();
        return kept?.key === this.key ? kept.epoch : 0;
    }

    /** Notes the number of a link, before it is opened. @param {number} epoch */
    note(epoch) {
        this.#slot.write(this.key, Math.max(epoch, this.epoch));
    }

    /** Lets the next page of the tab have the key. */
    release() {
        this.#release();
    }

    /** Takes the key. Whoever has it keeps it; whose session then stands the server says (LINK-11). */
    async hold() {
        this.#release = await lock(this.key) ?? (() => {});
    }
}
