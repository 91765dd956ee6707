// The timers of an instance, by name. It is the one place where the page's clock is asked to wait; it decides nothing.
// @ts-check

/** Timers that run, each once, until they fire or are forgotten. */
export class Timers {
    /** @type {Map<string, ReturnType<typeof setTimeout>>} */
    #running = new Map();
    #fired;

    /** @param {(name: string) => void} fired what is told of each timer that fires */
    constructor(fired) {
        this.#fired = fired;
    }

    /**
     * Starts a timer, anew if it runs.
     * @param {string} name
     * @param {number} afterMs
     */
    arm(name, afterMs) {
        this.disarm(name);
        this.#running.set(name, setTimeout(() => this.fire(name), afterMs));
    }

    /** Forgets a timer that has not fired. @param {string} name */
    disarm(name) {
        clearTimeout(this.#running.get(name));
        this.#running.delete(name);
    }

    /** Lets a timer fire now, if it runs. @param {string} name */
    fire(name) {
        if (this.#running.has(name)) {
            this.disarm(name);
            this.#fired(name);
        }
    }

    /** Forgets them all. */
    end() {
        [...this.#running.keys()].forEach(name => this.disarm(name));
    }
}
