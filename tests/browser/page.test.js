// The page of `kickproof serve --page`: several instances side by side and in a tab, kicks among them, a reload, a link that is cut.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launch, patience, sdk, serve } from './site.js';

/** A folder for pictures of the page, if anybody wants them. */
const pictures = process.env.PICTURES;

let browser, server;
before(async () => {
    [browser, server] = await Promise.all([launch(), serve('--page', '127.0.0.1:0', '--package', sdk)]);
});
after(async () => {
    await browser?.close();
    await server?.stop();
});

const open = async (settings = {}) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...settings });
    const page = await context.newPage();
    page.setDefaultTimeout(patience);
    page.troubles = [];
    page.on('pageerror', error => page.troubles.push(error.message));
    await page.goto(server.page);
    return page;
};
const instance = (page, name) => page.frameLocator(`iframe[title=${name}]`);
const says = (place, text) => place.locator('#state').getByText(text, { exact: true }).waitFor();
const logIn = async place => {
    await place.locator('#login').click();
    await says(place, 'ready');
};
const picture = async (page, name) => {
    if (!pictures) return;
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: `${pictures}/${name}.png` });
};

test('of three instances side by side the first is kicked, and comes back by a login', async () => {
    const page = await open();
    const [a1, a2, a3] = ['a1', 'a2', 'a3'].map(name => instance(page, name));
    for (const place of [a1, a2, a3]) await logIn(place);
    await says(a1, 'kicked out: multipleAccount');
    const events = await a1.locator('#events li').allInnerTexts();
    assert.deepEqual(events.reverse().map(line => line.replace(/^\S+ /, '')).filter(line => /^[A-Z]/.test(line)),
        ['SDK_READY', 'SDK_NOT_READY', 'KICKED_OUT multipleAccount']);
    await page.locator('#online', { hasText: 'alice: 2 of 2 online on record' }).waitFor();
    await picture(page, 'kicked');
    await logIn(a1);
    await says(a2, 'kicked out: multipleAccount');
    assert.deepEqual(page.troubles, []);
});

test('a reload takes its own place, a cut link comes back, and a tab is one more instance', async () => {
    const page = await open();
    await page.locator('#account').fill('bea');
    await page.locator('#account').press('Tab');
    const [a1, a2] = ['a1', 'a2'].map(name => instance(page, name));
    for (const place of [a1, a2]) await logIn(place);
    await a2.locator('#reload').click();
    await says(a2, 'logged out');
    await logIn(a2);
    await a1.locator('#cut').click();
    await a1.locator('#events li', { hasText: 'NET_STATE_CHANGE connected' }).waitFor();
    await says(a1, 'connected');
    const [tab] = await Promise.all([page.context().waitForEvent('page'), page.locator('#tab').click()]);
    tab.setDefaultTimeout(patience);
    await logIn(tab);
    await says(a1, 'kicked out: multipleAccount');
    await says(a2, 'ready');
    await picture(page, 'tab');
    await page.locator('#kick').click();
    await says(a2, 'kicked out: REST_API_Kick');
    assert.deepEqual(page.troubles, []);
});

test('a message comes to the others, and a destroyed instance is begun anew', async () => {
    const page = await open({ colorScheme: 'dark', viewport: { width: 400, height: 800 } });
    await page.locator('#account').fill('cora');
    await page.locator('#account').press('Tab');
    const [a1, a2] = ['a1', 'a2'].map(name => instance(page, name));
    for (const place of [a1, a2]) await logIn(place);
    await a1.locator('#text').fill('hello');
    await a1.locator('#text').press('Enter');
    await a2.locator('#events li', { hasText: 'MESSAGE_RECEIVED hello' }).waitFor();
    await a1.locator('#destroy').click();
    await says(a1, 'destroyed');
    await page.locator('#online', { hasText: 'cora: 1 of 2 online on record' }).waitFor();
    await logIn(a1);
    await picture(page, 'narrow');
    assert.deepEqual(page.troubles, []);
});

test('nobody is told anything under another name, and a userID that is none is refused', async () => {
    const asked = path => fetch(`${server.page}${path}`);
    assert.equal((await asked('usersig?userID=a b')).status, 400);
    assert.equal((await asked('usersig')).status, 400);
    assert.equal((await asked('nothing')).status, 404);
    const elsewhere = await fetch(server.page.replace('127.0.0.1', 'localhost'));
    assert.equal(elsewhere.status, 421);
    assert.match(await elsewhere.text(), /^ask at http:\/\/127\.0\.0\.1:/);
});
