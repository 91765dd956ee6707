// The links of an instance: one WebSocket each, by the epoch. It opens, writes and closes what it is told to, and never reconnects.
// @ts-check

/** The code with which a client gives a link up. */
export const GIVEN_UP = 4000;

const NORMAL = 1000;
const FIRST_OF_APPLICATIONS = 3000;
/** What a browser says where the server's close has no code, and where there was no close at all. */
const NO_CLOSE = 1006;

/**
 * What is told of a link.
 * @typedef {object} Ears
 * @property {(epoch: number) => void} up
 * @property {(epoch: number, text: string) => void} text
 * @property {(epoch: number) => void} binary
 * @property {(epoch: number) => void} lost it could not be opened, or ended without the server's close
 * @property {(epoch: number, code: number, reason: string) => void} closed by the server
 */

/** The links that are opened or open. One that was closed from here is done with at once, whatever the server makes of it (LINK-9). */
export class Links {
    /** @type {Map<number, WebSocket>} */
    #open = new Map();
    #url;
    #ears;

    /**
     * @param {string} url
     * @param {Ears} ears
     */
    constructor(url, ears) {
        this.#url = url;
        this.#ears = ears;
    }

    /**
     * Asks for a link.
     * @param {number} epoch
     * @throws if the browser opens none to there
     */
    open(epoch) {
        const socket = new WebSocket(this.#url);
        this.#open.set(epoch, socket);
        socket.onopen = () => this.#ears.up(epoch);
        socket.onmessage = ({ data }) => (typeof data === 'string' ? this.#ears.text(epoch, data) : this.#ears.binary(epoch));
        socket.onclose = ({ code, reason }) => {
            this.#open.delete(epoch);
            return code === NO_CLOSE ? this.#ears.lost(epoch) : this.#ears.closed(epoch, code, reason);
        };
    }

    /**
     * @param {number} epoch
     * @param {string} text
     */
    send(epoch, text) {
        this.#open.get(epoch)?.send(text);
    }

    /**
     * Closes a link once what was sent is written, or gives up its opening. A page may say 1000 and 3000 to 4999 only: any other code is
     * said as 4000.
     * @param {number} epoch
     * @param {number} code
     */
    close(epoch, code) {
        const socket = this.#open.get(epoch);
        this.#open.delete(epoch);
        if (socket) {
            socket.onopen = socket.onmessage = socket.onclose = null;
            socket.close(code === NORMAL || code >= FIRST_OF_APPLICATIONS ? code : GIVEN_UP);
        }
    }

    /** Gives up every link; the epochs that these had. */
    giveUp() {
        const epochs = [...this.#open.keys()];
        epochs.forEach(epoch => this.close(epoch, GIVEN_UP));
        return epochs;
    }
}
