// The SDK in a real browser against a real server: the vendor's samples word for word, kicks among tabs, a page's life, bad input. It
// needs Chromium (`CHROMIUM` says where it is), a kickproof (`KICKPROOF`) and the package (`KICKPROOF_WEB`).
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { app, kick, launch, loaded, online, sdk, serve, site, told, userSig } from './site.js';

let browser, server, pages;
before(async () => {
    [browser, server, pages] = await Promise.all([launch(), serve(), site()]);
});
after(async () => {
    await browser?.close();
    await server?.stop();
    pages?.stop();
});

/** A new tab on which nothing may go wrong, with an instance. */
const tab = async (context, options = {}) => {
    const page = await context.newPage();
    page.on('pageerror', error => assert.fail(error));
    await page.goto(pages.address);
    await loaded(page);
    return begun(page, options);
};
const begun = async (page, options = {}) => {
    await page.evaluate(options => begin(options), { SDKAppID: app, server: server.url, ...options });
    return page;
};
const login = (page, userID) => page.evaluate(([userID, userSig]) => login(userID, userSig), [userID, userSig(userID)]);
/** Logs in and waits until it is ready. */
const ready = async (page, userID) => {
    assert.equal((await login(page, userID)).actionStatus, 'OK');
    await told(page, 'SDK_READY');
    return page;
};
const sample = name => readFile(`samples/${name}.js`, 'utf8');
/** Runs a sample as a script of the page's; what it has printed once that is so many lines. */
const run = async (page, script, lines = 1) => {
    await page.evaluate(() => printed.splice(0));
    await page.addScriptTag({ type: 'module', content: script });
    await page.waitForFunction(lines => printed.length >= lines, lines);
    return page.evaluate(() => printed);
};

test('each sample of the page runs word for word', async () => {
    const page = await tab(await browser.newContext());
    const [[words, error]] = await run(page, await sample('login'));
    assert.deepEqual([words, error.code], ['login error:', 70402]);
    assert.match(error.message, /userID is 1 to 32 bytes of printable ASCII without spaces/);

    const mine = (await sample('login')).replace('your userID', 'sam').replace('your userSig', userSig('sam'));
    assert.deepEqual(await run(page, mine), [[{ actionStatus: 'OK', errorCode: 0, errorInfo: '', repeatLogin: false }]]);
    await told(page, 'SDK_READY');

    const [[data], [info]] = await run(page, mine, 2);
    assert.deepEqual([data.repeatLogin, data.errorInfo], [true, info]);
    assert.match(info, /sam is logged in on this instance already/);

    await run(page, `${await sample('kicked-out')}console.log('listening');`);
    await kick(server, 'sam');
    await told(page, 'KICKED_OUT REST_API_Kick');
    assert.deepEqual(await page.evaluate(() => printed.at(-1)), ['REST_API_Kick']);

    assert.deepEqual(await run(page, await sample('logout')), [[{}]]);
    assert.deepEqual(await run(page, await sample('destroy')), [['sdk destroyed']]);
    assert.deepEqual(await page.evaluate(() => told), ['SDK_READY', 'SDK_NOT_READY', 'KICKED_OUT REST_API_Kick']);
});

test('the third of three tabs kicks the first, and the others go on', async () => {
    const context = await browser.newContext();
    const [a1, a2, a3] = [await tab(context), await tab(context), await tab(context)];
    for (const page of [a1, a2, a3]) await ready(page, 'alice');
    assert.deepEqual(await told(a1, 'KICKED_OUT multipleAccount'), ['SDK_READY', 'SDK_NOT_READY', 'KICKED_OUT multipleAccount']);
    assert.deepEqual(await a1.evaluate(() => [tim.isReady(), tim.getLoginUser()]), [false, '']);
    assert.equal(await online(server, 'alice'), 2);

    const send = text => a2.evaluate(async text => {
        const message = tim.createTextMessage({ to: 'alice', conversationType: TIM.TYPES.CONV_C2C, payload: { text } });
        return (await tim.sendMessage(message)).data.message.payload.text;
    }, text);
    assert.equal(await send('still here'), 'still here');
    assert.deepEqual(await told(a3, 'MESSAGE_RECEIVED still here'), ['SDK_READY', 'MESSAGE_RECEIVED still here']);
    assert.deepEqual(await a2.evaluate(() => [tim.isReady(), tim.getLoginUser(), told]), [true, 'alice', ['SDK_READY']]);
    assert.equal(await a1.evaluate(() => told.length), 3);
});

test('a page that is loaded again takes no second place and kicks nobody', async () => {
    const context = await browser.newContext();
    const [a1, a2] = [await tab(context), await tab(context)];
    for (const page of [a1, a2]) await ready(page, 'ria');
    for (let times = 0; times < 3; times += 1) {
        await a2.reload();
        await ready(await begun(await loaded(a2)), 'ria');
        assert.equal(await online(server, 'ria'), 2);
    }
    assert.deepEqual(await a1.evaluate(() => [told, tim.isReady()]), [['SDK_READY'], true]);
});

test('a page that opens another does not share its key with it', async () => {
    const a1 = await ready(await tab(await browser.newContext()), 'dora');
    const [a2] = await Promise.all([a1.waitForEvent('popup'), a1.evaluate(() => void window.open(location.href))]);
    await loaded(a2);
    assert.equal(await a2.evaluate(() => sessionStorage.length), 1, 'the storage is copied');
    await ready(await begun(a2), 'dora');
    assert.equal(await online(server, 'dora'), 2);
    assert.deepEqual(await a1.evaluate(() => [told, tim.isReady()]), [['SDK_READY'], true]);

    await a2.reload();
    await ready(await begun(await loaded(a2)), 'dora');
    assert.equal(await online(server, 'dora'), 2);
    assert.deepEqual(await a1.evaluate(() => [told, tim.isReady()]), [['SDK_READY'], true]);
});

test('instances of one page have names, and one name is one instance', async () => {
    const page = await tab(await browser.newContext(), { instance: 'first' });
    const options = { SDKAppID: app, server: server.url };
    const same = names => page.evaluate(([options, names]) => names.map(instance => TIM.create({ ...options, instance }) === tim), [options, names]);
    assert.deepEqual(await same(['first', 'second']), [true, false]);
    await page.evaluate(() => tim.destroy());
    assert.deepEqual(await same(['first']), [false]);
});

test('a link that is lost settles what runs, then is told of, and the session goes on over the next', async () => {
    const page = await ready(await tab(await browser.newContext()), 'otto');
    const heard = await page.evaluate(() => new Promise(resolve => {
        const heard = [];
        tim.on(TIM.EVENT.NET_STATE_CHANGE, ({ data }) => heard.push(data.state) && data.state === 'connected' && resolve(heard));
        sockets.at(-1).send = () => {};
        const message = tim.createTextMessage({ to: 'otto', payload: { text: 'lost' } });
        tim.sendMessage(message).catch(imError => heard.push(imError.code));
        sockets.at(-1).close(4000);
    }));
    assert.deepEqual(heard, [2801, 'connecting', 'connected']);
    assert.deepEqual(await page.evaluate(() => [tim.isReady(), sockets.length]), [true, 2]);
    assert.equal(await online(server, 'otto'), 1);
});

test('a logout is told of, then resolves, and another account may log in', async () => {
    const page = await ready(await tab(await browser.newContext()), 'lena');
    const heard = await page.evaluate(async userSig => {
        const heard = [];
        tim.on(TIM.EVENT.SDK_NOT_READY, () => heard.push('not ready'));
        await tim.logout();
        heard.push('logged out');
        await tim.login({ userID: 'lena2', userSig });
        heard.push(tim.getLoginUser());
        return heard;
    }, userSig('lena2'));
    assert.deepEqual(heard, ['not ready', 'logged out', 'lena2']);
    assert.deepEqual([await online(server, 'lena'), await online(server, 'lena2')], [0, 1]);
});

test('the package is small', async () => {
    const files = ['index', 'shell', 'identity', 'links', 'timers', 'constants', 'sut_web'].map(name => `${name}.js`);
    const sizes = await Promise.all([...files, 'sut_web_bg.wasm'].map(async name => gzipSync(await readFile(`${sdk}/${name}`)).length));
    assert.ok(sizes.reduce((sum, size) => sum + size) < 150_000, String(sizes));
});
