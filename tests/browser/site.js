// What the tests of the SDK stand on: a `kickproof serve`, a site that has the package, and pages of it in a real browser.
import { execFileSync, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const kickproof = process.env.KICKPROOF ?? '../../target/debug/kickproof';
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** Where `sut/web/build` has put the package. */
export const sdk = process.env.KICKPROOF_WEB ?? '../../target/web';

/** How long is waited for what has to come, however busy the machine is. */
export const patience = 100_000;

export const app = 1400000000;
const env = { ...process.env, KICKPROOF_KEY: 'secret' };

export const userSig = (userID, sdkAppId = app) =>
    execFileSync(kickproof, ['usersig', '--sdk-app-id', String(sdkAppId), userID], { env }).toString().trim();

/** A server, and its page if it is asked for one; two Web instances of an account may be online. */
export const serve = async (...args) => {
    const settings = ['serve', '--sdk-app-id', String(app), '--limit', 'Web=2', '--administrator', 'admin', '--listen', '127.0.0.1:0', ...args];
    const server = spawn(kickproof, settings, { env, stdio: ['pipe', 'pipe', 'ignore'] });
    let address;
    for await (const line of createInterface(server.stdout)) {
        address ??= /^listening on (\S+)/.exec(line)?.[1];
        const page = /^the page is at (\S+)/.exec(line)?.[1];
        if (address && (page || !args.includes('--page'))) {
            return { address, page, url: `ws://${address}`, stop: signal => stop(server, signal) };
        }
    }
    throw new Error(`${kickproof} ${settings.join(' ')} does not listen`);
};

const stop = (server, signal = 'SIGINT') => new Promise(resolve => {
    server.on('exit', resolve);
    server.kill(signal);
});

/** What an administrator asks. */
const ask = async (server, path, question) => {
    const signed = new URLSearchParams({ sdkappid: app, identifier: 'admin', usersig: userSig('admin'), random: 1, contenttype: 'json' });
    const answer = await fetch(`http://${server.address}/v4/${path}?${signed}`, { method: 'POST', body: JSON.stringify(question) });
    return answer.json();
};

/** How many sessions an account has on record. */
export const online = async (server, userID) => {
    const answer = await ask(server, 'openim/query_online_status', { To_Account: [userID], IsNeedDetail: 1 });
    return answer.QueryResult[0].Detail?.length ?? 0;
};

/** How many links the server has: at once, or once they are so many. */
export const links = async (server, wanted) => {
    const until = Date.now() + patience;
    for (;;) {
        const numbers = await (await fetch(`http://${server.address}/metrics`)).text();
        const count = Number(/^kickproof_links (\d+)/m.exec(numbers)[1]);
        if (wanted === undefined || count === wanted) return count;
        if (Date.now() > until) throw new Error(`the server has ${count} links, and not ${wanted}`);
    }
};

export const kick = (server, userID) => ask(server, 'im_open_login_svc/kick', { UserID: userID });

/** `tim` is an instance; its sockets, what it tells and what the page prints are kept in order. */
const html = `<!doctype html><meta charset="utf-8"><title>a page</title><link rel="icon" href="data:,"><script type="module">
const sockets = [];
window.WebSocket = class extends WebSocket {
    constructor(...where) {
        super(...where);
        sockets.push(this);
    }
};
const { default: TIM } = await import('/sdk/index.js');
const plain = value => value instanceof Error ? { code: value.code, message: value.message } : value;
const told = [], printed = [];
for (const way of ['log', 'warn']) console[way] = (...words) => printed.push(words.map(plain));
const begin = options => {
    window.tim = TIM.create(options);
    for (const [word, name] of Object.entries(TIM.EVENT)) {
        tim.on(name, ({ data }) => told.push([word, data.type ?? data.state ?? data[0]?.payload.text].filter(Boolean).join(' ')));
    }
};
const login = (userID, userSig) => tim.login({ userID, userSig }).then(({ data }) => data, plain);
Object.assign(window, { TIM, sockets, told, printed, plain, begin, login });
</script>`;

const types = { js: 'text/javascript', wasm: 'application/wasm' };

/** A site whose every page is that one, and which has the package; its address. */
export const site = async () => {
    const server = createServer(async ({ url }, response) => {
        const [, name] = /^\/sdk\/(\w[\w.]*\.(?:js|wasm))$/.exec(url) ?? [];
        const type = types[name?.split('.').at(-1)] ?? 'text/html';
        response.writeHead(200, { 'content-type': type }).end(name ? await readFile(`${sdk}/${name}`) : html);
    });
    await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
    return { address: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
};

/** With the cache for going back, which playwright turns off. */
export const launch = () =>
    chromium.launch({ executablePath, args: ['--no-sandbox'], ignoreDefaultArgs: ['--disable-back-forward-cache'] });

/** Waits until the page is up; rejects with what goes wrong on it before. */
export const loaded = async page => {
    page.setDefaultTimeout(patience);
    await Promise.race([page.waitForFunction(() => 'begin' in window), page.waitForEvent('pageerror').then(error => Promise.reject(error))]);
    return page;
};

/** What the page's instance has told, once the last of it is that. */
export const told = async (page, last) => {
    await page.waitForFunction(word => window.told.at(-1) === word, last);
    return page.evaluate(() => window.told);
};
