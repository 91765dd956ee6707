// The timers of an instance in the harness's hand, in the place of `sut/web/package/timers.js`: each fires when a trace says so. It waits
// for nothing.

/** Timers that run, each once, until they fire or are forgotten. */
export class Timers {
    #running = new Map();
    #fired;

    constructor(fired) {
        this.#fired = fired;
        harness.armsBy(this);
    }

    arm(name, afterMs) {
        this.disarm(name);
        this.#running.set(name, { afterMs });
    }

    disarm(name) {
        this.#running.delete(name);
    }

    fire(name) {
        if (this.#running.delete(name)) this.#fired(name);
    }

    end() {
        this.#running.clear();
        harness.ended();
    }

    /** Those that run, oldest first, each with the moment at which it is due; one that was armed since the last look is armed now. */
    running(now) {
        return [...this.#running].map(([name, timer]) => [name, timer.due ??= Math.ceil(now + timer.afterMs)]);
    }
}
